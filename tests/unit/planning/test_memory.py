from dataclasses import replace

import pytest
import torch
from skeletons import CONFIGS, build, skeleton

from dragoman.adapters import lora
from dragoman.adapters.targets import find_targets
from dragoman.models.nmt.config import NmtConfig
from dragoman.models.nmt.model import NmtModel
from dragoman.planning.architecture import read_architecture
from dragoman.planning.memory import (
    activation_bytes,
    micro_batch_tokens,
    optimizer_bytes,
    trained_shapes,
    training_memory,
    tuning_memory,
    tuning_tokens,
    weight_bytes,
)
from dragoman.planning.rehearsal import Held, RowLengths, StepMemory
from dragoman.recipe.schema import Averaging, Method, Training
from dragoman.training.muon import MuonWithAdamW
from dragoman.training.optimizers import make_optimizer

CONFIG = NmtConfig(vocabulary_size=400, d_model=32, n_heads=2, n_kv_heads=1, d_ff=64)
CPU = torch.device("cpu")


def bytes_kept(optimizer: torch.optim.Optimizer) -> int:
    """What its states hold, but for single numbers."""
    parts = optimizer.parts if isinstance(optimizer, MuonWithAdamW) else (optimizer,)
    states = [state for part in parts for state in part.state.values()]
    return sum(t.nbytes for state in states for t in state.values() if torch.is_tensor(t) and t.dim())


def own(tied: bool = True):
    with torch.device("meta"):
        return read_architecture(NmtModel(replace(CONFIG, tied=tied)), Method(), "own")


@pytest.mark.parametrize("tied", [True, False])
@pytest.mark.parametrize("name", ["adamw", "adafactor", "muon"])
def test_the_estimate_is_what_an_optimizer_really_keeps(name, tied):
    model, training = NmtModel(replace(CONFIG, tied=tied)), Training(optimizer=name)
    optimizer = make_optimizer(model, training, CPU)
    for parameter in model.parameters():
        parameter.grad = torch.zeros_like(parameter)
    optimizer.step()
    held = training_memory(own(tied), training, name, 0)
    assert held.optimizer == bytes_kept(optimizer)
    assert held.weights == held.gradients == sum(p.nbytes for p in model.parameters())


@pytest.mark.parametrize(("averaging", "copies"), [(None, 0), (Averaging(ema=0.9), 1), (Averaging(last=3), 3)])
def test_averages_are_copies(averaging, copies):
    read = own()
    held = training_memory(read, Training(averaging=averaging), "adamw", 7)
    assert held.averages == 4 * read.parameters * copies
    assert held.total == (16 + 4 * copies) * read.parameters + 7


def test_micro_batches_fit_or_are_what_was_asked_for():
    assert micro_batch_tokens(Training(micro_batch_tokens=77), CONFIG, CPU, torch.float32) == 77
    huge = NmtConfig(vocabulary_size=400, d_model=2**20, n_heads=2, d_ff=2**20, encoder_layers=100)
    small = micro_batch_tokens(Training(), huge, CPU, torch.float32)
    assert 1 <= small < micro_batch_tokens(Training(), CONFIG, CPU, torch.float32)
    assert activation_bytes(CONFIG, 4) == 2 * activation_bytes(CONFIG, 2)


STEP = StepMemory(RowLengths(64, 64), chunk=64, peaks=(Held(1000, 2_000_000),), kept=Held())


def tuned(method: Method) -> torch.nn.Module:
    network = build(CONFIGS["bart"], CPU)
    if method.tuning == "lora":
        network.to(torch.bfloat16)
        lora.inject(network, find_targets(network, method.adapter), method.adapter, 1)
    return network


