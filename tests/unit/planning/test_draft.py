"""A draft is a recipe that loads, names the right columns, and says what it guessed."""

import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from dragoman.base.errors import RequestError
from dragoman.data.dataset import Dataset
from dragoman.objectives.sets import train_tokenizer
from dragoman.planning.draft import draft_recipe
from dragoman.planning.draft_text import write_draft
from dragoman.recipe import schema
from dragoman.recipe.schema import Recipe

EN = [f"The man is in the house number {i} and he is not at home." for i in range(30)]
HI = [f"वह आदमी घर {i} में है और बाहर नहीं है।" for i in range(30)]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def draft(*files, **options):
    text = write_draft(draft_recipe("translation", *files, **options))
    assert max(map(len, text.split("\n"))) <= 200
    assert text.endswith("\n")
    return text, Recipe.model_validate(YAML(typ="safe").load(text))


def columns(recipe):
    return recipe.data.template.source, recipe.data.template.target


def languages(recipe):
    return recipe.data.languages.source, recipe.data.languages.target


PAIRS = list(zip(EN, HI, strict=True))


def write_csv(path, header=("english_text", "hindi_text"), rows=PAIRS):
    path.write_text("\n".join(",".join(f'"{cell}"' for cell in row) for row in [header, *rows]))
    return path


def write_jsonl(path):
    rows = [{"id": i, "translation": {"en": en, "hi": hi}} for i, (en, hi) in enumerate(PAIRS)]
    path.write_text("\n".join(map(json.dumps, rows)))
    return path


def write_parquet(path):
    rows = [{"translation": {"en": en, "hi": hi}} for en, hi in PAIRS]
    pq.write_table(pa.Table.from_pylist(rows), path)
    return path


def write_xlsx(path):
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        for i, row in enumerate([("Nr", "English Text", "Dialect Translation"), *zip(range(30), EN, HI, strict=True)]):
            sheet.write_row(i, 0, row)
    return path


@pytest.mark.parametrize(
    ("name", "write", "expected"),
    [
        ("a.csv", write_csv, ("{english_text}", "{hindi_text}")),
        ("a.jsonl", write_jsonl, ("{translation.en}", "{translation.hi}")),
        ("a.parquet", write_parquet, ("{translation.en}", "{translation.hi}")),
        ("a.xlsx", write_xlsx, ("{English Text}", "{Dialect Translation}")),
    ],
)
def test_columns_and_languages_are_found_in_every_format(folder, name, write, expected):
    text, recipe = draft(write(folder / name))
    assert columns(recipe) == expected
    assert languages(recipe) == ("English", "Hindi")
    assert recipe.data.train[0].path == name
    assert recipe.name == "a"
    assert recipe.data.validation_rows == 3
    assert "guessed: " in text
    assert "UNSURE" not in text


def test_semicolons_make_a_draft_as_commas_do(folder):
    path = folder / "a.csv"
    path.write_text("".join(f"{en};{hi}\n" for en, hi in [("english", "hindi"), *PAIRS]))
    assert columns(draft(path)[1]) == ("{english}", "{hindi}")


def test_the_first_sheet_with_rows_is_named(folder):
    with xlsxwriter.Workbook(folder / "a.xlsx") as book:
        book.add_worksheet("Cover").write(0, 0, "Our corpus")
        sheet = book.add_worksheet("Data")
        for i, row in enumerate([("en", "hi"), *PAIRS]):
            sheet.write_row(i, 0, row)
    text, recipe = draft(folder / "a.xlsx")
    assert recipe.data.train[0].sheet == "Data"
    assert "guessed: the first one with a header and rows" in text


def test_two_tables_are_no_aligned_files(folder):
    with pytest.raises(RequestError, match="a table by its ending") as error:
        draft(write_csv(folder / "a.csv"), write_csv(folder / "b.csv"))
    assert error.value.hint == "give one table, or two text files"


SMALL = st.one_of(
    st.integers(2, 60).map(lambda n: [(f"Das ist Satz {i}.", f"This is sentence {i}.") for i in range(n)]),
    st.lists(st.tuples(st.sampled_from(["ja", "nein"]), st.sampled_from(["yes", "no"])), min_size=2, max_size=40),
    st.lists(st.tuples(st.text("漢字文例日本語", min_size=1), st.text("abcd", min_size=1)), min_size=2, max_size=20),
    st.integers(2, 40).map(lambda n: [(chr(0x4E00 + 3 * i) * 3, chr(0x4E01 + 3 * i)) for i in range(n)]),
).filter(lambda pairs: len(dict(pairs)) > 1)


@settings(max_examples=25, deadline=None)
@given(SMALL)
def test_a_small_file_gets_a_vocabulary_that_it_can_fill(tmp_path_factory, pairs):
    path = tmp_path_factory.mktemp("small") / "a.jsonl"
    path.write_text("\n".join(json.dumps({"source": s, "target": t}) for s, t in pairs))
    recipe = Recipe.model_validate(YAML(typ="safe").load(write_draft(draft_recipe("translation", path))))
    recipe = recipe.model_copy(update={"data": recipe.data.model_copy(update={"template": schema.Template()})})
    train_tokenizer(recipe, Dataset(recipe.data, path.parent, recipe.seed), path.parent / "tokenizer")


def test_two_aligned_files(folder):
    (folder / "train.en").write_text("\n".join(EN))
    (folder / "train.hi").write_text("\n".join(HI))
    _, recipe = draft(folder / "train.en", folder / "train.hi")
    assert (recipe.data.train[0].source_path, recipe.data.train[0].target_path) == ("train.en", "train.hi")
    assert languages(recipe) == ("English", "Hindi")


