from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from torch import nn

from dragoman.base.errors import DragomanError
from dragoman.recipe.schema import Averaging, Training
from dragoman.training import checkpoints as module
from dragoman.training.averaging import Averager
from dragoman.training.checkpoints import Checkpoints, State, put, trainable
from dragoman.training.optimizers import make_optimizer


class Trained:
    """A small model with an optimizer that has been used."""

    def __init__(self, seed: int, folder: Path, keep: int = 2):
        torch.manual_seed(seed)
        self.model = nn.Linear(3, 2)
        self.optimizer = make_optimizer(self.model, Training(), torch.device("cpu"))
        self.averager = Averager(Averaging(ema=0.5), self.model)
        self.checkpoints = Checkpoints(folder, keep)
        self.step()

    def step(self) -> None:
        self.model(torch.randn(4, 3)).square().sum().backward()
        self.optimizer.step()
        self.optimizer.zero_grad()
        self.averager.after_step()

    def save(self, step: int, best: int | None = None) -> None:
        self.checkpoints.save(State(step=step, best_step=best), self.model, self.optimizer, self.averager)


@pytest.fixture
def trained(tmp_path: Path) -> Trained:
    return Trained(0, tmp_path / "checkpoints")


def test_everything_comes_back(trained, tmp_path):
    state = State(step=7, tokens=99, seconds=1.5, metrics_bytes=12, best_step=3, best_score=0.25, machine={"cores": 2})
    trained.checkpoints.save(state, trained.model, trained.optimizer, trained.averager)
    other = Trained(1, tmp_path / "checkpoints")
    assert other.checkpoints.newest() == 7
    assert other.checkpoints.load(7, other.model, other.optimizer, other.averager) == state
    torch.manual_seed(5)
    trained.step()
    torch.manual_seed(5)
    other.step()
    assert torch.equal(trained.model.weight, other.model.weight)
    assert torch.equal(trained.averager.averaged()["weight"], other.averager.averaged()["weight"])


def test_another_optimizer_cannot_go_on(trained, tmp_path):
    """As where a training with 8-bit states was begun on a GPU, and its folder is now on a machine without one."""
    trained.save(4)
    other = Trained(1, tmp_path / "checkpoints")
    other.optimizer = make_optimizer(other.model, Training(optimizer="adafactor"), torch.device("cpu"))
    before = other.model.weight.clone()
    with pytest.raises(DragomanError, match="begun with AdamW, whose states Adafactor cannot go on with") as error:
        other.checkpoints.load(4, other.model, other.optimizer, other.averager)
    assert "--restart" in error.value.hint
    assert torch.equal(other.model.weight, before)


def test_what_is_used_is_the_average(trained, tmp_path):
    trained.save(4)
    other = Trained(1, tmp_path / "checkpoints")
    other.checkpoints.load_for_use(4, other.model)
    assert torch.equal(other.model.weight, trained.averager.averaged()["weight"])
    assert not torch.equal(other.model.weight, trained.model.weight)


def test_there_is_nothing_at_first(trained):
    assert trained.checkpoints.newest() is None
    assert trained.checkpoints.steps() == []


def test_the_last_ones_and_the_best_are_kept(trained):
    for step in (1, 2, 3, 9, 10, 11):
        trained.save(step, best=2 if step >= 2 else 1)
    assert trained.checkpoints.steps() == [2, 10, 11]


def test_the_best_of_the_one_before_is_kept_too(trained):
    """So that going back to it, the newest being damaged, does not end without its best weights."""
    trained.save(1, best=1)
    trained.save(2, best=1)
    trained.save(3, best=3)
    assert trained.checkpoints.steps() == [1, 2, 3]
    trained.save(4, best=3)
    assert trained.checkpoints.steps() == [3, 4]


def _flip(folder: Path) -> None:
    file = folder / "model.safetensors"
    content = bytearray(file.read_bytes())
    content[-3] ^= 4
    file.write_bytes(content)


def _shorten(folder: Path) -> None:
    file = folder / "optimizer.pt"
    file.write_bytes(file.read_bytes()[:-1])


