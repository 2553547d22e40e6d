"""Weights in 4 bits: NF4 with double quantisation (QLoRA, Dettmers et al. 2023), by bitsandbytes, on GPUs and CPUs.

- Linear layers become 4-bit, but the head, the embeddings, T5's `wo` and layers of odd widths stay as they are: in the
  type that the model was loaded in. So do norms and biases. Libraries raise norms to float32 for such training; here
  they are frozen, so no small step can be lost in them, every supported model computes a norm's statistics in float32
  whatever its weight is in, and raised ones would turn the activations between the layers into float32 too.
- There is nothing else to prepare: gradients flow through 4-bit layers to their inputs, under activation checkpointing
  that is not re-entrant (transformers' default) as well.
- The quantised weights are never saved: a model folder holds the adapter, or merged weights of 16 or 32 bits.
"""

from __future__ import annotations

import copy
import logging
import math
import sys
from functools import cache
from typing import Any

import torch
from torch import nn
from torch.nn.utils import skip_init

from dragoman.adapters.targets import head_and_embeddings

BLOCK, BLOCKS = 64, 256  # weights with one scale; scales with one scale of their own
TABLES = 4 * (16 + 256 + 1)  # bytes: the values of 4 bits, those of the scales' 8 bits, the scales' mean
OUTPUTS = 32  # a multiple of this many: what the kernels take


@cache
def why_not(device: torch.device) -> str | None:
    """Why this device cannot train through 4-bit weights, or None: found out by doing it with a tiny layer."""
    try:
        import_bitsandbytes()
    except ImportError as error:
        return f"bitsandbytes cannot be imported ({_first_line(error)}); pip install bitsandbytes"
    except Exception as error:  # its native part fails in many ways
        return f"bitsandbytes cannot be loaded: {_first_line(error)}"
    layer = skip_init(nn.Linear, 64, 64, bias=False)
    with torch.no_grad():
        layer.weight.copy_(torch.linspace(-1, 1, 64 * 64).view(64, 64).sin())
    try:
        quantised = _quantised(layer, torch.float32, device)
        x = torch.ones(2, 64, device=device, requires_grad=True)
        quantised(x).sum().backward()
        weight = dequantise_layer(quantised, torch.float32).weight
        gradient = x.grad
    except Exception as error:
        return f"bitsandbytes fails on this {device.type}: {_first_line(error)}"
    if (weight.cpu() - layer.weight).abs().max() > 0.2:  # half of NF4's widest step is 0.15
        return f"bitsandbytes quantises wrongly on this {device.type}"
    if gradient is None or not torch.allclose(gradient, weight.sum(0).expand(2, 64), atol=1e-3):
        return f"bitsandbytes gives wrong gradients on this {device.type}"
    return None


def sort_layers(network: nn.Module) -> tuple[list[str], dict[str, str]]:
    """The names of the linear layers that can be held in 4 bits, and those of the others, each with the reason.

    The network has no adapters yet. It may be on the meta device.
    """
    never = head_and_embeddings(network)
    chosen: list[str] = []
    kept: dict[str, str] = {}
    for name, layer in network.named_modules():
        if not isinstance(layer, nn.Linear):
            continue
        if name in never:
            kept[name] = "the head stays in 16 bits"
        elif name.split(".")[-1] == "wo":
            kept[name] = "T5 casts what it feeds this layer to the type of its weight"
        elif layer.in_features % BLOCK:  # a CPU would dequantise wrongly where a block goes over the end of a row
            kept[name] = f"its {layer.in_features:,} inputs are no multiple of {BLOCK}"
        elif layer.out_features % OUTPUTS:
            kept[name] = f"its {layer.out_features:,} outputs are no multiple of {OUTPUTS}"
        else:
            chosen.append(name)
    return chosen, kept


def quantise(network: nn.Module, compute_dtype: torch.dtype, device: torch.device) -> dict[str, str]:
    """Hold the network's linear layers in 4 bits, in place, on `device`: one after another, so that memory never peaks.

    compute_dtype: of the products; the weights are turned into it for each. Returns the layers that stay as and where
    they are, with reasons.
    """
    chosen, kept = sort_layers(network)
    for name in chosen:
        layer = network.get_submodule(name)
        assert isinstance(layer, nn.Linear)
        network.set_submodule(name, _quantised(layer, compute_dtype, device))
    return kept


