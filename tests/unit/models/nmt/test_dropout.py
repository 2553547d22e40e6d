from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from dragoman.models.nmt.dropout import Dropout, keep_bits


@pytest.mark.parametrize("p", [0.05, 0.1, 0.3, 0.5, 0.9])
def test_it_keeps_its_share_and_the_expectation(p):
    torch.manual_seed(1)
    out = Dropout(p)(torch.ones(1000, 1000))
    kept = (out != 0).float().mean().item()
    assert kept == pytest.approx(1 - p, abs=1 / 512 + 0.002)  # p is rounded to 1/256
    assert out.mean().item() == pytest.approx(1.0, abs=0.01)
    assert out.unique().numel() == 2


def test_elements_are_dropped_independently():
    torch.manual_seed(1)
    mask = keep_bits(torch.Size([4096, 16]), 128, torch.int16)
    assert mask.unique().tolist() == [-1, 0]
    x = (mask != 0).float() - 0.5
    correlations = x.T @ x / len(x) / 0.25
    assert (correlations - torch.eye(16)).abs().max() < 0.08


@given(st.lists(st.integers(0, 7), min_size=0, max_size=3), st.floats(0.001, 0.999))
@settings(max_examples=50, deadline=None)
def test_any_shape_and_any_share(shape, p):
    x = torch.ones(shape, requires_grad=True)
    out = Dropout(p)(x)
    assert out.shape == x.shape
    assert out.isfinite().all()


def test_the_gradient_goes_where_the_signal_went():
    torch.manual_seed(2)
    x = torch.randn(50, 50, requires_grad=True)
    out = Dropout(0.4)(x)
    out.backward(torch.full_like(x, 3.0))
    assert x.grad is not None
    torch.testing.assert_close(x.grad, torch.where(out == 0, 0.0, out / x * 3.0).detach())


def test_the_input_is_left_alone():
    x = torch.ones(10, 10)
    Dropout(0.5)(x)
    assert torch.equal(x, torch.ones(10, 10))


def test_it_does_nothing_when_answering_or_without_a_share():
    x = torch.randn(10, 10)
    assert Dropout(0.5).eval()(x) is x
    assert Dropout(0.0)(x) is x


def test_it_follows_the_seed():
    results = []
    for seed in (1, 1, 2):
        torch.manual_seed(seed)
        results.append(Dropout(0.5)(torch.ones(100)))
    assert torch.equal(results[0], results[1])
    assert not torch.equal(results[0], results[2])


def test_the_type_stays():
    assert Dropout(0.5)(torch.ones(4, dtype=torch.bfloat16)).dtype == torch.bfloat16
