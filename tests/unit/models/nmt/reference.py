"""The same model once more, written to be obviously right: one row, one position, one head at a time, in float64."""

from __future__ import annotations

import cmath
import math

import torch
from torch import Tensor

from dragoman.models.nmt.config import NmtConfig

Weights = dict[str, Tensor]


def logits(config: NmtConfig, weights: Weights, source: list[int], prefix: list[int]) -> Tensor:
    """The logits (t, V) after each token of a prefix, for one source without padding."""
    w = {name: tensor.double() for name, tensor in weights.items()}
    memory = encode(config, w, source)
    x = [embed(config, w, token) for token in prefix]
    for layer in range(config.decoder_layers):
        block = f"decoder.{layer}."
        n = [norm(config, w, block + "attention_norm", v) for v in x]
        mixed = [attention(config, w, block + "attention.", n, n, t, range(t + 1), rotated=True) for t in range(len(x))]
        x = [a + b for a, b in zip(x, mixed, strict=True)]
        n = [norm(config, w, block + "cross_norm", v) for v in x]
        everything = range(len(memory))
        crossed = [
            attention(config, w, block + "cross.", n, memory, t, everything, rotated=False) for t in range(len(x))
        ]
        x = [a + b for a, b in zip(x, crossed, strict=True)]
        x = [v + feed_forward(w, block + "feed_forward.", norm(config, w, block + "feed_forward_norm", v)) for v in x]
    head = w["embedding.weight"] if config.tied else w["output.weight"]
    return torch.stack([head @ norm(config, w, "decoder_norm", v) for v in x])


def encode(config: NmtConfig, w: Weights, source: list[int]) -> list[Tensor]:
    x = [embed(config, w, token) for token in source]
    for layer in range(config.encoder_layers):
        block = f"encoder.{layer}."
        n = [norm(config, w, block + "attention_norm", v) for v in x]
        everything = range(len(x))
        mixed = [attention(config, w, block + "attention.", n, n, t, everything, rotated=True) for t in everything]
        x = [a + b for a, b in zip(x, mixed, strict=True)]
        x = [v + feed_forward(w, block + "feed_forward.", norm(config, w, block + "feed_forward_norm", v)) for v in x]
    return [norm(config, w, "encoder_norm", v) for v in x]


def embed(config: NmtConfig, w: Weights, token: int) -> Tensor:
    return w["embedding.weight"][token] * math.sqrt(config.d_model)


def norm(config: NmtConfig, w: Weights, name: str, v: Tensor) -> Tensor:
    if config.norm == "layernorm":
        centred = v - v.sum() / len(v)
        return (
            centred / ((centred * centred).sum() / len(v) + config.norm_eps).sqrt() * w[name + ".weight"]
            + w[name + ".bias"]
        )
    return v / ((v * v).sum() / len(v) + config.norm_eps).sqrt() * w[name + ".weight"]


def feed_forward(w: Weights, name: str, v: Tensor) -> Tensor:
    gate = w[name + "gate.weight"] @ v
    return w[name + "down.weight"] @ (gate / (1 + (-gate).exp()) * (w[name + "up.weight"] @ v))


def attention(
    config: NmtConfig, w: Weights, name: str, queries: list[Tensor], read: list[Tensor], t: int, seen: range,
    *, rotated: bool,
) -> Tensor:  # fmt: skip
    """What position t of the queries makes of the positions it has seen."""
    hd = config.d_model // config.n_heads
    if name + "qkv.weight" in w:  # self-attention's three matrices lie below one another, cross-attention's last two
        q_weight, kv_weight = w[name + "qkv.weight"].split([config.n_heads * hd, 2 * config.n_kv_heads * hd])
    else:
        q_weight, kv_weight = w[name + "q.weight"], w[name + "kv.weight"]
    k_weight, v_weight = kv_weight[: config.n_kv_heads * hd], kv_weight[config.n_kv_heads * hd :]
    out = []
    for h in range(config.n_heads):
        kv = h // (config.n_heads // config.n_kv_heads)
        mine, theirs = slice(h * hd, (h + 1) * hd), slice(kv * hd, (kv + 1) * hd)
        q = q_weight[mine] @ queries[t]
        keys = [k_weight[theirs] @ read[s] for s in seen]
        if rotated:
            q = turn(q, t, config.rope_base)
            keys = [turn(k, s, config.rope_base) for k, s in zip(keys, seen, strict=True)]
        scores = [math.exp(float(q @ k) / math.sqrt(hd)) for k in keys]
        values = [v_weight[theirs] @ read[s] for s in seen]
        out.append(sum((s / sum(scores)) * v for s, v in zip(scores, values, strict=True)))
    return w[name + "o.weight"] @ torch.cat(out)


def turn(v: Tensor, position: int, base: float) -> Tensor:
    """Element i and element i + hd/2 are the two parts of a complex number, turned by position * base^(-2i/hd)."""
    half = len(v) // 2
    turned = [complex(v[i], v[i + half]) * cmath.exp(1j * position * base ** (-2 * i / len(v))) for i in range(half)]
    return torch.tensor([z.real for z in turned] + [z.imag for z in turned], dtype=v.dtype)
