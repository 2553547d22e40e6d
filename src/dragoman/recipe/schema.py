"""The shape of a recipe: every key, its type, its default and what it is for.

The descriptions here become the reference page. Only shapes are checked; what depends on the data, the machine or
several sections together is checked in `planning`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal, get_args, get_origin

from pydantic import BaseModel, ConfigDict, Field, PositiveFloat, PositiveInt, field_validator, model_validator
from pydantic_core import PydanticCustomError
from pydantic_core.core_schema import ValidationInfo


@dataclass(frozen=True)
class Words:
    """What a value is, where its type alone does not say it: for messages and the reference."""

    text: str


@dataclass(frozen=True)
class SomeKeysOf:
    """Marks a mapping that holds some of the keys of a section, to be merged over that section."""

    section: type[Section]


Share = Annotated[float, Field(ge=0.0, lt=1.0)]
MetricName = Literal["bleu", "chrf", "ter", "loss"]
Level = Literal["A1", "A2", "B1", "B2", "C1"]
A_PATH = Words("a path")
FilePath = Annotated[str, A_PATH]  # as written: recipe.paths reads it
Name = Annotated[
    str,
    Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$"),
    Words("a name of letters, digits, '.', '_' and '-' that begins with a letter or a digit"),
]


def is_quoted_number(value: object) -> bool:
    """Whether it is text that looks like a number, or a list with such text."""
    if isinstance(value, list):
        return any(map(is_quoted_number, value))
    if not isinstance(value, str):
        return False
    try:
        float(value)
    except ValueError:
        return False
    return True


def _takes_text(annotation: Any) -> bool:
    return (get_origin(annotation) or annotation) in (str, dict) or any(map(_takes_text, get_args(annotation)))


class Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    alternatives: ClassVar[tuple[tuple[str, ...], ...]] = ()
    """Groups of keys that exclude each other: what overrides a key of one group takes the others' keys away."""

    @field_validator("*", mode="before")
    @classmethod
    def _only_numbers_are_numbers(cls, value: Any, info: ValidationInfo) -> Any:
        """pydantic would read `epochs: true` as 1, and `epochs: "3"` as 3."""
        annotation = cls.model_fields[str(info.field_name)].annotation
        if isinstance(value, bool) and annotation is not bool:
            raise PydanticCustomError("true_or_false", "neither true nor false")
        if is_quoted_number(value) and not _takes_text(annotation):
            raise PydanticCustomError("quoted_number", "a number and no text")
        return value


def key(default: object, text: str, **limits: Any) -> Any:
    """A key with its default and its line in the reference."""
    return Field(default, description=text, **limits)


# ---- data ------------------------------------------------------------------------------------------------------------


class Phrasebook(Section):
    """Sentence pairs from the built-in German-English grammar: no file needed."""

    rows: PositiveInt = key(20_000, "How many pairs.")
    split: Literal["train", "validation", "test"] = key("train", "Which part: no sentence is in two of them.")
    levels: list[Level] = key(["A1", "A2", "B1", "B2", "C1"], "The levels to draw from, in equal shares.", min_length=1)


class Source(Section):
    """Where rows come from: one file, two aligned text files, or the built-in phrasebook.

    Paths are relative to the recipe's folder; `${NAME}` is replaced by an environment variable.
    """

    path: FilePath | None = key(None, "A .tsv, .csv, .jsonl, .parquet or .xlsx file.")
    format: Literal["tsv", "csv", "jsonl", "parquet", "xlsx"] | None = key(
        None,
        "The format, where the name's ending does not say it. csv: cells are separated by commas, semicolons or tabs, "
        "whichever the header line has most of.",
    )
    sheet: str | None = key(None, "The sheet of an .xlsx file (default: the first).")
    source_path: FilePath | None = key(
        None, "A text file with one source a line; columns are then named `source` and `target`."
    )
    target_path: FilePath | None = key(None, "The text file with the targets, line by line the same.")
    phrasebook: Phrasebook | None = key(None, "The built-in German-English phrasebook.")

    alternatives = (("path", "format", "sheet"), ("source_path", "target_path"), ("phrasebook",))

    @model_validator(mode="after")
    def _one_kind(self) -> Source:
        kinds = [
            self.path is not None,
            self.source_path is not None or self.target_path is not None,
            self.phrasebook is not None,
        ]
        if sum(kinds) != 1:
            raise ValueError("give exactly one of path, the pair source_path and target_path, or phrasebook")
        if kinds[1] and (self.source_path is None or self.target_path is None):
            raise ValueError("source_path and target_path go together")
        if self.path is None and (self.format or self.sheet):
            raise ValueError("format and sheet go with path")
        return self


class Template(Section):
    """How a row's columns become a source and a target. `{name}` stands for a column, `{a.b}` for a nested one."""

    source: str = key("{source}", "The model's input.")
    target: str = key("{target}", "What the model should answer.")
    defaults: dict[str, str] = key(
        {}, "Values for columns that may be missing or empty; without one such a row is quarantined."
    )
    level: str | None = key(None, "A column to group scores by, such as a language level.")


