from __future__ import annotations

import json

import pytest
from rich.console import Console

from dragoman.base.errors import RequestError
from dragoman.report.merging import Chosen, merged
from dragoman.report.page import render_comparison
from dragoman.report.run import read_run
from dragoman.report.terminal import print_comparison


@pytest.fixture
def chosen(built):
    """Methods of two runs of different recipes."""
    here, there = read_run(built(methods=("full", "lora"), base=True)), read_run(built(name="other", methods=("tiny",)))
    return [Chosen("here/full", here, here.methods[1]), Chosen("there/tiny", there, there.methods[0])]


def printed(run) -> str:
    console = Console(width=200, record=True, file=open("/dev/null", "w"))  # noqa: SIM115
    print_comparison(run, console)
    return console.export_text()


def edit_rows(folder, change) -> None:
    path = folder / "outputs.jsonl"
    rows = [change(json.loads(line)) for line in path.open()]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows if row))


def test_methods_of_two_runs_become_one(chosen):
    run = merged(chosen)
    assert [method.name for method in run.methods] == ["here/full", "there/tiny"]
    assert run.name == "here/full against there/tiny"
    assert run.sets == ["test:held-out", "validation"]
    assert run.comparison.rows("validation") == 90
    assert run.comparison.pair("validation", "bleu", "here/full", "there/tiny") is not None
    assert run.best.name in ("here/full", "there/tiny")


def test_titles(chosen, built):
    here = read_run(built(methods=("full", "lora"), base=True))
    assert merged([Chosen(one.name, here, one) for one in here.methods]).name == "de-en-phrasebook"
    many = [*chosen, *(Chosen(f"here/{one.name}", here, one) for one in here.methods if one.name != "full")]
    assert merged(many).name == "4 methods"


def test_the_page_and_the_screen_tell_the_same(chosen):
    run = merged(chosen)
    page, screen = render_comparison(run), printed(run)
    for metric in ("bleu", "chrf", "ter"):
        low, high = run.comparison.interval("validation", metric, "there/tiny")
        assert f"({low:.1f}–{high:.1f})" in screen
        assert f"{low:.1f} – {high:.1f}" in page
    for anchor in ("methods", "training", "scores", "samples"):
        assert f'id="{anchor}"' in page
    assert "against here/full" in screen or "against there/tiny" in screen
    assert "The best of 2 methods" in page
    assert "The best of 2 methods" in screen
    assert "peak memory" in screen


def test_only_shared_sets_and_rows_count(built, make_run):
    folder = make_run()
    edit_rows(folder / "full", lambda row: row if row["set"] != "validation" and row["row"] > 20 else None)
    here, there = read_run(built(methods=("full", "lora"), base=True)), read_run(folder)
    run = merged([Chosen("a", here, here.methods[2]), Chosen("b", there, there.methods[0])])
    assert run.sets == ["test:held-out"]
    assert run.rows("test:held-out", run.methods[0]) == 70
    assert "20 of a" in printed(run)
    assert "Only the 70 rows that every method has answered are compared: 20 of a are left out." in render_comparison(
        run
    )
    other = run.methods[0].score("test:held-out", "bleu")
    assert run.value("test:held-out", "bleu", run.methods[0]) != other


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda row: row | {"set": f"test:{row['set']}"}, "they were scored on no set of the same name"),
        (lambda row: row | {"row": row["row"] + 1000}, "no row is in the outputs of all of them"),
    ],
)
def test_nothing_in_common_is_refused(built, make_run, change, why):
    folder = make_run()
    edit_rows(folder / "full", change)
    here, there = read_run(built(methods=("full", "lora"), base=True)), read_run(folder)
    with pytest.raises(RequestError, match=why):
        merged([Chosen("a", here, here.methods[1]), Chosen("b", there, there.methods[0])])


def test_the_main_metric_is_one_that_compares(built, make_run):
    folder = make_run(task="chat")
    edit_rows(folder / "full", lambda row: row | {"labels": row["labels"] + 1})
    here, there = read_run(built(task="chat", name="chat")), read_run(folder)
    run = merged([Chosen("a", here, here.methods[0]), Chosen("b", there, there.methods[0])])
    assert run.main_metric == "bits_per_byte"
    assert "Perplexity does not compare: the systems cut the rows into tokens differently" in printed(run)


def test_runs_of_different_tasks_are_compared_by_what_both_have(built):
    """One run was scored by its answers, the other by its loss alone: the losses are in both runs' rows."""
    here, there = read_run(built(methods=("full", "lora"), base=True)), read_run(built(task="chat", name="chat"))
    run = merged([Chosen("a", here, here.methods[1]), Chosen("b", there, there.methods[0])])
    assert (run.main_metric, run.languages) == ("perplexity", None)
    assert run.best is not None
    said = printed(run)
    assert "The best of 2 methods" in said
    assert "not scored" not in said.lower()
    assert all(run.value("validation", "perplexity", method) is not None for method in run.methods)


def test_no_metric_in_common_is_refused(built, make_run):
    folder = make_run(task="chat")
    edit_rows(folder / "full", lambda row: {key: row[key] for key in row.keys() - {"nats"}})
    here, there = read_run(built(methods=("full", "lora"), base=True)), read_run(folder)
    with pytest.raises(RequestError, match="no metric that all of them were measured by"):
        merged([Chosen("a", here, here.methods[1]), Chosen("b", there, there.methods[0])])
