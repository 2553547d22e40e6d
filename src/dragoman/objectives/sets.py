"""All the encoded sets of a job, made in one reading of every split, with the receipt of what became of each row."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

from dragoman.base.errors import DragomanError, RequestError
from dragoman.base.files import atomic_file, atomic_folder, read_json_lines
from dragoman.base.progress import progress, say
from dragoman.data.dataset import Dataset
from dragoman.data.encoded import AGAIN, EncodedSet, write_encoded
from dragoman.data.overlap import Overlap
from dragoman.data.quarantine import Quarantine
from dragoman.data.receipt import Receipt, SplitReceipt
from dragoman.data.rows import BadRow, Example, before_last_answer
from dragoman.objectives.causal import Causal
from dragoman.objectives.chat_template import as_mappings
from dragoman.objectives.encoding import Encoded, Objective
from dragoman.objectives.seq2seq import Seq2Seq
from dragoman.recipe.schema import Recipe
from dragoman.tokenizer.face import TextTokenizer
from dragoman.tokenizer.unigram import train_unigram

TRAIN = "train"


@dataclass(frozen=True)
class EncodedSets:
    """A folder with the token ids of each split and, of each evaluation set, the texts."""

    folder: Path

    def ids_path(self, split: str) -> Path:
        return self.folder / f"{split.replace(':', '-')}.arrow"

    def texts_path(self, split: str) -> Path:
        return self.folder / f"{split.replace(':', '-')}.jsonl"

    def ids(self, split: str) -> EncodedSet:
        return EncodedSet(self.ids_path(split))

    def texts(self, split: str) -> list[dict[str, Any]]:
        """The rows of an evaluation set: source, target, level, file, row, and bytes, of what is learnt of the row.

        Of the task entities also none, the word for a text without entities.

        Of conversations also messages, those before the last answer: lists of role and content. Raises DragomanError
        where they are gone.
        """
        path = self.texts_path(split)
        if not path.is_file():
            raise DragomanError("the rows to measure on are gone", where=str(path), hint=AGAIN)
        return read_json_lines(path)


def train_tokenizer(recipe: Recipe, dataset: Dataset, folder: Path, raw: Iterable[str] = ()) -> None:
    """Train the vocabulary on both sides of the training rows, and on raw text."""
    sides = (text for example in dataset.train() for text in (example.source, example.target))
    texts = chain(sides, raw)
    settings = recipe.tokenizer
    train_unigram(
        texts, folder, vocabulary_size=settings.vocabulary_size, character_coverage=settings.character_coverage
    )


def encode_sets(
    recipe: Recipe, dataset: Dataset, tokenizer: TextTokenizer, folder: Path, quarantine_file: Path, *, causal: bool
) -> Receipt:
    """Write the encoded sets of a recipe into `folder`, whole or not at all, and its bad rows into quarantine_file.

    causal: they are for a causal model, else for an encoder-decoder. Raises RequestError for data that cannot be used,
    as the readers do.
    """
    objective: Objective = Causal(tokenizer) if causal else Seq2Seq(tokenizer)
    receipt, overlap = Receipt(), Overlap()
    extra = {"none": recipe.data.entities.none} if recipe.task == "entities" else {}
    receipt.split(TRAIN)  # comes first in the tables, but the evaluation sets are read first, for the overlap
    with Quarantine(quarantine_file, recipe.data.strict) as quarantine, atomic_folder(folder) as temporary:
        sets = EncodedSets(temporary)
        for name in dataset.evaluation_sets:
            examples = dataset.evaluation(name, quarantine, receipt)
            encoded = objective.for_evaluation(examples, receipt.split(name))
            with (
                atomic_file(sets.texts_path(name)) as texts,
                write_encoded(sets.ids_path(name), tokenizer.vocabulary_size, causal=causal) as writer,
                progress(f"encoding {name}", unit="rows") as bar,
            ):
                for row in _usable(bar.over(encoded), name, quarantine, receipt.split(name)):
                    overlap.add_evaluation(name, row.example)
                    texts.write(json.dumps(_record(row) | extra, ensure_ascii=False) + "\n")
                    writer.append(row.input_ids, row.labels, row.example.origin, row.places)
        examples = _watched(dataset.train(quarantine, receipt), overlap)
        encoded = objective.for_training(examples, recipe.data, receipt.split(TRAIN))
        with (
            write_encoded(sets.ids_path(TRAIN), tokenizer.vocabulary_size, causal=causal) as writer,
            progress(f"encoding {TRAIN}", unit="rows") as bar,
        ):
            for row in _usable(bar.over(encoded), TRAIN, quarantine, receipt.split(TRAIN)):
                writer.append(row.input_ids, row.labels, row.example.origin, row.places)
        if writer.rows == 0:
            raise _nothing_left(receipt.split(TRAIN).to_json())
    receipt.verify()
    receipt.overlap = overlap.to_json()
    return receipt


def _usable(
    rows: Iterable[Encoded | BadRow], split: str, quarantine: Quarantine, receipt: SplitReceipt
) -> Iterator[Encoded]:
    """The rows that can be learnt from; the others are put aside. What there is to say of rows is said at the end."""
    remarks = Counter[str]()
    for row in rows:
        if isinstance(row, BadRow):
            receipt.quarantine(row.reason)
            quarantine.add(split, row)
            continue
        if row.remark is not None:
            remarks[row.remark] += 1
        yield row
    for remark, count in remarks.items():
        say(f"{split}: {count:,} rows: {remark}", "yellow")


def _nothing_left(split: dict[str, Any]) -> RequestError:
    """What became of the rows, most of them first, and which setting to change."""
    counts = {reason: count for found in split["reasons"].values() for reason, count in found.items()}
    listed = sorted(counts.items(), key=lambda item: -item[1])
    too_long = any(" over " in reason for reason in split["reasons"]["dropped"])
    said = f"of {split['read']:,}: " + ", ".join(f"{reason} ({count:,})" for reason, count in listed)
    advice = "; raise data.max_source_length and data.max_target_length, or set data.overlong: trim" if too_long else ""
    return RequestError("no training row is left", where="data", hint=said + advice)


def _watched(examples: Iterator[Example], overlap: Overlap) -> Iterator[Example]:
    for example in examples:
        overlap.add_training(example)
        yield example


def _record(row: Encoded) -> dict[str, Any]:
    example = row.example
    origin = {"file": example.origin.file, "row": example.origin.row}
    record = {"source": example.source, "target": example.target, "level": example.level, **origin}
    record["bytes"] = row.target_bytes
    if example.messages is not None and row.places is not None:  # an encoder-decoder reads the source alone
        record["messages"] = as_mappings(before_last_answer(example.messages))
    return record