@pytest.mark.parametrize("optimizer", ["adamw", "adafactor", "muon"])
@pytest.mark.parametrize("tuning", ["full", "lora"])
def test_weights_gradients_and_states_are_those_of_a_real_training(tuning, optimizer):
    method, training = Method(tuning=tuning), Training(optimizer=optimizer)
    network = tuned(method)
    trained = [p for p in network.parameters() if p.requires_grad]
    for parameter in trained:
        parameter.grad = torch.ones_like(parameter)
    made = make_optimizer(network, training, CPU)
    made.step()
    read = read_architecture(skeleton("bart"), method, "bart")
    held = tuning_memory(read, training, optimizer, torch.bfloat16, STEP, 0)
    assert held.weights == sum(p.nbytes for p in network.parameters())
    assert held.gradients == sum(p.nbytes for p in trained)
    assert held.optimizer == bytes_kept(made)


def test_states_of_eight_bits_take_a_quarter():
    shapes = [(512, 512), (100, 4096)]
    assert optimizer_bytes("adamw8bit", shapes) / optimizer_bytes("adamw", shapes) == pytest.approx(0.254, abs=0.001)
    assert optimizer_bytes("paged_adamw8bit", [(8, 64)]) == optimizer_bytes("adamw", [(8, 64)])  # too small for it


def test_four_bits_shrink_the_frozen_weights_alone():
    lora_, qlora = (read_architecture(skeleton("tinyllama"), Method(tuning=t), "") for t in ("lora", "qlora"))
    saved = weight_bytes(lora_, torch.bfloat16) - weight_bytes(qlora, torch.bfloat16)
    blocks = 22 * (2 * 2048 * 2048 + 2 * 2048 * 256 + 3 * 2048 * 5632)
    assert saved == pytest.approx((2 - 0.5 - 1 / 64 - 1 / 4096) * blocks, rel=1e-3)
    assert trained_shapes(lora_.layers) == trained_shapes(qlora.layers)


def test_full_training_takes_four_times_its_weights_and_an_adapter_next_to_nothing():
    full, lora_ = (read_architecture(skeleton("t5-small"), Method(tuning=t), "") for t in ("full", "lora"))
    held = [tuning_memory(read, Training(), "adamw", torch.bfloat16, STEP, 128) for read in (full, lora_)]
    assert held[0].total == 16 * full.total + round(1.2 * STEP.of(128))
    assert held[1].total - held[1].activations < 1.1 * 2 * lora_.total


def test_adafactor_needs_a_moment_for_its_largest_matrix():
    read = read_architecture(skeleton("mt5-small"), Method(), "")
    held = tuning_memory(read, Training(optimizer="adafactor"), "adafactor", torch.bfloat16, STEP, 128)
    assert held.total == held.weights + held.gradients + held.optimizer + 2 * 4 * 250_112 * 512


def test_a_pretrained_models_micro_batch_fills_its_share_and_no_more(monkeypatch):
    read = read_architecture(skeleton("tinyllama"), Method(tuning="lora"), "")
    sizes = []
    for memory in (3_000_000_000, 8_000_000_000, 64_000_000_000):
        monkeypatch.setattr("dragoman.planning.memory.device_memory", lambda _, m=memory: m)
        sizes.append(tuning_tokens(read, Training(), "adamw", torch.bfloat16, STEP, CPU))
        held = tuning_memory(read, Training(), "adamw", torch.bfloat16, STEP, sizes[-1])
        assert held.total <= memory
    assert sizes == sorted(sizes)
    monkeypatch.setattr("dragoman.planning.memory.device_memory", lambda _: 1_000)
    assert tuning_tokens(read, Training(), "adamw", torch.bfloat16, STEP, CPU) == STEP.lengths.tokens
    monkeypatch.setattr("dragoman.planning.memory.device_memory", lambda _: 10**15)
    assert tuning_tokens(read, Training(), "adamw", torch.bfloat16, STEP, CPU) == 2**11
    assert tuning_tokens(read, Training(), "adamw", torch.bfloat16, STEP, torch.device("cuda")) == 2**16
    asked = Training(micro_batch_tokens=77)
    assert tuning_tokens(read, asked, "adamw", torch.bfloat16, STEP, CPU) == 77
