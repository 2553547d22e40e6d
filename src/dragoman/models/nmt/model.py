"""Our own translation model: a pre-norm encoder-decoder with RoPE, grouped-query attention and SwiGLU.

- Source and target share one embedding; the head is that same matrix (tied) or one of its own.
- Linear layers have no bias. Each stack ends in a norm.
- The embedding is drawn from N(0, 1/D) and scaled by sqrt(D), so that it enters the residual stream with unit variance;
  drawn larger, training stalls.
- Everything here can be expressed exactly in CTranslate2: no positions in cross-attention, no norms on single heads.

Shapes: B batch, S source length, T target length, N labelled positions, D width, V vocabulary, R = B * beams; M rows of
hidden states, the positions and then filler (`base.device.filler`).
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import cast

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.nn import functional as F

from dragoman.base.device import filled, filler
from dragoman.base.errors import RequestError
from dragoman.base.files import read_json, write_json
from dragoman.models.face import Batch, Cache, Head, SearchableModel
from dragoman.models.nmt.attention import Rotary
from dragoman.models.nmt.blocks import DecoderBlock, EncoderBlock, Memory, causal_bias, make_norm, padding_bias
from dragoman.models.nmt.cache import LayerCache, NmtCache
from dragoman.models.nmt.config import NmtConfig
from dragoman.models.nmt.dropout import Dropout

WEIGHTS, CONFIG = "weights.safetensors", "config.json"


class NmtModel(SearchableModel):
    def __init__(self, config: NmtConfig):
        super().__init__()
        self.config = config
        self.embedding = nn.Embedding(config.vocabulary_size, config.d_model)
        self.dropout = Dropout(config.dropout)
        self.rotary = Rotary(config.head_dim, config.rope_base)
        self.encoder = nn.ModuleList(EncoderBlock(config) for _ in range(config.encoder_layers))
        self.encoder_norm = make_norm(config)
        self.decoder = nn.ModuleList(DecoderBlock(config) for _ in range(config.decoder_layers))
        self.decoder_norm = make_norm(config)
        self.output = None if config.tied else nn.Linear(config.d_model, config.vocabulary_size, bias=False)
        self.reset_parameters()

    @torch.no_grad()
    def reset_parameters(self) -> None:
        """Weights of variance 1 / fan-in; the more layers write to the residual stream, the less each writes."""
        for stack, writers in ((self.encoder, 2), (self.decoder, 3)):
            for name, parameter in stack.named_parameters():
                if parameter.dim() == 2:
                    damping = (writers * len(stack)) ** -0.5 if name.endswith((".o.weight", ".down.weight")) else 1.0
                    parameter.normal_(0.0, damping * parameter.shape[1] ** -0.5)
        self.embedding.weight.normal_(0.0, self.config.d_model**-0.5)
        if self.output is not None:
            self.output.weight.normal_(0.0, self.config.d_model**-0.5)

    # ---- training ----

    def hidden(self, batch: Batch) -> Tensor:
        assert batch.decoder_input_ids is not None
        memory = self.encode(batch.input_ids, batch.input_lengths)
        return self.decode(batch.decoder_input_ids, memory).index_select(0, batch.positions)

    def head(self) -> Head:
        return Head(self.embedding.weight if self.output is None else self.output.weight)

    def embed(self, ids: Tensor) -> Tensor:
        """(B, T) ids -> rows (M, D)."""
        device, compute = ids.device, self.embedding.weight.dtype
        if torch.is_autocast_enabled(device.type):  # the residual stream runs in the compute type
            compute = torch.get_autocast_dtype(device.type)
        ids = F.pad(ids.flatten(), (0, filler(ids.numel(), device, compute)))
        return self.dropout((self.embedding(ids) * math.sqrt(self.config.d_model)).to(compute))

    def encode(self, input_ids: Tensor, input_lengths: Tensor) -> Memory:
        """(B, S) ids with lengths (B,)."""
        B, S = input_ids.shape
        x = self.embed(input_ids)
        compiled = self.encoder[0]._compiled_call_impl is not None  # then None would be a case of its own
        bias = padding_bias(input_lengths, S, x.dtype, always=compiled)
        angles = self.rotary(0, S, x.device, x.dtype)
        for block in self.encoder:
            x = block(x, (B, S), bias, angles)
        return Memory(self.encoder_norm(x), (B, S), bias)

    def decode(self, ids: Tensor, memory: Memory) -> Tensor:
        """(B, T) ids -> rows (M, D), every position seeing itself and those before it."""
        B, T = ids.shape
        x = self.embed(ids)
        bias = causal_bias(T, self.config.n_heads // self.config.n_kv_heads, x.device, x.dtype)
        angles = self.rotary(0, T, x.device, x.dtype)
        for block in self.decoder:
            x = block(x, (B, T), bias, memory, angles)
        return self.decoder_norm(x)

    # ---- generation ----

    @property
    def decoder_blocks(self) -> list[DecoderBlock]:
        return cast(list[DecoderBlock], list(self.decoder))

    def start(self, input_ids: Tensor, input_lengths: Tensor, beams: int, max_length: int) -> NmtCache:
        memory = self.encode(input_ids, input_lengths)
        B, S = memory.shape
        layers = []
        for block in self.decoder_blocks:
            keys, values = block.cross.keys_values(memory.rows, memory.shape)
            layers.append(LayerCache(keys, values, B * beams, max_length))
        head = self.head().weight.t()
        # A few rows times (V, D) take a CPU up to twice as long as times (D, V): worth one copy a search.
        positions = memory.rows[: B * S].view(B, S, -1)
        return NmtCache(layers, positions, memory.bias, beams, head.contiguous() if head.device.type == "cpu" else head)

    def step(self, tokens: Tensor, cache: Cache) -> Tensor:
        assert isinstance(cache, NmtCache)
        R = len(tokens)
        x = self.embed(tokens[:, None])
        angles = self.rotary(cache.length, 1, x.device, x.dtype)
        for block, layer in zip(self.decoder_blocks, cache.layers, strict=True):
            x = block.step(x, (R, 1), layer, cache.memory_bias, angles)
        return self.decoder_norm(x)[:R] @ cache.head

    def step_without_cache(self, prefix: Tensor, cache: Cache) -> Tensor:
        assert isinstance(cache, NmtCache)
        R, t = prefix.shape
        memory = cache.memory.repeat_interleave(cache.beams, dim=0)
        bias = None if cache.memory_bias is None else cache.memory_bias.repeat_interleave(cache.beams, dim=0)
        x = self.decode(prefix, Memory(filled(memory.flatten(0, 1)), (R, memory.shape[1]), bias))
        return self.head().logits(x[: R * t].view(R, t, -1)[:, -1])

    # ---- files ----

    def save(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        save_file({name: tensor.contiguous() for name, tensor in self.state_dict().items()}, folder / WEIGHTS)
        write_json(folder / CONFIG, self.config.to_json())

    @classmethod
    def load(cls, folder: Path) -> NmtModel:
        """The model that `save` wrote. Raises RequestError where the folder holds none or a damaged one."""
        try:
            model = cls(NmtConfig(**read_json(folder / CONFIG)))
            model.load_state_dict(load_file(folder / WEIGHTS))
        except Exception as error:
            reason = str(error).partition("\n")[0]
            raise RequestError(f"no usable model here: {reason}", where=str(folder)) from error
        return model


def count_parameters(config: NmtConfig) -> dict[str, int]:
    """How many parameters a model of this shape has, by part, without making it."""
    with torch.device("meta"):
        model = NmtModel(config)
    parts = {name: sum(p.numel() for p in child.parameters()) for name, child in model.named_children()}
    return {
        "embedding": parts["embedding"],
        "encoder": parts["encoder"] + parts["encoder_norm"],
        "decoder": parts["decoder"] + parts["decoder_norm"],
        "head": parts.get("output", 0),
    }