class Languages(Section):
    source: str = key("source", "The language of the source: a name or a code, for people to read.")
    target: str = key("target", "The language of the target.")


class Data(Section):
    """What the model learns from and is measured on."""

    train: list[Source] = Field(description="The training rows: one or more sources.", min_length=1)
    validation: Source | None = key(
        None, "Rows to tune on. Without it `validation_rows` are held out of the training rows."
    )
    validation_rows: PositiveInt = key(1000, "How many rows to hold out (at most a tenth of them).")
    test: dict[Name, Source] = key({}, "Named test sets, scored once at the end.")
    template: Template = key(Template(), "How columns become source and target.")
    languages: Languages = key(Languages(), "The names of the two languages.")
    max_source_length: PositiveInt = key(128, "The longest source, in tokens with the end token.")
    max_target_length: PositiveInt = key(128, "The longest target, in tokens with the end token.")
    overlong: Literal["drop", "trim", "error"] = key(
        "drop", "What happens to longer training rows. Evaluation rows are never cut."
    )
    strict: bool = key(False, "Stop at the first bad row instead of putting it into quarantine.")


# ---- tokenizer and model ---------------------------------------------------------------------------------------------


class Tokenizer(Section):
    """One Unigram vocabulary for source and target, trained on the training rows."""

    vocabulary_size: Annotated[int, Field(ge=360, le=1_000_000)] = key(
        8000, "Pieces in all, the 100 sentinels and the specials included."
    )
    character_coverage: Annotated[float, Field(gt=0.9, le=1.0)] = key(
        0.9995, "Share of characters with a piece of their own; the rest becomes bytes."
    )
    path: FilePath | None = key(None, "Use this tokenizer folder instead of training one.")


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
    nmt: Nmt = key(Nmt(), "A translation model of our own, from random weights.")


# ---- training --------------------------------------------------------------------------------------------------------


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
    optimizer: Literal["adamw", "adafactor"] = key("adamw", "AdamW (fused) or Adafactor without parameter scaling.")
    learning_rate: PositiveFloat = key(1e-3, "The highest learning rate.")
    betas: tuple[Share, Share] = key((0.9, 0.98), "AdamW's decay rates.")
    weight_decay: Annotated[float, Field(ge=0)] = key(0.01, "Decay of matrices; norms and biases have none.")
    schedule: Literal["cosine", "linear", "inverse_sqrt", "constant"] = key(
        "cosine", "How the learning rate falls after the warm-up."
    )
    warmup_steps: Annotated[int, Field(ge=0)] = key(200, "Steps of linear rise from 0.")
    clip_norm: PositiveFloat | None = key(1.0, "Longest gradient; null for none.")
    label_smoothing: Share = key(0.1, "Share of the target spread over the whole vocabulary.")
    precision: Literal["auto", "float32", "bfloat16"] = key(
        "auto", "auto: bfloat16 where the device is fast at it, else float32."
    )
    compile: bool = key(False, "torch.compile: a minute to start, then faster on a GPU; seldom worth it on a CPU.")
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

    start: Literal["random"] = key("random", "The weights to start from.")
    tuning: Literal["full"] = key("full", "What trains: every weight.")
    training: Annotated[dict[str, object], SomeKeysOf(Training)] = key(
        {}, "Keys of `training` that differ for this method; mappings merge, lists replace."
    )


# ---- answers and scores ----------------------------------------------------------------------------------------------


class Generation(Section):
    """How answers are searched for: at validation, at the end and by `dragoman predict`."""

    beam: PositiveInt = key(4, "Beam width; 1 is greedy.")
    length_penalty: Annotated[float, Field(ge=0)] = key(
        1.0, "Scores are divided by length ** this; 0 prefers short outputs."
    )
    max_length: PositiveInt = key(256, "The longest output, in tokens.")


class Evaluation(Section):
    """What is measured."""

    metrics: list[Literal["bleu", "chrf", "ter"]] = key(["bleu", "chrf", "ter"], "sacreBLEU's scores.", min_length=1)
    main: Literal["bleu", "chrf", "ter"] = key("bleu", "The score that ranks methods.")
    samples: PositiveInt = key(20, "Rows of the sample table.")


class Recipe(Section):
    """One job, whole."""

    name: Name = Field(description="The run's name; its folder is runs/<name>.")
    seed: Annotated[int, Field(ge=0)] = key(1, "Every random draw follows from it.")
    task: Literal["translation"] = key("translation", "What the model does.")
    data: Data = Field(description="What the model learns from and is measured on.")
    tokenizer: Tokenizer = key(Tokenizer(), "The vocabulary.")
    model: Model = key(Model(), "The model.")
    methods: dict[Name, Method] = key({"full": Method()}, "Named ways of training to compare.", min_length=1)
    training: Training = key(Training(), "How the weights are found.")
    generation: Generation = key(Generation(), "How answers are searched for.")
    evaluation: Evaluation = key(Evaluation(), "What is measured.")
