"""A saved model: weights, tokenizer and `dragoman.json`, the card that says how to answer with them.

Everything that answers reads this folder and nothing else, so that a model answers everywhere as it was measured.
The card has a checksum of every other file: a model that is damaged, or put together from two, does not answer at all.
"""

from __future__ import annotations

import shutil
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Annotated, Any

import torch
from pydantic import Field, TypeAdapter, ValidationError

from dragoman.base.device import pick_device
from dragoman.base.errors import RequestError
from dragoman.base.files import atomic_folder, digest, read_json, write_json
from dragoman.data.templates import Template
from dragoman.generation.settings import Settings
from dragoman.generation.texts import TextGenerator
from dragoman.models.face import TextModel
from dragoman.models.nmt.model import NmtModel
from dragoman.recipe import schema
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
    max_source_length: Annotated[int, Field(ge=2)]  # tokens, the end token counted
    generation: dict[str, Any]  # complete: every field of `Settings`
    special_ids: dict[str, int]
    parameters: int
    files: dict[str, str] = field(default_factory=dict)  # SHA-256 of the others in the folder
    format: int = FORMAT
    made_by: dict[str, Any] = field(default_factory=dict)  # run, method, step, versions


def save_model(folder: Path, model: TextModel, tokenizer: Tokenizer, card: Card) -> None:
    """Write a whole model folder, or leave what was there."""
    with atomic_folder(folder) as temporary:
        model.save(temporary)
        for name in (MODEL_FILE, TOKENIZER_FILE, CONFIG_FILE):  # the folder may be that of another model
            if (tokenizer.folder / name).exists():
                shutil.copy(tokenizer.folder / name, temporary / name)
        files = {file.name: digest(file) for file in sorted(temporary.iterdir())}
        write_json(temporary / CARD, asdict(replace(card, files=files)))


def read_card(folder: Path) -> Card:
    """Raises RequestError where the folder holds no model, or one of a newer format."""
    if not (folder / CARD).is_file():
        raise RequestError("there is no trained model here", where=str(folder), hint="dragoman run RECIPE trains one")
    try:
        values = read_json(folder / CARD)
        if isinstance(values, dict) and isinstance(values.get("format"), int) and values["format"] > FORMAT:
            raise RequestError(
                f"written by a newer dragoman (format {values['format']})",
                where=str(folder / CARD),
                hint="update dragoman",
            )
        card = TypeAdapter(Card).validate_python(values)
        if set(card.generation) != {f.name for f in fields(Settings)}:
            raise ValueError("its generation settings are not complete")
        TypeAdapter(Settings).validate_python(card.generation)
        schema.Template.model_validate(card.template)
    except ValidationError as error:
        first = error.errors()[0]
        raise damaged(f"{'.'.join(map(str, first['loc']))}: {first['msg']}".removeprefix(": "), folder / CARD) from None
    except ValueError as error:
        raise damaged(str(error), folder / CARD) from None
    return card


def load_template(folder: Path) -> Template:
    """How columns become the inputs that the model was trained on. Raises RequestError as `read_card` does."""
    return Template(schema.Template(**read_card(folder).template))


def damaged(how: str, file: Path) -> RequestError:
    return RequestError(
        f"is damaged: {how}",
        where=str(file),
        hint="copy the model folder anew; or delete it, and dragoman run writes it again from its best checkpoint",
    )


def load_generator(
    folder: Path, changes: dict[str, Any] | None = None, device: torch.device | None = None
) -> TextGenerator:
    """The model ready to answer, with its own settings but for `changes`. Raises RequestError as `read_card` does."""
    card = read_card(folder)
    for name, checksum in card.files.items():
        if not (folder / name).is_file():
            raise damaged("the file is gone", folder / name)
        if digest(folder / name) != checksum:
            raise damaged("it is not the file that was saved with this model", folder / name)
    settings = replace(Settings(**card.generation), **(changes or {}))
    model = NmtModel.load(folder).to(device or pick_device()).eval()
    return TextGenerator(model, Tokenizer.load(folder), settings, card.max_source_length)
