from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from corpora import documents, write_json

from dragoman.base.errors import DragomanError, RequestError, Stop
from dragoman.corpus import cleaning
from dragoman.corpus.cleaning import clean_corpus
from dragoman.corpus.engine import pipeline
from dragoman.recipe.schema import Corpus

Clean = Callable[..., dict[str, Any]]
SHARD = 30_000  # bytes: several shards of little text
QUIET = {"exact": False, "minhash": None}
KEPT_FILES = ("receipt.json", "findings.json", "quarantine.jsonl")


@pytest.fixture
def clean(tmp_path: Path) -> Clean:
    """Clean the files of the test's folder into `out` there."""

    def run(*sources: dict[str, Any], out: str = "out", workers: int = 1, **keys: Any) -> dict[str, Any]:
        given = [{"language": "de", **source} for source in sources]
        corpus = Corpus.model_validate({"sources": given, **keys})
        return clean_corpus(corpus, tmp_path, tmp_path / out, seed=1, workers=workers, shard_bytes=SHARD)

    return run


def kept(folder: Path) -> list[tuple[str, str, str, int]]:
    """All documents of a cleaned corpus, in order: text, language, file, row."""
    tables = [pq.read_table(file) for file in sorted((folder / "shards").glob("*.parquet"))]
    assert all(table.schema == pa.schema(tables[0].schema) for table in tables)
    return [tuple(row.values()) for table in tables for row in table.to_pylist()]


def content(folder: Path) -> dict[str, bytes]:
    """What has to be the same, byte for byte, however the corpus was cleaned."""
    files = [*(folder / name for name in KEPT_FILES), *(folder / "shards").iterdir()]
    return {str(file.relative_to(folder)): file.read_bytes() for file in files}


def test_what_is_kept_is_what_the_rules_keep(tmp_path: Path, clean: Clean) -> None:
    texts = documents(300, words=(20, 120))
    texts[100], texts[200] = texts[3], f"  {texts[4]}\r\n"  # equal, and equal but for white space
    write_json(tmp_path / "deep/a.jsonl", texts)
    receipt = clean({"path": "deep/a.jsonl"}, rules={"word_count": {"min": 60}}, duplicates={"minhash": None})
    long = [row for row, text in enumerate(texts, start=1) if len(text.split()) >= 60]
    rows = [row for row in long if row not in (101, 201)]
    assert kept(tmp_path / "out") == [(texts[row - 1], "de", "deep/a.jsonl", row) for row in rows]
    assert len(list((tmp_path / "out/shards").iterdir())) > 3
    assert receipt["read"]["documents"] == 300
    assert receipt["kept"]["documents"] == len(rows)
    assert receipt["normalised"] == {"documents": 1, "bytes": 4}
    rules = {rule["rule"]: rule for rule in receipt["rules"]}
    assert list(rules) == ["word_count", "exact duplicate", "nothing left"]
    assert rules["word_count"]["documents"] == 300 - len(long)
    assert rules["word_count"]["languages"]["de"]["bytes"] == sum(
        len(text.strip().encode()) for text in texts if len(text.split()) < 60
    )
    assert rules["exact duplicate"]["documents"] == len(long) - len(rows)
    assert receipt == json.loads((tmp_path / "out/receipt.json").read_text())
    assert sum(shard["documents"] for shard in receipt["shards"]) == len(rows)


def test_findings(tmp_path: Path, clean: Clean) -> None:
    texts = documents(200, words=(20, 120))
    texts[150] = texts[2] = texts[150] * 2
    write_json(tmp_path / "a.jsonl", texts)
    clean({"path": "a.jsonl"}, rules={"word_count": {"min": 50, "languages": {"de": {"min": 60}}}})
    findings = json.loads((tmp_path / "out/findings.json").read_text())
    (measure,) = findings["measures"]
    assert measure["thresholds"] == {"": [50, None], "de": [60, None]}
    assert sum(measure["histogram"]) == 200
    short = {row for row, text in enumerate(texts, start=1) if len(text.split()) < 60}
    for sample in findings["samples"]["word_count"]:
        assert sample["row"] in short
        assert sample["values"]["word_count"] == len(texts[sample["row"] - 1].split())
        assert texts[sample["row"] - 1].startswith(sample["text"][:300])
    assert len(findings["samples"]["word_count"]) == 5
    (duplicate,) = findings["samples"]["exact duplicate"]
    assert (duplicate["row"], duplicate["kept"]) == (151, "a.jsonl:3")


