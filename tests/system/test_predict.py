"""`dragoman predict` and `translate`."""

from __future__ import annotations

import io
import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
from driving import Dragoman


def test_one_line_out_for_each_text(work: Path, dragoman: Dragoman) -> None:
    result = dragoman("translate", "digits", "one two three", "", "four five")
    assert result.code == 0
    lines = result.out.split("\n")
    assert len(lines) == 4  # three answers and the end of the last line
    assert lines[1] == ""
    assert lines[3] == ""


def test_predict_and_translate_are_the_same(work: Path, dragoman: Dragoman) -> None:
    assert (
        dragoman("translate", "digits", "one two three").out
        == dragoman("predict", "runs/digits/full", "one two three").out
    )


def test_a_file_stays_aligned(work: Path, dragoman: Dragoman) -> None:
    texts = ["one two", "", "three\u2028four", "  ", "five " * 60, "six", "seven eight\x85nine"]
    Path("in.txt").write_bytes("\n".join(texts).encode() + b"\n")
    result = dragoman("predict", "digits", "--input", "in.txt", "--output", "out.txt")
    assert result.code == 0
    answers = Path("out.txt").read_bytes().decode().split("\n")
    assert len(answers) == len(texts) + 1
    assert answers[1] == answers[3] == ""
    assert "1 text was longer than 40 tokens: split at sentence ends" in result.err
    one_by_one = [dragoman("predict", "digits", text).out.removesuffix("\n") for text in texts]
    assert answers[:-1] == one_by_one


def test_standard_input(work: Path, dragoman: Dragoman, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO("\ufeffone two\r\n\nthree".encode())))
    result = dragoman("predict", "digits")
    assert result.code == 0
    assert result.out.split("\n")[0] == dragoman("predict", "digits", "one two").out.removesuffix("\n")
    assert result.out.count("\n") == 3


def test_bytes_that_are_no_text_are_named(work: Path, dragoman: Dragoman) -> None:
    Path("in.txt").write_bytes(b"one\ntw\xf6\n")
    result = dragoman("predict", "digits", "--input", "in.txt", "--output", "out.txt")
    assert result.code == 2
    assert "in.txt:2: not UTF-8: byte 0xf6" in result.err
    assert not Path("out.txt").exists()


def test_n_best_with_scores(work: Path, dragoman: Dragoman) -> None:
    result = dragoman("predict", "digits", "--n-best", "3", "one two three", "four")
    rows = [line.split("\t") for line in result.out.removesuffix("\n").split("\n")]
    assert [row[0] for row in rows] == ["1", "1", "1", "2", "2", "2"]
    assert all(float(row[1]) < 0 for row in rows)
    assert len({row[2] for row in rows[:3]}) == 3


def test_asking_for_more_answers_does_not_narrow_the_beam(work: Path, dragoman: Dragoman) -> None:
    card = Path("runs/digits/full/model/dragoman.json")
    found = json.loads(card.read_text())
    card.write_text(json.dumps(found | {"generation": found["generation"] | {"beam": 7}}))
    given = dragoman("predict", "digits", "--n-best", "2", "one two three").out
    assert given == dragoman("predict", "digits", "--n-best", "2", "--beam", "7", "one two three").out
    assert given != dragoman("predict", "digits", "--n-best", "2", "--beam", "2", "one two three").out


def test_answers_that_are_cut_are_said(work: Path, dragoman: Dragoman) -> None:
    hot = ("--sample", "--temperature", "5")  # then hardly any answer ends at once
    result = dragoman("predict", "digits", *hot, "--max-length", "1", "one two three", "four five")
    assert "2 answers were cut at the longest length allowed" in result.err


def test_samples_repeat_with_their_seed(work: Path, dragoman: Dragoman) -> None:
    def sample(seed: int) -> str:
        return dragoman("predict", "digits", "--sample", "--seed", seed, "one two three four").out

    assert sample(1) == sample(1)
    assert len({sample(seed) for seed in range(5)}) > 1


