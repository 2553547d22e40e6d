"""What happens to a batch of documents, in this order: normalise, take boilerplate away, tell the language, take lines
away, apply the rules, and write down by what duplicates are told.

All of it is a function of the batch: no state, no order of batches, no clock. A document on which something fails that
nobody foresaw is poison: the batch is halved until it is alone, put into quarantine, and harms no other.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import lru_cache, partial

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from dragoman.base.errors import DragomanError, RequestError
from dragoman.corpus.duplicates.keys import document_numbers, keys_of
from dragoman.corpus.engine.batch import Batch, Mask
from dragoman.corpus.engine.removing import count_removed, keep, not_empty, without_lines
from dragoman.corpus.engine.tally import Tally, add
from dragoman.corpus.languages import CODES, identify
from dragoman.corpus.lines import Stripped
from dragoman.corpus.normalising import normalise_texts
from dragoman.corpus.rules import Rule, Words, make_line_rules, make_rules
from dragoman.data.documents import BadDocument
from dragoman.data.rows import excerpt
from dragoman.recipe.schema import Corpus
from dragoman.recipe.schema.boilerplate import Boilerplate

BOILERPLATE, LINE_RULES = "boilerplate", "line rules"
LANGUAGE, LANGUAGE_SCORE = "language", "language_score"


@dataclass
class Cleaned:
    """What has become of a batch: documents to keep, in order, with the keys that tell duplicates; and what else."""

    tables: list[pa.Table] = field(default_factory=list)
    keys: list[pa.Table] = field(default_factory=list)
    tally: Tally = field(default_factory=Tally)
    poison: list[tuple[str, BadDocument]] = field(default_factory=list)  # with their files

    @property
    def kept(self) -> int:
        return sum(table.num_rows for table in self.tables)

    def __iadd__(self, other: Cleaned) -> Cleaned:
        self.tables += other.tables
        self.keys += other.keys
        self.poison += other.poison
        self.tally.merge(other.tally)
        return self


class Pipeline:
    """The steps of one recipe. What they need is made once."""

    def __init__(self, corpus: Corpus):
        _check_languages(corpus)
        self.corpus = corpus
        self.rules: list[Rule] = make_rules(corpus)
        self.line_rules = make_line_rules(corpus)
        self.boilerplate = None if corpus.boilerplate is None else _boilerplate(corpus.boilerplate)

    def clean(self, batch: Batch, shard: int, kept: int) -> Cleaned:
        """Clean a batch. shard, kept: its shard's number, and how many documents are kept there already."""
        try:
            return self._clean(batch, shard, kept)
        except DragomanError:  # of the recipe or the machine: no document is to blame
            raise
        except Exception as error:  # of whatever library, on a text that nobody foresaw
            if len(batch) < 2:
                return poisoned(batch, error)
        first, second = batch.halves()
        cleaned = self.clean(first, shard, kept)
        cleaned += self.clean(second, shard, kept + cleaned.kept)
        return cleaned

    def _clean(self, batch: Batch, shard: int, kept: int) -> Cleaned:
        tally = Tally(read=[len(batch), int(batch.sizes.sum())])
        for step in (self.normalised, self.without_boilerplate, self.in_a_language, self.without_lines, self.passing):
            if len(batch):
                batch = step(batch, tally)
        tally.keep(batch.languages, batch.sizes.tolist())
        keys = []
        if tells_duplicates(self.corpus) and len(batch):
            numbers = pa.array(document_numbers(shard, kept, len(batch)))
            keys.append(keys_of(pa.table({"text": batch.texts, "document": numbers}), self.corpus.duplicates))
        return Cleaned([batch.table()], keys, tally)

    def normalised(self, batch: Batch, tally: Tally) -> Batch:
        after = batch.with_texts(normalise_texts(batch.texts))
        changed = pc.sum(pc.not_equal(batch.texts, after.texts)).as_py() or 0
        add(tally.changed, changed, int(batch.sizes.sum() - after.sizes.sum()))
        return not_empty(after, tally)

    def without_boilerplate(self, batch: Batch, tally: Tally) -> Batch:
        if self.boilerplate is None:
            return batch
        return without_lines(batch, self.boilerplate(batch.texts), BOILERPLATE, tally)

    def in_a_language(self, batch: Batch, tally: Tally) -> Batch:
        """Tell the languages, and keep the documents in those that are wanted."""
        batch, scores = with_languages(batch)
        if not self.corpus.languages:
            return batch
        tally.measure(LANGUAGE_SCORE, scores)
        return keep(batch, self.wanted(batch, scores), LANGUAGE, tally, measured={LANGUAGE_SCORE: scores})

    def wanted(self, batch: Batch, scores: NDArray[np.float64]) -> Mask:
        """Which documents are in a language that is wanted, for all that is known (D,)."""
        if not self.corpus.languages:
            return np.ones(len(batch), bool)
        known = np.array([code in self.corpus.languages for code in batch.languages], bool)
        return known & (scores >= self.corpus.language_score)

    def without_lines(self, batch: Batch, tally: Tally) -> Batch:
        if not self.line_rules:
            return batch
        return without_lines(batch, self.line_rules(batch.texts, batch.languages), LINE_RULES, tally)

    def passing(self, batch: Batch, tally: Tally) -> Batch:
        """The documents that all rules keep. One that a rule has removed is measured no more."""
        words = Words(batch.texts, batch.languages)
        kept = np.ones(len(batch), bool)
        for rule in self.rules:
            if not kept.any():
                break
            measured = rule.measure(words, kept)
            for name, values in measured.items():
                tally.measure(name, values[kept])
            passes = rule.verdict(measured, words)
            count_removed(batch, kept & ~passes, rule.name, tally, measured=measured)
            kept &= passes
        return batch.where(kept)


