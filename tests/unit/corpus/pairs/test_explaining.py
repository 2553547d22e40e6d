from __future__ import annotations

import pytest

from dragoman.base.errors import RequestError
from dragoman.corpus.pairs.explaining import explain_pair, reads

RECIPE = """\
name: clean
pairs:
  sources: [{path: one.tsv}, {path: data/two.tsv}]
  preset: pairs-de-en
  source: de
  target: en
  rules: {language: off}
"""


@pytest.fixture
def loaded(load_pairs, tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "one.tsv").write_text("de\ten\nEin Hund.\tA dog.\nSeite 217 ist leer.\tPage 271 is empty.\nJa\t\n")
    (tmp_path / "data/two.tsv").write_text("de\ten\nEIN HUND.\tA dog.\nEine Katze.\tA cat.\n")
    return load_pairs(RECIPE)


def test_a_pair_that_a_rule_removes(loaded):
    said = explain_pair(loaded, "one.tsv:2")
    assert "one.tsv:2" in said
    assert "removes    digits: unmatched numbers 2, at most 0" in said
    assert "passes     words: source words 4, at least 1 and at most 150" in said
    assert said.endswith("removed by the rule digits")


def test_a_pair_that_repeats_another(loaded):
    said = explain_pair(loaded, "data/two.tsv:1")
    assert "removes    duplicate: output row 1" in said
    assert said.endswith("removed by the rule duplicate")


def test_a_pair_that_is_kept(loaded, tmp_path):
    for file in ("two.tsv", "./data/two.tsv", str(tmp_path / "data/two.tsv")):
        said = explain_pair(loaded, f"{file}:2")
        assert "not asked  word_ratio" in said
        assert "passes     near_duplicate" in said
        assert said.endswith("\n\nkept")


def test_which_of_two_sections_a_file_belongs_to(loaded, load_pairs, tmp_path):
    for pair in ("one.tsv:3", "data/two.tsv:1", f"{tmp_path}/one.tsv:1"):
        assert reads(loaded, pair)
    assert not reads(loaded, "texts.jsonl:1")
    assert not reads(loaded, "")


def test_a_row_that_is_no_pair(loaded):
    assert explain_pair(loaded, "one.tsv:3").endswith("put into quarantine: column 'en' is empty")


@pytest.mark.parametrize(
    ("file", "row", "said"),
    [
        ("one.tsv", 9, "no pair is read from row 9"), ("on.tsv", 1, "did you mean 'one.tsv'?"),
        ("other.tsv", 1, "are not read from it"), ("one.tsv", 0, "the last row is 3"),
        ("one.tsv", "two", "is no FILE:ROW"), ("", 3, "is no FILE:ROW"),
    ],
)  # fmt: skip
def test_what_is_not_there(loaded, file, row, said):
    with pytest.raises(RequestError) as refused:
        explain_pair(loaded, f"{file}:{row}")
    assert said in str(refused.value)