def _state(folder: Path) -> None:
    file = folder / "state.json"
    file.write_text(file.read_text().replace('"tokens": 0', '"tokens": 1'))


def _take(name: str) -> Callable[[Path], None]:
    return lambda folder: (folder / name).unlink()


def _empty(folder: Path) -> None:
    (folder / "checksums.json").write_text("")


@pytest.mark.parametrize("damage", [_flip, _shorten, _state, _empty, _take("checksums.json"), _take("averager.pt")])
def test_a_damaged_one_is_set_aside_and_said(trained, damage, capsys):
    trained.save(5)
    trained.save(10)
    damage(trained.checkpoints.path(10))
    assert trained.checkpoints.newest() == 5
    assert "step-10isdamaged" in "".join(capsys.readouterr().err.split())
    assert trained.checkpoints.steps() == [5]
    assert (trained.checkpoints.folder / "damaged-10").is_dir()
    trained.save(10)
    assert trained.checkpoints.newest() == 10


def test_all_damaged_means_from_the_start(trained):
    trained.save(5)
    _flip(trained.checkpoints.path(5))
    assert trained.checkpoints.newest() is None


def test_damaged_weights_are_never_used(trained):
    trained.save(5)
    _flip(trained.checkpoints.path(5))
    with pytest.raises(DragomanError, match="damaged or gone"):
        trained.checkpoints.load_for_use(5, trained.model)
    with pytest.raises(DragomanError, match="damaged or gone"):
        trained.checkpoints.load_for_use(6, trained.model)


def test_dying_while_saving_leaves_no_half_one(trained, monkeypatch):
    trained.save(5)

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(module, "write_json", full)
    with pytest.raises(OSError, match="No space"):
        trained.save(10)
    assert trained.checkpoints.steps() == [5]
    assert trained.checkpoints.newest() == 5


class Shared(nn.Module):
    """A frozen layer, and two layers that share a matrix which trains."""

    def __init__(self) -> None:
        super().__init__()
        self.frozen = nn.Linear(3, 3).requires_grad_(False)
        self.one, self.other = nn.Linear(3, 3, bias=False), nn.Linear(3, 3)
        self.other.weight = self.one.weight


def test_what_trains_is_stored_and_shared_matrices_once(tmp_path):
    model = Shared()
    assert list(trainable(model)) == ["one.weight", "other.bias"]
    optimizer, averager = make_optimizer(model, Training(), torch.device("cpu")), Averager(None, model)
    checkpoints = Checkpoints(tmp_path / "checkpoints", 2)
    checkpoints.save(State(step=1), model, optimizer, averager)
    assert load_file(checkpoints.path(1) / "model.safetensors").keys() == {"one.weight", "other.bias"}
    other = Shared()
    frozen = other.frozen.weight.clone()
    checkpoints.load_for_use(1, other)
    assert torch.equal(other.one.weight, model.one.weight)
    assert other.one.weight is other.other.weight
    assert torch.equal(other.frozen.weight, frozen)


def test_weights_go_where_they_came_from():
    model = nn.Linear(3, 2)
    parameter = model.weight
    values = {"weight": torch.ones(2, 3, dtype=torch.bfloat16), "bias": torch.zeros(2)}
    put(model, values)
    assert model.weight is parameter, "the optimizer holds it"
    assert parameter.requires_grad
    assert parameter.dtype == torch.float32
    assert torch.equal(parameter.detach(), torch.ones(2, 3))
    assert model.weight.data_ptr() != values["weight"].data_ptr()


@pytest.mark.parametrize(
    ("names", "said"),
    [(["weight"], "bias"), (["weight", "bias", "more"], "more"), (list("abcdef"), r"a, b, bias and 5 more")],
)
def test_weights_of_something_else_are_refused(names, said):
    model = nn.Linear(2, 2)
    before = {name: tensor.clone() for name, tensor in trainable(model).items()}
    with pytest.raises(DragomanError, match=rf"not those that train: {said}\n") as error:
        put(model, {name: torch.zeros(2, 2) for name in names})
    assert error.value.hint == "train anew with --restart"
    assert all(torch.equal(before[name], tensor) for name, tensor in trainable(model).items())
