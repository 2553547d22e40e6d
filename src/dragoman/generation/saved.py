"""A saved model: weights, tokenizer and `dragoman.json`, the card that says how to answer with them.

Everything that answers reads this folder and nothing else, so that a model answers everywhere as it was measured.
"""

from __future__ import annotations

import shutil
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

import torch

from dragoman.base.device import pick_device
from dragoman.base.errors import RequestError
from dragoman.base.files import atomic_folder, read_json, write_json
from dragoman.generation.settings import Settings
from dragoman.generation.texts import TextGenerator
from dragoman.models.face import TextModel
from dragoman.models.nmt.model import NmtModel
from dragoman.tokenizer.tokenizer import Tokenizer
from dragoman.tokenizer.unigram import CONFIG_FILE, MODEL_FILE, TOKENIZER_FILE

FORMAT = 1
CARD = "dragoman.json"


@dataclass(frozen=True)
class Card:
    """What a model is for and how it answers."""

    task: str
    languages: dict[str, str]  # source, target
    template: dict[str, Any]
    max_source_length: int  # tokens, the end token counted
    generation: dict[str, Any]  # complete: every field of `Settings`
    special_ids: dict[str, int]
    parameters: int
    format: int = FORMAT
    made_by: dict[str, Any] = field(default_factory=dict)  # run, method, step, versions


def save_model(folder: Path, model: TextModel, tokenizer: Tokenizer, card: Card) -> None:
    """Write a whole model folder, or leave what was there."""
    with atomic_folder(folder) as temporary:
        model.save(temporary)
        for name in (MODEL_FILE, TOKENIZER_FILE, CONFIG_FILE):  # the folder may be that of another model
            if (tokenizer.folder / name).exists():
                shutil.copy(tokenizer.folder / name, temporary / name)
        write_json(temporary / CARD, asdict(card))


def read_card(folder: Path) -> Card:
    """Raises RequestError where the folder holds no model, or one of a newer format."""
    if not (folder / CARD).is_file():
        raise RequestError("there is no trained model here", where=str(folder), hint="dragoman run RECIPE trains one")
    try:
        values = read_json(folder / CARD)
        if values["format"] > FORMAT:
            raise RequestError(
                f"written by a newer dragoman (format {values['format']})",
                where=str(folder / CARD),
                hint="update dragoman",
            )
        return Card(**values)
    except (ValueError, KeyError, TypeError) as error:
        raise RequestError(f"the card is damaged: {error}", where=str(folder / CARD)) from None


def load_generator(
    folder: Path, changes: dict[str, Any] | None = None, device: torch.device | None = None
) -> TextGenerator:
    """The model ready to answer, with its own settings but for `changes`. Raises RequestError as `read_card` does."""
    card = read_card(folder)
    known = {f.name for f in fields(Settings)}
    settings = Settings(**{k: v for k, v in {**card.generation, **(changes or {})}.items() if k in known})
    model = NmtModel.load(folder).to(device or pick_device()).eval()
    return TextGenerator(model, Tokenizer.load(folder), settings, card.max_source_length)