def is_four_bit(layer: nn.Module) -> bool:
    return _quant_state(layer) is not None


def stored_dtype(layer: nn.Module) -> torch.dtype:
    """The type that a 4-bit layer's weight had before it was quantised."""
    dtype: torch.dtype = _quant_state(layer).dtype
    return dtype


def dequantise_layer(layer: nn.Linear, dtype: torch.dtype) -> nn.Linear:
    """A plain layer of the weight that a 4-bit one computes with."""
    plain = empty_linear(layer, dtype)
    state = copy.copy(_quant_state(layer))
    state.dtype = dtype
    with torch.no_grad():
        plain.weight.copy_(import_bitsandbytes().functional.dequantize_4bit(layer.weight.data, state))
        if layer.bias is not None:
            plain.bias.copy_(layer.bias)
    return plain.requires_grad_(False).train(layer.training)


def dequantise(network: nn.Module, dtype: torch.dtype | None = None) -> None:
    """Make every 4-bit layer plain, in place. dtype: of their weights; None for what each had before."""
    for name in [name for name, module in network.named_modules() if is_four_bit(module)]:
        layer = network.get_submodule(name)
        if isinstance(layer, nn.Linear):
            network.set_submodule(name, dequantise_layer(layer, dtype or stored_dtype(layer)))


def empty_linear(like: nn.Linear, dtype: torch.dtype) -> nn.Linear:
    """A plain linear layer of the same shape and device, its weights not set."""
    return skip_init(
        nn.Linear, like.in_features, like.out_features, like.bias is not None, device=like.weight.device, dtype=dtype
    )


def four_bit_bytes(count: int) -> int:
    """The bytes of a matrix of `count` weights: half a byte each, a byte for each 64, a float32 for each 64 * 256."""
    scales = -(-count // BLOCK)
    return -(-count // 2) + scales + 4 * -(-scales // BLOCKS) + TABLES


def parameter_count(network: nn.Module) -> int:
    """How many weights a network has: those in 4 bits count, and not the bytes that they are packed in."""
    states = ((parameter, getattr(parameter, "quant_state", None)) for parameter in network.parameters())
    return sum(p.numel() if state is None else math.prod(state.shape) for p, state in states)


def _quantised(layer: nn.Linear, compute_dtype: torch.dtype, device: torch.device) -> nn.Linear:
    linear = import_bitsandbytes().nn
    quantised = linear.Linear4bit(
        layer.in_features, layer.out_features, layer.bias is not None,
        compute_dtype=compute_dtype, compress_statistics=True, quant_type="nf4", device="meta",
    )  # fmt: skip
    weight = linear.Params4bit(layer.weight.detach(), quant_type="nf4", compress_statistics=True, module=quantised)
    quantised.weight = weight.to(device)  # which is what quantises
    if layer.bias is not None:
        quantised.bias = nn.Parameter(layer.bias.detach().to(device, compute_dtype), requires_grad=False)
    # On CPUs with AVX512-BF16 the first forward pass of an evaluation would repack the weight for a kernel without a
    # backward pass: training would go on with wrong gradients, in silence.
    quantised.support_avx512bf16_for_cpu = False
    made: nn.Linear = quantised.train(layer.training)
    return made


def _quant_state(layer: nn.Module) -> Any:
    """How bitsandbytes has quantised a layer's weight; None where it has not."""
    return getattr(getattr(layer, "weight", None), "quant_state", None)


def import_bitsandbytes() -> Any:
    """The library, as quietly and quickly as it goes. peft imports it too, so this comes first.

    Left to itself it recommends packages that are of no use here, and has torch compile what devices without kernels of
    their own would use: that loads torch's compiler, which takes longer than all the rest.
    """
    if sys.modules.get("bitsandbytes") is None:
        logging.getLogger("bitsandbytes").setLevel(logging.ERROR)
        compiling = torch.compile
        torch.compile = _as_written  # type: ignore[assignment]
        try:
            import bitsandbytes  # noqa: F401
        finally:
            torch.compile = compiling
    return sys.modules["bitsandbytes"]


def _as_written(function: Any, **_: object) -> Any:
    return function


def _first_line(error: Exception) -> str:
    return next(iter(str(error).strip().splitlines()), type(error).__name__)
