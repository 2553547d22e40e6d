from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional as F
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from dragoman.models.face import Head
from dragoman.objectives import frozen_head
from dragoman.objectives import loss as module
from dragoman.objectives.frozen_head import position_losses
from dragoman.objectives.loss import chunk_rows, cross_entropy


def case(
    N: int, D: int, V: int, *, bias: bool = True, scale: float = 1.0, seed: int = 0, frozen: bool = False
) -> tuple[Any, ...]:
    torch.manual_seed(seed)
    hidden = torch.randn(N, D, requires_grad=True)
    weight = (torch.randn(V, D) * D**-0.5 * 2).requires_grad_(not frozen)
    head = Head(weight, torch.randn(V, requires_grad=not frozen) if bias else None, scale)
    return hidden, head, torch.randint(0, V, (N,))


def plain(hidden: torch.Tensor, head: Head, labels: torch.Tensor, denominator: float, smoothing: float) -> torch.Tensor:
    logits = head.scale * (hidden @ head.weight.T)
    if head.bias is not None:
        logits = logits + head.bias
    return F.cross_entropy(logits.float(), labels, reduction="sum", label_smoothing=smoothing) / denominator


def gradients(value: torch.Tensor, hidden: torch.Tensor, head: Head) -> list[torch.Tensor]:
    leaves = [x for x in (hidden, head.weight, head.bias) if x is not None and x.requires_grad]
    return list(torch.autograd.grad(value, leaves))


