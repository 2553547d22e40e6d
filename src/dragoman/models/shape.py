"""What a pretrained model is made of, in numbers."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class StackShape:
    """One of a model's stacks."""

    name: str  # encoder or decoder
    kinds: tuple[str, ...]  # of each block: attention, or convolution as in some of LFM2's
    ff_width: int  # of the hidden units
    heads: int
    kv_heads: int
    parameters: int

    @property
    def blocks(self) -> int:
        return len(self.kinds)


@dataclass(frozen=True)
class ModelShape:
    """A whole model. parameters: of `embedding`, `encoder`, `decoder` and `head`; what is tied is in the embedding."""

    kind: str  # as transformers calls it: t5, mt5, llama
    causal: bool
    tied: bool  # head and embedding are one matrix
    width: int  # of the residual stream
    vocabulary_size: int
    stacks: tuple[StackShape, ...]
    parameters: dict[str, int]

    @property
    def total(self) -> int:
        return sum(self.parameters.values())