def _check_languages(corpus: Corpus) -> None:
    """Raises RequestError for a language that no text is ever told to be in: all would be removed."""
    known = CODES | {source.language for source in corpus.sources if source.language is not None}
    for number, code in enumerate(corpus.languages):
        if code not in known:
            hint = "a code has two letters, such as de or hi; three only where there are no two, such as ceb"
            raise RequestError(f"no text is told to be in '{code}'", where=f"corpus.languages.{number}", hint=hint)


def _boilerplate(settings: Boilerplate) -> Callable[[pa.Array], Stripped]:
    """Raises RequestError where one of the patterns is none."""
    from dragoman.corpus.boilerplate import strip_texts

    strip = partial(strip_texts, settings=settings)
    strip(pa.array(["a line"], pa.large_string()))
    return strip


def with_languages(batch: Batch) -> tuple[Batch, NDArray[np.float64]]:
    """The batch with the languages that its sources do not know, and how sure they are (D,)."""
    scores, languages = np.ones(len(batch)), list(batch.languages)
    unknown = [place for place, code in enumerate(languages) if not code]
    if unknown:
        for place, (code, score) in zip(unknown, identify(batch.texts.take(unknown).to_pylist()), strict=True):
            languages[place], scores[place] = code, score
    return replace(batch, languages=languages), scores


def tells_duplicates(corpus: Corpus) -> bool:
    """Whether documents or lines are compared over the whole corpus."""
    wanted = corpus.duplicates
    return wanted.exact or wanted.minhash is not None or wanted.lines is not None


@lru_cache(maxsize=2)
def _pipeline(settings: str) -> Pipeline:
    return Pipeline(Corpus.model_validate_json(settings))


def pipeline_of(corpus: Corpus) -> Pipeline:
    """The pipeline of these settings, made once in each process."""
    return _pipeline(corpus.model_dump_json())


def poisoned(batch: Batch, error: Exception) -> Cleaned:
    """What becomes of a document on which a step fails."""
    size, reason = int(batch.sizes[0]), failure(error)
    bad = BadDocument(int(batch.rows[0]), reason, excerpt(batch.texts[0].as_py()[:1000]))
    return Cleaned([], [], Tally(read=[1, size], poisoned={reason: [1, size]}), [(batch.files[0], bad)])


def failure(error: Exception) -> str:
    """The reason that a document on which a step fails goes into quarantine with."""
    return f"cleaning it fails: {type(error).__name__}"
