"""Files to examples: every row is an example or in the quarantine, and counted once."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dragoman.base.errors import RequestError
from dragoman.base.files import read_json_lines
from dragoman.data.dropping import NO_RULES, DropRules
from dragoman.data.examples import check_columns, check_drop_if, read_examples
from dragoman.data.quarantine import Quarantine
from dragoman.data.receipt import Receipt
from dragoman.data.rows import Example, Origin
from dragoman.data.templates import Template
from dragoman.recipe import schema

TEMPLATE = Template(schema.Template(source="{de}", target="{en}"))


def read(folder, *names, strict=False, template=TEMPLATE, drop=NO_RULES, entities=None):
    receipt = Receipt()
    with Quarantine(folder / "quarantine.jsonl", strict) as quarantine:
        sources = [schema.Source(path=name) for name in names]
        found = read_examples(
            sources, template, folder, split="train", quarantine=quarantine, receipt=receipt, drop=drop,
            entities=entities,
        )  # fmt: skip
        examples = list(found)
    return examples, receipt, read_json_lines(folder / "quarantine.jsonl")


def test_good_rows_go_on_and_bad_ones_aside(tmp_path):
    (tmp_path / "a.csv").write_bytes(b"de,en\nja,yes\nnein,\nGr\xfcn,green\nein,two,three\n")
    (tmp_path / "b.jsonl").write_text('{"de": "gut", "en": "good"}\n{"de": "x"}\n{"de": 3, "en": ["three"]}\n')
    examples, receipt, aside = read(tmp_path, "a.csv", "b.jsonl")
    assert examples == [
        Example("ja", "yes", Origin(str(tmp_path / "a.csv"), 1)),
        Example("gut", "good", Origin(str(tmp_path / "b.jsonl"), 1)),
    ]
    assert [(line["row"], line["reason"].split(" (")[0]) for line in aside] == [
        (2, "column 'en' is empty"), (3, "not UTF-8"), (4, "too many cells"), (2, "column 'en' is missing"),
        (3, "column 'en' holds a list, not text"),
    ]  # fmt: skip
    counts = receipt.split("train")
    assert (counts.read, counts.quarantined.total(), counts.quarantined["not UTF-8"]) == (7, 5, 1)


@settings(max_examples=40)
@given(st.lists(st.sampled_from(["good", "empty", "missing", "broken", "latin"]), min_size=1, max_size=12))
def test_read_is_usable_and_quarantined(tmp_path_factory, kinds):
    folder = tmp_path_factory.mktemp("examples")
    lines = {
        "good": b'{"de": "a", "en": "b"}', "empty": b'{"de": "a", "en": " "}', "missing": b'{"de": "a"}',
        "broken": b'{"de', "latin": b'{"de": "\xe4"}',
    }  # fmt: skip
    (folder / "a.jsonl").write_bytes(b"\n".join(lines[kind] for kind in ["good", *kinds]))
    examples, receipt, aside = read(folder, "a.jsonl")
    assert len(examples) == 1 + kinds.count("good")
    assert receipt.split("train").read == 1 + len(kinds) == len(examples) + len(aside)
    assert receipt.split("train").quarantined.total() == len(aside)


def test_strict_stops_at_the_first_bad_row(tmp_path):
    (tmp_path / "a.csv").write_text("de,en\nja,yes\nnein,\n")
    with pytest.raises(RequestError, match=r"a\.csv:2: column 'en' is empty") as error:
        read(tmp_path, "a.csv", strict=True)
    assert "data.strict" in error.value.hint


def test_a_file_without_a_usable_row_is_an_error_with_the_commonest_reasons(tmp_path):
    (tmp_path / "a.csv").write_text("de,en\n" + "ja,\n" * 3 + ",yes\n")
    with pytest.raises(RequestError, match="none of its 4 rows can be used") as error:
        read(tmp_path, "a.csv")
    assert error.value.where == "a.csv"
    assert "column 'en' is empty (3); column 'de' is empty (1)" in error.value.hint
    assert len(read_json_lines(tmp_path / "quarantine.jsonl")) == 4


class TestMisspeltColumns:
    @pytest.mark.parametrize(
        ("content", "name", "advice"),
        [
            ("deu,en\na,b\n", "a.csv", "its columns are 'deu', 'en'; did you mean 'deu'?"),
            ("DE,EN\na,b\n", "a.csv", "did you mean 'DE'?"),
            ("de|en\na|b\n", "a.csv", "separated by bars: save it as CSV or TSV"),
            ("de;en\na;b\n", "a.tsv", "separated by semicolons: name it .csv, or set format: csv"),
            ("de,en\na,b\n", "a.tsv", "its columns are 'de,en'"),
            ('{"translation": {"de": "a", "en": "b"}}\n', "a.jsonl", "did you mean 'translation.de'?"),
            ("Hallo!,Hi.\na,b\n", "a.csv", "name one of them in data.template"),
        ],
    )
    def test_they_are_an_early_error_with_advice(self, tmp_path, content, name, advice):
        (tmp_path / name).write_text(content)
        (tmp_path / "first.csv").write_text("de,en\na,b\n")
        sources = [schema.Source(path="first.csv"), schema.Source(path=name)]
        with pytest.raises(RequestError, match="has no column 'de'") as error:
            read_examples(
                sources, TEMPLATE, tmp_path, split="train", quarantine=Quarantine(None, False), receipt=Receipt()
            )
        assert error.value.where == name
        assert advice in error.value.hint

    def test_a_column_with_a_default_may_be_missing(self, tmp_path):
        (tmp_path / "a.csv").write_text("de,en\nja,yes\n")
        template = Template(schema.Template(source="{de}{note}", target="{en}", defaults={"note": "!"}))
        assert read(tmp_path, "a.csv", template=template)[0][0].source == "ja!"

    def test_a_column_that_comes_late_in_json_lines_is_no_mistake(self, tmp_path):
        rows = [{"de": "a"}] * 1200 + [{"de": "a", "en": "b"}]
        (tmp_path / "a.jsonl").write_text("\n".join(map(json.dumps, rows)))
        examples, _, aside = read(tmp_path, "a.jsonl")
        assert (len(examples), len(aside)) == (1, 1200)

    def test_a_file_of_bad_rows_says_why_they_are_bad(self, tmp_path):
        (tmp_path / "a.jsonl").write_text("[1]\n[2]\n")
        with pytest.raises(RequestError, match="none of its 2 rows") as error:
            read(tmp_path, "a.jsonl")
        assert "not a JSON object (2)" in error.value.hint


class TestDropping:
    def test_rows_are_dropped_before_they_can_be_bad(self, tmp_path):
        (tmp_path / "a.csv").write_text("de,en\nja,yes\nERROR: 5,\nnein,rate limit\n,no\nERROR: 6,x\n")
        rules = DropRules({"de": "^ERROR:", "en": "rate limit"})
        examples, receipt, aside = read(tmp_path, "a.csv", drop=rules)
        counts = receipt.split("train")
        assert [example.source for example in examples] == ["ja"]
        assert counts.dropped == {"de matches '^ERROR:'": 2, "en matches 'rate limit'": 1}
        assert (counts.read, len(aside)) == (5, 1)

    def test_a_file_of_which_all_is_dropped_says_so(self, tmp_path):
        (tmp_path / "a.csv").write_text("de,en\nja,yes\nnein,\n")
        with pytest.raises(RequestError, match="none of its 2 rows") as error:
            read(tmp_path, "a.csv", drop=DropRules({"de": "ja"}))
        assert "de matches 'ja' (1); column 'en' is empty (1)" in error.value.hint

    def test_a_column_that_no_source_has_is_an_error(self, tmp_path):
        (tmp_path / "a.csv").write_text("de,en\nja,yes\n")
        (tmp_path / "b.jsonl").write_text('{"de": "a", "en": "b", "meta": {"status": 1}}\n')
        sources = [schema.Source(path=name) for name in ("a.csv", "b.jsonl")]
        check_drop_if(sources, DropRules({"meta.status": "1", "de": "x"}), tmp_path)
        with pytest.raises(RequestError, match="there is no column 'status'") as error:
            check_drop_if(sources, DropRules({"status": "1"}), tmp_path)
        assert error.value.where == "data.drop_if"
        assert "'de', 'en', 'meta.status'; did you mean 'meta.status'?" in error.value.hint


class TestEntities:
    TEMPLATE = Template(schema.Template(source="ner: {tokens}", target="{entities}"))
    CONLL = "EU I-ORG\nagrees O\n\nJa O\nnein X\n\nIt O\nrains O\n"

    def test_words_and_tags_become_examples(self, tmp_path):
        (tmp_path / "a.conll").write_text(self.CONLL)
        examples, receipt, aside = read(tmp_path, "a.conll", template=self.TEMPLATE, entities=schema.Entities())
        assert [(example.source, example.target) for example in examples] == [
            ("ner: EU agrees", "EU: ORG"), ("ner: It rains", "None"),
        ]  # fmt: skip
        assert [(line["row"], line["reason"]) for line in aside] == [
            (4, "a tag is neither O nor a mark with a type, such as B-PER ('X' of word 2)")
        ]
        assert receipt.split("train").read == 3

    def test_sentences_without_entities_can_be_dropped(self, tmp_path):
        (tmp_path / "a.conll").write_text(self.CONLL)
        rules = DropRules({"entities": "^None$"})
        check_drop_if([schema.Source(path="a.conll")], rules, tmp_path, schema.Entities())
        examples, receipt, _ = read(tmp_path, "a.conll", template=self.TEMPLATE, entities=schema.Entities(), drop=rules)
        assert len(examples) == 1
        assert receipt.split("train").dropped == {"entities matches '^None$'": 1}

    def test_columns_are_needed_by_the_names_that_the_recipe_has(self, tmp_path):
        (tmp_path / "a.jsonl").write_text('{"words": ["a"], "ner_tags": ["O"]}\n')
        source = schema.Source(path="a.jsonl")
        check_columns(source, self.TEMPLATE, tmp_path, schema.Entities(tokens="words"))
        with pytest.raises(RequestError, match=r"has no column 'tokens', which data\.entities names") as error:
            check_columns(source, self.TEMPLATE, tmp_path, schema.Entities())
        assert "name one of them in data.entities" in error.value.hint
        other = Template(schema.Template(source="{id}: {tokens}", target="{entities}"))
        with pytest.raises(RequestError, match=r"has no column 'id', which data\.template names"):
            check_columns(source, other, tmp_path, schema.Entities(tokens="words"))


def test_conversations_are_read_from_their_column(tmp_path):
    turns = [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]
    (tmp_path / "a.jsonl").write_text("\n".join(map(json.dumps, [{"messages": turns}, {"messages": turns[:1]}])))
    template = Template(schema.Template(messages="messages"), "chat")
    examples, _, aside = read(tmp_path, "a.jsonl", template=template)
    assert [(example.source, example.target, len(example.messages)) for example in examples] == [("a", "b", 2)]
    assert [line["reason"] for line in aside] == ["a conversation without an answer of the assistant"]
