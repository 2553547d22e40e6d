from __future__ import annotations

from types import SimpleNamespace

import pytest
import torch
from torch import nn

from dragoman.recipe.schema import Training
from dragoman.training import optimizers
from dragoman.training.optimizers import (
    available_optimizer,
    make_optimizer,
    parameter_groups,
    set_learning_rate,
)

CPU = torch.device("cpu")


class Small(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.used = nn.Linear(3, 3)
        self.norm = nn.LayerNorm(3)
        self.frozen = nn.Linear(3, 3).requires_grad_(False)


def test_matrices_decay_and_nothing_else_does():
    model = Small()
    decaying, steady = parameter_groups(model.parameters(), 0.3)
    assert decaying["weight_decay"] == 0.3
    assert steady["weight_decay"] == 0.0
    assert [id(p) for p in decaying["params"]] == [id(model.used.weight)]
    assert {id(p) for p in steady["params"]} == {id(model.used.bias), id(model.norm.weight), id(model.norm.bias)}


@pytest.mark.parametrize("name", ["adamw", "adafactor"])
def test_what_starts_at_zero_moves(name):
    model = nn.Linear(4, 4)
    nn.init.zeros_(model.weight)
    optimizer = make_optimizer(model, Training(optimizer=name, learning_rate=0.01), CPU)
    for _ in range(3):
        model(torch.ones(2, 4)).sum().backward()
        optimizer.step()
        optimizer.zero_grad()
    assert model.weight.abs().min() > 0.005


@pytest.mark.parametrize("name", ["adamw", "adafactor"])
def test_both_learn(name):
    torch.manual_seed(0)
    model, x, y = nn.Linear(4, 2), torch.randn(64, 4), torch.randn(64, 2)
    y = x @ torch.randn(4, 2)
    optimizer = make_optimizer(model, Training(optimizer=name, learning_rate=0.05, weight_decay=0), CPU)
    first = last = 0.0
    for step in range(200):
        loss = (model(x) - y).square().mean()
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        first, last = first if step else loss.item(), loss.item()
    assert last < first / 50


def test_adamw_is_the_textbook_one():
    model = nn.Linear(2, 1, bias=False)
    before = model.weight.detach().clone()
    optimizer = make_optimizer(model, Training(learning_rate=0.1, betas=(0.9, 0.98), weight_decay=0.5), CPU)
    model.weight.grad = torch.tensor([[3.0, -4.0]])
    optimizer.step()
    torch.testing.assert_close(model.weight.detach(), before * (1 - 0.1 * 0.5) - 0.1 * torch.tensor([[1.0, -1.0]]))


def test_the_rate_is_set_for_every_group():
    optimizer = make_optimizer(Small(), Training(), CPU)
    set_learning_rate(optimizer, 0.123)
    assert [group["lr"] for group in optimizer.param_groups] == [0.123, 0.123]


@pytest.mark.parametrize("wanted", ["adamw", "adafactor", "adamw8bit", "paged_adamw8bit"])
def test_states_of_8_bits_need_a_gpu(wanted):
    assert available_optimizer(wanted, torch.device("cuda", 0)) == wanted
    assert available_optimizer(wanted, CPU) == ("adamw" if "8bit" in wanted else wanted)


@pytest.mark.parametrize(("wanted", "name"), [("adamw8bit", "AdamW8bit"), ("paged_adamw8bit", "PagedAdamW8bit")])
def test_their_library_is_loaded_as_everywhere(monkeypatch, wanted, name):
    """Which keeps it from loading torch's compiler, and from recommending what is of no use."""
    asked = []
    found = SimpleNamespace(**{name: lambda groups, **settings: asked.append(settings) or "made"})
    monkeypatch.setattr(optimizers, "import_bitsandbytes", lambda: SimpleNamespace(optim=found))
    made = make_optimizer(Small(), Training(optimizer=wanted, betas=(0.5, 0.6)), torch.device("cuda", 0))
    assert made == "made"
    assert asked == [{"lr": Training().learning_rate, "betas": (0.5, 0.6)}]


@pytest.mark.parametrize("wanted", ["adamw8bit", "paged_adamw8bit"])
def test_what_takes_their_place_is_adamw(wanted):
    optimizer = make_optimizer(Small(), Training(optimizer=wanted, betas=(0.5, 0.6)), CPU)
    assert type(optimizer) is torch.optim.AdamW
    assert optimizer.param_groups[0]["betas"] == (0.5, 0.6)
