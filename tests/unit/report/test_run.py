from __future__ import annotations

import json
from pathlib import Path

import pytest

from dragoman.base.errors import RequestError
from dragoman.report.method import MethodRun
from dragoman.report.run import BASE_COLOUR, Run, read_run, set_label


def method(name: str = "m", events: list[dict] = (), **scores: dict[str, float]) -> MethodRun:
    """scores: for each set, metric -> value."""
    sets = {
        key.replace("__", ":"): {"scores": {m: {"value": v} for m, v in own.items()}} for key, own in scores.items()
    }
    return MethodRun(name, Path(), list(events), {"sets": sets} if sets else {})


def run(*methods: MethodRun, main: str = "bleu") -> Run:
    return Run("r", {"evaluation": {"main": main}}, "", {}, {}, [], list(methods), [])


def test_reads_a_whole_run(make_run):
    found = read_run(make_run(methods=("full", "small")))
    assert found.absent == []
    assert found.name == "de-en-phrasebook"
    assert [one.name for one in found.methods] == ["full", "small"]
    assert found.sets == ["test:held-out", "validation"]
    assert found.metrics == ["bleu", "chrf", "ter"]
    assert found.languages == ("German", "English")
    assert found.best is found.methods[0]
    full = found.methods[0]
    assert (full.state, full.steps, full.parameters, full.size_bytes) == ("scored", 6000, 6_214_912, 25_340_000)
    assert full.tokens_per_second == pytest.approx(11200, rel=0.01)
    assert full.seconds == pytest.approx(6000 * 1237 / 11200)
    assert len(full.outputs) == 180
    assert found.seconds == pytest.approx(sum(stage["seconds"] for stage in found.stages))


def test_an_empty_folder_is_a_run_with_everything_absent(tmp_path):
    found = read_run(tmp_path)
    assert found.absent == ["recipe.yaml", "receipt.json", "machine.json", "stages.json"]
    assert (found.name, found.methods, found.best, found.seconds) == (tmp_path.name, [], None, None)


def test_no_folder_is_refused(tmp_path):
    with pytest.raises(RequestError, match="no such run folder"):
        read_run(tmp_path / "nothing")


def test_methods_without_a_recipe_are_found_by_their_files(make_run):
    folder = make_run(methods=("full", "small"))
    (folder / "recipe.yaml").unlink()
    (folder / "encoded").mkdir()
    assert [one.name for one in read_run(folder).methods] == ["full", "small"]


def test_a_last_line_that_is_being_written_is_no_damage(make_run):
    folder = make_run()
    whole = read_run(folder).methods[0].metrics
    with open(folder / "full" / "metrics.jsonl", "a") as file:
        file.write('{"event": "step", "st')
    found = read_run(folder)
    assert found.methods[0].metrics == whole
    assert found.absent == []


@pytest.mark.parametrize("name", ["receipt.json", "machine.json", "stages.json", "comparison.json", "full/scores.json"])
@pytest.mark.parametrize("content", [b"{", b"[1]", b"\xff\xfe"])
def test_damaged_files_are_named_and_survived(make_run, name, content):
    folder = make_run()
    (folder / name).write_bytes(content)
    absent = read_run(folder).absent
    assert len(absent) == 1
    assert absent[0].startswith(name)


def test_a_damaged_line_in_the_middle_is_named(make_run):
    folder = make_run()
    path = folder / "full" / "metrics.jsonl"
    lines = path.read_text().split("\n")
    path.write_text("\n".join([lines[0], "{broken", *lines[1:]]))
    assert read_run(folder).absent == ["full/metrics.jsonl, line 2 (damaged)"]


def test_series_are_sorted_finite_and_a_step_counts_once():
    events = [
        {"event": "step", "step": 10, "loss": 3.0}, {"event": "step", "step": 20, "loss": 2.0},
        {"event": "resumed", "step": 10}, {"event": "step", "step": 20, "loss": 2.5},
        {"event": "step", "step": 30, "loss": float("nan")}, {"event": "step", "step": 5, "loss": 4.0},
        {"event": "validation", "step": 30, "loss": 9.0}, {"event": "step", "step": 40},
    ]  # fmt: skip
    steps, losses = method(events=events).series("step", "loss")
    assert (list(steps), list(losses)) == ([5, 10, 20], [4.0, 3.0, 2.5])


def test_states():
    start, end = {"event": "start", "step": 0}, {"event": "end", "step": 9}
    assert [method(events=e).state for e in ([], [start], [start, end])] == ["not started", "in training", "trained"]
    assert method(validation={"bleu": 1.0}).state == "scored"


