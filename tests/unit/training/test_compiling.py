"""torch.compile, its compiler replaced by one that counts: quick, and needs no C++."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
import torch
from torch import nn
from unit.models.tiny import batch_for, make_tiny

from dragoman.base.device import Precision
from dragoman.models.nmt.config import NmtConfig
from dragoman.models.nmt.model import NmtModel
from dragoman.training import compiling
from dragoman.training.compiling import as_written, blocks_of, compiled
from dragoman.training.loop import Loop

BFLOAT16 = Precision(torch.bfloat16, "as on most machines")


class Counting:
    """Runs graphs as they are. programs: how many it was given; calls: how often they ran."""

    def __init__(self) -> None:
        self.programs = self.calls = 0

    def __call__(self, graph: torch.fx.GraphModule, inputs: list[torch.Tensor]) -> Callable[..., Any]:
        self.programs += 1

        def run(*arguments: Any) -> Any:
            self.calls += 1
            return graph.forward(*arguments)

        return run


@pytest.fixture
def counting(monkeypatch: pytest.MonkeyPatch) -> Counting:
    backend = Counting()
    monkeypatch.setattr(compiling, "BACKEND", backend)
    return backend


def deep(task: Any, layers: int = 3) -> Any:
    """The job with a model of more layers."""
    torch.manual_seed(0)
    sizes = {"d_model": 8, "n_heads": 2, "n_kv_heads": 1, "d_ff": 8, "dropout": task.model.dropout.p}
    task.model = NmtModel(NmtConfig(30, encoder_layers=layers, decoder_layers=layers, **sizes))
    return task


def weights(model: nn.Module) -> dict[str, torch.Tensor]:
    return {name: p.detach().clone() for name, p in model.named_parameters()}


@pytest.mark.parametrize("precision", [None, BFLOAT16])
def test_each_kind_of_block_is_compiled_once(job, counting, precision):
    """Whatever the number of layers and the lengths of the batches; and what is compiled is what runs."""
    task = deep(job(compile=True, max_steps=30, batch={"tokens": 60}))
    task.precision = precision or task.precision
    programs = []
    original = Loop._step

    def step(self: Loop, *arguments: Any) -> None:
        original(self, *arguments)
        programs.append((counting.programs, counting.calls))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Loop, "_step", step)
        Loop(task).run()
    assert programs[0][0] == programs[-1][0] == 2  # none after the trial
    calls = [after - before for (_, before), (_, after) in pairwise(programs)]
    assert sum(calls) >= 0.8 * 6 * len(calls)  # blocks; a batch of one row runs as written


def test_it_computes_the_same(job, counting):
    plain, made = (Loop(deep(job(name, dropout=0.0, compile=name == "compiled"))) for name in ("plain", "compiled"))
    plain.run()
    made.run()
    assert counting.calls > 0
    for name, weight in weights(plain.model).items():
        torch.testing.assert_close(weights(made.model)[name], weight, atol=1e-5, rtol=1e-4)


def test_validation_runs_as_written(job, counting):
    task, seen = deep(job(compile=True, validate_every=4)), []
    score = task.validate

    def validate(model: Any) -> dict[str, float]:
        before = counting.calls
        with torch.no_grad():
            model.hidden(Loop._batch(loop, [task.encoded[0], task.encoded[1]]))
        seen.append(counting.calls - before)
        return score(model)

    task.validate = validate
    loop = Loop(task)
    loop.run()
    assert seen == [0] * 6


def test_nothing_of_it_is_left(job, counting):
    assert not torch.are_deterministic_algorithms_enabled()
    loop = Loop(deep(job(compile=True, max_steps=5)))
    loop.run()
    assert not torch.are_deterministic_algorithms_enabled()
    assert all(block._compiled_call_impl is None for block in blocks_of(loop.model))


def test_a_compiler_that_fails_is_said_once_and_nothing_changes(job, monkeypatch, capsys):
    def broken(graph: Any, inputs: Any) -> Any:
        raise RuntimeError("\nno working C++ compiler found\nand much more")

    monkeypatch.setattr(compiling, "BACKEND", broken)
    plain, failed = (Loop(deep(job(name, compile=name == "compiled"))) for name in ("plain", "compiled"))
    plain.run()
    failed.run()
    said = " ".join(capsys.readouterr().err.split())
    assert said.count("torch.compile does not work here:") == 1
    assert "no working C++ compiler found" in said
    assert "training runs without it" in said
    for name, weight in weights(plain.model).items():
        assert torch.equal(weights(failed.model)[name], weight)


@pytest.mark.parametrize("kind", ["t5", "mt5", "bart", "llama", "qwen3", "lfm2"])
def test_models_of_transformers(counting, kind):
    model = make_tiny(kind)  # without dropout
    batch = batch_for(model)
    expected = model.hidden(batch)
    found = []

    def trial() -> None:
        found.append(model.hidden(batch))
        found[-1].sum().backward()

    with compiled(model, trial) as works:
        assert works
        assert 0 < counting.programs <= 6  # of five or more blocks, some of which have two kinds of layers
        calls = counting.calls
        found.append(model.hidden(batch))
        assert counting.calls > calls
        with as_written():
            calls = counting.calls
            found.append(model.hidden(batch))
            assert counting.calls == calls
    for hidden in found:
        torch.testing.assert_close(hidden, expected, atol=1e-5, rtol=1e-4)


def test_blocks_are_the_outermost_lists():
    assert len(list(blocks_of(make_tiny("t5")))) == 2 + 3  # whose own parts are a list too
    assert len(list(blocks_of(make_tiny("llama")))) == 3


@pytest.mark.compiled
@pytest.mark.parametrize("kind", ["t5", "llama", "lfm2"])
def test_the_real_compiler_takes_models_of_transformers(kind, capsys):
    model = make_tiny(kind)  # without dropout
    batch = batch_for(model)
    expected = model.hidden(batch)
    with compiled(model, lambda: model.hidden(batch).sum().backward()) as works:
        assert works, capsys.readouterr().err
        torch.testing.assert_close(model.hidden(batch), expected, atol=1e-4, rtol=1e-3)
