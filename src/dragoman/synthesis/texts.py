"""Sentences and passages of a corpus that are worth a translation, always the same ones in the same order.

- Whole sentences alone: they end with a mark, and are neither too short nor too long; a passage is made of neighbours.
- Each is in one of the two languages: the source's own, where the recipe names it, else the one that is told from it.
- None comes twice, or stands in an evaluation set: its pair would not be kept.
- Several sources take turns, each as often as its share says.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from dragoman.base.errors import RequestError
from dragoman.base.seeds import derive
from dragoman.corpus.pairs.characters import has_spaces, kinds
from dragoman.corpus.pairs.scripts import alike, known_code
from dragoman.data.documents import Documents, pieces_of, read_piece
from dragoman.data.keys import text_key
from dragoman.data.sentences import CLOSING, MARK, WIDE, sentences
from dragoman.recipe.schema import Synthesis, TextSource
from dragoman.synthesis.work import SIDES, Side

SURE, TOLD_FROM = 0.5, 20  # the least confidence in a language, asked of texts of so many characters
ENDS = tuple(MARK + WIDE)
LETTERS = 0.5  # the least share of letters in all that is no white space


@dataclass(frozen=True, slots=True)
class Text:
    """What is to be translated. side: whose language it is in. file, row: its document; part: its number in it."""

    text: str
    side: Side
    file: str
    row: int
    part: int


class Texts:
    """The texts of a recipe's corpus. seen: counts of sentences that were passed over, by reason."""

    def __init__(self, settings: Synthesis, folder: Path, seed: int, overlaps: Callable[[str], bool]):
        """folder: the recipe's. overlaps: whether a text stands in an evaluation set."""
        assert settings.translate is not None
        self.settings, self.folder, self.seed, self.overlaps = settings.translate, folder, seed, overlaps
        self.codes: dict[Side, str] = {"source": settings.languages.source, "target": settings.languages.target}
        for fault in language_fault(settings):
            raise fault
        self._side_of: dict[str, Side] = {}  # by the codes that the language identification may give
        for side in SIDES:
            code = known_code(self.codes[side], f"synthesis.languages.{side}")
            self._side_of = dict.fromkeys(alike(code), side) | self._side_of | {code: side}
        self.passed_over: Counter[str] = Counter()
        self._known: set[int] = set()

    def __iter__(self) -> Iterator[Text]:
        readers = [self._of(number, source) for number, source in enumerate(self.settings.sources)]
        shares = [source.share or 1.0 for source in self.settings.sources]
        for text in take_turns(readers, shares):
            key = text_key(text.text)
            if key in self._known:
                self.passed_over["came before"] += 1
            elif self.overlaps(text.text):
                self.passed_over["in an evaluation set"] += 1
            else:
                self._known.add(key)
                yield text

    def _of(self, number: int, source: TextSource) -> Iterator[Text]:
        for piece in pieces_of([source], self.folder):
            for batch in read_piece(piece, source):
                if batch.bad:
                    self.passed_over["unreadable documents"] += len(batch.bad)
                yield from self._placed(batch, source, piece.file)

    def _placed(self, batch: Documents, source: TextSource, file: Path) -> Iterator[Text]:
        found: list[tuple[str, int, int]] = []
        for document, row in zip(batch.table["text"].to_pylist(), batch.table["row"].to_pylist(), strict=True):
            units = self._units(document)
            found += [(text, row, part) for part, text in enumerate(units, start=1)]
        sides = self._sides([text for text, _, _ in found], source.language)
        for (text, row, part), side in zip(found, sides, strict=True):
            if side is None:
                self.passed_over["in another language"] += 1
            else:
                yield Text(text, side, str(file), row, part)

    def _units(self, document: str) -> Iterator[str]:
        """The document's sentences, or its passages, whose lengths are drawn."""
        if self.settings.unit == "sentence":
            for sentence in whole_sentences(document):
                if self._is_fit(sentence):
                    yield sentence
            return
        dice = random.Random(derive(self.seed, "passages", text_key(document)))
        passage: list[str] = []
        wanted = dice.randint(1, self.settings.sentences)
        for sentence in whole_sentences(document):
            fit = self._is_fit(sentence)
            passage += [sentence] if fit else []
            if passage and (not fit or len(passage) == wanted):
                yield " ".join(passage)
                passage, wanted = [], dice.randint(1, self.settings.sentences)
        if passage:
            yield " ".join(passage)

    def _is_fit(self, sentence: str) -> bool:
        fault = self._fault(sentence)
        if fault is not None:
            self.passed_over[fault] += 1
        return fault is None

    def _fault(self, sentence: str) -> str | None:
        words = len(sentence.split())
        if not sentence.rstrip(CLOSING).endswith(ENDS):
            return "without an end mark"
        letters = sum(map(str.isalpha, sentence))
        if letters < LETTERS * sum(not c.isspace() for c in sentence):
            return "few letters"
        if words < self.settings.min_words and has_spaces(kinds(sentence)):
            return "too short"
        return "too long" if words > self.settings.max_words else None

    def _sides(self, texts: Sequence[str], language: str | None) -> list[Side | None]:
        """In whose language each text is; None: in neither."""
        if language is not None:
            return [next(side for side in SIDES if self.codes[side] == language)] * len(texts)
        from dragoman.corpus.languages import identify  # loads a model

        return [
            self._side_of.get(code) if score >= SURE or len(text) < TOLD_FROM else None
            for text, (code, score) in zip(texts, identify(texts), strict=True)
        ]


def language_fault(settings: Synthesis) -> list[RequestError]:
    """Sources whose language is none of the two."""
    codes = (settings.languages.source, settings.languages.target)
    sources = settings.translate.sources if settings.translate is not None else ()
    return [
        RequestError(
            f"the language {source.language} is none of the two ({' and '.join(codes)})",
            where=f"synthesis.translate.sources.{number}.language",
        )
        for number, source in enumerate(sources)
        if source.language not in (None, *codes)
    ]


def whole_sentences(document: str) -> Iterator[str]:
    """The sentences of a document in one line each; a line's end ends a sentence too, as titles have no mark."""
    for line in document.split("\n"):
        for sentence in sentences(" ".join(line.split())):
            yield sentence.strip()


def take_turns(readers: Sequence[Iterator[Text]], shares: Sequence[float]) -> Iterator[Text]:
    """From each reader as often as its share says, as evenly as can be; what others have left when one ends follows.

    The reader that lags furthest behind its share gives next (smooth weighted round-robin).
    """
    left = dict(enumerate(zip(readers, shares, strict=True)))
    credit = dict.fromkeys(left, 0.0)
    while left:
        for number, (_, share) in left.items():
            credit[number] += share
        chosen = max(left, key=lambda number: (credit[number], -number))
        text = next(left[chosen][0], None)
        if text is None:
            del left[chosen]
            continue
        credit[chosen] -= sum(share for _, share in left.values())
        yield text
