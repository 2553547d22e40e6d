"""Filler rows: they change nothing, and all products of a training step have them."""

from __future__ import annotations

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode

from dragoman.base import device
from dragoman.base.device import filled, filler
from dragoman.objectives.batches import collate
from dragoman.training.step import TrainingStep

CPU = torch.device("cpu")
BATCH = collate([([5, 6, 7, 8, 1], [7, 8, 1]), ([9, 1], [9, 10, 11, 12, 1]), ([3, 4, 1], [1])], 0)


class Products(TorchDispatchMode):
    """Notes the shapes of all matrix products."""

    def __init__(self):
        super().__init__()
        self.shapes = set()

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        if function is torch.ops.aten.mm.default:
            self.shapes.add((tuple(args[0].shape), tuple(args[1].shape)))
        return function(*args, **(kwargs or {}))


def test_only_bfloat16_on_a_cpu_needs_it():
    assert [filler(n, CPU, torch.bfloat16) for n in (1, 64, 65)] == [63, 0, 63]
    assert filler(1, CPU, torch.float32) == filler(1, torch.device("cuda"), torch.bfloat16) == 0
    x = torch.randn(3, 2).bfloat16()
    assert torch.equal(filled(x)[:3], x)
    assert filled(x).shape == (64, 2)
    assert not filled(x)[3:].any()


def run(model, multiple, monkeypatch):
    monkeypatch.setattr(device, "MULTIPLE", multiple)
    model.zero_grad()
    with Products() as products, torch.autocast("cpu", torch.bfloat16):
        loss = TrainingStep(model, 0.1)(BATCH, 9.0)
        loss.backward()
    gradients = {name: p.grad.clone() for name, p in model.named_parameters()}
    return loss.detach(), gradients, products.shapes


@pytest.mark.parametrize("changes", [{}, {"norm": "rmsnorm", "tied": False}, {"n_kv_heads": 1}])
def test_it_changes_neither_loss_nor_gradients(make, changes, monkeypatch):
    model = make(**changes, dropout=0.0).train()
    loss, gradients, _ = run(model, 64, monkeypatch)
    other_loss, other_gradients, _ = run(model, 1, monkeypatch)
    torch.testing.assert_close(loss, other_loss, atol=1e-2, rtol=1e-2)
    for name, gradient in gradients.items():
        torch.testing.assert_close(gradient, other_gradients[name], atol=1e-2, rtol=2e-2)


def test_every_product_of_a_step_comes_in_one_of_few_shapes(make, monkeypatch):
    """Each has 64 rows of hidden states, as what is multiplied or as what is summed over."""
    *_, shapes = run(make().train(), 64, monkeypatch)
    assert len(shapes) >= 6
    assert all(a[0] == 64 or a[1] == 64 for a, b in shapes), shapes
    *_, shapes = run(make().train(), 1, monkeypatch)
    assert not all(a[0] == 64 or a[1] == 64 for a, b in shapes)
