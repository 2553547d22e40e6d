"""The examples of a recipe, split by split: training, validation, and each named test set.

- Where no validation source is given, rows are held out of the training rows; the choice needs one reading of its own.
- Every split can be read again and again, and streams: what stays in memory is a byte a row, to know the held-out ones.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from functools import cached_property
from pathlib import Path

import numpy as np

from dragoman.base.progress import progress
from dragoman.data.dropping import DropRules
from dragoman.data.examples import check_drop_if, read_examples
from dragoman.data.keys import collect_keys
from dragoman.data.quarantine import Quarantine
from dragoman.data.receipt import Receipt
from dragoman.data.rows import Example
from dragoman.data.splits import hold_out
from dragoman.data.templates import Template
from dragoman.recipe.schema import Data, Source
from dragoman.recipe.tree import KeyPath

VALIDATION = "validation"


def test_set(name: str) -> str:
    """The split's name of a test set: "test:flickr"."""
    return f"test:{name}"


def sources_of(data: Data) -> dict[KeyPath, Source]:
    """Every source by its key in the recipe, as a path: a test set's name may hold dots."""
    named: dict[KeyPath, Source] = {("data", "train", i): source for i, source in enumerate(data.train)}
    if data.validation is not None:
        named["data", "validation"] = data.validation
    return named | {("data", "test", name): source for name, source in data.test.items()}


class Dataset:
    """The examples of `data`. folder: what the recipe's relative paths start from. without: evaluation sets to skip.

    task: the recipe's, which says what a row is. Raises RequestError for a template or a rule that cannot be read.
    """

    def __init__(self, data: Data, folder: Path, seed: int, without: Collection[str] = (), task: str = "translation"):
        self.data, self.folder, self.seed, self.without, self.task = data, folder, seed, without, task
        self.template = Template(data.template, task)
        self.drop = DropRules(data.drop_if)
        self.entities = data.entities if task == "entities" else None

    @property
    def evaluation_sets(self) -> dict[str, Source | None]:
        """The sets to measure on, by split name. None: held out of the training rows."""
        tests = {test_set(name): source for name, source in self.data.test.items()}
        every = {VALIDATION: self.data.validation, **tests}
        return {name: source for name, source in every.items() if name not in self.without}

    def train(self, quarantine: Quarantine | None = None, receipt: Receipt | None = None) -> Iterator[Example]:
        """The examples to learn from."""
        receipt = receipt or Receipt()
        for held_out, example in self._training_rows(quarantine, receipt):
            if held_out:
                receipt.split("train").hold_out()
            else:
                yield example

    def evaluation(
        self, name: str, quarantine: Quarantine | None = None, receipt: Receipt | None = None
    ) -> Iterator[Example]:
        """The examples of one evaluation set."""
        receipt = receipt or Receipt()
        source = self.evaluation_sets[name]
        if source is not None:
            yield from self._read([source], name, quarantine, receipt)
            return
        for held_out, example in self._training_rows(None, Receipt()):  # bad rows were counted when training was read
            if held_out:
                receipt.split(name).read_row()
                yield example

    def _training_rows(self, quarantine: Quarantine | None, receipt: Receipt) -> Iterator[tuple[bool, Example]]:
        held_out = self._held_out
        for i, example in enumerate(self._read(self.data.train, "train", quarantine, receipt)):
            yield held_out is not None and bool(held_out[i]), example

    @cached_property
    def _held_out(self) -> np.ndarray | None:
        """(usable training rows,) bool: true where a row is held out. None where validation has a source of its own."""
        if self.data.validation is not None:
            return None
        with progress("choosing validation rows", unit="rows") as bar:
            examples = self._read(self.data.train, "train", None, Receipt())
            keys = collect_keys(example.context for example in bar.over(examples))
        return hold_out(keys, self.data.validation_rows, self.seed)

    def _read(
        self, sources: list[Source], split: str, quarantine: Quarantine | None, receipt: Receipt
    ) -> Iterator[Example]:
        quarantine = quarantine or Quarantine(None, self.data.strict)
        if self.drop.columns:  # it is enough if one source that is there has them
            measured = [source for source in self.evaluation_sets.values() if source is not None]
            check_drop_if([*self.data.train, *measured], self.drop, self.folder, self.entities)
        return read_examples(
            sources, self.template, self.folder, split=split, quarantine=quarantine, receipt=receipt, drop=self.drop,
            entities=self.entities,
        )  # fmt: skip
