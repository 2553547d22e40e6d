from __future__ import annotations

import pytest
import torch
from skeletons import skeleton
from torch import nn

from dragoman.adapters import lora
from dragoman.adapters.targets import find_targets
from dragoman.models.nmt.config import NmtConfig
from dragoman.models.nmt.model import NmtModel
from dragoman.recipe.schema import Adapter, Training
from dragoman.training.muon import MuonWithAdamW, block_matrices
from dragoman.training.optimizers import make_optimizer, set_learning_rate

CPU = torch.device("cpu")
RATE = 0.01


def small(*, tied: bool = True) -> NmtModel:
    torch.manual_seed(0)
    return NmtModel(NmtConfig(50, d_model=32, n_heads=2, n_kv_heads=1, d_ff=48, tied=tied))


def muon_for(model: nn.Module, **training: object) -> MuonWithAdamW:
    settings = {"learning_rate": RATE, "weight_decay": 0.0, **training}
    made = make_optimizer(model, Training.model_validate({"optimizer": "muon", **settings}), CPU)
    assert isinstance(made, MuonWithAdamW)
    return made


def names_of(model: nn.Module) -> set[str]:
    found = set(map(id, block_matrices(model)))
    return {name for name, parameter in model.named_parameters() if id(parameter) in found}


@pytest.mark.parametrize("tied", [True, False])
def test_it_takes_the_matrices_of_the_blocks(tied):
    model = small(tied=tied)
    expected = {name for name, p in model.named_parameters() if p.dim() == 2 and name.startswith(("enc", "dec"))}
    assert names_of(model) == expected
    assert len(expected) == 5 * len(model.encoder) + 8 * len(model.decoder)


@pytest.mark.parametrize("name", ["t5-small", "tinyllama", "lfm2-1.2b", "bart"])
def test_of_known_models_it_takes_no_embedding_and_no_head(name):
    network = skeleton(name)
    linear = {f"{path}.weight" for path, module in network.named_modules() if isinstance(module, nn.Linear)}
    assert names_of(network) == linear - {"lm_head.weight"}


def test_of_an_adapted_model_it_takes_the_adapters():
    model = small()
    adapter = Adapter(rank=2, targets=["qkv", "down"])
    lora.inject(model, find_targets(model, adapter), adapter, 1)
    trained = {name for name, p in model.named_parameters() if p.requires_grad}
    assert names_of(model) == trained
    optimizer = muon_for(model)
    for parameter in block_matrices(model):
        parameter.grad = torch.ones_like(parameter)
    optimizer.step()


def give_gradients(model: nn.Module, seed: int) -> None:
    torch.manual_seed(seed)
    for parameter in model.parameters():
        parameter.grad = torch.randn_like(parameter)


def test_a_matrix_steps_by_as_much_in_every_direction():
    """Against the polar factor of its gradient, which an exact decomposition gives."""
    model = small()
    optimizer = muon_for(model)
    give_gradients(model, 1)
    before = [p.detach().clone() for p in block_matrices(model)]
    gradients = [p.grad.clone() for p in block_matrices(model)]
    optimizer.step()
    for old, gradient, new in zip(before, gradients, block_matrices(model), strict=True):
        size = RATE * 0.2 * max(old.shape) ** 0.5  # which gives it the root mean square of AdamW's steps
        step = (old - new.detach()) / size
        lengths = torch.linalg.svdvals(step)
        assert (lengths > 0.6).sum() >= len(lengths) - 2, "but for directions in which there is next to no gradient"
        assert lengths.max() < 1.3, "five rounds of the iteration come so near"
        left, _, right = torch.linalg.svd(gradient, full_matrices=False)
        assert torch.cosine_similarity(step.flatten(), (left @ right).flatten(), dim=0) > 0.95


def test_everything_else_steps_as_adamw_does():
    model, plain = small(), small()
    muon, adamw = (
        muon_for(model, weight_decay=0.1),
        make_optimizer(plain, Training(learning_rate=RATE, weight_decay=0.1), CPU),
    )
    for seed in range(3):
        for one, optimizer in ((model, muon), (plain, adamw)):
            give_gradients(one, seed)
            optimizer.step()
    matrices = names_of(model)
    for (name, own), other in zip(model.named_parameters(), plain.parameters(), strict=True):
        assert torch.equal(own, other) == (name not in matrices)


def test_the_rate_is_set_for_all_of_it_before_and_after_it_is_loaded():
    model = small()
    optimizer = muon_for(model)
    give_gradients(model, 1)
    optimizer.step()
    optimizer.load_state_dict(optimizer.state_dict())
    set_learning_rate(optimizer, 0.0)
    before = [p.detach().clone() for p in model.parameters()]
    optimizer.step()
    assert all(torch.equal(old, new) for old, new in zip(before, model.parameters(), strict=True))
