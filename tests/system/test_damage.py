"""What happens to a run: two at once, files lost, disks full, signals. Nothing that was there is lost."""

from __future__ import annotations

import importlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from driving import QUICK, Dragoman, contents, refused

from dragoman.data.encoded import EncodedSet
from dragoman.training.checkpoints import Checkpoints

# ---- the run folder ----


def test_a_second_run_at_the_same_time(work: Path, dragoman: Dragoman) -> None:
    hold = (
        "import sys; from pathlib import Path; from dragoman.base.files import lock\n"
        "with lock(Path('runs/digits')): print('held', flush=True); sys.stdin.read()"
    )
    before = contents(work)
    with subprocess.Popen([sys.executable, "-c", hold], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"held\n"
        refused(dragoman("run", "digits.yaml", "--restart"), f"(process {other.pid}) is writing here", "--set name=")
        other.communicate(b"")
    assert contents(work) == before
    assert dragoman("run", "digits.yaml").code == 0


@pytest.mark.parametrize("damage", ["{", "[]", '{"stages": [{"stage": "encode"}]}', '{"stages": 3}', "\xff"])
def test_a_damaged_stages_file(work: Path, dragoman: Dragoman, damage: str) -> None:
    Path("runs/digits/stages.json").write_text(damage, encoding="latin-1")
    before = contents(work)
    refused(dragoman("run", "digits.yaml"), "runs/digits/stages.json: is damaged", "delete it")
    assert contents(work) == before


def test_output_of_unknown_origin_is_kept(work: Path, dragoman: Dragoman) -> None:
    weights = Path("runs/digits/full/model/weights.safetensors").read_bytes()
    Path("runs/digits/stages.json").unlink()
    Path("runs/digits/encoded/mine.txt").write_text("precious")
    result = dragoman("run", "digits.yaml", *QUICK)
    assert result.code == 0
    assert "train full: nothing tells how this was made; what was there is now in runs/digits/previous/1" in result.err
    assert Path("runs/digits/previous/1/full/model/weights.safetensors").read_bytes() == weights
    assert Path("runs/digits/previous/1/encoded/mine.txt").read_text() == "precious"
    assert "going on" not in result.err


@pytest.mark.parametrize(
    ("lost", "noticed", "again"),
    [
        ("receipt.json", "encode", 1),
        ("encoded/train.arrow", "encode", 1),
        ("tokenizer", "tokenizer", 1),
        ("full/model/weights.safetensors", "train full", 2),  # another training: other scores, for all that one knows
        ("full/model", "train full", 2),
        ("full/scores.json", "evaluate full", 1),
        ("full", "train full", 2),
        ("full/checkpoints", None, 0),
        ("report.html", None, 0),
        ("recipe.yaml", None, 0),
    ],
)
def test_a_run_folder_deleted_in_part(
    work: Path, dragoman: Dragoman, lost: str, noticed: str | None, again: int
) -> None:
    before = contents(work / "runs/digits/full/model")
    path = work / "runs/digits" / lost
    shutil.rmtree(path) if path.is_dir() else path.unlink()
    result = dragoman("run", "digits.yaml")
    assert result.code == 0
    said = {line.split(":")[0] for line in result.err.split("\n") if "not as it was left" in line}
    assert said == ({noticed} if noticed else set())
    assert result.err.count("done before") == 4 - again
    assert path.exists() or lost == "full/checkpoints"
    assert contents(work / "runs/digits/full/model") == before


def test_a_truncated_output_is_made_again(work: Path, dragoman: Dragoman) -> None:
    path = Path("runs/digits/encoded/train.arrow")
    path.write_bytes(path.read_bytes()[:100])
    assert "encode: encoded/train.arrow is not as it was left" in dragoman("run", "digits.yaml").err
    assert len(EncodedSet(path)) == 550


def test_a_refused_change_leaves_the_recipe_of_the_run(fresh: Path, dragoman: Dragoman) -> None:
    assert dragoman("run", "digits.yaml", *QUICK).code == 0
    stages = json.loads(Path("runs/digits/stages.json").read_text())
    next(s for s in stages["stages"] if s["stage"] == "train")["done"] = False
    Path("runs/digits/stages.json").write_text(json.dumps(stages))
    before = contents(fresh / "runs")
    refused(dragoman("run", "digits.yaml", *QUICK, "--set", "data.max_source_length=20"), "half done", "--restart")
    assert contents(fresh / "runs") == before


@pytest.mark.parametrize("place", ["runs", "runs/digits"])
def test_a_file_where_the_run_folder_should_be(fresh: Path, dragoman: Dragoman, place: str) -> None:
    Path(place).parent.mkdir(exist_ok=True)
    Path(place).write_text("mine")
    refused(dragoman("run", "digits.yaml"), "runs/digits", "in the way", "another place")
    assert Path(place).read_text() == "mine"


# ---- the disk ----


def mount(*arguments: object) -> None:
    done = subprocess.run(["mount", *map(str, arguments)], capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"mounting is not permitted here: {done.stderr.strip()}")


@contextmanager
def mounted(folder: Path, *arguments: object) -> Iterator[None]:
    if os.geteuid() != 0 or shutil.which("mount") is None:
        pytest.skip("only root may mount a file system")
    mount(*arguments, folder)
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.mark.parametrize("kib", [4, 120, 260, 640, 1050, 1130])
def test_a_full_disk(fresh: Path, trained: Path, dragoman: Dragoman, kib: int) -> None:
    """At the start, in the middle of a checkpoint (safetensors, then torch), of the next one, and of the model."""
    Path("runs").mkdir()
    with mounted(fresh / "runs", "-t", "tmpfs", "-o", f"size={kib}k", "tmpfs"):
        stopped = dragoman("run", "digits.yaml")
        refused(stopped, "runs/", ": the disk is full", "make room", code=3)
        assert not list(Path("runs").rglob(".tmp-*"))
        there = Checkpoints(Path("runs/digits/full/checkpoints"), keep=2)
        assert all(there.is_whole(step) for step in there.steps())
        steps = there.steps()

        mount("-o", "remount,size=20m", fresh / "runs")
        resumed = dragoman("run", "digits.yaml")
        assert resumed.code == 0, resumed.err
        if steps and steps[-1] < 12:
            assert f"going on after step {steps[-1]}" in resumed.err
        weights = "runs/digits/full/model/weights.safetensors"
        assert (fresh / weights).read_bytes() == (trained / weights).read_bytes()


def test_a_full_disk_for_answers(work: Path, dragoman: Dragoman) -> None:
    Path("full").mkdir()
    with mounted(work / "full", "-t", "tmpfs", "-o", "size=4k", "tmpfs"):
        Path("full/filler").write_bytes(bytes(4096))
        refused(
            dragoman("predict", "digits", "one two", "-o", "full/out.txt"), "full/out.txt: the disk is full", code=3
        )


def test_a_full_disk_for_temporary_files(fresh: Path, dragoman: Dragoman, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("full").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(fresh / "full"))
    with mounted(fresh / "full", "-t", "tmpfs", "-o", "size=16k", "tmpfs"):
        refused(dragoman("check", "digits.yaml"), f"{fresh}/full/", ": the disk is full", "make room there", code=3)


def test_a_read_only_run_folder(work: Path, dragoman: Dragoman) -> None:
    before = contents(work)
    with read_only(work / "runs"):
        refused(dragoman("run", "digits.yaml", "--restart"), "runs/digits", "may not be written", "another place")
        refused(dragoman("run", "digits.yaml", "--set", "name=new"), "may not be written", "another place")
        assert dragoman("predict", "digits", "one").code == 0
        assert dragoman("check", "digits.yaml").code == 0
    assert contents(work) == before


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    if os.geteuid() == 0:  # root may write whatever the permissions say
        with mounted(folder, "--bind", folder):
            mount("-o", "remount,bind,ro", folder)
            yield
        return
    folders = [folder, *(path for path in folder.rglob("*") if path.is_dir())]
    for path in folders:
        path.chmod(0o555)
    yield
    for path in folders:
        path.chmod(0o755)


# ---- models ----


@pytest.mark.parametrize("name", ["weights.safetensors", "config.json", "tokenizer.json"])
@pytest.mark.parametrize("damage", ["gone", "empty", "cut", "flipped"])
def test_a_damaged_model_does_not_answer(work: Path, dragoman: Dragoman, name: str, damage: str) -> None:
    file = Path("runs/digits/full/model", name)
    whole = file.read_bytes()
    middle = len(whole) // 2
    flipped = whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :]
    if damage == "gone":
        file.unlink()
    else:
        file.write_bytes({"empty": b"", "cut": whole[:middle], "flipped": flipped}[damage])
    refused(dragoman("predict", "digits", "one"), str(file), "is damaged", "dragoman run writes it again")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (None, "is damaged"),
        ({"max_source_length": "x"}, "max_source_length"),
        ({"max_source_length": 0}, "max_source_length"),
        ({"generation": {}}, "generation settings are not complete"),
        ({"format": 99}, "newer dragoman (format 99)"),
        ({"task": None}, "task"),
    ],
)
def test_a_damaged_card(work: Path, dragoman: Dragoman, change: dict[str, object] | None, said: str) -> None:
    card = Path("runs/digits/full/model/dragoman.json")
    card.write_text("{" if change is None else json.dumps({**json.loads(card.read_text()), **change}))
    refused(dragoman("predict", "digits", "one"), str(card), said)


