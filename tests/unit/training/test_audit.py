"""What the audit says of trainings that do something else than was announced; of honest ones it says nothing."""

from __future__ import annotations

import pytest
import torch
from torch import nn
from torch.optim import SGD

from dragoman.base.errors import DragomanError
from dragoman.training.audit import STEPS, Audit, digest_of


class Adapted(nn.Module):
    """A frozen layer with a low-rank update beside it, whose B starts at zero; `idle` is trained and never used."""

    def __init__(self, *, idle: bool = False):
        super().__init__()
        torch.manual_seed(0)
        self.base = nn.Linear(4, 4).requires_grad_(False)
        self.norm = nn.LayerNorm(4).to(torch.bfloat16).requires_grad_(False)
        self.a, self.b = nn.Linear(4, 2, bias=False), nn.Linear(2, 4, bias=False)
        nn.init.zeros_(self.b.weight)
        if idle:
            self.idle = nn.Linear(4, 4)

    def forward(self, x):
        return self.base(x) + self.b(self.a(x))

    def backward(self) -> None:
        self(torch.ones(3, 4)).square().sum().backward()


def trained(model):
    return [p for p in model.parameters() if p.requires_grad]


def begun(model):
    optimizer = SGD(trained(model), lr=0.1)
    return Audit(model, optimizer), optimizer


def step(model, audit, optimizer):
    model.backward()
    audit.after_backward()
    optimizer.step()
    optimizer.zero_grad()


def test_an_honest_training_is_not_spoken_of(capsys):
    model = Adapted()
    audit, optimizer = begun(model)
    for number in range(STEPS + 5):
        step(model, audit, optimizer)
        if number in (3, 9):
            with audit.around_evaluation(model.backward):
                model(torch.zeros(1, 4))
    audit.at_end()
    assert capsys.readouterr().err == ""


# ---- what the optimizer holds ----


def test_a_parameter_that_was_frozen_by_mistake_is_noticed():
    model = Adapted()
    optimizer = SGD(trained(model), lr=0.1)
    model.a.weight.requires_grad_(False)
    with pytest.raises(DragomanError, match="holds 2 parameters, but 1 should train"):
        Audit(model, optimizer)


def test_a_parameter_that_the_optimizer_forgot_is_noticed():
    model = Adapted()
    with pytest.raises(DragomanError, match="holds 1 parameters, but 2 should train"):
        Audit(model, SGD([model.a.weight], lr=0.1))


def test_as_many_of_another_model_are_noticed():
    with pytest.raises(DragomanError, match="holds 2 parameters, but 2 should train"):
        Audit(Adapted(), SGD(trained(Adapted()), lr=0.1))


# ---- gradients ----


def test_the_first_of_two_matrices_may_wait_for_the_second():
    model = Adapted()
    audit, optimizer = begun(model)
    step(model, audit, optimizer)
    assert audit.waiting == {"a.weight"}
    step(model, audit, optimizer)
    assert audit.waiting == set()


def test_what_never_has_a_gradient_is_said_once(capsys):
    model = Adapted(idle=True)
    audit, optimizer = begun(model)
    for _ in range(STEPS):
        assert capsys.readouterr().err == ""
        step(model, audit, optimizer)
    said = " ".join(capsys.readouterr().err.split())
    assert f"2 of 4 parameters had no gradient in {STEPS} steps: idle.bias, idle.weight" in said
    step(model, audit, optimizer)
    assert capsys.readouterr().err == ""


def test_a_training_that_moves_nothing_ends():
    model = Adapted()
    audit, optimizer = begun(model)
    model.backward = lambda: None
    for _ in range(STEPS - 1):
        step(model, audit, optimizer)
    with pytest.raises(DragomanError, match="nothing trains"):
        step(model, audit, optimizer)


def test_a_gradient_of_zeros_is_none():
    model = Adapted()
    audit, _ = begun(model)
    for parameter in trained(model):
        parameter.grad = torch.zeros_like(parameter)
    audit.after_backward()
    with pytest.raises(DragomanError, match="nothing trains: no parameter had a gradient in 1 steps"):
        audit.at_end()


# ---- frozen weights ----


@pytest.mark.parametrize("name", ["base.weight", "base.bias", "norm.weight"])
def test_a_frozen_weight_that_has_changed_is_named(name):
    model = Adapted()
    audit, _ = begun(model)
    with torch.no_grad():
        model.get_parameter(name).flatten()[-1] += 2**-7  # one step of bfloat16 at 1
    with pytest.raises(DragomanError, match=f"1 frozen weights have changed, {name} first"):
        audit.at_end()


def test_a_hash_is_of_the_bytes():
    x = torch.tensor([0.0, float("nan"), 1.0])
    assert digest_of(x) == digest_of(x.clone())
    assert digest_of(x) != digest_of(torch.tensor([-0.0, float("nan"), 1.0]))
    assert digest_of(torch.arange(6).view(2, 3).T) == digest_of(torch.arange(6).view(2, 3).T.contiguous())
    assert digest_of(torch.tensor(2.0)) != digest_of(torch.tensor(3.0))


# ---- evaluations ----


def test_an_evaluation_that_changes_gradients_is_noticed():
    model = Adapted()
    audit, optimizer = begun(model)
    step(model, audit, optimizer)
    with (
        pytest.raises(DragomanError, match=r"changed how \d parameters are trained, [ab].weight first"),
        audit.around_evaluation(model.backward),
    ):
        model.base.weight.data *= 1.5


def test_an_evaluation_that_leaves_no_gradient_is_noticed():
    model = Adapted()
    audit, optimizer = begun(model)
    for _ in range(2):  # B has moved, so A has a gradient too
        step(model, audit, optimizer)
    works = [True]
    with (
        pytest.raises(DragomanError, match="changed how 2 parameters"),
        audit.around_evaluation(lambda: model.backward() if works[0] else None),
    ):
        works[0] = False


def test_an_evaluation_that_was_cut_short_is_compared_the_next_time():
    model = Adapted()
    audit, optimizer = begun(model)
    step(model, audit, optimizer)
    with pytest.raises(KeyboardInterrupt), audit.around_evaluation(model.backward):
        raise KeyboardInterrupt
    with pytest.raises(DragomanError, match="changed how"), audit.around_evaluation(model.backward):
        model.base.weight.data *= 1.5


def test_only_the_first_evaluation_costs_anything():
    model = Adapted()
    audit, _ = begun(model)
    calls = []

    def backward():
        calls.append(1)
        model.backward()

    for _ in range(3):
        with audit.around_evaluation(backward):
            assert all(p.grad is None for p in model.parameters()), "no gradient is left lying about"
        assert all(p.grad is None for p in model.parameters())
    assert len(calls) == 2