def test_the_same_bytes_however_it_is_done(tmp_path: Path, clean: Clean) -> None:
    for number in range(4):
        write_json(tmp_path / f"{number}.jsonl", [*documents(60, seed=number), *documents(10, seed=9)])
    keys = {"presets": ["gopher"], "duplicates": {"lines": {"documents": 3}}}
    sources = [{"path": f"{number}.jsonl"} for number in range(4)]
    clean(*sources, out="one", **keys)
    clean(*sources, out="two", workers=2, **keys)
    assert content(tmp_path / "one") == content(tmp_path / "two")
    before = {file: file.stat().st_mtime_ns for file in (tmp_path / "one/shards").iterdir()}
    clean(*sources, out="one", **keys)
    assert {file: file.stat().st_mtime_ns for file in before} == before


def test_only_what_changed_is_done_again(tmp_path: Path, clean: Clean) -> None:
    for number in range(4):
        write_json(tmp_path / f"{number}.jsonl", documents(40, seed=number))
    sources = [{"path": f"{number}.jsonl"} for number in range(4)]
    clean(*sources)
    records = {file.name: file.stat().st_mtime_ns for file in (tmp_path / "out/manifest").iterdir()}
    write_json(tmp_path / "2.jsonl", documents(41, seed=2))
    clean(*sources)
    again = {file.name: file.stat().st_mtime_ns for file in (tmp_path / "out/manifest").iterdir()}
    assert {name for name, at in again.items() if records.get(name) != at} == {"00002.first.json", "00002.last.json"}
    clean(*sources, out="fresh")
    assert content(tmp_path / "out") == content(tmp_path / "fresh")
    clean(*sources[:2])
    clean(*sources[:2], out="fewer")
    assert content(tmp_path / "out") == content(tmp_path / "fewer")
    assert not (tmp_path / "out/stage/00002.parquet").exists()


def test_a_changed_setting_does_all_again(tmp_path: Path, clean: Clean) -> None:
    """From duplicates to none, and with other rules: nothing of before is left."""
    texts = documents(60)
    write_json(tmp_path / "a.jsonl", [*texts, *texts[:20]])
    assert clean({"path": "a.jsonl"})["kept"]["documents"] == 60
    assert clean({"path": "a.jsonl"}, duplicates=QUIET)["kept"]["documents"] == 80
    assert clean({"path": "a.jsonl"}, duplicates=QUIET, rules={"word_count": {"max": 1}})["kept"]["documents"] == 0
    assert clean({"path": "a.jsonl"})["kept"]["documents"] == 60


