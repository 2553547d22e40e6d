from __future__ import annotations

import pytest

from dragoman.base.errors import RequestError
from dragoman.corpus.pairs.reading import read_evaluation, read_pairs, refuse_faulty, template_of, texts_in
from dragoman.data.quarantine import Quarantine
from dragoman.data.receipt import Receipt
from dragoman.recipe.schema import Pairs

RECIPE = """\
name: clean
pairs:
  sources: [{path: pairs.tsv}]
  preset: pairs-de-en
  source: de
  target: "{en}"
"""
WHOLE = """\
name: whole
data:
  train: [{path: pairs.tsv}]
  validation: {path: val.tsv}
  test: {flickr: {path: test.jsonl}}
  template: {source: "translate: {de}", target: "{en}"}
"""


def test_a_column_or_a_template():
    pairs = Pairs.model_validate({"sources": [{"path": "x"}], "source": "a.b", "target": "{c} {d}"})
    template = template_of(pairs)
    assert (template.source_columns, template.target_columns) == (["a.b"], ["c", "d"])
    with pytest.raises(RequestError) as refused:
        template_of(pairs.model_copy(update={"target": "{c"}))
    assert refused.value.where == "pairs.target"


def test_everything_missing_is_said_together_with_its_place(load_pairs, tmp_path):
    (tmp_path / "pairs.tsv").write_text("de\tenglish\nJa\tYes\n")
    loaded = load_pairs(RECIPE + "  evaluation: [{path: test.tsv}]\n")
    with pytest.raises(RequestError) as refused:
        refuse_faulty(loaded)
    said = str(refused.value)
    assert "2 problems" in said
    assert "pairs.yaml:3:13: pairs.sources.0: pairs.tsv: has no column 'en', which pairs names" in said
    assert "did you mean 'english'?" in said or "its columns are 'de', 'english'" in said
    assert "pairs.yaml:7:16: pairs.evaluation.0: " in said
    assert "test.tsv: does not exist" in said


def test_bad_rows_go_into_quarantine_and_are_counted(load_pairs, tmp_path):
    (tmp_path / "pairs.tsv").write_bytes(b"de\ten\nJa\tYes\nNein\t\nnur\nGr\xfc\xdfe\tHi\nGut\tGood\n")
    receipt = Receipt()
    with Quarantine(tmp_path / "quarantine.jsonl", strict=False) as quarantine:
        examples = list(read_pairs(load_pairs(RECIPE), quarantine, receipt))
    assert [(one.source, one.target, one.origin.row) for one in examples] == [("Ja", "Yes", 1), ("Gut", "Good", 5)]
    assert receipt.split("pairs").read == 5
    assert receipt.split("pairs").quarantined.total() == 3
    assert (tmp_path / "quarantine.jsonl").read_text().count("\n") == 3


def test_evaluation_texts_of_the_recipe_itself(load_pairs, tmp_path):
    (tmp_path / "pairs.tsv").write_text("de\ten\nJa\tYes\n")
    (tmp_path / "val.tsv").write_text("de\ten\tlevel\nNein\tNo\tA1\n")
    (tmp_path / "test.jsonl").write_text('{"de": "Gut", "en": "Good", "id": "x7"}\n')
    (tmp_path / "more.jsonl").write_text('{"translation": {"xx": "Oft", "yy": ["Often", " "]}, "id": 3}\nbroken\n')
    loaded = load_pairs(WHOLE + RECIPE[len("name: clean\n") :] + "  evaluation: [{path: more.jsonl}]\n")
    receipt = Receipt()
    with Quarantine(None, strict=False) as quarantine:
        texts = sorted(read_evaluation(loaded, quarantine, receipt))
        off = load_pairs(WHOLE + RECIPE[len("name: clean\n") :] + "  rules: {evaluation: off}\n")
        assert list(read_evaluation(off, quarantine, receipt)) == []
    assert texts == ["Good", "Gut", "Nein", "No", "Oft", "Often"]
    assert (receipt.split("evaluation").read, receipt.split("evaluation").quarantined.total()) == (4, 1)


def test_texts_of_any_value():
    assert list(texts_in({"a": ["x", {"b": "y", "c": 3}], "d": None, "e": " "})) == ["x", "y"]
