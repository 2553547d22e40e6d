"""Our own translation model: a pre-norm encoder-decoder with RoPE, grouped-query attention and SwiGLU.

- Source and target share one embedding; the head is that same matrix (tied) or one of its own.
- Linear layers have no bias. Each stack ends in a norm.
- The embedding is drawn from N(0, 1/D) and scaled by sqrt(D), so that it enters the residual stream with unit variance;
  drawn larger, training stalls.
- Everything here can be expressed exactly in CTranslate2: no positions in cross-attention, no norms on single heads.

Shapes: B batch, S source length, T target length, N labelled positions, D width, V vocabulary, R = B * beams.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import cast

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from dragoman.base.errors import RequestError
from dragoman.base.files import read_json, write_json
from dragoman.models.face import Batch, Cache, Head, TextModel
from dragoman.models.nmt.attention import Rotary
from dragoman.models.nmt.blocks import DecoderBlock, EncoderBlock, causal_bias, make_norm, padding_bias
from dragoman.models.nmt.cache import LayerCache, NmtCache
from dragoman.models.nmt.config import NmtConfig
from dragoman.models.nmt.dropout import Dropout

WEIGHTS, CONFIG = "weights.safetensors", "config.json"


class NmtModel(TextModel):
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
        memory, memory_bias = self.encode(batch.input_ids, batch.input_lengths)
        decoded = self.decode(batch.decoder_input_ids, memory, memory_bias)
        return decoded.flatten(0, 1).index_select(0, batch.positions)

    def head(self) -> Head:
        return Head(self.embedding.weight if self.output is None else self.output.weight)

    def embed(self, ids: Tensor) -> Tensor:
        x = self.embedding(ids) * math.sqrt(self.config.d_model)
        if torch.is_autocast_enabled(x.device.type):  # the residual stream runs in the compute type
            x = x.to(torch.get_autocast_dtype(x.device.type))
        return self.dropout(x)

    def encode(self, input_ids: Tensor, input_lengths: Tensor) -> tuple[Tensor, Tensor | None]:
        """(B, S) ids with lengths (B,) -> memory (B, S, D) and the bias (B, 1, 1, S) that hides its padding."""
        x = self.embed(input_ids)
        bias = padding_bias(input_lengths, input_ids.shape[1], x.dtype)
        angles = self.rotary(0, input_ids.shape[1], x.device, x.dtype)
        for block in self.encoder:
            x = block(x, bias, angles)
        return self.encoder_norm(x), bias

    def decode(self, ids: Tensor, memory: Tensor, memory_bias: Tensor | None) -> Tensor:
        """(B, T) ids -> (B, T, D), every position seeing itself and those before it."""
        x = self.embed(ids)
        T = ids.shape[1]
        bias = causal_bias(T, self.config.n_heads // self.config.n_kv_heads, x.device, x.dtype)
        angles = self.rotary(0, T, x.device, x.dtype)
        for block in self.decoder:
            x = block(x, memory, bias, memory_bias, angles)
        return self.decoder_norm(x)

    # ---- generation ----

    @property
    def decoder_blocks(self) -> list[DecoderBlock]:
        return cast(list[DecoderBlock], list(self.decoder))

    def start(self, input_ids: Tensor, input_lengths: Tensor, beams: int, max_length: int) -> NmtCache:
        memory, bias = self.encode(input_ids, input_lengths)
        rows = input_ids.shape[0] * beams
        layers = []
        for block in self.decoder_blocks:
            keys, values = block.cross.keys_values(memory, None)
            layers.append(LayerCache(keys, values, rows, max_length))
        return NmtCache(layers, memory, bias, beams)

    def step(self, tokens: Tensor, cache: Cache) -> Tensor:
        assert isinstance(cache, NmtCache)
        x = self.embed(tokens[:, None])
        angles = self.rotary(cache.length, 1, x.device, x.dtype)
        for block, layer in zip(self.decoder_blocks, cache.layers, strict=True):
            x = block.step(x, layer, cache.memory_bias, angles)
        return self.head().logits(self.decoder_norm(x)[:, 0])

    def step_without_cache(self, prefix: Tensor, cache: Cache) -> Tensor:
        assert isinstance(cache, NmtCache)
        memory = cache.memory.repeat_interleave(cache.beams, dim=0)
        bias = None if cache.memory_bias is None else cache.memory_bias.repeat_interleave(cache.beams, dim=0)
        return self.head().logits(self.decode(prefix, memory, bias)[:, -1])

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
