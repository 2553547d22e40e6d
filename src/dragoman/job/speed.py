"""How fast a trained model answers, measured on inputs of its own run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import torch

from dragoman.base.device import Precision, describe_machine, pick_device, tune_allocator
from dragoman.base.errors import RequestError
from dragoman.base.files import write_json, write_text
from dragoman.base.progress import progress
from dragoman.data.dataset import VALIDATION
from dragoman.data.encoded import EncodedSet
from dragoman.generation.saved import load_model, read_card, verify_files
from dragoman.generation.speed import SHORTEST, SpecialIds, Timing, time_cache
from dragoman.job.folder import find_model
from dragoman.models.face import TextModel
from dragoman.objectives.sets import EncodedSets
from dragoman.report.speed import render_generation
from dragoman.tokenizer.loading import load_tokenizer

FLOAT32 = Precision(torch.float32, "with and without cache the sums have another order, and rounding must not show")
FOLDER = "bench"  # beside the model


@dataclass(frozen=True)
class Study:
    """What was measured, and where that is written down."""

    timings: list[Timing]
    page: Path


def time_generation(name: str, batches: Sequence[int], lengths: Sequence[int], beam: int) -> Study:
    """Time a model's answers with and without cache, for each batch size and output length, and write a page of it.

    name: RUN, RUN/METHOD or a model folder. Raises RequestError where there is no such model, or it has no inputs.
    """
    tune_allocator()
    folder, device = find_model(name), pick_device()
    card = read_card(folder)
    verify_files(folder, card)
    model, tokenizer = load_model(folder, card, device, FLOAT32), load_tokenizer(folder)
    inputs = _inputs(folder, model, max(batches))
    ids = SpecialIds(tokenizer.eos_id, tokenizer.pad_id, tokenizer.suppressed_ids)
    timings = []
    with progress("timing", len(batches) * len(lengths), unit="cells") as bar:
        for batch, length in _cells(batches, lengths):
            bar.note(f"batch {batch}, {length} tokens")
            timings.append(time_cache(model, inputs[:batch], length, ids, beam=beam, shortest=SHORTEST))
            bar.advance()
    found: dict[str, Any] = {
        "model": name, "parameters": card.parameters, "beam": beam, "machine": describe_machine(),
        "timings": [{**asdict(timing), "gain": timing.gain} for timing in timings],
    }  # fmt: skip
    place = folder.parent / FOLDER
    write_json(place / "generation.json", found)
    write_text(place / "generation.html", render_generation(found))
    return Study(timings, place / "generation.html")


def _cells(batches: Sequence[int], lengths: Sequence[int]) -> Iterator[tuple[int, int]]:
    return ((batch, length) for batch in batches for length in lengths)


def _inputs(folder: Path, model: TextModel, count: int) -> list[list[int]]:
    """Inputs of the run's validation rows, from all over them, again and again where there are few."""
    path = EncodedSets(folder.parent.parent / "encoded").ids_path(VALIDATION)
    if not path.is_file():
        raise RequestError(
            "there is nothing to answer: the rows that the model was validated on are gone",
            where=str(path),
            hint="dragoman run makes them again; name the run whose model it is",
        )
    encoded = EncodedSet(path)
    places = [place * len(encoded) // count for place in range(count)] if count < len(encoded) else range(len(encoded))
    found = [_input(encoded, place) for place in places]
    if max(max(ids) for ids in found) >= len(model.head().weight):
        raise RequestError("the rows are of another model", where=str(path), hint="name a model in its own run")
    return list(islice(cycle(found), count))


def _input(encoded: EncodedSet, place: int) -> list[int]:
    """What is read before the first label: of a causal row the prompt."""
    row = encoded[place]
    ids = row.input_ids if row.places is None else row.input_ids[: row.places[0]]
    return [int(id) for id in ids]
