"""The recipe's `tokenizer` and `model`, and what a method trains of it."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, PositiveFloat, PositiveInt, model_validator

from dragoman.recipe.schema.section import FilePath, HubName, Section, Share, key


class Tokenizer(Section):
    """One Unigram vocabulary for source and target, trained on the training rows."""

    vocabulary_size: Annotated[int, Field(ge=360, le=1_000_000)] = key(
        8000, "Pieces in all, the 100 sentinels and the specials included."
    )
    character_coverage: Annotated[float, Field(gt=0.9, le=1.0)] = key(
        0.9995, "Share of characters with a piece of their own; the rest becomes bytes."
    )
    path: FilePath | None = key(
        None,
        "Use this tokenizer folder instead of training one: a run's, or one with the files of a pretrained tokenizer "
        "(tokenizer.json, tokenizer_config.json; for a chat from random weights also its chat_template.jinja).",
    )


class Nmt(Section):
    """Our own encoder-decoder: pre-norm, RoPE, grouped-query attention, SwiGLU."""

    d_model: PositiveInt = key(256, "Width of the residual stream.")
    n_heads: PositiveInt = key(4, "Query heads.")
    n_kv_heads: PositiveInt = key(2, "Key and value heads; divides n_heads.")
    encoder_layers: PositiveInt = key(3, "Blocks of the encoder.")
    decoder_layers: PositiveInt = key(3, "Blocks of the decoder.")
    d_ff: PositiveInt = key(512, "Hidden width of the feed-forward layers.")
    norm: Literal["layernorm", "rmsnorm"] = key("layernorm", "The norm before each sub-layer.")
    norm_eps: PositiveFloat = key(1e-5, "Added to the variance.")
    rope_base: PositiveFloat = key(10_000.0, "Base of the rotary position frequencies.")
    dropout: Share = key(0.1, "Dropout on embeddings, attention weights, hidden units and sub-layer outputs.")
    tied: bool = key(True, "One matrix for embedding and head. Source and target always share the embedding.")

    @model_validator(mode="after")
    def _divisible(self) -> Nmt:
        if self.d_model % self.n_heads or (self.d_model // self.n_heads) % 2:
            raise ValueError("d_model must be n_heads times an even head size")
        if self.n_heads % self.n_kv_heads:
            raise ValueError("n_kv_heads must divide n_heads")
        return self


class Model(Section):
    """The model: one of our own, a pretrained one, or a known architecture with random weights."""

    nmt: Nmt | None = key(None, "A translation model of our own, from random weights (the default).")
    pretrained: HubName | None = key(
        None, "A pretrained encoder-decoder (T5, mT5, BART, Marian) or causal model (Llama, LFM2, Qwen)."
    )
    revision: str | None = key(None, "A branch, tag or commit of the pretrained model (default: the newest).")
    transformers: dict[str, object] | None = key(
        None, "Random weights of an architecture of transformers: its `model_type` and keys of its configuration."
    )

    alternatives = (("nmt",), ("pretrained", "revision"), ("transformers",))

    @model_validator(mode="before")
    @classmethod
    def _ours_by_default(cls, given: Any) -> Any:
        named = isinstance(given, dict) and any(given.get(name) is not None for name in cls.model_fields)
        return given if named or not isinstance(given, dict) else {**given, "nmt": {}}

    @model_validator(mode="after")
    def _one(self) -> Model:
        if sum(kind is not None for kind in (self.nmt, self.pretrained, self.transformers)) != 1:
            raise ValueError("give one of nmt, pretrained or transformers")
        if self.transformers is not None and not isinstance(self.transformers.get("model_type"), str):
            raise ValueError("transformers needs a model_type, such as t5, mt5, llama or lfm2")
        if self.revision is not None and self.pretrained is None:
            raise ValueError("revision goes with pretrained")
        return self


class Adapter(Section):
    """A low-rank adapter (LoRA, Hu et al. 2021): what trains beside frozen weights."""

    rank: PositiveInt = key(8, "Rank of the update of each matrix.")
    alpha: PositiveFloat = key(16.0, "The update is scaled by alpha / rank.")
    rslora: bool = key(False, "Scale by alpha / sqrt(rank) instead (Kalajdzievski 2023).")
    dropout: Share = key(0.0, "Dropout on the adapter's input.")
    targets: list[str] | None = key(
        None,
        "Linear layers that get an adapter: the last part of a name (`q_proj`), a pattern (`decoder.*.q`), or a "
        "regular expression over the whole name between slashes (`/.*[.][qv]/`). Default: the query and value layers.",
        min_length=1,
    )
    layers: list[Annotated[int, Field(ge=0)]] | None = key(None, "Only blocks of these numbers, counted from 0.")
    stacks: list[Literal["encoder", "decoder", "cross_attention"]] | None = key(
        None, "Only these stacks; decoder stands for all but its attention to the encoder."
    )
    library: Literal["dragoman", "peft"] = key("dragoman", "Whose code adapts: our own LoRA, or peft's.")
    peft: dict[str, object] = key({}, "Further keys of peft's LoraConfig, such as `use_dora: true` (library: peft).")

    @model_validator(mode="after")
    def _keys_of_peft(self) -> Adapter:
        if self.peft and self.library != "peft":
            raise ValueError("the keys in peft need library: peft")
        return self