@contextmanager
def chunks_of(rows: int, V: int, tile: int = 7) -> Iterator[None]:
    """Chunks of so many rows, and tiles of so many pieces."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "FEWEST_ROWS", 1)
        patch.setattr(module, "CHUNK_ELEMENTS", rows * V)
        patch.setattr(frozen_head, "POSITIONS", rows)
        patch.setattr(frozen_head, "TILE", tile)
        yield


@given(
    N=st.sampled_from([1, 2, 63, 64, 65, 128, 150]), V=st.integers(2, 40), bias=st.booleans(),
    scale=st.sampled_from([1.0, 0.25, 3.0]), smoothing=st.sampled_from([0.0, 0.1, 0.6]),
    denominator=st.sampled_from([1.0, 7.0, 1000.0]), frozen=st.booleans(),
)  # fmt: skip
@settings(max_examples=120, deadline=None)
def test_value_and_gradients_are_those_of_the_plain_loss(N, V, bias, scale, smoothing, denominator, frozen):
    hidden, head, labels = case(N, 8, V, bias=bias, scale=scale, seed=N + V, frozen=frozen)
    with chunks_of(64, V):
        found = cross_entropy(hidden, head, labels, denominator, smoothing=smoothing)
        found_gradients = gradients(found, hidden, head)
    expected = plain(hidden, head, labels, denominator, smoothing)
    assert found.dtype == torch.float32
    torch.testing.assert_close(found, expected, atol=1e-5, rtol=1e-5)
    for a, b in zip(found_gradients, gradients(expected, hidden, head), strict=True):
        torch.testing.assert_close(a, b, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize("frozen", [False, True])
def test_in_bfloat16_it_stays_within_a_hundredth(smoothing, bias, frozen):
    hidden, head, labels = case(300, 64, 500, bias=bias, frozen=frozen)
    expected = plain(hidden, head, labels, 300, smoothing)
    with torch.autocast("cpu", torch.bfloat16), chunks_of(100, 500, tile=60):
        found = cross_entropy(hidden, head, labels, 300, smoothing=smoothing)
    assert found.item() == pytest.approx(expected.item(), rel=1e-2)
    for a, b in zip(gradients(found, hidden, head), gradients(expected, hidden, head), strict=True):
        assert a.dtype == torch.float32
        assert ((a - b).norm() / b.norm()).item() < 1e-2


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
@pytest.mark.parametrize("certainty", [1.0, 2.0, 3.0, 4.0])
@pytest.mark.parametrize("frozen", [False, True])
def test_in_bfloat16_it_is_as_exact_as_the_plain_loss_when_the_label_is_certain(smoothing, certainty, frozen):
    """1 - p of a label that is nearly certain would be nothing but rounding: the end of every training."""
    hidden, head, labels = case(300, 64, 1000, bias=False, frozen=frozen)
    with torch.no_grad():  # all exact in bfloat16, so that only the loss can err
        head.weight.copy_(head.weight.bfloat16())
        hidden.copy_((hidden / 2 + head.weight[labels] * certainty).bfloat16())
    expected = plain(hidden, head, labels, 300, smoothing)
    exact = gradients(expected, hidden, head)

    def errors(value: torch.Tensor) -> list[float]:
        pairs = zip(gradients(value, hidden, head), exact, strict=True)
        return [((a - b).norm() / b.norm()).item() for a, b in pairs]

    with torch.autocast("cpu", torch.bfloat16):
        ours = cross_entropy(hidden, head, labels, 300, smoothing=smoothing)
        theirs = plain(hidden, head, labels, 300, smoothing)
    assert abs(ours.item() - expected.item()) < 5e-3 * expected.item() + 1e-5
    for a, b in zip(errors(ours), errors(theirs), strict=True):
        assert a < 1.1 * b + 1e-3


@pytest.mark.parametrize("frozen", [False, True])
def test_chunks_and_tiles_do_not_show(frozen):
    hidden, head, labels = case(200, 8, 30, frozen=frozen)
    results = []
    for rows, tile in ((64, 30), (100, 29), (199, 2), (200, 15), (201, 31), (10_000, 1000)):
        with chunks_of(rows, 30, tile):
            value = cross_entropy(hidden, head, labels, 200, smoothing=0.1)
            results.append([value, *gradients(value, hidden, head)])
    for other in results[1:]:
        for a, b in zip(results[0], other, strict=True):
            torch.testing.assert_close(a, b, atol=1e-6, rtol=1e-5)


def test_parts_with_one_denominator_add_up_to_the_whole():
    hidden, head, labels = case(90, 8, 30)
    whole = cross_entropy(hidden, head, labels, 90.0)
    parts = sum(cross_entropy(hidden[a:b], head, labels[a:b], 90.0) for a, b in ((0, 10), (10, 11), (11, 90)))
    assert isinstance(parts, torch.Tensor)
    torch.testing.assert_close(parts, whole)
    for a, b in zip(gradients(parts, hidden, head), gradients(whole, hidden, head), strict=True):
        torch.testing.assert_close(a, b, atol=1e-6, rtol=1e-5)


def test_what_comes_after_scales_the_gradients():
    hidden, head, labels = case(10, 8, 30)
    once = gradients(cross_entropy(hidden, head, labels, 10), hidden, head)
    thrice = gradients(3 * cross_entropy(hidden, head, labels, 10), hidden, head)
    for a, b in zip(once, thrice, strict=True):
        torch.testing.assert_close(3 * a, b)


def test_a_frozen_head_gets_no_gradient_and_the_hidden_states_the_same():
    hidden, head, labels = case(70, 8, 30)
    frozen = Head(head.weight.detach(), None if head.bias is None else head.bias.detach())
    expected = gradients(cross_entropy(hidden, head, labels, 70), hidden, head)[0]
    (found,) = torch.autograd.grad(cross_entropy(hidden, frozen, labels, 70), [hidden])
    torch.testing.assert_close(found, expected)


def test_a_tied_head_adds_to_the_gradient_of_the_embedding():
    torch.manual_seed(0)
    weight = torch.randn(30, 8, requires_grad=True)
    labels = torch.randint(0, 30, (20,))
    results = []
    for function in (lambda *a: cross_entropy(*a, smoothing=0.1), lambda *a: plain(*a, 0.1)):
        hidden = weight[labels.flip(0)].tanh()
        results.append(torch.autograd.grad(function(hidden, Head(weight), labels, 20.0), weight)[0])
    torch.testing.assert_close(*results, atol=1e-6, rtol=1e-5)


@pytest.mark.parametrize("size", [1e2, 1e4])
@pytest.mark.parametrize("smoothing", [0.0, 0.1])
@pytest.mark.parametrize("frozen", [False, True])
def test_the_largest_logits_stay_finite(size, smoothing, frozen):
    hidden = torch.tensor([[size], [-size], [size]], requires_grad=True)
    head = Head(torch.tensor([[1.0], [-1.0], [0.0]], requires_grad=not frozen))
    labels = torch.tensor([0, 0, 2])
    value = cross_entropy(hidden, head, labels, 3, smoothing=smoothing)
    torch.testing.assert_close(value, plain(hidden, head, labels, 3, smoothing))
    assert all(g.isfinite().all() for g in gradients(value, hidden, head))


def test_without_a_label_there_is_nothing_to_learn():
    hidden, head, labels = case(5, 8, 30)
    with pytest.raises(ValueError, match="no labelled position"):
        cross_entropy(hidden[:0], head, labels[:0], 1)


# ---- position by position ----


@given(
    N=st.sampled_from([0, 1, 63, 64, 65, 150]), V=st.integers(2, 40), bias=st.booleans(),
    scale=st.sampled_from([1.0, 0.25, 3.0]),
)  # fmt: skip
@settings(max_examples=60, deadline=None)
def test_each_position_has_the_plain_loss(N, V, bias, scale):
    hidden, head, labels = case(N, 8, V, bias=bias, scale=scale, seed=N + V)
    with chunks_of(64, V):
        found = position_losses(hidden, head, labels)
    logits = (head.scale * (hidden @ head.weight.T) + (0 if head.bias is None else head.bias)).double()
    expected = F.cross_entropy(logits, labels, reduction="none")
    assert (found.shape, found.dtype, found.requires_grad) == ((N,), torch.float32, False)
    torch.testing.assert_close(found.double(), expected.detach(), atol=1e-5, rtol=1e-5)


def test_position_losses_add_up_to_the_loss_in_bfloat16_too():
    hidden, head, labels = case(300, 64, 500)
    with torch.autocast("cpu", torch.bfloat16), chunks_of(100, 500):
        found = position_losses(hidden, head, labels)
        whole = cross_entropy(hidden, head, labels, 1.0)
    assert found.sum().item() == pytest.approx(whole.item(), rel=2e-3)
    exact = F.cross_entropy((hidden @ head.weight.T + head.bias), labels, reduction="none")
    assert (found - exact).abs().max().item() < 0.1


class Watch(TorchDispatchMode):
    """Notes every operation and the size of the largest tensor that is made."""

    def __init__(self) -> None:
        super().__init__()
        self.largest, self.calls = 0, list[tuple[str, list[torch.Size]]]()

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):  # type: ignore[no-untyped-def]
        result = function(*args, **(kwargs or {}))
        made = [x for x in tree_leaves(result) if isinstance(x, torch.Tensor)]
        self.largest = max([self.largest, *(x.numel() for x in made)])
        given = [x.shape for x in tree_leaves(args) if isinstance(x, torch.Tensor)]
        self.calls.append((str(function), [*given, *(x.shape for x in made)]))
        return result

    def count(self, name: str) -> int:
        return sum(name in called for called, _ in self.calls)


@pytest.mark.parametrize("frozen", [False, True])
def test_the_logits_are_never_held_whole(frozen):
    N, D, V = 1000, 8, 400
    hidden, head, labels = case(N, D, V, frozen=frozen)
    with chunks_of(64, V, tile=200), Watch() as watch:
        cross_entropy(hidden, head, labels, N, smoothing=0.1).backward()
    assert watch.largest == (64 * 200 if frozen else 64 * V)
    with Watch() as watch:
        plain(hidden, head, labels, N, 0.1).backward()
    assert watch.largest == N * V  # the watch can see


def test_nor_are_they_position_by_position():
    N, D, V = 1000, 8, 400
    hidden, head, labels = case(N, D, V)
    with chunks_of(64, V, tile=200), Watch() as watch:
        position_losses(hidden, head, labels)
    assert watch.largest == 64 * 200


def test_only_what_is_needed_is_computed():
    hidden, head, labels = case(128, 8, 400)
    frozen = Head(head.weight.detach(), head.bias.detach())

    def products(head: Head) -> tuple[int, torch.Tensor]:
        with chunks_of(64, 400, tile=400), Watch() as watch:
            value = cross_entropy(hidden, head, labels, 128, smoothing=0.1)
        return watch.count("aten.mm"), value

    with torch.no_grad():
        without = products(head)
    found = [without, products(frozen), products(head)]
    assert [count for count, _ in found] == [2, 4, 6]  # two chunks: logits; hidden states too; the head too
    assert [value.requires_grad for _, value in found] == [False, True, True]
    for _, value in found[1:]:
        torch.testing.assert_close(value, found[0][1])


def test_a_chunk_of_a_trained_head_is_worth_the_gradient_that_it_adds():
    assert chunk_rows(8_000, head_trains=True) > chunk_rows(250_000, head_trains=True) == module.FEWEST_ROWS
    assert chunk_rows(8_000, head_trains=False) == chunk_rows(250_000, head_trains=False) == frozen_head.POSITIONS


def test_a_head_that_trains_is_cast_once_a_call():
    V = 400
    hidden, head, labels = case(300, 8, V, bias=False)
    with torch.autocast("cpu", torch.bfloat16), chunks_of(64, V), Watch() as watch:
        cross_entropy(hidden, head, labels, 300, smoothing=0.1).backward()
    casts = [shapes for name, shapes in watch.calls if "_to_copy" in name and torch.Size([V, 8]) in shapes[:1]]
    assert len(casts) == 1  # five chunks


def test_a_scaled_float16_gradient_keeps_what_is_small():
    """The scale of the loss comes in the backward pass: before it, float16 would round these gradients to 0."""
    torch.manual_seed(1)
    hidden = torch.randn(4, 8, dtype=torch.float16, requires_grad=True)
    head = Head(1e-3 * torch.randn(32, 8, dtype=torch.float16))
    labels = torch.arange(4)
    (cross_entropy(hidden, head, labels, 1e5) * 65536.0).backward()
    exact = hidden.detach().float().requires_grad_()
    loss = torch.nn.functional.cross_entropy(exact @ head.weight.float().T, labels, reduction="sum") / 1e5 * 65536.0
    loss.backward()
    assert hidden.grad is not None
    assert hidden.grad.dtype == torch.float16
    torch.testing.assert_close(hidden.grad.float(), exact.grad, rtol=0.05, atol=1e-5)
