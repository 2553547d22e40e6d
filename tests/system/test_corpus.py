"""Cleaning a corpus as a user does: killed again and again, on bad input, explained; the same bytes in the end."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from corpora import documents, write_json
from driving import Dragoman, refused
from processes import finish, start_program, wait_for

OUT = Path("runs/texts/corpus")
RESULTS = ("receipt.json", "findings.json", "quarantine.jsonl", "recipe.yaml")
SOURCES = 8  # a shard each


def start(folder: Path, *options: str) -> subprocess.Popen[str]:
    return start_program(folder, "corpus", "clean", "texts.yaml", *options, OMP_NUM_THREADS="1", COLUMNS="200")


def write_job(folder: Path, count: int = 400) -> Path:
    """Eight sources with some documents in common, and some that cannot be read."""
    lines = ["name: texts", "corpus:", "  presets: [gopher]", "  sources:"]
    for number in range(SOURCES):
        texts = documents(count, seed=number)
        write_json(folder / f"{number}.jsonl", [*texts, *documents(20, seed=99), "kurz"])
        with open(folder / f"{number}.jsonl", "a") as file:
            file.write('{"text": 7}\n{broken\n')
        lines.append(f"    - {{path: {number}.jsonl, language: de}}")
    (folder / "texts.yaml").write_text("\n".join([*lines, ""]))
    return folder


def results(folder: Path) -> dict[str, bytes]:
    """All that a cleaned corpus holds, but for times and for what a rerun goes on from."""
    files = [*(folder / OUT / name for name in RESULTS), *sorted((folder / OUT / "shards").iterdir())]
    return {file.name: file.read_bytes() for file in files}


def records(folder: Path) -> dict[str, int]:
    """When each of the shards that are done was done."""
    return {file.name: file.stat().st_mtime_ns for file in (folder / OUT / "manifest").glob("[0-9]*.json")}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """A corpus whose cleaning nobody disturbed, without the recipe, which names its folder."""
    folder = write_job(tmp_path_factory.mktemp("whole"))
    code, said = finish(start(folder, "--workers", "1"))
    assert code == 0, said
    return {name: content for name, content in results(folder).items() if name != "recipe.yaml"}


def test_killed_again_and_again_it_ends_with_the_same_bytes(whole: dict[str, bytes], tmp_path: Path) -> None:
    """What was done before a kill is not done again."""
    job, dice = write_job(tmp_path), random.Random(5)
    for kill, workers in enumerate(("1", "2", "1", "1")):
        before = records(job)
        process = start(job, "--workers", workers)
        goal = min(len(before) + dice.randint(1, 3), 2 * SOURCES - 1)
        wait_for(process, lambda goal=goal: len(records(job)) >= goal)
        if kill % 2:  # while a shard is being written
            wait_for(process, lambda: any((job / OUT).rglob(".tmp-*")) or len(records(job)) >= 2 * SOURCES - 1)
        process.send_signal(signal.SIGKILL)
        finish(process)
        after = records(job)
        assert {name: after.get(name) for name in before} == before
    before = records(job)
    code, said = finish(start(job, "--workers", "1"))
    assert code == 0, said
    after = records(job)
    assert {name: after.get(name) for name in before} == before
    assert {name: content for name, content in results(job).items() if name != "recipe.yaml"} == whole
    assert not list((job / OUT).rglob(".tmp-*"))


def test_a_signal_stops_it_and_it_goes_on(whole: dict[str, bytes], tmp_path: Path) -> None:
    job = write_job(tmp_path)
    process = start(job, "--workers", "2")
    wait_for(process, lambda: len(records(job)) >= 1)
    process.send_signal(signal.SIGTERM)
    code, said = finish(process)
    assert code == 143, said
    assert "cleaning: interrupted" in said
    assert "the same command goes on from here" in said
    assert "Traceback" not in said
    code, said = finish(start(job, "--workers", "2"))
    assert code == 0, said
    assert {name: content for name, content in results(job).items() if name != "recipe.yaml"} == whole


@pytest.fixture
def job(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(write_job(tmp_path, 30))
    return tmp_path


def test_what_it_says_and_writes(dragoman: Dragoman, job: Path) -> None:
    result = dragoman("corpus", "clean", "texts.yaml", "--workers", 1)
    assert result.code == 0, result.err
    for words in (
        "read",
        "removed by word_count",
        "removed by exact duplicate",
        "kept",
        "8 broken JSON",
        "removed nothing",
    ):
        assert words in result.err
    receipt = json.loads((OUT / "receipt.json").read_text())
    assert receipt["read"]["documents"] == SOURCES * 51
    assert receipt["kept"]["documents"] == SOURCES * 30 + 20
    assert receipt["bad"] == {"'text' is a number": SOURCES, "broken JSON": SOURCES}
    page = (OUT / "report.html").read_text()
    for words in ("word count", "exact duplicate", "Throughput", "broken JSON", "<svg"):
        assert words in page
    assert "http" not in page.replace("http-equiv", "")
    before = (OUT / "shards/00000.parquet").stat().st_mtime_ns
    again = dragoman("corpus", "clean", "texts.yaml", "--workers", 1)
    assert "8 of 8 shards were done before" in again.err
    assert (OUT / "shards/00000.parquet").stat().st_mtime_ns == before
    (OUT / "report.html").unlink()
    assert dragoman("report", "runs/texts/corpus").code == 0
    assert (OUT / "report.html").read_text() == page


def test_explaining_documents(dragoman: Dragoman, job: Path) -> None:
    assert dragoman("corpus", "clean", "texts.yaml", "--workers", 1).code == 0
    short = dragoman("corpus", "explain", "texts.yaml", "3.jsonl:51")
    assert short.code == 0
    assert "removed by word_count" in short.out
    assert "removes it" in short.out
    assert "exact duplicate of 0.jsonl:31" in dragoman("corpus", "explain", "texts.yaml", "3.jsonl:31").out
    assert "no rule removes it; kept: in " in dragoman("corpus", "explain", "texts.yaml", "3.jsonl:1").out
    assert "in quarantine: broken JSON" in dragoman("corpus", "explain", "texts.yaml", "3.jsonl:53").out
    none = dragoman("corpus", "explain", "texts.yaml", "9.jsonl:1")
    refused(none, "no source of the corpus has this file", "did you mean")


def test_in_a_recipe_with_pairs_too_the_file_tells_what_is_explained(dragoman: Dragoman, job: Path) -> None:
    (job / "pairs.tsv").write_text("de\ten\nEin Haus\tA house\n")
    with open(job / "texts.yaml", "a") as file:
        file.write("pairs:\n  sources:\n    - path: pairs.tsv\n  preset: pairs-de-en\n  source: de\n  target: en\n")
    assert "source  Ein Haus" in dragoman("corpus", "explain", "texts.yaml", "pairs.tsv:1").out
    assert "removed by word_count" in dragoman("corpus", "explain", "texts.yaml", "3.jsonl:51").out


def test_wrong_requests(dragoman: Dragoman, job: Path) -> None:
    refused(dragoman("run", "texts.yaml"), "makes text and no model", "dragoman corpus clean texts.yaml")
    for number in (2, 5):
        (job / f"{number}.jsonl").unlink()
    refused(
        dragoman("corpus", "clean", "texts.yaml"), "texts.yaml has 2 problems", "texts.yaml:7:7: corpus.sources.2",
        "texts.yaml:10:7: corpus.sources.5", "does not exist",
    )  # fmt: skip
    refused(dragoman("corpus", "clean", "texts.yaml", "--set", "corpus.max_document_bytes=0"), "must be a whole number")
    refused(dragoman("corpus", "clean", "none.yaml"), "there is no such file")


def test_broken_files_stop_nothing(dragoman: Dragoman, job: Path) -> None:
    import gzip

    packed = gzip.compress((job / "0.jsonl").read_bytes())
    (job / "0.jsonl.gz").write_bytes(packed[: len(packed) // 2])
    (job / "1.jsonl.zst").write_bytes(b"never compressed")
    (job / "2.jsonl").write_bytes(b'{"text": "' + b"x" * 20_000_000 + b'"}\n')
    (job / "3.jsonl").write_bytes(b"")
    (job / "4.jsonl").write_bytes(bytes(range(256)) * 100)
    result = dragoman(
        "corpus", "clean", "texts.yaml", "--workers", 1, "--set", "corpus.sources.0.path=0.jsonl.gz",
        "--set", "corpus.sources.1.path=1.jsonl.zst",
    )  # fmt: skip
    assert result.code == 0, result.err
    bad = json.loads((OUT / "receipt.json").read_text())["bad"]
    assert bad["too long"] == bad["no documents"] == 1
    assert bad["damaged from here on: the compressed file breaks off"] == 1
    assert sum(count for reason, count in bad.items() if reason.startswith("damaged")) == 2


def test_poison_from_the_command_line(dragoman: Dragoman, job: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from dragoman.corpus.engine import pipeline

    measure = pipeline.keys_of

    def fail(table: object, settings: object) -> object:
        if "kurz" in table["text"].to_pylist():  # type: ignore[index]
            raise ValueError("nobody foresaw this")
        return measure(table, settings)

    monkeypatch.setattr(pipeline, "keys_of", fail)
    result = dragoman("corpus", "clean", "texts.yaml", "--workers", 1, "--set", "corpus.presets=[]")
    assert result.code == 0, result.err
    assert f"{SOURCES} cleaning it fails: ValueError" in result.err
    receipt = json.loads((OUT / "receipt.json").read_text())
    assert receipt["failed"] == {"cleaning it fails: ValueError": SOURCES}
    assert receipt["kept"]["documents"] == SOURCES * 30 + 20


def test_on_a_ray_cluster_the_bytes_are_the_same(whole: dict[str, bytes], tmp_path: Path) -> None:
    pytest.importorskip("ray")
    job = write_job(tmp_path)
    code, said = finish(start(job, "--engine", "ray", "--workers", "2"))
    assert code == 0, said
    assert {name: content for name, content in results(job).items() if name != "recipe.yaml"} == whole


def test_without_ray_it_says_what_to_install(dragoman: Dragoman, job: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    refused(
        dragoman("corpus", "clean", "texts.yaml", "--engine", "ray"), "needs Ray", "pip install 'dragoman[cluster]'"
    )
