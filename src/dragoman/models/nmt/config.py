"""The numbers that define a translation model."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

from dragoman.recipe.schema import Nmt


@dataclass(frozen=True)
class NmtConfig:
    """As in the recipe's `model.nmt`, with the vocabulary that the tokenizer settled."""

    vocabulary_size: int
    d_model: int = 256
    n_heads: int = 4
    n_kv_heads: int = 2
    encoder_layers: int = 3
    decoder_layers: int = 3
    d_ff: int = 512
    norm: Literal["layernorm", "rmsnorm"] = "layernorm"
    norm_eps: float = 1e-5
    rope_base: float = 10_000.0
    dropout: float = 0.1
    tied: bool = True

    @property
    def head_dim(self) -> int:
        return self.d_model // self.n_heads

    @classmethod
    def from_recipe(cls, nmt: Nmt, vocabulary_size: int) -> NmtConfig:
        return cls(vocabulary_size=vocabulary_size, **nmt.model_dump())

    def to_json(self) -> dict[str, Any]:
        return asdict(self)