# ---- interruptions ----


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize(
    ("module", "function", "stage"),
    [
        ("dragoman.tokenizer.unigram", "clean", "tokenizer"),  # while the texts are read
        ("dragoman.tokenizer.unigram", "convert", "tokenizer"),
        ("dragoman.objectives.sets", "_record", "encode"),  # in the middle of a set
        ("dragoman.evaluation.loss", "collate", "train full"),  # in a validation: this one is finished and saved
        ("dragoman.job.outputs", "score_set", "evaluate full"),
    ],
)
def test_an_interruption_at_any_stage(
    fresh: Path, trained: Path, dragoman: Dragoman, monkeypatch: pytest.MonkeyPatch,
    module: str, function: str, stage: str, number: signal.Signals,
) -> None:  # fmt: skip
    original = getattr(importlib.import_module(module), function)

    def interrupted(*arguments: object, **more: object) -> object:
        monkeypatch.setattr(f"{module}.{function}", original)  # once
        signal.raise_signal(number)
        return original(*arguments, **more)

    monkeypatch.setattr(f"{module}.{function}", interrupted)
    result = dragoman("run", "digits.yaml")
    assert result.code == 128 + number, result.err
    assert f"{stage}: interrupted" in result.err or "stopped after step 6 of 12, saved" in result.err
    assert "the same command goes on from here" in result.err
    assert not list(fresh.rglob(".tmp-*"))

    assert dragoman("run", "digits.yaml").code == 0
    weights = "runs/digits/full/model/weights.safetensors"
    assert (fresh / weights).read_bytes() == (trained / weights).read_bytes()
