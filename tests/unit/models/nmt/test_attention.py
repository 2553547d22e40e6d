from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional as F

from dragoman.models.nmt import attention
from dragoman.models.nmt.attention import CrossAttention, Rotary, SelfAttention, attend, rotate
from dragoman.models.nmt.blocks import causal_bias, padding_bias
from dragoman.models.nmt.config import NmtConfig
from dragoman.models.nmt.dropout import Dropout

CPU = torch.device("cpu")


def by_complex_numbers(x: torch.Tensor, base: float, start: int = 0) -> torch.Tensor:
    """x: (B, T, heads, hd): (a + ib) * exp(i * position * rate), a and b the halves of a head."""
    a, b = x.double().chunk(2, dim=-1)
    hd = x.shape[-1]
    rates = base ** (-2 * torch.arange(hd // 2, dtype=torch.float64) / hd)
    positions = start + torch.arange(x.shape[1], dtype=torch.float64)
    turns = torch.polar(torch.ones(x.shape[1], hd // 2, dtype=torch.float64), positions[:, None] * rates)
    turned = torch.complex(a, b) * turns[:, None]
    return torch.cat([turned.real, turned.imag], dim=-1)


@given(st.integers(1, 200), st.sampled_from([2, 6, 64]), st.sampled_from([100.0, 1e4]), st.integers(0, 700))
@settings(max_examples=40, deadline=None)
def test_rotation_is_multiplication_by_a_complex_number(length, head_dim, base, start):
    x = torch.randn(2, length, 3, head_dim, generator=torch.Generator().manual_seed(length))
    found = rotate(x, *Rotary(head_dim, base)(start, length, CPU, torch.float32))
    torch.testing.assert_close(found.double(), by_complex_numbers(x, base, start), atol=1e-5, rtol=1e-5)


def test_scores_depend_on_the_distance_alone():
    q, k = torch.randn(2, 1, 1, 1, 16, dtype=torch.float64)
    rotary = Rotary(16, 1e4)

    def score(t: int, s: int) -> torch.Tensor:
        return (rotate(q, *rotary(t, 1, CPU, q.dtype)) * rotate(k, *rotary(s, 1, CPU, q.dtype))).sum()

    torch.testing.assert_close(score(9, 4), score(509, 504))
    assert not torch.isclose(score(9, 4), score(9, 5))


def test_the_table_grows_and_changes_type():
    rotary = Rotary(8, 1e4)
    cos, _ = rotary(0, 10, CPU, torch.float32)
    longer, _ = rotary(0, 1000, CPU, torch.float32)
    assert torch.equal(longer[:10], cos)
    assert rotary(0, 10, CPU, torch.bfloat16)[0].dtype == torch.bfloat16
    assert torch.equal(rotary(0, 10, CPU, torch.float32)[0], cos)


def plain(module, q: torch.Tensor, k: torch.Tensor, v: torch.Tensor, bias, rotated: bool) -> torch.Tensor:
    """Grouped-query attention as it is usually written: keys and values repeated for each query head."""
    B, T, _ = q.shape
    q, k, v = (y.view(B, y.shape[1], -1, module.head_dim) for y in (q, k, v))
    if rotated:
        q, k = (by_complex_numbers(y, 1e4).to(q.dtype) for y in (q, k))
    k, v = (y.repeat_interleave(module.groups, dim=2) for y in (k, v))
    q, k, v = (y.transpose(1, 2) for y in (q, k, v))
    return module.o(F.scaled_dot_product_attention(q, k, v, attn_mask=bias).transpose(1, 2).reshape(B, T, -1))


@pytest.mark.parametrize("n_kv_heads", [1, 2, 4, 8])
@pytest.mark.parametrize("fused", [False, True])
def test_groups_are_repeated_keys(n_kv_heads, fused, monkeypatch):
    monkeypatch.setattr(attention, "PLAIN_UP_TO", 0 if fused else 10_000)
    torch.manual_seed(n_kv_heads)
    config = NmtConfig(9, d_model=32, n_heads=8, n_kv_heads=n_kv_heads, dropout=0.0)
    x, width = torch.randn(3, 7, 32), 4 * n_kv_heads
    rows = x.flatten(0, 1)
    itself = SelfAttention(config)
    bias, folded = (causal_bias(7, groups, CPU, torch.float32) for groups in (1, itself.groups))
    found = itself(rows, (3, 7), folded, Rotary(4, 1e4)(0, 7, CPU, torch.float32)).view(x.shape)
    q, k, v = (x @ weight.T for weight in itself.qkv.weight.split([32, width, width]))
    torch.testing.assert_close(found, plain(itself, q, k, v, bias, True), atol=1e-5, rtol=1e-5)
    other = CrossAttention(config)
    read, hidden = torch.randn(3, 5, 32), padding_bias(torch.tensor([5, 1, 3]), 5, torch.float32)
    found = other(rows, (3, 7), read.flatten(0, 1), (3, 5), hidden).view(x.shape)
    k, v = (read @ weight.T for weight in other.kv.weight.split([width, width]))
    torch.testing.assert_close(found, plain(other, other.q(x), k, v, hidden, False), atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("masked", [False, True])
def test_the_plain_path_equals_the_fused_one_with_its_gradients(masked, monkeypatch):
    torch.manual_seed(0)
    q, k, v = torch.randn(2, 3, 14, 8), torch.randn(2, 3, 6, 8), torch.randn(2, 3, 6, 8)
    bias = padding_bias(torch.tensor([6, 2]), 6, torch.float32) if masked else None
    results = []
    for limit in (0, 10_000):
        monkeypatch.setattr(attention, "PLAIN_UP_TO", limit)
        leaves = [x.clone().requires_grad_() for x in (q, k, v)]
        out = attend(*leaves, bias, Dropout(0.0))
        results.append([out, *torch.autograd.grad((out * out.detach().cos()).sum(), leaves)])
    for fused, by_hand in zip(*results, strict=True):
        torch.testing.assert_close(by_hand, fused, atol=1e-5, rtol=1e-5)


def test_padding_bias_hides_what_is_beyond_each_length():
    bias = padding_bias(torch.tensor([3, 1]), 3, torch.float32)
    assert bias is not None
    assert bias.shape == (2, 1, 1, 3)
    assert (bias[:, 0, 0] == 0).tolist() == [[True] * 3, [True, False, False]]
    assert padding_bias(torch.tensor([3, 3]), 3, torch.float32) is None


def test_training_stays_on_the_plain_path_whatever_the_length(monkeypatch):
    """The fused kernel has no dropout on a CPU: it would fall back to the slowest way of all."""
    monkeypatch.setattr(attention, "PLAIN_UP_TO", 0)
    monkeypatch.delattr(F, "scaled_dot_product_attention")
    q, k = torch.randn(1, 1, 4, 8), torch.randn(1, 1, 4, 8)
    dropout = Dropout(0.5)
    assert attend(q, k, k, None, dropout).shape == q.shape
    with pytest.raises(AttributeError):
        attend(q, k, k, None, dropout.eval())
