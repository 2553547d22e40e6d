"""What is done with fine-tuned models: they answer, talk, are exported, compared and drawn."""

from __future__ import annotations

import json
import os
import pty
import re
import shutil
import termios
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
import torch
from driving import Dragoman, refused
from hub.fixtures import NOWHERE, Hub
from hub.forks import Forks
from hub.models import T5
from jobs import RECIPES, read

pytestmark = pytest.mark.slow

Finished = Callable[[str], Path]


def at_a_terminal(forks: Forks, folder: Path, *words: str, typed: Sequence[str] = ()) -> str:
    """What `dragoman WORDS` shows on a terminal that does not echo, its messages included; then its input ends.

    typed: lines, each given when the one before it was answered.
    """
    screen, end = pty.openpty()
    attributes = termios.tcgetattr(end)
    attributes[3] &= ~termios.ECHO
    termios.tcsetattr(end, termios.TCSANOW, attributes)
    name = os.ttyname(end)
    forks.start(*words, folder=folder, streams={0: name, 1: name, 2: name}, TERM="xterm")
    shown = ""
    for line in typed:
        shown += _until_it_waits(screen)
        os.write(screen, f"{line}\n".encode())
    if typed:
        shown += _until_it_waits(screen)
        os.write(screen, b"\x04")
    code = forks.end()
    os.close(end)
    try:
        while block := os.read(screen, 4096):
            shown += block.decode()
    except OSError:  # how Linux says that the other end of a terminal is closed
        pass
    os.close(screen)
    assert code == 0, shown
    return shown.replace("\r\n", "\n")


def _until_it_waits(screen: int) -> str:
    """Read on until a whole line has come."""
    shown = b""
    while not shown.endswith(b"\n"):
        shown += os.read(screen, 4096)
    return shown.decode()


# ---- answers ----


