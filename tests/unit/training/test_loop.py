from __future__ import annotations

import contextlib
import math
import signal
from collections.abc import Iterator
from typing import Any

import pytest
import torch

from dragoman.base.device import Precision
from dragoman.base.errors import DragomanError, Interrupted
from dragoman.base.files import read_json_lines
from dragoman.models.nmt.model import NmtModel
from dragoman.objectives.batches import collate
from dragoman.training import loop as module
from dragoman.training.checkpoints import Checkpoints
from dragoman.training.loop import Job, Loop

BFLOAT16 = Precision(torch.bfloat16, "as on most machines")
UTILISATION = ("flops", "flops_per_second", "product_flops_per_second", "utilisation")  # where it took its time


def weights(model: torch.nn.Module) -> dict[str, torch.Tensor]:
    return {name: p.detach().clone() for name, p in model.named_parameters()}


def same(a: dict[str, torch.Tensor], b: dict[str, torch.Tensor]) -> bool:
    return a.keys() == b.keys() and all(torch.equal(a[name], b[name]) for name in a)


class Killed(BaseException):
    """Leaves nothing behind but what is on disk, as a kill does."""


@contextlib.contextmanager
def killed_before(place: int, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A block in which a run dies before it takes this step."""
    original = Loop._step

    def step(self: Loop, *arguments: Any) -> None:
        if self.state.step == place:
            raise Killed
        original(self, *arguments)

    with monkeypatch.context() as patch:
        patch.setattr(Loop, "_step", step)
        yield


def run_killed_at(job: Job, places: list[str], monkeypatch: pytest.MonkeyPatch) -> Loop:
    """A run that dies at each place in turn ("step N" before it, "save N" while saving) and is begun again."""
    original_step, original_save = Loop._step, module.Checkpoints.save
    remaining = list(places)

    def at(place: str) -> None:
        if remaining and remaining[0] == place:
            remaining.pop(0)
            raise Killed

    def step(self: Loop, *arguments: Any) -> None:
        at(f"step {self.state.step}")
        original_step(self, *arguments)

    def save(self: Any, state: Any, *arguments: Any) -> None:
        at(f"save {state.step}")
        original_save(self, state, *arguments)

    monkeypatch.setattr(Loop, "_step", step)
    monkeypatch.setattr(module.Checkpoints, "save", save)
    first = weights(job.model)
    for _ in range(len(places) + 1):
        job.model.load_state_dict(first)  # a new process begins with these
        loop = Loop(job)
        try:
            loop.run()
        except Killed:
            continue
        assert remaining == []
        return loop
    raise AssertionError("never finished")


@pytest.mark.parametrize(
    ("training", "precision"),
    [
        ({}, None), ({"averaging": {"ema": 0.9}}, BFLOAT16), ({"averaging": {"last": 3}}, None),
        ({"optimizer": "adafactor"}, None),
        ({"optimizer": "muon"}, None),
        ({"schedule": "inverse_sqrt", "clip_norm": None, "checkpoints": {"every": 2, "keep": 1}}, BFLOAT16),
    ],
)  # fmt: skip
def test_a_killed_run_ends_with_the_same_bits(job, training, precision, monkeypatch):
    """5 steps an epoch, a validation each 4: dying in and between epochs, before and while saving."""
    keys = {"validate_every": 4, "checkpoints": {"every": 3}, **training}
    jobs = [job(name, micro=60, **keys) for name in ("whole", "killed")]
    for each in jobs:
        each.precision = precision or each.precision
    whole = Loop(jobs[0])
    whole.run()
    places = ["step 0", "step 2", "step 5", "step 10", "save 12", "step 14", "step 15", "save 23"]
    killed = run_killed_at(jobs[1], places, monkeypatch)
    assert same(weights(whole.model), weights(killed.model))
    assert whole.state.best_step == killed.state.best_step

    records = [read_json_lines(each.folder / "metrics.jsonl") for each in jobs]
    timed = ("seconds", "tokens_per_second", "peak_memory", *UTILISATION)
    untimed = [
        [{k: v for k, v in r.items() if k not in timed} for r in lines if r["event"] != "resumed"] for lines in records
    ]
    assert untimed[0] == untimed[1]
    assert [r["event"] for r in records[1]].count("resumed") >= 4


def test_a_damaged_newest_checkpoint_costs_only_time(job, monkeypatch, capsys):
    keys = {"checkpoints": {"every": 2, "keep": 2}, "validate_every": 6}
    whole = Loop(job("whole", **keys))
    whole.run()
    damaged = job("damaged", **keys)
    first = weights(damaged.model)
    with killed_before(15, monkeypatch), pytest.raises(Killed):
        Loop(damaged).run()
    file = damaged.folder / "checkpoints" / "step-14" / "optimizer.pt"
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)
    damaged.model.load_state_dict(first)
    again = Loop(damaged)
    again.run()
    said = "".join(capsys.readouterr().err.split())
    assert "step-14isdamaged" in said
    assert "goingonafterstep12" in said
    assert same(weights(whole.model), weights(again.model))


@pytest.mark.parametrize("ended", [False, True])
def test_a_damaged_best_checkpoint_does_not_lose_the_run(job, ended, monkeypatch, capsys):
    """The best is at step 8: of a run that goes on, another one takes its place; of one that has ended, the newest."""
    scores = [1, 5, 3, 4, 2, 1]
    task = scoring(job(validate_every=4), scores)
    if ended:
        Loop(task).run()
    else:
        with killed_before(14, monkeypatch), pytest.raises(Killed):
            Loop(task).run()
    file = task.folder / "checkpoints/step-8/averager.pt"
    file.write_bytes(file.read_bytes()[:-1])
    again = scoring(job(validate_every=4), scores[3:])
    state = Loop(again).run()
    assert "step-8,thebestsofar,isdamaged" in "".join(capsys.readouterr().err.split())
    assert state.best_step == (23 if ended else 16)
    assert ended or same(weights(again.model), again.seen[0])


def test_other_folders_beside_the_checkpoints_are_left_alone(job):
    task = job()
    other = task.folder / "checkpoints/step-4.bak"
    other.mkdir(parents=True)
    Loop(task).run()
    assert other.is_dir()


def test_a_power_cut_costs_little(job, monkeypatch):
    monkeypatch.setattr(module, "SAVE_AFTER", 0.0)
    task = job(checkpoints={"keep": 100})
    Loop(task).run()
    assert Checkpoints(task.folder / "checkpoints", 100).steps() == list(range(1, 24))


def test_a_finished_run_is_not_trained_again(job):
    first = Loop(job())
    first.run()
    again = Loop(job())
    state = again.run()
    assert state.ended == "finished"
    assert same(weights(first.model), weights(again.model))
    assert [r["event"] for r in read_json_lines(job().folder / "metrics.jsonl")].count("end") == 1


def gradients(job: Job) -> dict[str, torch.Tensor]:
    """What the first step's gradients are, without taking it."""
    loop, found = Loop(job), dict[str, torch.Tensor]()

    def keep(*_: Any, **__: Any) -> None:
        found.update({n: p.grad.clone() for n, p in loop.model.named_parameters() if p.grad is not None})
        raise Killed

    loop.optimizer.step = keep  # type: ignore[method-assign]
    with pytest.raises(Killed):
        loop.run()
    return found


@pytest.mark.parametrize("micro", [1, 20, 47])
def test_cutting_a_step_changes_no_gradient(job, micro):
    whole = gradients(job("whole", dropout=0.0, clip_norm=None))
    cut = gradients(job("cut", dropout=0.0, clip_norm=None, micro=micro))
    assert whole.keys() == cut.keys()
    assert len(whole) > 20
    for name in whole:
        torch.testing.assert_close(cut[name], whole[name], atol=1e-5, rtol=1e-5)


def test_every_label_counts_the_same(job):
    """The gradient is that of the mean over all labels of the step, computed plainly, however it is cut."""
    task = job(dropout=0.0, clip_norm=None, micro=20)
    rows = [int(i) for part in task.plan.epoch(0)[0] for i in part]
    model = task.model
    batch = collate([task.encoded[i] for i in rows], 0)
    loss = torch.nn.functional.cross_entropy(
        model.hidden(batch) @ model.head().weight.T, batch.labels, label_smoothing=0.1
    )
    expected = dict(zip(weights(model), torch.autograd.grad(loss, list(model.parameters())), strict=True))
    found = gradients(task)
    for name in expected:
        torch.testing.assert_close(found[name], expected[name], atol=1e-5, rtol=1e-5)


def test_the_gradient_is_clipped(job):
    found = gradients(job(clip_norm=0.01))
    assert math.sqrt(sum(float(g.square().sum()) for g in found.values())) == pytest.approx(0.01, rel=1e-3)


def spoil(model: NmtModel, at: int, number: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the encoder's second matrix give a wrong number from some step on."""
    calls = []

    def hook(module: Any, inputs: Any, output: torch.Tensor) -> torch.Tensor | None:
        if module.training:
            calls.append(1)
        return output * number if len(calls) > at else None

    model.encoder[0].feed_forward.up.register_forward_hook(hook)


@pytest.mark.parametrize("number", [math.nan, math.inf])
@pytest.mark.parametrize("precision", [None, BFLOAT16])
def test_a_non_finite_loss_stops_and_names_the_layer(job, number, precision, monkeypatch):
    task = job()
    task.precision = precision or task.precision
    spoil(task.model, 7, number, monkeypatch)
    with pytest.raises(DragomanError, match=r"at step 8: the output of encoder\.0\.feed_forward\.up") as error:
        Loop(task).run()
    assert error.value.exit_code == 3
    assert error.value.hint


def test_a_weight_that_is_not_a_number_is_named(job):
    task = job()
    with torch.no_grad():
        task.model.decoder[0].cross.kv.weight[0, 0] = math.nan
    with pytest.raises(DragomanError, match=r"the weight decoder\.0\.cross\.kv\.weight"):
        Loop(task).run()


def test_a_gradient_that_overflows_spoils_no_weight(job):
    task = job(clip_norm=1.0)
    before = weights(task.model)
    task.model.encoder[0].attention.qkv.weight.register_hook(lambda gradient: gradient * math.inf)
    with pytest.raises(DragomanError, match=r"gradient of encoder\.0\.attention\.qkv\.weight"):
        Loop(task).run()
    assert same(weights(task.model), before)


def scoring(task: Job, scores: list[float], metric: str = "bleu") -> Job:
    """A validation that gives these scores in turn, and notes the weights it saw."""
    task.seen = []  # type: ignore[attr-defined]

    def validate(model: Any) -> dict[str, float]:
        task.seen.append(weights(model))  # type: ignore[attr-defined]
        return {"bleu": 0.0, "loss": 0.0, metric: scores[len(task.seen) - 1]}  # type: ignore[attr-defined]

    task.validate, task.best_metric = validate, metric
    return task


@pytest.mark.parametrize("training", [{}, {"averaging": {"ema": 0.9}}, {"averaging": {"last": 2}}])
def test_the_best_weights_end_in_the_model(job, training):
    task = scoring(job(validate_every=4, checkpoints={"keep": 1}, **training), [1, 5, 3, 4, 2, 1])
    state = Loop(task).run()
    assert (state.step, state.best_step, state.best_score) == (23, 8, 5)
    assert same(weights(task.model), task.seen[1])
    found = sorted(p.name for p in (task.folder / "checkpoints").iterdir())
    assert found == ["step-23", "step-8"]


def test_low_losses_are_good(job):
    task = scoring(job(validate_every=4), [3, 2, 4, 5, 6, 7], "loss")
    assert Loop(task).run().best_step == 8


def test_it_stops_early(job):
    task = scoring(job(validate_every=4, early_stopping={"patience": 2}), [1, 5, 5, 4, 9, 9])
    state = Loop(task).run()
    assert (state.step, state.ended, state.best_step) == (16, "early stopping", 8)
    assert read_json_lines(task.folder / "metrics.jsonl")[-1]["reason"] == "early stopping"
    assert Loop(job(validate_every=4, early_stopping={"patience": 2})).run().step == 16  # and stays stopped


@pytest.mark.parametrize("at", [0, 7, 22])
def test_a_signal_saves_and_leaves(job, at, monkeypatch):
    whole = Loop(job("whole"))
    whole.run()
    original = Loop._step

    def step(self: Loop, *arguments: Any) -> None:
        if self.state.step == at:
            signal.raise_signal(signal.SIGTERM)
        original(self, *arguments)

    with monkeypatch.context() as patch:
        patch.setattr(Loop, "_step", step)
        with pytest.raises(Interrupted) as left:
            Loop(job("stopped")).run()
    assert left.value.exit_code == 143
    assert f"after step {at + 1} of 23" in str(left.value)
    assert (job("stopped").folder / "checkpoints" / f"step-{at + 1}").is_dir()
    again = Loop(job("stopped"))
    again.run()
    assert same(weights(whole.model), weights(again.model))


@pytest.mark.parametrize("averaging", [None, {"last": 2}])
@pytest.mark.parametrize("cut", ["first", "last"])
def test_a_signal_does_not_wait_for_a_validation(job, cut, averaging):
    """It is left at once, and done when the run goes on, once."""
    keys = {"validate_every": 10, "averaging": averaging, "early_stopping": {"patience": 9}}
    whole = Loop(job("whole", **keys))
    whole.run()
    task = job("stopped", **keys)
    score, called = task.validate, []

    def validate(model: Any) -> dict[str, float]:
        called.append(1)
        if len(called) == (1 if cut == "first" else 3):
            signal.raise_signal(signal.SIGTERM)
            raise AssertionError("not left")
        return score(model)

    task.validate = validate
    with pytest.raises(Interrupted, match=f"after step {10 if cut == 'first' else 23} of 23, saved"):
        Loop(task).run()
    again = Loop(job("stopped", **keys))
    again.run()
    assert same(weights(whole.model), weights(again.model))
    assert (again.state.best_step, again.state.since_best) == (whole.state.best_step, whole.state.since_best)
    kinds = [[r["event"] for r in read_json_lines(one.job.folder / "metrics.jsonl")] for one in (whole, again)]
    assert kinds[0].count("validation") == kinds[1].count("validation") == 3


def test_a_signal_during_the_last_save_is_heeded(job, monkeypatch):
    original = module.Checkpoints.save

    def save(self: Any, state: Any, *arguments: Any) -> None:
        if state.step == 23:
            signal.raise_signal(signal.SIGTERM)
        original(self, state, *arguments)

    with monkeypatch.context() as patch:
        patch.setattr(module.Checkpoints, "save", save)
        with pytest.raises(Interrupted, match="after step 23 of 23, saved"):
            Loop(job()).run()
    assert Loop(job()).run().ended == "finished"


def test_metrics_say_what_happened(job):
    task = job(validate_every=10)
    Loop(task).run()
    records = read_json_lines(task.folder / "metrics.jsonl")
    assert [r["event"] for r in records] == ["start", "step", "step", "validation", "step", "validation", "validation",
                                             "end"]  # fmt: skip
    assert records[0]["padding"] == round(task.plan.padding, 5)
    assert records[0]["parameters"] == records[0]["trainable"] == sum(p.numel() for p in task.model.parameters())
    last_step = [r for r in records if r["event"] == "step"][-1]
    steps = [step for epoch in range(4) for step in task.plan.epoch(epoch)]
    assert last_step["tokens"] == sum(task.plan.token_count(step) for step in steps[:20])
    assert last_step["epoch"] == 4.0
    assert records[-1]["reason"] == "finished"


def test_another_machine_is_said(job, capsys):
    first = Loop(job(max_steps=5))
    first.state.machine["threads"] = 99
    first.run()
    Loop(job(max_steps=5)).run()
    assert "threads 99 is now" in " ".join(capsys.readouterr().err.split())


FLOAT16 = Precision(torch.float16, "tests compare")


def test_float16_learns_as_float32_does_and_goes_on_with_its_scale(job, monkeypatch):
    """Small gradients survive: they are scaled before they are computed, and unscaled before the step."""
    jobs = [job(name, dropout=0.0, checkpoints={"every": 4}) for name in ("float32", "float16", "killed")]
    for each in jobs[1:]:
        each.precision = FLOAT16
    exact, half = Loop(jobs[0]), Loop(jobs[1])
    exact.run()
    half.run()
    losses = [
        [r["loss"] for r in read_json_lines(one.folder / "metrics.jsonl") if r["event"] == "step"] for one in jobs[:2]
    ]
    assert losses[1] == pytest.approx(losses[0], rel=0.02)
    norms = [
        [r["gradient_norm"] for r in read_json_lines(one.folder / "metrics.jsonl") if r["event"] == "step"]
        for one in jobs[:2]
    ]
    assert norms[1] == pytest.approx(norms[0], rel=0.1)
    assert half.state.scaler["scale"] == 2**16
    assert same(weights(run_killed_at(jobs[2], ["step 3", "step 10"], monkeypatch).model), weights(half.model))


def test_a_step_that_overflows_float16_is_left_out(job, monkeypatch):
    original = torch.amp.GradScaler
    monkeypatch.setattr(
        torch.amp, "GradScaler", lambda device, enabled: original(device, init_scale=2.0**40, enabled=enabled)
    )
    overflowing = job(max_steps=60)
    overflowing.precision = FLOAT16
    loop = Loop(overflowing)
    loop.run()
    records = [r for r in read_json_lines(overflowing.folder / "metrics.jsonl") if r["event"] == "step"]
    assert records[0]["gradient_norm"] is None
    assert records[-1]["gradient_norm"] is not None
    assert loop.state.scaler["scale"] < 2.0**40
    assert all(bool(tensor.isfinite().all()) for tensor in weights(loop.model).values())


def test_a_checkpoint_of_another_precision_is_gone_on_from(job, monkeypatch, capsys):
    begun = job("begun", validate_every=5)
    with killed_before(12, monkeypatch), pytest.raises(Killed):
        Loop(begun).run()
    begun.precision = FLOAT16
    loop = Loop(begun)
    loop.run()
    assert loop.state.ended == "finished"
    assert "precision float32 is now float16" in " ".join(capsys.readouterr().err.split())
