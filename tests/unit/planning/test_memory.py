import pytest
import torch

from dragoman.models.nmt.config import NmtConfig
from dragoman.models.nmt.model import NmtModel
from dragoman.planning.memory import activation_bytes, micro_batch_tokens, training_memory
from dragoman.recipe.schema import Averaging, Training
from dragoman.training.optimizers import make_optimizer

CONFIG = NmtConfig(vocabulary_size=400, d_model=32, n_heads=2, n_kv_heads=1, d_ff=64)
CPU = torch.device("cpu")


def test_the_estimate_is_what_an_optimizer_really_keeps():
    model, training = NmtModel(CONFIG), Training()
    optimizer = make_optimizer(model, training)
    for parameter in model.parameters():
        parameter.grad = torch.zeros_like(parameter)
    optimizer.step()
    kept = sum(t.nbytes for state in optimizer.state.values() for t in state.values() if t.dim())
    held = training_memory(training, sum(p.numel() for p in model.parameters()), 0)
    assert held.optimizer == kept
    assert held.weights == held.gradients == sum(p.nbytes for p in model.parameters())


@pytest.mark.parametrize(("averaging", "copies"), [(None, 0), (Averaging(ema=0.9), 1), (Averaging(last=3), 3)])
def test_averages_are_copies(averaging, copies):
    held = training_memory(Training(averaging=averaging), 1000, 7)
    assert held.averages == 4000 * copies
    assert held.total == 16_000 + 4000 * copies + 7


def test_adafactor_keeps_next_to_nothing():
    assert training_memory(Training(optimizer="adafactor"), 1000, 0).optimizer == 0


def test_micro_batches_fit_or_are_what_was_asked_for():
    assert micro_batch_tokens(Training(micro_batch_tokens=77), CONFIG, CPU, torch.float32) == 77
    huge = NmtConfig(vocabulary_size=400, d_model=2**20, n_heads=2, d_ff=2**20, encoder_layers=100)
    small = micro_batch_tokens(Training(), huge, CPU, torch.float32)
    assert 1 <= small < micro_batch_tokens(Training(), CONFIG, CPU, torch.float32)
    assert activation_bytes(CONFIG, 4) == 2 * activation_bytes(CONFIG, 2)
