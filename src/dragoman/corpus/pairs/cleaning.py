"""A recipe's pairs, read, judged and written: `runs/<name>/pairs/`.

    pairs.parquet or pairs.tsv    what is kept: two columns of text, file and row
    rejected.jsonl                what is not: file, row, the rule and its numbers, both texts
    quarantine.jsonl              rows that are no pairs at all
    receipt.json                  read = kept + removed + quarantined; every rule's counts, distributions and samples
    recipe.yaml                   the effective recipe

The folder appears whole at the end: a run that was killed leaves what was there before, and another one begins anew and
makes the same files, byte for byte. Memory does not grow with pairs, but for the keys of duplicates.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from dragoman.base.files import atomic_file, atomic_folder, clear_temporaries, lock, write_json, write_text
from dragoman.base.progress import progress
from dragoman.corpus.pairs.batch import PairBatch
from dragoman.corpus.pairs.gate import PairGate
from dragoman.corpus.pairs.memory import Memory
from dragoman.corpus.pairs.reading import PAIRS, pairs_of, read_evaluation, read_pairs, refuse_faulty
from dragoman.corpus.pairs.rule import Verdict
from dragoman.corpus.pairs.similar import EvaluationOverlap
from dragoman.corpus.pairs.tally import Tally, record
from dragoman.corpus.pairs.writing import pair_file
from dragoman.data.quarantine import Quarantine
from dragoman.data.receipt import Receipt
from dragoman.data.rows import Example
from dragoman.recipe.loading import LoadedTexts
from dragoman.recipe.saving import effective

FOLDER, RECEIPT = "pairs", "receipt.json"
BATCH = 1024  # pairs that are judged together


class Cleaner:
    """A recipe's rules with their memory and their tally: pairs in, verdicts out, in order.

    Raises RequestError for what is wrong with the recipe's files, columns or languages.
    """

    def __init__(self, loaded: LoadedTexts, quarantine: Quarantine):
        self.loaded, self.quarantine, self.receipt = loaded, quarantine, Receipt()
        refuse_faulty(loaded)
        self.gate = PairGate(pairs_of(loaded))
        self.evaluation = self._evaluation()
        self.memory = Memory(pairs_of(loaded).rules, self.evaluation)
        self.tally = Tally(self.gate.rules, self.memory)

    def _evaluation(self) -> EvaluationOverlap | None:
        rule = pairs_of(self.loaded).rules.evaluation
        if rule is None:
            return None
        with progress("reading evaluation sets", unit="texts") as bar:
            overlap = EvaluationOverlap(
                bar.over(read_evaluation(self.loaded, self.quarantine, self.receipt)), rule.similarity
            )
        return overlap if len(overlap) else None

    def judged(self) -> Iterator[list[tuple[Example, Verdict]]]:
        """Every pair of the recipe with its verdict, batch by batch."""
        for examples in batches(read_pairs(self.loaded, self.quarantine, self.receipt)):
            yield list(zip(examples, self.judge(examples), strict=True))

    def judge(self, examples: list[Example]) -> list[Verdict]:
        """Verdicts on the next pairs."""
        verdicts = self.gate.verdicts(PairBatch.of(*texts_of(examples)), self.tally.see)
        left = [place for place, verdict in enumerate(verdicts) if verdict.kept]
        found = self.memory.judge(*texts_of([examples[place] for place in left]))
        for place, verdict in zip(left, found, strict=True):
            verdicts[place] = verdict
        for example, verdict in zip(examples, verdicts, strict=True):
            self.tally.add(example, verdict)
        return verdicts


def clean_pairs(loaded: LoadedTexts, runs: Path) -> dict[str, Any]:
    """Clean a recipe's pairs into `runs/<name>/pairs` and return the receipt. Whatever stood there is replaced.

    Raises RequestError for what is wrong with the recipe or its files, and where another process writes there.
    """
    run = runs / loaded.recipe.name
    with loaded.located(), lock(run):
        clear_temporaries(run)
        with atomic_folder(run / FOLDER) as folder:
            return _clean(loaded, folder)


def _clean(loaded: LoadedTexts, folder: Path) -> dict[str, Any]:
    with (
        Quarantine(folder / "quarantine.jsonl", strict=False) as quarantine,
        atomic_file(folder / "rejected.jsonl") as rejected,
        pair_file(folder, pairs_of(loaded)) as kept,
    ):
        cleaner = Cleaner(loaded, quarantine)
        with progress("cleaning pairs", unit="pairs") as bar:
            for batch in cleaner.judged():
                for example, verdict in batch:
                    if verdict.kept:
                        kept.add(example)
                    else:
                        rejected.write(json.dumps(record(example, verdict), ensure_ascii=False) + "\n")
                bar.advance(len(batch))
    receipt = receipt_of(cleaner)
    write_text(folder / "recipe.yaml", effective(loaded.recipe, loaded.folder))
    write_json(folder / RECEIPT, receipt)
    return receipt


def receipt_of(cleaner: Cleaner) -> dict[str, Any]:
    """What is written as receipt.json. Raises RuntimeError where it does not add up."""
    recipe, pairs = cleaner.loaded.recipe, pairs_of(cleaner.loaded)
    counts, tally = cleaner.receipt.split(PAIRS), cleaner.tally
    if counts.read != tally.kept + tally.removed + counts.quarantined.total():
        raise RuntimeError(f"the receipt does not add up: {counts.to_json()}, {tally.kept}, {tally.removed}")
    return {
        "name": recipe.name,
        "preset": pairs.preset,
        "languages": pairs.languages.model_dump() if pairs.languages else None,
        "read": counts.read,
        "quarantined": counts.quarantined.total(),
        "reasons": dict(counts.quarantined.most_common()),
        "evaluation_texts": len(cleaner.evaluation) if cleaner.evaluation else 0,
        **tally.to_json(),
    }


def batches(examples: Iterable[Example], size: int = BATCH) -> Iterator[list[Example]]:
    rest = iter(examples)
    while batch := list(islice(rest, size)):
        yield batch


def texts_of(examples: list[Example]) -> tuple[list[str], list[str]]:
    return [one.source for one in examples], [one.target for one in examples]