def test_the_choice_is_explained_with_cells_of_the_file(folder):
    text, _ = draft(write_csv(folder / "a.csv"))
    assert '"english_text" looks English by its name' in text
    assert '#   "hindi_text": "वह आदमी' in text
    assert "It has 30 rows." in text


class TestUnsure:
    def test_two_columns_alike_are_taken_and_said_to_be_unsure(self, folder):
        path = write_csv(folder / "a.csv", ("one", "two"), [(str(i), str(i * 7)) for i in range(30)])
        text, recipe = draft(path)
        assert columns(recipe) == ("{one}", "{two}")
        assert text.count("UNSURE") == 2

    def test_one_column_alone_makes_a_draft_to_correct(self, folder):
        path = write_csv(folder / "a.csv", ("text",), [(text,) for text in EN])
        text, recipe = draft(path)
        assert columns(recipe) == ("{text}", "{text}")
        assert 'there is only the column "text"' in text.replace("\n  # ", " ")

    def test_a_single_column_with_another_separator_is_an_error(self, folder):
        (folder / "a.csv").write_text("de|en\nja|yes\n")
        with pytest.raises(RequestError, match=r"a\.csv: has only one column") as error:
            draft(folder / "a.csv")
        assert "separated by bars" in error.value.hint

    def test_a_file_without_a_header_is_noticed(self, folder):
        text, _ = draft(write_csv(folder / "a.csv", PAIRS[0], PAIRS[1:]))
        assert f'"{EN[0]}" reads like an example' in text.replace("\n# ", " ")

    def test_everything_unsure_is_among_the_doubts(self, folder):
        path = write_csv(folder / "a.csv", ("one two three four five six", "two"), [(str(i), "7") for i in range(30)])
        doubts = draft_recipe("translation", path).doubts()
        assert [doubt.split(" ")[:3] for doubt in doubts] == [
            ["UNSURE:", "which", "columns"],
            ["UNSURE:", "the", "first"],
        ]
        assert draft_recipe("translation", write_csv(folder / "b.csv")).doubts() == []

    def test_rows_that_are_lost_are_counted_with_their_reasons(self, folder):
        path = write_csv(folder / "a.csv", rows=[*PAIRS, ("a",), ("", "b"), ("c", ""), ("d", "")])
        text, _ = draft(path)
        assert "1 of 34 rows cannot be read: too few cells (1)." in text
        assert (
            "3 of 33 rows cannot be used: column 'hindi_text' is empty (2), column 'english_text' is empty (1)."
            in text.replace("\n# ", " ")
        )

    def test_columns_without_any_text_still_make_a_recipe(self, folder):
        (folder / "a.jsonl").write_text('{"messages": [{"role": "user"}], "tags": []}\n' * 3)
        assert "UNSURE" in draft(folder / "a.jsonl")[0]

    def test_rows_without_columns_are_an_error(self, folder):
        (folder / "a.jsonl").write_text("[1]\n[2]\n")
        with pytest.raises(RequestError, match="no row has a column"):
            draft(folder / "a.jsonl")


def test_a_column_of_levels_is_used(folder):
    rows = [(en, hi, ("A1", "B2")[i % 2]) for i, (en, hi) in enumerate(PAIRS)]
    _, recipe = draft(write_csv(folder / "a.csv", ("en", "hi", "cefr"), rows))
    assert recipe.data.template.level == "cefr"


def test_limits_follow_the_texts(folder):
    long = [(en * 20, hi) for en, hi in PAIRS]
    _, recipe = draft(write_csv(folder / "a.csv", rows=long))
    assert recipe.data.max_source_length > 300
    assert recipe.data.max_target_length < 64


def test_paths_are_relative_only_below_the_recipe(folder):
    (folder / "below").mkdir()
    path = write_csv(folder / "below" / "a.csv")
    assert draft(path)[1].data.train[0].path == "below/a.csv"
    assert draft(path, folder=folder / "below")[1].data.train[0].path == "a.csv"
    assert draft(path, folder=folder / "elsewhere")[1].data.train[0].path == str(path)


@settings(max_examples=30, deadline=None)
@given(
    st.lists(
        st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12), min_size=2, max_size=4, unique=True
    ),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=30),
)
def test_any_names_and_cells_make_a_recipe_that_loads(tmp_path_factory, names, cell):
    path = tmp_path_factory.mktemp("draft") / "123.jsonl"
    path.write_text("\n".join(json.dumps(dict.fromkeys(names, f"{cell} {i}")) for i in range(3)))
    if not any(name == name.strip() and "{" not in name and "}" not in name for name in names):
        with pytest.raises(RequestError):
            draft_recipe("translation", path)
        return
    recipe = Recipe.model_validate(YAML(typ="safe").load(write_draft(draft_recipe("translation", path))))
    assert recipe.name == "123"
    assert recipe.data.template.source.strip("{}") in names


def test_what_cannot_be_drafted_is_said(folder):
    path = write_csv(folder / "a.csv")
    with pytest.raises(RequestError, match="no task 'translate'"):
        draft_recipe("translate", path)
    with pytest.raises(RequestError, match="3 files"):
        draft_recipe("translation", path, path, path)
    with pytest.raises(RequestError, match="does not exist") as error:
        draft_recipe("translation", folder / "b.csv")
    assert error.value.hint == "did you mean 'a.csv'?"
