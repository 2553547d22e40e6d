"""Configurations of transformers' models: read from a folder, or made from a recipe's keys."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from dragoman.base.errors import RequestError, did_you_mean
from dragoman.base.files import read_json

CONFIG, GENERATION = "config.json", "generation_config.json"
TIED_BY_FORCE = ("t5", "mt5", "umt5")  # transformers 5 ties them, whatever their configurations say
UNTIED_BY_NATURE = ("mt5", "umt5")  # as they were published
OVERFLOWING = ("t5", "mt5", "umt5", "longt5", "switch_transformers")  # in float16: their activations grow too large
IDS = ("pad_token_id", "eos_token_id", "bos_token_id", "decoder_start_token_id")
RECIPE_KEY = "model.transformers"


@contextmanager
def quiet() -> Iterator[None]:
    """Without transformers' own warnings and bars: what matters of them is checked here and raised."""
    from transformers.utils import logging

    verbosity, bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        logging.set_verbosity(verbosity)
        if bars:
            logging.enable_progress_bar()


def read_config(folder: Path) -> Any:
    """The configuration of a model folder. Raises RequestError where there is none that can be read or used."""
    from transformers import AutoConfig

    if not (folder / CONFIG).is_file():
        raise RequestError(f"not a model folder: there is no {CONFIG}", where=str(folder))
    try:
        with quiet():
            config = AutoConfig.from_pretrained(folder, local_files_only=True)
    except Exception as error:  # whatever its many classes raise
        raise RequestError(
            f"its configuration cannot be used: {first_line(error)}",
            where=str(folder / CONFIG),
            hint="models that bring code of their own are not run; for a new kind of model, update transformers",
        ) from error
    if getattr(config, "quantization_config", None) is not None:
        raise RequestError(
            "is stored quantised", where=str(folder), hint="name the model itself; tuning: qlora quantises it here"
        )
    return config


def make_config(
    settings: Mapping[str, object], vocabulary_size: int, *, pad_id: int, eos_id: int, bos_id: int | None
) -> Any:
    """A configuration from `model_type` and the keys of its class, with a vocabulary and its special ids.

    A decoder starts with the pad id. Raises RequestError for a type or a key that there is not, and for values that do
    not fit.
    """
    from transformers import CONFIG_MAPPING

    kind = str(settings["model_type"])
    if kind not in CONFIG_MAPPING:
        hint = did_you_mean(kind, CONFIG_MAPPING.keys()) or "name one that transformers knows, such as t5 or llama"
        raise RequestError(f"there is no model type '{kind}'", where=f"{RECIPE_KEY}.model_type", hint=hint)
    made = CONFIG_MAPPING[kind]
    known = {name for name in made.__dataclass_fields__ if not name.startswith("_")} | set(made.attribute_map)
    known |= {"tie_word_embeddings"}
    for name in settings:
        if name in IDS:
            raise RequestError("follows from the tokenizer", where=f"{RECIPE_KEY}.{name}", hint="take it out")
        if name != "model_type" and name not in known:
            hint = did_you_mean(name, known) or f"it has: {', '.join(sorted(known))}"
            raise RequestError(f"{kind} has no such key", where=f"{RECIPE_KEY}.{name}", hint=hint)
    rows = settings.get("vocab_size", vocabulary_size)
    if not isinstance(rows, int) or rows < vocabulary_size:
        raise RequestError(
            f"{rows} is less than the tokenizer's {vocabulary_size:,} pieces", where=f"{RECIPE_KEY}.vocab_size"
        )
    keys = {name: value for name, value in settings.items() if name not in ("model_type", "vocab_size")}
    try:
        with quiet():
            config = made(**keys, vocab_size=rows, pad_token_id=pad_id, eos_token_id=eos_id, bos_token_id=bos_id)
    except Exception as error:  # its checks raise classes of their own
        raise RequestError(f"no {kind} can have this shape: {first_line(error)}", where=RECIPE_KEY) from error
    if config.is_encoder_decoder:
        config.decoder_start_token_id = pad_id
    return config


def said_tied(config: Any, words: Mapping[str, object]) -> bool:
    """Whether head and embedding are one matrix, by the words that the configuration was read from.

    Where there are no tensors to tell: transformers 5 overrides what T5's configurations say.
    """
    kind = config.model_type
    if kind in TIED_BY_FORCE:
        return bool(words.get("tie_word_embeddings", kind not in UNTIED_BY_NATURE))
    return bool(getattr(config, "tie_word_embeddings", False))


def read_words(folder: Path) -> dict[str, object]:
    """A folder's configuration in its own words."""
    return dict(read_json(folder / CONFIG))


def first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0] or type(error).__name__
