from __future__ import annotations

import pytest
import torch
from torch import nn

from dragoman.recipe.schema import Averaging
from dragoman.training.averaging import Averager


@pytest.fixture
def model() -> nn.Module:
    torch.manual_seed(0)
    return nn.Linear(3, 2)


def move(model: nn.Module) -> torch.Tensor:
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(torch.randn_like(parameter))
    return model.weight.detach().clone()


def test_the_moving_average_follows_its_formula(model):
    averager = Averager(Averaging(ema=0.5), model)
    expected = model.weight.detach().clone()
    for step in range(1, 30):
        decay = min(0.5, (1 + step) / (10 + step))
        expected = decay * expected + (1 - decay) * move(model)
        averager.after_step()
    torch.testing.assert_close(averager.averaged()["weight"], expected)


def test_the_last_validations_are_averaged(model):
    averager = Averager(Averaging(last=3), model)
    seen = []
    for _ in range(5):
        seen.append(move(model))
        averager.after_step()
        averager.at_validation()
    torch.testing.assert_close(averager.averaged()["weight"], (seen[2] + seen[3] + seen[4]) / 3)


def test_one_validation_is_no_average(model):
    averager = Averager(Averaging(last=3), model)
    averager.at_validation()
    assert averager.averaged() is None


@pytest.mark.parametrize("settings", [Averaging(ema=0.9), Averaging(last=2)])
def test_its_own_weights_come_back_bit_for_bit(model, settings):
    averager = Averager(settings, model)
    for _ in range(3):
        own = move(model)
        averager.after_step()
        averager.at_validation()
    with averager.applied():
        torch.testing.assert_close(model.weight.detach(), averager.averaged()["weight"])
        assert not torch.equal(model.weight, own)
    assert torch.equal(model.weight, own)
    with pytest.raises(ZeroDivisionError), averager.applied():
        raise ZeroDivisionError
    assert torch.equal(model.weight, own)


def test_without_settings_the_model_is_its_own_average(model):
    averager = Averager(None, model)
    own = move(model)
    averager.after_step()
    averager.at_validation()
    with averager.applied():
        assert torch.equal(model.weight, own)


@pytest.mark.parametrize("settings", [Averaging(ema=0.9), Averaging(last=2), None])
def test_it_goes_on_from_a_saved_state(model, settings, tmp_path):
    averager = Averager(settings, model)
    for _ in range(3):
        move(model)
        averager.after_step()
        averager.at_validation()
    torch.save(averager.state_dict(), tmp_path / "state")
    resumed = Averager(settings, model)
    resumed.load_state_dict(torch.load(tmp_path / "state", weights_only=True))
    move(model)
    for each in (averager, resumed):
        each.after_step()
        each.at_validation()
    if settings is not None:
        assert torch.equal(averager.averaged()["weight"], resumed.averaged()["weight"])
