"""Sentences of a corpus, some to a request; where some were refused, the corpus gives others."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from dragoman.base.seeds import derive
from dragoman.recipe.schema import Synthesis
from dragoman.synthesis.asks import Ask
from dragoman.synthesis.texts import Text, Texts
from dragoman.synthesis.wording import TRANSLATE, TRANSLATE_SCHEMA, translate_system, translate_user
from dragoman.synthesis.work import Candidate, Order, Progress, SchemaError, Side, read_list, sound


class Translating:
    """An order is {"side", "texts", "places", "round"}: texts of one language, and where each of them stands."""

    version = TRANSLATE

    def __init__(self, settings: Synthesis, folder: Path, seed: int, overlaps: Callable[[str], bool]):
        assert settings.translate is not None
        self.settings, self.seed = settings, seed
        self.most = settings.translate.sentences if settings.translate.unit == "sentence" else 1
        self.texts = Texts(settings, folder, seed, overlaps)
        self._stream = iter(self.texts)
        source, target = settings.languages.source, settings.languages.target
        self._system: dict[Side, str] = {
            "source": translate_system(source, target, settings.instructions),
            "target": translate_system(target, source, settings.instructions),
        }

    def first(self) -> Iterator[Order]:
        return self._orders(self.settings.pairs, 1)

    def refill(self, round: int, progress: Progress, unusable: Sequence[Order]) -> Iterator[Order]:
        """Once more what was not answered as a whole, in halves, for one of its texts may be the reason; then as many
        fresh texts as are still missing.
        """
        again = [part | {"round": round} for order in unusable for part in self.halves(order) or [order]]
        found = progress.kept + sum(len(order["texts"]) for order in again)  # now: once one is out, more are kept
        yield from again
        if self.settings.pairs is not None:
            yield from self._orders(max(0, self.settings.pairs - found), round)

    def size(self, order: Order) -> int:
        return len(order["texts"])

    def halves(self, order: Order) -> list[Order]:
        half = (len(order["texts"]) + 1) // 2
        if half == len(order["texts"]):
            return []
        cuts = (slice(0, half), slice(half, None))
        return [order | {"texts": order["texts"][cut], "places": order["places"][cut]} for cut in cuts]

    def ask(self, order: Order) -> Ask:
        user = translate_user(order["texts"])
        seed = derive(self.seed, "translate", user, order["round"]) % 2**31
        return Ask(self.version, self._system[order["side"]], user, TRANSLATE_SCHEMA, seed)

    def read(self, order: Order, text: str) -> list[Candidate]:
        """Translations stand under the numbers of their texts; one that is missing, or there twice, is a fault."""
        found: dict[int, list[Any]] = {}
        for one in read_list(text, "translations"):
            number = one.get("number") if isinstance(one, dict) else None
            if type(number) is not int or not 1 <= number <= len(order["texts"]):
                raise SchemaError("a translation under no number that was asked for")
            found.setdefault(number, []).append(one.get("text"))
        candidates = []
        for number, (given, place) in enumerate(zip(order["texts"], order["places"], strict=True), start=1):
            answers = found.get(number, [])
            made = sound(answers[0]) if len(answers) == 1 else None
            fault = None if made else "no text" if len(answers) == 1 else f"{len(answers)} translations"
            source, target = (given, made or "") if order["side"] == "source" else (made or "", given)
            candidates.append(Candidate(source, target, order["side"], place, fault))
        return candidates

    def quota(self, place: dict[str, Any]) -> int | None:
        return None

    def counts(self) -> dict[str, int]:
        return dict(sorted(self.texts.passed_over.items()))

    def _orders(self, count: int | None, round: int) -> Iterator[Order]:
        """The next texts of the corpus, gathered by language; what is gathered last may be fewer."""
        gathered: dict[Side, list[Text]] = {"source": [], "target": []}
        for text in islice(self._stream, count):
            own = gathered[text.side]
            own.append(text)
            if len(own) == self.most:
                yield _order(own, round)
                own.clear()
        for own in gathered.values():
            if own:
                yield _order(own, round)


def _order(texts: Sequence[Text], round: int) -> Order:
    return {
        "side": texts[0].side,
        "texts": [text.text for text in texts],
        "places": [{"file": text.file, "row": text.row, "part": text.part} for text in texts],
        "round": round,
    }
