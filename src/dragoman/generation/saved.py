"""A saved model: weights, tokenizer and `dragoman.json`, the card that says how to answer with them.

Everything that answers reads this folder and nothing else, so that a model answers everywhere as it was measured.
The card has a checksum of every other file: a model that is damaged, or put together from two, does not answer at all.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Annotated, Any, Literal, cast

import torch
from pydantic import Field, TypeAdapter, ValidationError

from dragoman.adapters.tuning import load_tuned, save_tuned
from dragoman.base.device import Precision, PrecisionName, choose_precision, pick_device
from dragoman.base.errors import RequestError
from dragoman.base.files import atomic_folder, digest, read_json, write_json
from dragoman.data.templates import Template
from dragoman.generation.prompts import make_prompter, prompt_room
from dragoman.generation.settings import Settings
from dragoman.generation.texts import TextGenerator
from dragoman.models.face import TextModel
from dragoman.models.hub import Snapshot, resolve_model
from dragoman.models.nmt.model import NmtModel
from dragoman.models.pretrained import PretrainedModel
from dragoman.recipe import schema
from dragoman.tokenizer.face import TextTokenizer
from dragoman.tokenizer.loading import load_tokenizer

FORMAT = 2
CARD = "dragoman.json"


@dataclass(frozen=True)
class Card:
    """What a model is for and how it answers."""

    task: str
    languages: dict[str, str]  # source, target
    template: dict[str, Any]
    max_source_length: Annotated[int, Field(ge=2)]  # tokens, the end token counted
    generation: dict[str, Any]  # complete: every field of `Settings`
    special_ids: dict[str, int | None]
    parameters: int
    kind: Literal["nmt", "pretrained"] = "nmt"
    causal: bool = False
    precision: str = "float32"  # what it computes in where the device can
    tuning: Literal["full", "lora", "qlora"] = "full"
    adapter: dict[str, Any] | None = None
    base: Base | None = None  # where tuning is an adapter
    entities: dict[str, Any] = field(default_factory=lambda: schema.Entities().model_dump())  # for that task
    files: dict[str, str] = field(default_factory=dict)  # SHA-256 of the others in the folder
    format: int = FORMAT
    made_by: dict[str, Any] = field(default_factory=dict)  # run, method, step, versions


@dataclass(frozen=True)
class Base:
    """The pretrained model below an adapter. folder: where it was, for models that are not on the hub."""

    name: str
    commit: str | None
    digest: str  # of its weights' files


def save_model(folder: Path, model: TextModel, tokenizer: TextTokenizer, card: Card) -> None:
    """Write a whole model folder, or leave what was there."""
    with atomic_folder(folder) as temporary:
        if isinstance(model, PretrainedModel):
            adapter = None if card.adapter is None else schema.Adapter(**card.adapter)
            name, commit = (card.base.name, card.base.commit) if card.base else (None, None)
            save_tuned(model, temporary, adapter, name, commit)
        else:
            model.save(temporary)
        tokenizer.copy_to(temporary)  # the folder may be that of another model
        files = {file.name: digest(file) for file in sorted(temporary.iterdir())}
        write_card(temporary, replace(card, files=files))


def write_card(folder: Path, card: Card) -> None:
    """Write the card of a model folder, or leave what was there."""
    write_json(folder / CARD, asdict(card))


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
        schema.Entities.model_validate(card.entities)
    except ValidationError as error:
        first = error.errors()[0]
        raise damaged(f"{'.'.join(map(str, first['loc']))}: {first['msg']}".removeprefix(": "), folder / CARD) from None
    except ValueError as error:
        raise damaged(str(error), folder / CARD) from None
    return card


def template_of(card: Card) -> Template:
    """How columns become the inputs that the model was trained on."""
    return Template(schema.Template(**card.template), card.task)


def damaged(how: str, file: Path) -> RequestError:
    return RequestError(
        f"is damaged: {how}",
        where=str(file),
        hint="copy the model folder anew; or delete it, and dragoman run writes it again from its best checkpoint",
    )


def load_model(folder: Path, card: Card, device: torch.device, precision: Precision) -> TextModel:
    """The model of a card whose files are whole. Raises RequestError where its base is gone or is another one."""
    if card.kind == "nmt":
        return NmtModel.load(folder).to(device).eval()
    if card.base is None or card.adapter is None:
        return PretrainedModel.load(folder, dtype=torch.float32, eos_id=card.special_ids["eos"]).to(device).eval()
    base, adapter = base_of_card(card, folder), schema.Adapter(**card.adapter)
    eos_id = card.special_ids["eos"]
    assert eos_id is not None
    model = load_tuned(folder, base, adapter, eos_id, precision.compute, device, four_bit=card.tuning == "qlora")
    return model.to(device).eval()


def base_of_card(card: Card, folder: Path) -> Snapshot:
    """The base that an adapter was trained on. Raises RequestError where it is gone or is another one."""
    assert card.base is not None
    base = resolve_model(card.base.name, card.base.commit, folder)
    if base.digest != card.base.digest:
        raise RequestError(
            f"was made for other weights of {card.base.name} than are there now",
            where=str(folder),
            hint="put the base model back as it was, or train the adapter again",
        )
    return base


def verify_files(folder: Path, card: Card) -> None:
    """Raise RequestError where a file of the model is gone or is another one."""
    for name, checksum in card.files.items():
        if not (folder / name).is_file():
            raise damaged("the file is gone", folder / name)
        if digest(folder / name) != checksum:
            raise damaged("it is not the file that was saved with this model", folder / name)


def load_generator(
    folder: Path, changes: dict[str, Any] | None = None, device: torch.device | None = None, card: Card | None = None
) -> TextGenerator:
    """The model ready to answer, with its own settings but for `changes`. Raises RequestError as `read_card` does.

    card: the folder's, where it has been read already.
    """
    card, device = card or read_card(folder), device or pick_device()
    verify_files(folder, card)
    settings = replace(Settings(**card.generation), **(changes or {}))
    precision = answering_precision(card, device)
    model = load_model(folder, card, device, precision)
    tokenizer = load_tokenizer(folder)
    template = schema.Template(**card.template)
    prompter = make_prompter(
        tokenizer, causal=card.causal, source_template=template.source, limit=card.max_source_length,
        room=prompt_room(model.context, card.causal, settings.max_length),
    )  # fmt: skip
    own = None if card.kind == "nmt" else precision
    return TextGenerator(model, tokenizer, prompter, settings, own, one_line=card.task != "chat")


def answering_precision(card: Card, device: torch.device) -> Precision:
    """What the model was measured in, where the device can compute in it."""
    wanted = cast(PrecisionName, card.precision)
    try:
        return choose_precision(wanted, device)
    except RequestError:
        return choose_precision("float32", device)