def test_best_goes_by_validation_not_by_test():
    one = method("one", validation={"bleu": 30}, test__t={"bleu": 20})
    two = method("two", validation={"bleu": 29}, test__t={"bleu": 25})
    assert run(one, two).best is one


def test_best_where_less_is_better():
    one, two = method("one", validation={"ter": 50}), method("two", validation={"ter": 40})
    assert run(one, two, main="ter").best is two


def test_best_without_validation_scores_goes_by_the_test_set():
    one, two = method("one", test__t={"bleu": 20}), method("two", test__t={"bleu": 25})
    assert run(one, method("unscored"), two).best is two


def test_the_base_model_is_a_method_that_was_not_trained(make_run):
    found = read_run(make_run(methods=("full", "small"), base=True))
    assert found.absent == []
    assert [one.name for one in found.methods] == ["base", "full", "small"]
    assert [one.name for one in found.trained] == ["full", "small"]
    assert found.base is found.methods[0]
    assert (found.base.state, found.base.seconds, found.base.trainable) == ("scored", None, None)
    assert len({found.colour(one) for one in found.methods}) == 3
    assert found.colour(found.base) == BASE_COLOUR


def test_the_base_model_is_never_the_best_method(make_run):
    folder = make_run(base=True)
    scores = json.loads((folder / "base" / "scores.json").read_text())
    scores["sets"]["validation"]["scores"]["bleu"]["value"] = 99.0
    (folder / "base" / "scores.json").write_text(json.dumps(scores))
    assert read_run(folder).best.name == "full"


def test_without_a_recipe_the_base_model_is_still_known(make_run):
    folder = make_run(base=True)
    (folder / "recipe.yaml").unlink()
    assert [(one.name, one.base) for one in read_run(folder).methods] == [("base", True), ("full", False)]


def test_a_method_that_is_called_base_is_a_method(make_run):
    (one,) = read_run(make_run(methods=("base",))).methods
    assert (one.base, one.steps) == (False, 6000)


@pytest.mark.parametrize(
    ("task", "metrics"),
    [("chat", ["perplexity", "bits_per_byte"]), ("entities", ["f1", "precision", "recall", "malformed"])],
)
def test_other_tasks_have_other_metrics_and_no_languages(make_run, task, metrics):
    found = read_run(make_run(task=task, methods=("full", "small")))
    assert (found.main_metric, found.metrics, found.languages) == (metrics[0], metrics, None)
    assert found.best.name == "full"


def test_colours_are_never_the_base_models():
    many = run(*(method(f"m{n}", validation={"bleu": n}) for n in range(9)))
    assert BASE_COLOUR not in {many.colour(one) for one in many.methods}


def test_scores_are_those_of_the_shared_rows_where_rows_differ(make_run):
    folder = make_run(methods=("full", "small"))
    found = read_run(folder)
    assert found.value("validation", "bleu", found.best) == found.best.score("validation", "bleu")
    comparison = json.loads((folder / "comparison.json").read_text())
    comparison["sets"]["validation"]["scores"]["bleu"]["full"]["value"] = 12.5
    comparison["sets"]["validation"] |= {"left_out": {"small": 3}, "rows": 87}
    (folder / "comparison.json").write_text(json.dumps(comparison))
    found = read_run(folder)
    assert found.value("validation", "bleu", found.methods[0]) == 12.5
    assert found.rows("validation", found.methods[0]) == 87
    assert found.value("test:held-out", "bleu", found.methods[0]) == found.methods[0].score("test:held-out", "bleu")


def test_a_comparison_of_older_outputs_is_not_shown(make_run):
    folder = make_run(methods=("full", "small"))
    path = folder / "small" / "scores.json"
    scores = json.loads(path.read_text())
    scores["sets"]["validation"]["scores"]["chrf"]["value"] += 0.1
    path.write_text(json.dumps(scores))
    found = read_run(folder)
    assert found.comparison.rows("validation") is None
    assert found.absent == ["comparison.json (it is older than the scores)"]


def test_best_step_is_the_last_one_called_best():
    events = [{"event": "validation", "step": s, "best": b} for s, b in ((1, True), (2, True), (3, False))]
    assert method(events=events).best_step == 2


def test_labels():
    named = [set_label(name) for name in ("train", "validation", "test:flickr", "test:test", "test:a:b")]
    assert named == ["training set", "validation set", "test set flickr", "test set", "test set a:b"]


def test_outputs_are_read_only_when_asked_for(make_run):
    folder = make_run()
    found = read_run(folder)
    (folder / "full" / "outputs.jsonl").write_text(json.dumps({"set": "s"}) + "\n")
    assert found.methods[0].outputs == [{"set": "s"}]
