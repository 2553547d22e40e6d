"""The recipe's `training` and `methods`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, PositiveFloat, PositiveInt, model_validator

from dragoman.recipe.schema.answers import MetricName
from dragoman.recipe.schema.model import Adapter
from dragoman.recipe.schema.section import Section, Share, SomeKeysOf, key


class Batch(Section):
    """The size of one optimizer step."""

    tokens: PositiveInt | None = key(None, "Source and target tokens of a step, about.")
    rows: PositiveInt | None = key(None, "Rows of a step, exactly.")

    alternatives = (("tokens",), ("rows",))

    @model_validator(mode="after")
    def _one(self) -> Batch:
        if (self.tokens is None) == (self.rows is None):
            raise ValueError("give either tokens or rows")
        return self


class Averaging(Section):
    """Average weights for evaluation and for the saved model."""

    ema: Share | None = key(None, "Exponential moving average with this decay a step.")
    last: PositiveInt | None = key(None, "Average of the last so many validations' weights.")

    alternatives = (("ema",), ("last",))

    @model_validator(mode="after")
    def _one(self) -> Averaging:
        if (self.ema is None) == (self.last is None):
            raise ValueError("give either ema or last")
        return self


class EarlyStopping(Section):
    patience: PositiveInt = key(5, "Validations without a new best before training stops.")


class Checkpoints(Section):
    every: PositiveInt | None = key(None, "Steps between checkpoints (default: at each validation).")
    keep: PositiveInt = key(2, "How many of the last to keep; the best is kept besides.")


class Training(Section):
    """How the weights are found."""

    epochs: PositiveFloat | None = key(None, "Passes over the training rows (default 10 where max_steps is not given).")
    max_steps: PositiveInt | None = key(None, "Optimizer steps instead of epochs.")
    batch: Batch = key(Batch(tokens=5000), "The size of one optimizer step.")
    micro_batch_tokens: PositiveInt | Literal["auto"] = key(
        "auto", "Cuts a step into parts that fit memory; changes no result but rounding."
    )
    optimizer: Literal["adamw", "muon", "adafactor", "adamw8bit", "paged_adamw8bit"] = key(
        "adamw",
        "AdamW (fused); Muon for the blocks' matrices and AdamW for the rest, which from random weights needs fewer "
        "tokens; Adafactor without parameter scaling; or AdamW with states of 8 bits, paged or not, where the "
        "device has it (else AdamW takes its place, and it is said).",
    )
    learning_rate: PositiveFloat = key(1e-3, "The highest learning rate.")
    betas: tuple[Share, Share] = key((0.9, 0.98), "AdamW's decay rates.")
    weight_decay: Annotated[float, Field(ge=0)] = key(0.01, "Decay of matrices; norms and biases have none.")
    schedule: Literal["cosine", "linear", "inverse_sqrt", "constant"] = key(
        "cosine", "How the learning rate falls after the warm-up."
    )
    warmup_steps: Annotated[int, Field(ge=0)] = key(200, "Steps of linear rise from 0.")
    clip_norm: PositiveFloat | None = key(1.0, "Longest gradient; null for none.")
    label_smoothing: Share = key(0.1, "Share of the target spread over the whole vocabulary.")
    precision: Literal["auto", "float32", "bfloat16", "float16"] = key(
        "auto",
        "auto: bfloat16 where the device is fast at it; else float16 on a GPU that is, but never for T5 models, which "
        "overflow in it; else float32.",
    )
    compile: bool = key(
        False,
        "torch.compile: some time to start, then faster on a GPU; seldom worth it on a CPU (it needs a C++ compiler).",
    )
    averaging: Averaging | None = key(None, "Average weights for evaluation and for the saved model.")
    validate_every: PositiveInt | None = key(None, "Steps between validations (default: each epoch).")
    best: MetricName | None = key(
        None, "The validation score that picks the best checkpoint (default: evaluation.main)."
    )
    early_stopping: EarlyStopping | None = key(None, "Stop when `best` no longer improves.")
    checkpoints: Checkpoints = key(Checkpoints(), "What is kept to resume from.")

    alternatives = (("epochs",), ("max_steps",))

    @model_validator(mode="after")
    def _one_length(self) -> Training:
        if self.epochs is not None and self.max_steps is not None:
            raise ValueError("give either epochs or max_steps")
        return self


class Method(Section):
    """One row of the comparison."""

    start: Literal["base", "pretrained", "random"] | None = key(
        None,
        "The weights to start from: those of model.pretrained; those of this recipe's `pretraining`; or random ones "
        "(default: pretrained where the recipe has that and every weight trains, else base where there is one).",
    )
    tuning: Literal["full", "lora", "qlora"] = key(
        "full", "What trains: every weight; an adapter; or an adapter on weights that are held in 4 bits."
    )
    adapter: Adapter = key(Adapter(), "The adapter of lora and qlora.")
    training: Annotated[dict[str, object], SomeKeysOf(Training)] = key(
        {}, "Keys of `training` that differ for this method; mappings merge, lists replace."
    )

    @model_validator(mode="after")
    def _adapts(self) -> Method:
        if self.tuning == "full" and self.adapter != Adapter():
            raise ValueError("an adapter needs tuning: lora or qlora")
        if self.tuning != "full" and self.start == "random":
            raise ValueError("an adapter is laid over pretrained weights, not over random ones")
        if self.tuning != "full" and self.start == "pretrained":
            raise ValueError("an adapter is laid over the model that model.pretrained names: set start: base")
        return self
