"""What goes wrong at a user's desk: each has a clear error, or a clear way on, and costs nothing that was there."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from driving import RECIPE, WORDS, Dragoman, Outcome

from dragoman.data.encoded import EncodedSet
from dragoman.training.checkpoints import Checkpoints

HEADER = "digits\treversed\n"
QUICK = ("--set", "training.max_steps=2", "--set", "training.warmup_steps=0")


def refused(result: Outcome, *said: str, code: int = 2) -> None:
    assert result.code == code, result.err
    for words in said:
        assert words in result.err
    assert "Traceback" not in result.err


def contents(folder: Path) -> dict[str, bytes]:
    """Every file, less those that any command writes."""
    files = (path for path in folder.rglob("*") if path.is_file() and path.name not in (".lock", "report.html"))
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


# ---- recipes ----


@pytest.mark.parametrize("verb", ["run", "check"])
@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name: [digits\ndata:\n", "digits.yaml:1:7: this bracket is not closed"),
        ("\tname: x\n", "digits.yaml:1:1"),
        (RECIPE.replace("learning_rate", "learning_rat"), "did you mean 'learning_rate'?"),
        (RECIPE + "extra: 1\n", "extra: unknown key"),
        (RECIPE.replace("name: digits", "name: a b/ö"), "must be a name of letters, digits"),
        (RECIPE.replace("name: digits", "name: ../up"), "must be a name of letters, digits"),
        ("", "the recipe is empty"),
        (RECIPE.encode() + "# ä\n".encode("latin-1"), "byte 0xe4 is not UTF-8"),
        (RECIPE + "tokenizer: {vocabulary_size: 500}\n", "digits.yaml:13:1"),
        (RECIPE.replace("vocabulary_size: 385", "vocabulary_size: 99999999999"), "at most 1e+06"),
    ],
)
def test_a_broken_recipe(fresh: Path, dragoman: Dragoman, verb: str, text: str | bytes, said: str) -> None:
    Path("digits.yaml").write_bytes(text if isinstance(text, bytes) else text.encode())
    refused(dragoman(verb, "digits.yaml"), "digits.yaml", said)
    assert not Path("runs").exists()


@pytest.mark.parametrize(
    ("option", "said"),
    [
        ("training.max_steps", "write it as KEY=VALUE"),
        ("=3", "write it as KEY=VALUE"),
        ("training.max_step=3", "did you mean 'max_steps'?"),
        ("training.max_steps=many", "must be a whole number above 0, not 'many'"),
        ("training.batch.rows=[", "--set training.batch.rows=["),
        ("data.train.5.path=x.tsv", "has only item 0"),
        ("nonsense=1", "unknown key"),
    ],
)
def test_a_mistaken_option(fresh: Path, dragoman: Dragoman, option: str, said: str) -> None:
    refused(dragoman("run", "digits.yaml", "--set", option), f"--set {option}", said)


def test_no_recipe(fresh: Path, dragoman: Dragoman) -> None:
    refused(dragoman("run", "digit.yaml"), "there is no such file", "did you mean 'digits.yaml'?")
    refused(dragoman("run", "."), "this is a folder, not a recipe", "digits.yaml")


def test_a_variable_that_is_not_set(fresh: Path, dragoman: Dragoman, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DRAGOMAN_REALDATA", raising=False)
    path = ("--set", "data.train.0.path='${DRAGOMAN_REALDATA}/x.tsv'")
    refused(dragoman("run", "digits.yaml", *path), "DRAGOMAN_REALDATA is not set", "export DRAGOMAN_REALDATA=")


# ---- data ----


def test_everything_that_is_missing_is_said_at_once(fresh: Path, dragoman: Dragoman) -> None:
    sets = ("--set", "data.validation={path: gone.tsv}", "--set", "data.test={a: {path: .}, b: {path: b.tsv}}")
    Path("digits.tsv").rename("digit.tsv")
    result = dragoman("run", "digits.yaml", *sets)
    refused(result, "has 4 problems", "digits.yaml:4:7: data.train.0: ", "did you mean 'digit.tsv'?", "is a folder")
    assert "gone.tsv: does not exist" in result.err
    assert not Path("runs").exists()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "digits.tsv: is empty"),
        (HEADER, "has no rows"),
        (HEADER + "one two\ttwo one\n", "cannot be trained and measured on one row"),
        (HEADER.encode() + "ä b\tb ä\nö d\td ö\n".encode("latin-1"), "none of its 2 rows can be used"),
        ("source\ttarget\none\ttwo\n", "has no column 'digits'"),
    ],
)
def test_useless_data(fresh: Path, dragoman: Dragoman, content: str | bytes, said: str) -> None:
    Path("digits.tsv").write_bytes(content if isinstance(content, bytes) else content.encode())
    refused(dragoman("run", "digits.yaml"), said)
    refused(dragoman("check", "digits.yaml"), said)


def test_bad_rows_are_put_aside_and_named(fresh: Path, dragoman: Dragoman) -> None:
    with open("digits.tsv", "ab") as file:
        file.write("fünf\tvier\n".encode("latin-1") + b"one\nfive\t\n")
    assert dragoman("run", "digits.yaml", *QUICK).code == 0
    records = [json.loads(line) for line in Path("runs/digits/quarantine.jsonl").read_text().splitlines()]
    assert [record["row"] for record in records] == [601, 602, 603]
    assert "not UTF-8" in records[0]["reason"]
    strict = dragoman("run", "digits.yaml", "--set", "data.strict=true", "--set", "name=strict")
    refused(strict, "digits.tsv:601: not UTF-8", "data.strict: false")


def test_a_huge_line_in_the_data(fresh: Path, dragoman: Dragoman) -> None:
    with open("digits.tsv", "a") as file:
        file.write(" ".join(WORDS) * 210_000 + "\tone\n")  # 10 MB
    size = ("--set", "tokenizer.vocabulary_size=380")
    result = dragoman("run", "digits.yaml", *QUICK, *size)
    assert result.code == 0, result.err
    assert json.loads(Path("runs/digits/receipt.json").read_text())["splits"]["train"]["dropped"] == 1


def test_a_line_far_too_long_to_predict(work: Path, dragoman: Dragoman) -> None:
    Path("in.txt").write_text("one two\n" + "one two. " * 20_000 + "\nthree\n")
    one = dragoman("predict", "digits", "one two", "three", "--beam", "1", "--max-length", "2").out
    result = dragoman("predict", "digits", "-i", "in.txt", "-o", "out.txt", "--beam", "1", "--max-length", "2")
    assert result.code == 0
    assert "1 text was longer than 40 tokens" in result.err
    lines = Path("out.txt").read_text().split("\n")
    assert len(lines) == 4
    assert [lines[0], lines[2]] == one.split("\n")[:2]


def test_a_vocabulary_that_the_text_cannot_fill(fresh: Path, dragoman: Dragoman) -> None:
    result = dragoman("run", "digits.yaml", "--set", "tokenizer.vocabulary_size=500000")
    refused(result, "tokenizer.vocabulary_size", "is the largest possible size")
    Path("digits.yaml").write_text(RECIPE.replace("385", "360"))
    refused(dragoman("run", "digits.yaml"), "digits.yaml:8:", "tokenizer.vocabulary_size", "at least 37")


def test_odd_file_names(fresh: Path, dragoman: Dragoman) -> None:
    Path("digits.tsv").rename("my [red] data ü.tsv")
    assert dragoman("run", "digits.yaml", *QUICK, "--set", 'data.train=[{path: "my [red] data ü.tsv"}]').code == 0
    assert dragoman("run", "runs/digits/recipe.yaml").err.count("done before") == 4
    result = dragoman("run", "digits.yaml", "--set", 'data.train=[{path: "my [bold] data.tsv"}]')
    refused(result, "my [bold] data.tsv: does not exist", "did you mean 'my [red] data ü.tsv'?")


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
    ("lost", "again"),
    [
        ("receipt.json", {"encode"}),
        ("encoded/train.arrow", {"encode"}),
        ("tokenizer", {"tokenizer"}),
        ("full/model/weights.safetensors", {"train full"}),
        ("full/model", {"train full"}),
        ("full/scores.json", {"evaluate full"}),
        ("full", {"train full", "evaluate full"}),
        ("full/checkpoints", set()),
        ("report.html", set()),
        ("recipe.yaml", set()),
    ],
)
def test_a_run_folder_deleted_in_part(work: Path, dragoman: Dragoman, lost: str, again: set[str]) -> None:
    before = contents(work / "runs/digits/full/model")
    path = work / "runs/digits" / lost
    shutil.rmtree(path) if path.is_dir() else path.unlink()
    result = dragoman("run", "digits.yaml")
    assert result.code == 0
    assert {line.split(":")[0] for line in result.err.split("\n") if "not as it was left" in line} == again
    assert result.err.count("done before") == 4 - len(again)
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
    refused(dragoman("run", "digits.yaml"), "runs/digits", "in the way", "--runs")
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
        refused(stopped, "the disk is full", "make room", code=3)
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
        refused(dragoman("predict", "digits", "one two", "-o", "full/out.txt"), "the disk is full", code=3)


def test_a_read_only_run_folder(work: Path, dragoman: Dragoman) -> None:
    before = contents(work)
    with read_only(work / "runs"):
        refused(dragoman("run", "digits.yaml", "--restart"), "runs/digits", "may not be written", "--runs")
        refused(dragoman("run", "digits.yaml", "--set", "name=new"), "may not be written", "--runs")
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