def test_a_prompt_of_several_columns(finished: Finished, drive: Dragoman, tmp_path: Path) -> None:
    finished("saudi-lfm2")
    alone = drive("predict", "saudi-lfm2", "Where is the key?")
    refused(alone, "a text alone is not enough", "--field 'English Text=...'")
    refused(
        drive("predict", "saudi-lfm2", "--field", "Dialekt=Najdi", "Where?"),
        "no column 'Dialekt'", "did you mean 'Dialect'?",
    )  # fmt: skip
    refused(drive("predict", "saudi-lfm2", "--field", "Najdi", "Where?"), "'Najdi' is no NAME=VALUE")
    questions = ["Where is the key?", "", "The door is open."]
    given = drive("predict", "saudi-lfm2", "--field", "Dialect=Najdi", *questions)
    assert given.code == 0, given.err
    assert given.out.count("\n") == 3
    assert given.out.split("\n")[1] == ""
    rows = [{"Dialect": "Najdi", "English Text": text, "In-Game Context": ""} for text in questions]
    (tmp_path / "in.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert drive("predict", "saudi-lfm2", "--input", tmp_path / "in.jsonl").out == given.out


def test_a_pipe_asks_each_line_for_itself(finished: Finished, drive: Dragoman) -> None:
    finished("hinglish-tinyllama")
    result = drive("predict", "hinglish-tinyllama", asked="Pune kaisa hai?\n\nPune kaisa hai?\n")
    assert result.code == 0, result.err
    first, empty, again, end = result.out.split("\n")
    assert first == again
    assert empty == end == ""
    assert "conversation" not in result.err


def test_a_terminal_talks(finished: Finished, forks: Forks) -> None:
    run = finished("hinglish-tinyllama")
    shown = at_a_terminal(forks, run.parents[1], "predict", run.name, typed=["Pune kaisa hai?", "", "Pune kaisa hai?"])
    assert "an empty line begins a new conversation" in shown
    before, after = re.sub(r"\x1b\[[0-9;]*m", "", shown).split("a new conversation\n")
    assert before.endswith(after)  # the same answer, as if nothing had been said


def test_a_terminal_shows_entities_in_their_text(finished: Finished, forks: Forks) -> None:
    run = finished("ner-t5")
    asked = "Anna Keller visited Oslo on Monday ."
    shown = at_a_terminal(forks, run.parents[1], "predict", run.name, asked)
    assert re.sub(r"\x1b\[[0-9;]*m", "", shown).startswith(asked)


def test_an_adapter_needs_its_base(finished: Finished, drive: Dragoman, anew: Dragoman, tmp_path: Path) -> None:
    model = finished("ner-t5") / "lora/model"
    gone = anew("predict", model, "Where?", home="nothing", url=NOWHERE)
    refused(gone, T5, "is not in the cache", code=3)
    shutil.copytree(model, tmp_path / "model")
    card = read(model / "dragoman.json")
    card["base"]["digest"] = "0" * 64
    (tmp_path / "model/dragoman.json").write_text(json.dumps(card))
    refused(drive("predict", tmp_path / "model", "Where?"), f"made for other weights of {T5} than are there now")


# ---- exports ----


@pytest.mark.parametrize(
    ("name", "method"),
    [("en-hi-mt5", "qlora"), ("ner-t5", "lora"), ("hinglish-tinyllama", "qlora"), ("saudi-lfm2", "qlora")],
)
def test_exports_are_replayed_and_answer(name: str, method: str, finished: Finished, drive: Dragoman) -> None:
    from transformers import AutoModelForCausalLM, AutoModelForSeq2SeqLM, AutoTokenizer

    run = finished(name)
    for kind in ("merge", "adapter"):
        result = drive("export", f"{name}/{method}", f"--{kind}")
        assert result.code == 0, result.err
        folder = run / method / "export" / ("merged" if kind == "merge" else "adapter")
        assert (run.parents[1] / result.out.strip()).samefile(folder)
        assert re.search(r"replayed \d+ tokens of \d+ held-out rows: greatest difference", result.err)
        refused(drive("export", f"{name}/{method}", f"--{kind}"), "is already there", "--output")
    merged = run / method / "export/merged"
    fields = ("--field", "Dialect=Najdi") if name == "saudi-lfm2" else ()
    assert drive("predict", merged, *fields, "Where is the key?").code == 0
    assert drive("predict", f"{name}/{method}/export/merged", *fields, "Where is the key?").code == 0
    auto = AutoModelForSeq2SeqLM if (merged / "config.json").read_text().count("t5") else AutoModelForCausalLM
    model, tokenizer = auto.from_pretrained(merged), AutoTokenizer.from_pretrained(merged)
    assert model.generate(**tokenizer("Where is the key?", return_tensors="pt"), max_new_tokens=2).shape[0] == 1
    refused(drive("predict", run / method / "export/adapter", "Where?"), "is an adapter for other programs")


def test_others_read_the_adapter_as_it_was_trained(
    finished: Finished, drive: Dragoman, hub: Hub, tmp_path: Path
) -> None:
    """peft's own model and the merged weights say the same, and not what the base says."""
    from peft import PeftModel
    from transformers import AutoModelForSeq2SeqLM

    finished("ner-t5")
    for kind in ("merge", "adapter"):
        assert drive("export", "ner-t5", f"--{kind}", "--output", tmp_path / "deep" / kind).code == 0
    ids = torch.tensor([[17, 30, 8, 1]])
    base = AutoModelForSeq2SeqLM.from_pretrained(hub.tree / "models" / T5)
    before = base(input_ids=ids, decoder_input_ids=ids).logits.detach()
    theirs = PeftModel.from_pretrained(base, tmp_path / "deep/adapter")(input_ids=ids, decoder_input_ids=ids).logits
    merged = AutoModelForSeq2SeqLM.from_pretrained(tmp_path / "deep/merge", dtype=torch.float32)
    whole = merged(input_ids=ids, decoder_input_ids=ids).logits
    assert not torch.equal(theirs, before)
    assert (whole - theirs).abs().mean() < 0.01 * theirs.abs().mean()


def test_exports_that_make_no_sense(finished: Finished, drive: Dragoman) -> None:
    finished("en-hi-mt5")
    refused(drive("export", "en-hi-mt5/full", "--merge"), "this model has no adapter", "transformers loads it as it is")
    refused(drive("export", "en-hi-mt5/lora"), "give one of --merge and --adapter")
    refused(drive("export", "en-hi-mt5/lora", "--merge", "--adapter"), "give one of --merge and --adapter")
    refused(drive("export", "en-hi-mt6", "--merge"), "did you mean 'en-hi-mt5'?")


def test_our_own_model_has_no_adapter(work: Path, dragoman: Dragoman) -> None:
    refused(dragoman("export", "digits", "--merge"), "this model has no adapter")
    assert not Path("runs/digits/full/export").exists()


# ---- pictures and comparisons ----


def test_runs_side_by_side(finished: Finished, drive: Dragoman, tmp_path: Path) -> None:
    run = finished("en-hi-mt5")
    methods = drive("compare", "en-hi-mt5/lora", "en-hi-mt5/qlora", "--output", tmp_path / "page.html")
    assert methods.code == 0, methods.err
    for label in ("en-hi-mt5/lora", "en-hi-mt5/qlora", "chrF"):
        assert label in methods.out
    assert "chance" in methods.out or "score the same" in methods.out  # after so few steps both may say the same
    assert "en-hi-mt5/qlora" in (tmp_path / "page.html").read_text()
    shutil.copytree(run, tmp_path / "again")
    both = drive("compare", "en-hi-mt5", tmp_path / "again")
    assert both.code == 0, both.err
    assert str(tmp_path / "again") in both.out.replace("\n", "")


def test_a_picture_of_the_model(drive: Dragoman, tmp_path: Path) -> None:
    recipe, file = RECIPES / "en-hi-mt5.yaml", tmp_path / "out.svg"
    for options, said in (((), "LoRA"), (("--method", "qlora"), "QLoRA"), (("--method", "full"), "all weights")):
        result = drive("check", recipe, "--picture", file, *options)
        assert result.code == 0, result.err
        picture = ElementTree.parse(file).getroot()
        assert picture.tag == "{http://www.w3.org/2000/svg}svg"
        title = picture.findtext("{http://www.w3.org/2000/svg}title")
        assert title is not None
        assert title.startswith(f"google/mt5-small, {said}: ")
    refused(drive("check", recipe, "--picture", file, "--method", "ful"), "no method 'ful'", "did you mean 'full'?")
    refused(drive("check", recipe, "--method", "full"), "--method only matters with --picture")


def test_the_report_shows_the_model_under_each_method(finished: Finished) -> None:
    run = finished("en-hi-mt5")
    page = (run / "report.html").read_text()
    section = page[page.index('id="model"') : page.index('id="time"')]
    assert section.count("<svg") == 3
    for method in ("full", "lora", "qlora"):
        assert (run / method / "architecture.svg").read_text() in section