def test_output_to_a_link_or_a_device(work: Path, dragoman: Dragoman) -> None:
    Path("link").symlink_to("out.txt")
    assert dragoman("predict", "digits", "one two", "--output", "link").code == 0
    assert Path("link").is_symlink()
    assert Path("out.txt").read_text() == dragoman("predict", "digits", "one two").out
    assert dragoman("predict", "digits", "one two", "--output", os.devnull).code == 0
    assert Path(os.devnull).is_char_device()


def set_template(**settings: object) -> None:
    """As if the model in the working folder had been trained with this template."""
    card = Path("runs/digits/full/model/dragoman.json")
    card.write_text(json.dumps(json.loads(card.read_text()) | {"template": settings}))


def test_texts_are_put_into_the_template_of_the_model(work: Path, dragoman: Dragoman) -> None:
    expected = dragoman("translate", "digits", "zero one zero", "", "zero two three zero").out
    set_template(source="{first} {digits} zero", target="{reversed}", defaults={"first": "zero"})
    assert dragoman("translate", "digits", "one", "", "two three").out == expected
    Path("in.txt").write_text("one\n\ntwo three\n")
    assert dragoman("translate", "digits", "-i", "in.txt").out == expected


def test_several_columns_come_from_a_table(work: Path, dragoman: Dragoman) -> None:
    expected = dragoman("translate", "digits", "nine: one", "", "eight: two three").out
    set_template(source="{first}: {digits}", target="{reversed}")
    refused = dragoman("translate", "digits", "one")
    assert refused.code == 2
    assert "this model's inputs are made of the columns 'first' and 'digits'" in refused.err
    Path("in.tsv").write_text("digits\tfirst\none\tnine\n\teight\ntwo three\teight\n")
    Path("in.jsonl").write_text(
        '{"first": "nine", "digits": "one"}\n{"first": 8, "digits": null}\n{"first": "eight", "digits": "two three"}\n'
    )
    for name in ("in.tsv", "in.jsonl"):
        assert dragoman("translate", "digits", "--input", name).out == expected
    Path("in.tsv").write_text("digit\tfirst\none\tnine\n")
    unknown = dragoman("translate", "digits", "--input", "in.tsv")
    assert unknown.code == 2
    assert "in.tsv:1: column 'digits' is missing" in unknown.err


def test_on_a_terminal_answers_and_progress_keep_apart(work: Path, dragoman: Dragoman) -> None:
    Path("in.txt").write_text("one two\nthree\nfour\n")
    expected = dragoman("translate", "digits", "-i", "in.txt").out
    terminal, end = pty.openpty()
    command = [sys.executable, "-m", "dragoman.cli.main", "translate", "digits", "-i", "in.txt"]
    environment = {**os.environ, "TERM": "xterm"}
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=end, stderr=end, env=environment)
    os.close(end)
    shown = bytearray()
    try:
        while block := os.read(terminal, 4096):
            shown += block
    except OSError:  # how Linux says that the other end of a terminal is closed
        pass
    os.close(terminal)
    assert process.wait() == 0
    assert b"answering" in shown
    answers = expected.replace("\n", "\r\n").encode()
    assert b"\r\x1b[1A\x1b[2K" + answers in shown, "after the bar was cleared away"


def test_options_that_do_not_go_together(work: Path, dragoman: Dragoman) -> None:
    assert "only matters with --sample" in dragoman("predict", "digits", "--seed", "3", "one").err
    refused = dragoman("predict", "digits", "--beam", "2", "--n-best", "5", "one")
    assert refused.code == 2
    assert "error: --n-best: 5 cannot be more than the beam (2)" in refused.err
    refused = dragoman("predict", "digits", "--sample", "--temperature", "0", "one")
    assert refused.code == 2
    assert "error: --temperature: 0.0 must be above 0" in refused.err
    refused = dragoman("predict", "digits", "--beam", "2", "--sample", "one")
    assert refused.code == 2
    assert "--beam does not matter with --sample" in refused.err
    refused = dragoman("predict", "digits", "--input", "digits.tsv", "one")
    assert refused.code == 2
    assert "give texts or --input, not both" in refused.err


def test_an_unknown_run_is_suggested(work: Path, dragoman: Dragoman) -> None:
    result = dragoman("predict", "digit", "one")
    assert result.code == 2
    assert "did you mean 'digits'?" in result.err
