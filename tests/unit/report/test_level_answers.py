from __future__ import annotations

from dragoman.evaluation.samples import pick_by_level
from dragoman.report.level_answers import EACH, answers_by_level
from dragoman.report.run import read_run


def test_a_table_has_rows_of_every_level_with_every_models_answer(make_run, without_plots):
    run = read_run(make_run(methods=("full", "lora")))
    name = run.headline_set
    page = answers_by_level(run, name)
    assert page is not None
    assert page.count("<tr>") == 1 + 5 * EACH
    for level in ("A1", "A2", "B1", "B2", "C1"):
        assert page.count(f">{level}<") == EACH
    assert ">full<" in page
    assert ">lora<" in page
    first = next(row for row in run.methods[0].answers if row["set"] == name and row["level"] == "A1")
    known = {(row["source"], row["target"]) for row in run.methods[0].answers if row["set"] == name}
    assert (first["source"], first["target"]) in known


def test_without_levels_there_is_no_table(make_run, without_plots):
    run = read_run(make_run(levels=False))
    assert answers_by_level(run, run.headline_set) is None


def test_rows_of_a_level_are_spread_from_worse_to_better():
    rows = [
        {"source": f"s{n}", "target": "t", "output": "o", "chrf": float(n), "level": "A1" if n < 40 else "C1", "row": n}
        for n in range(60)
    ] + [{"source": "none", "target": "t", "output": "o", "chrf": 1.0, "level": None, "row": 99}]
    picked = pick_by_level(rows, 2)
    assert [(one.level, one.chrf) for one in picked] == [("A1", 10.0), ("A1", 30.0), ("C1", 45.0), ("C1", 55.0)]
    assert {one.kind for one in picked} == {"level A1", "level C1"}
