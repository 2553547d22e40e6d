"""What makes transformers' networks train faster on a CPU. Their results stay what they are.

- Attention as plain batched products, as in our own model: torch's fused function has no dropout on a CPU and falls
  back on products of four dimensions, three times as slow; without dropout, its backward pass in bfloat16 is. In
  evaluation and in generation, on GPUs and for long texts it is transformers' own.
- Dropout by random bytes instead of a Bernoulli number an element.
- mT5's activation in one operation instead of eight, each of which would keep its result for the backward pass.

Shapes: B batch, T query length, S key length, H heads, KV key-value heads, G = H / KV, hd width of a head.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from dragoman.models.nmt.attention import plain_attention
from dragoman.models.nmt.dropout import Dropout

NAME = "dragoman"  # of the attention, among transformers' own
LONGEST = {torch.bfloat16: 256, torch.float32: 64}  # keys that plain products win with, where there is no dropout


def quicken(network: Any) -> None:
    """Let a network use these, in place: its attention where it is the one that we know."""
    from transformers import AttentionInterface, AttentionMaskInterface
    from transformers.activations import NewGELUActivation
    from transformers.masking_utils import sdpa_mask

    for name, module in list(network.named_modules()):
        if type(module) is nn.Dropout and not module.inplace:
            network.set_submodule(name, Dropout(module.p).train(module.training))
        elif type(module) is NewGELUActivation:
            network.set_submodule(name, nn.GELU(approximate="tanh"))
    if network.config._attn_implementation == "sdpa":
        AttentionInterface.register(NAME, attention)
        AttentionMaskInterface.register(NAME, sdpa_mask)
        network.set_attn_implementation(NAME)


def attention(
    module: Any, query: Tensor, key: Tensor, value: Tensor, attention_mask: Tensor | None, *, dropout: float = 0.0,
    scaling: float | None = None, is_causal: bool | None = None, position_bias: Tensor | None = None, **more: Any,
) -> tuple[Tensor, None]:  # fmt: skip
    """As transformers calls it: query (B, H, T, hd); key, value (B, KV, S, hd); mask (B, 1, T, S), True where a query
    may look; position_bias (1, H, T, S). Returns (B, T, H, hd).
    """
    here = module.training and query.device.type == "cpu" and not torch.compiler.is_compiling()
    if not here or (dropout == 0 and key.shape[2] > LONGEST.get(query.dtype, 0)):
        from transformers.integrations.sdpa_attention import sdpa_attention_forward

        out: tuple[Tensor, None] = sdpa_attention_forward(
            module, query, key, value, attention_mask, dropout=dropout, scaling=scaling, is_causal=is_causal,
            position_bias=position_bias, **more,
        )  # fmt: skip
        return out
    B, H, T, hd = query.shape
    KV = key.shape[1]
    if attention_mask is None and (module.is_causal if is_causal is None else is_causal) and T > 1:
        attention_mask = torch.ones(T, key.shape[2], dtype=torch.bool).tril()[None, None]
    bias = None if position_bias is None else position_bias.to(query.dtype)
    if attention_mask is not None:
        least = torch.finfo(query.dtype).min  # no infinity: a row without one key would have no probabilities
        hidden = torch.zeros(attention_mask.shape, dtype=query.dtype).masked_fill_(~attention_mask, least)
        bias = hidden if bias is None else bias + hidden
    if bias is not None and H > KV:  # the query heads that share keys follow one another
        bias = bias.repeat(1, 1, H // KV, 1) if bias.shape[1] == 1 else bias.reshape(len(bias), KV, -1, bias.shape[3])
    mixed = plain_attention(query.reshape(B, KV, -1, hd), key, value, bias, Dropout(dropout), scaling)
    return mixed.view(B, H, T, hd).transpose(1, 2).contiguous(), None
