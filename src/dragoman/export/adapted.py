"""The two exports of an adapted model: weights with the adapter merged into them, and the adapter in PEFT's files.

Both are written under a temporary name, loaded again as anybody would, and replayed on held-out rows of the run; only
then do they get their place.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass, replace
from pathlib import Path

import torch

from dragoman.adapters import library
from dragoman.adapters.files import CONFIG, WEIGHTS
from dragoman.adapters.four_bit import dequantise
from dragoman.adapters.lora import merge
from dragoman.adapters.tuning import frozen
from dragoman.base.device import Precision, pick_device
from dragoman.base.errors import DragomanError, RequestError
from dragoman.base.files import atomic_folder
from dragoman.data.dataset import VALIDATION
from dragoman.data.encoded import EncodedSet
from dragoman.export.replay import Replay, compare_replays, replay
from dragoman.generation.saved import (
    Card,
    answering_precision,
    base_of_card,
    load_model,
    read_card,
    save_model,
    verify_files,
)
from dragoman.models.face import TextModel
from dragoman.models.pretrained import PretrainedModel
from dragoman.objectives.sets import EncodedSets
from dragoman.tokenizer.loading import load_tokenizer

MERGED_TYPE = torch.bfloat16
SHIFT = 0.02  # nats that the mean loss may move: rounding to 16 bits moves it by a few thousandths
SPREAD = 0.1  # nats that a label's log-probability may move on average, up or down: rounding moves it by a hundredth


@dataclass(frozen=True)
class Original:
    """What is exported: a model folder, its card, and the run's held-out rows."""

    folder: Path
    card: Card
    held_out: EncodedSet

    @classmethod
    def open(cls, folder: Path) -> Original:
        """Raises RequestError where the model has no adapter, or where the rows of its run are gone."""
        card = read_card(folder)
        verify_files(folder, card)
        if card.adapter is None:
            raise RequestError(
                "this model has no adapter: its folder holds whole weights already", where=str(folder),
                hint="transformers loads it as it is" if card.kind == "pretrained" else None,
            )  # fmt: skip
        rows = EncodedSets(folder.resolve().parent.parent / "encoded")
        if not rows.ids_path(VALIDATION).is_file():
            raise RequestError(
                "the held-out rows to replay the export on are gone", where=str(rows.ids_path(VALIDATION)),
                hint="export from inside the run's folder, as RUN or RUN/METHOD",
            )  # fmt: skip
        return cls(folder, card, rows.ids(VALIDATION))


def export_merged(folder: Path, target: Path) -> Replay:
    """Write whole weights of 16 bits, the adapter merged into them, in transformers' files. target: a new folder.

    An adapter that was trained on 4 bits is merged into what these stand for, not into the original weights.
    """
    original = Original.open(folder)
    device = pick_device()
    precision = answering_precision(original.card, device)
    tokenizer = load_tokenizer(folder)
    model = load_model(folder, original.card, device, precision)
    assert isinstance(model, PretrainedModel)
    before = replay(model, precision, original.held_out, tokenizer.pad_id)
    if original.card.adapter is not None and original.card.adapter["library"] == "peft":
        model.network = library.merge(model.network, MERGED_TYPE)
    else:
        merge(model.network, MERGED_TYPE)
    dequantise(model.network, MERGED_TYPE)
    model.to(MERGED_TYPE)
    card = replace(original.card, adapter=None, base=None, tuning="full")
    with atomic_folder(target) as temporary:
        save_model(temporary / "model", model, tokenizer, card)
        del model
        again = load_model(temporary / "model", card, device, precision)
        found = _agreed(before, again, precision, original, tokenizer.pad_id)
        for file in (temporary / "model").iterdir():
            file.rename(temporary / file.name)
        (temporary / "model").rmdir()
    return found


def export_adapter(folder: Path, target: Path) -> Replay:
    """Write the adapter as PEFT's files, with the tokenizer. target: a new folder."""
    original = Original.open(folder)
    device = pick_device()
    precision = answering_precision(original.card, device)
    tokenizer = load_tokenizer(folder)
    model = load_model(folder, original.card, device, precision)
    before = replay(model, precision, original.held_out, tokenizer.pad_id)
    del model
    with atomic_folder(target) as temporary:
        for name in (CONFIG, WEIGHTS):
            shutil.copy(folder / name, temporary / name)
        tokenizer.copy_to(temporary)
        four_bit = original.card.tuning == "qlora"
        again = frozen(
            base_of_card(original.card, folder), tokenizer.eos_id, precision.compute, device, four_bit=four_bit
        )
        again.network = library.load(again.network, temporary)  # by peft itself, as others will
        found = _agreed(before, again.to(device), precision, original, tokenizer.pad_id)
    return found


def _agreed(
    before: list[tuple[torch.Tensor, torch.Tensor]], again: TextModel, precision: Precision, original: Original,
    pad_id: int,
) -> Replay:  # fmt: skip
    """Raises DragomanError where what was written says something else than the original."""
    after = replay(again, precision, original.held_out, pad_id)
    found = compare_replays(before, after, len(original.held_out))
    if not (abs(found.loss) <= SHIFT and found.mean <= SPREAD):
        raise DragomanError(
            f"the export answers differently and was not kept: {found}", where=str(original.folder),
            hint="this is a fault of dragoman's or of a library's: please report it with your model",
        )  # fmt: skip
    return found