@pytest.mark.parametrize("step", ["_first_pass", "_last_pass", "decide", "write_results"])
def test_stopped_anywhere_it_goes_on(tmp_path: Path, clean: Clean, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    for number in range(3):
        write_json(tmp_path / f"{number}.jsonl", documents(40, seed=number % 2))
    sources = [{"path": f"{number}.jsonl"} for number in range(3)]
    clean(*sources, out="whole")

    def stop(*arguments: Any, **keys: Any) -> Any:
        raise Stop(15)

    with monkeypatch.context() as patch:
        patch.setattr(cleaning, step, stop)
        with pytest.raises(Stop):
            clean(*sources)
    clean(*sources)
    assert content(tmp_path / "out") == content(tmp_path / "whole")


def test_poison_is_put_aside_alone(tmp_path: Path, clean: Clean, monkeypatch: pytest.MonkeyPatch) -> None:
    """Documents on which a step fails, in whatever company, harm no other."""
    texts = documents(120)
    poison = {5, 6, 70, 119}
    for place in poison:
        texts[place] += " GIFT"
    write_json(tmp_path / "a.jsonl", texts)
    normalise = pipeline.normalise_texts

    def fail(column: pa.Array) -> pa.Array:
        if any("GIFT" in text for text in column.to_pylist()):
            raise ZeroDivisionError
        return normalise(column)

    monkeypatch.setattr(pipeline, "normalise_texts", fail)
    receipt = clean({"path": "a.jsonl"})
    assert receipt["failed"] == {"cleaning it fails: ZeroDivisionError": 4}
    assert receipt["kept"]["documents"] == 116
    assert [row for *_, row in kept(tmp_path / "out")] == [row for row in range(1, 121) if row - 1 not in poison]
    lines = [json.loads(line) for line in (tmp_path / "out/quarantine.jsonl").read_text().splitlines()]
    assert [(line["file"], line["row"]) for line in lines] == [("a.jsonl", place + 1) for place in sorted(poison)]
    assert all(line["content"].startswith(texts[line["row"] - 1][:100]) for line in lines)


def test_what_cannot_be_read_is_counted(tmp_path: Path, clean: Clean) -> None:
    good = json.dumps({"text": documents(1)[0]})
    (tmp_path / "a.jsonl").write_bytes(good.encode() + b'\n{broken\n{"text": "\xff"}\n' + good.encode())
    (tmp_path / "b.jsonl").touch()
    receipt = clean({"path": "*.jsonl"}, duplicates=QUIET)
    assert receipt["bad"] == {"broken JSON": 1, "no documents": 1, "not UTF-8": 1}
    assert receipt["read"]["documents"] == receipt["kept"]["documents"] == 2
    lines = [json.loads(line) for line in (tmp_path / "out/quarantine.jsonl").read_text().splitlines()]
    assert [(line["file"], line["row"]) for line in lines] == [("a.jsonl", 2), ("a.jsonl", 3), ("b.jsonl", 1)]


def test_where_nothing_can_be_read(tmp_path: Path, clean: Clean) -> None:
    write_json(tmp_path / "a.jsonl", ["x"] * 3)
    with pytest.raises(DragomanError, match=r"a\.jsonl: no document can be read: 3 no text in 'body'"):
        clean({"path": "a.jsonl", "column": "body"})


def test_languages_that_are_wanted(tmp_path: Path, clean: Clean) -> None:
    write_json(tmp_path / "a.jsonl", documents(10))
    write_json(tmp_path / "b.jsonl", documents(10, seed=2))
    receipt = clean({"path": "a.jsonl"}, {"path": "b.jsonl", "language": "nl"}, languages=["de", "en"])
    assert receipt["kept"]["documents"] == 10
    assert receipt["rules"][0]["rule"] == "language"
    assert list(receipt["rules"][0]["languages"]) == ["nl"]


def test_lines_that_many_documents_have(tmp_path: Path, clean: Clean) -> None:
    notice = "Diese Seite benutzt Cookies, wie alle anderen auch."
    texts = documents(30)
    write_json(tmp_path / "a.jsonl", [*(f"{notice}\n{text}" for text in texts), notice])
    receipt = clean({"path": "a.jsonl"}, duplicates={"minhash": None, "lines": {"documents": 5}})
    assert [text for text, *_ in kept(tmp_path / "out")] == texts
    assert receipt["lines"]["repeated lines"]["in many documents"]["lines"] == 31
    assert receipt["rules"][-1] == {
        "rule": "nothing left", "documents": 1, "bytes": 0, "languages": {"de": {"documents": 1, "bytes": 0}},
    }  # fmt: skip
    whole = receipt["read"]["bytes"] - receipt["lines"]["repeated lines"]["in many documents"]["bytes"]
    assert receipt["kept"]["bytes"] == whole


def test_shares(tmp_path: Path, clean: Clean) -> None:
    """As much as there can be in the shares that are asked for, always the same documents; others are whole."""
    for name, count in (("a", 400), ("b", 100), ("c", 20)):
        write_json(tmp_path / f"{name}.jsonl", documents(count, seed=count))
    sources = [{"path": "a.jsonl", "share": 1.0}, {"path": "b.jsonl", "share": 0.5}, {"path": "c.jsonl"}]
    receipt = clean(*sources, duplicates=QUIET)
    taken = [source["kept"] for source in receipt["sources"]]
    assert taken[1]["documents"] == 100
    assert taken[2]["documents"] == 20
    assert taken[0]["bytes"] == pytest.approx(2 * taken[1]["bytes"], rel=0.15)
    assert receipt["rules"][-2]["rule"] == "share of its source"
    clean(*sources, duplicates=QUIET, out="again")
    assert content(tmp_path / "out") == content(tmp_path / "again")


def test_a_share_of_nothing_is_told(tmp_path: Path, clean: Clean, capsys: pytest.CaptureFixture[str]) -> None:
    write_json(tmp_path / "a.jsonl", documents(20))
    write_json(tmp_path / "b.jsonl", ["kurz"])
    sources = [{"path": "a.jsonl", "share": 1.0}, {"path": "b.jsonl", "share": 1.0}]
    receipt = clean(*sources, rules={"word_count": {"min": 10}})
    assert receipt["kept"]["documents"] == 0
    assert "corpus.sources.1: nothing is left of it" in capsys.readouterr().err


def test_a_corpus_that_loses_nothing_costs_no_disk(tmp_path: Path, clean: Clean) -> None:
    write_json(tmp_path / "a.jsonl", documents(30))
    clean({"path": "a.jsonl"})
    stage, shard = (tmp_path / "out" / name / "00000.parquet" for name in ("stage", "shards"))
    assert stage.stat().st_ino == shard.stat().st_ino


def test_a_language_that_there_is_not_is_refused(tmp_path: Path, clean: Clean) -> None:
    write_json(tmp_path / "a.jsonl", documents(3))
    with pytest.raises(RequestError, match=r"corpus\.languages\.1: no text is told to be in 'deu'\n.*two letters"):
        clean({"path": "a.jsonl"}, languages=["en", "deu"])
    assert clean({"path": "a.jsonl", "language": "deu"}, languages=["deu"])["kept"]["documents"] == 3


def test_languages_are_told_where_no_source_says_them(tmp_path: Path, clean: Clean) -> None:
    german = ["Die Kinder spielen am Nachmittag im Garten.", "Morgen fährt der Zug schon um sieben Uhr ab."]
    english = ["The children are playing in the garden.", "Tomorrow the train leaves at seven o'clock."]
    write_json(tmp_path / "a.jsonl", [*german, *english, "12345 67890"])
    receipt = clean({"path": "a.jsonl", "language": None}, duplicates=QUIET, languages=["de"])
    assert [(text, language) for text, language, *_ in kept(tmp_path / "out")] == [(text, "de") for text in german]
    (rule, *_) = receipt["rules"]
    assert {code: amount["documents"] for code, amount in rule["languages"].items()} == {"en": 2, "unknown": 1}


def test_boilerplate_of_pages(tmp_path: Path, clean: Clean) -> None:
    menu = ["Startseite", "Kontakt", "Impressum", "Anmelden", "Warenkorb", "Hilfe"]
    texts = documents(20, words=(200, 300))
    write_json(tmp_path / "a.jsonl", ["\n".join([*menu, text, *menu]) for text in texts])
    receipt = clean({"path": "a.jsonl"}, boilerplate={}, duplicates=QUIET)
    assert receipt["kept"]["documents"] == 20
    assert sum(reason["lines"] for reason in receipt["lines"]["boilerplate"].values()) > 100
    assert not any("Impressum" in text for text, *_ in kept(tmp_path / "out"))


def test_a_pattern_that_is_none_is_no_poison(tmp_path: Path, clean: Clean) -> None:
    write_json(tmp_path / "a.jsonl", documents(3))
    with pytest.raises(RequestError, match="no pattern that RE2 understands"):
        clean({"path": "a.jsonl"}, boilerplate={"patterns": ["(?=x)"]})


def test_one_writer(tmp_path: Path, clean: Clean) -> None:
    from dragoman.base.files import lock

    write_json(tmp_path / "a.jsonl", documents(3))
    with lock(tmp_path / "out"), pytest.raises(RequestError, match="is writing here"):
        clean({"path": "a.jsonl"})
