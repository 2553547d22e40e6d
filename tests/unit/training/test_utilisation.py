from __future__ import annotations

import pytest
import torch

from dragoman.base.files import read_json_lines
from dragoman.training import utilisation
from dragoman.training.checkpoints import State
from dragoman.training.loop import Loop
from dragoman.training.utilisation import Gauge, product_rate
from dragoman.training.work import moments, row_work, total_work

CPU = torch.device("cpu")


@pytest.fixture(autouse=True)
def small_products(monkeypatch):
    monkeypatch.setattr(utilisation, "SIZES", {"cpu": 64})


def test_what_is_said_at_the_end_of_a_training(job, monkeypatch, capsys):
    """The FLOPs are those of all rows of all steps, whether it was interrupted or not."""
    monkeypatch.setattr(utilisation, "WORTH", 0.0)
    task = job()
    loop = Loop(task)
    state = loop.run()
    end = read_json_lines(task.folder / "metrics.jsonl")[-1]
    steps = [step for epoch in range(5) for step in task.plan.epoch(epoch)][:23]
    rows = [task.encoded[int(i)] for step in steps for part in step for i in part]
    assert end["flops"] == total_work(row_work(loop.model, task.precision), moments(rows))
    assert end["flops_per_second"] == pytest.approx(end["flops"] / state.stepping, rel=1e-3)
    assert end["utilisation"] == pytest.approx(end["flops_per_second"] / end["product_flops_per_second"], abs=1e-4)
    assert 0 < state.stepping <= state.seconds
    said = " ".join(capsys.readouterr().err.split())
    assert f"GFLOP/s in the model's matrix products over whole steps, {end['utilisation']:.1%} of the" in said


def test_a_short_training_says_nothing():
    gauge = Gauge(CPU, torch.float32)
    assert gauge.read(lambda: [1] * 6, State(stepping=9.9, moments=[1] * 6)) == {}


def test_the_product_is_measured_now_and_then(monkeypatch):
    clock = [100.0]
    monkeypatch.setattr(utilisation.time, "monotonic", lambda: clock[0])
    monkeypatch.setattr(utilisation, "product_rate", lambda device, dtype: 1e9 + clock[0])
    gauge = Gauge(CPU, torch.float32)
    for seconds in (59, 30, 30, 61):
        clock[0] += seconds
        gauge.look()
    assert gauge.rates == [1e9 + 189, 1e9 + 280]
    found = gauge.read(lambda: [0, 10**9, 0, 0, 0, 0], State(stepping=20.0, moments=[0, 30, 0, 0, 0, 0]))
    assert found["flops"] == 30 * 10**9
    assert found["utilisation"] == pytest.approx(1.5, rel=1e-3)  # of the median of both


def test_no_training_fails_for_a_figure(capsys):
    def fails():
        raise RuntimeError("no such operator\nmore")

    assert Gauge(CPU, torch.float32).read(fails, State(stepping=99.0)) == {}
    assert "utilisation was not measured: no such operator" in " ".join(capsys.readouterr().err.split())


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_a_product_is_timed_and_draws_nothing(dtype):
    before = torch.random.get_rng_state()
    assert 1e6 < product_rate(CPU, dtype) < 1e14
    assert torch.equal(torch.random.get_rng_state(), before)
