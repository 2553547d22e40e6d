"""The gates that every pair has to pass, as a pure pass over the ledger in the order of the requests.

Answers as a whole: how they ended, whether they are what was asked for. Pairs: meta-text, the rules for single pairs,
the quota of their cell, then evaluation sets and duplicates against all that was kept before. So what is kept depends
on the answers and their order alone, whatever happened when.
"""

from __future__ import annotations

import json
from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from dragoman.corpus.pairs import EvaluationOverlap, PairGate
from dragoman.corpus.pairs.memory import DESCRIPTIONS as REMEMBERING
from dragoman.corpus.pairs.memory import Memory
from dragoman.recipe.schema import Synthesis
from dragoman.synthesis.ledger import Answer, Ledger
from dragoman.synthesis.meta_text import meta_text
from dragoman.synthesis.samples import Samples
from dragoman.synthesis.work import Candidate, Order, SchemaError, Work

REFUSED, BROKEN_OFF, CUT_OFF, SCHEMA, META, QUOTA = "refused", "broken_off", "cut_off", "schema", "meta_text", "quota"
WHOLE = {
    REFUSED: "The model, or a filter before it, did not want to answer.",
    BROKEN_OFF: "The answer ended for another reason than that it was done.",
    CUT_OFF: "The answer for one thing alone was longer than max_output_tokens.",
}
PAIRS = {
    SCHEMA: "What was answered is not what was asked for.",
    META: "A side speaks of the task, or holds labels, placeholders or mark-up.",
}
Fault = tuple[str, str]  # the gate, and what it found
_WHOLE = {"refusal": REFUSED, "other": BROKEN_OFF, "length": CUT_OFF}  # by how the answer ended
REMEMBERED = 8  # sentences of a cell that later rounds are told to avoid


@dataclass(frozen=True)
class _Read:
    """An answer: its pairs, or the halves to ask for, or why it is of no use as a whole."""

    order: Order
    candidates: list[Candidate] = field(default_factory=list)
    halves: list[Order] = field(default_factory=list)
    fault: Fault | None = None


class Output(Protocol):
    def keep(self, pair: dict[str, Any]) -> None: ...

    def reject(self, record: dict[str, Any]) -> None: ...


class Gates:
    """Judges answers as they come. cut, unusable, failed: what the present wave or round has left to do.

    cut: orders whose answers were cut off, in halves. unusable: orders without any pair. failed: the requests of those
    that were not answered at any attempt. asked: pairs asked for in all that was answered.
    """

    def __init__(
        self, settings: Synthesis, work: Work, ledger: Ledger, overlap: EvaluationOverlap | None, output: Output
    ):
        self.work, self.ledger, self.output = work, ledger, output
        self._gate = PairGate(settings, "synthesis")
        self._memory = Memory(settings.rules, overlap)
        self.kept = self.asked = self.answers = self.splits = 0
        self.rejected: Counter[str] = Counter()  # pairs, by gate
        self.useless: Counter[str] = Counter()  # whole answers, by gate
        self.samples = Samples()
        self.words: dict[str, Counter[int]] = {"source": Counter(), "target": Counter()}
        self.cells: Counter[tuple[str, ...]] = Counter()
        self.cut: list[Order] = []
        self.unusable: list[Order] = []
        self.failed: list[str] = []
        self._examples: dict[tuple[str, ...], deque[str]] = {}

    @property
    def descriptions(self) -> dict[str, str]:
        """What all gates ask for, in the order in which they do."""
        rules = {rule.name: rule.description for rule in self._gate.rules}
        remembering = {name: REMEMBERING[name] for name in self._memory.names}
        return WHOLE | PAIRS | rules | {QUOTA: "More pairs than their cell wants."} | remembering

    def begin_round(self) -> None:
        self.unusable, self.failed = [], []

    def kept_in(self, place: dict[str, Any]) -> int:
        return self.cells[_key(place)]

    def examples(self, place: dict[str, Any]) -> Sequence[str]:
        return list(self._examples.get(_key(place), ()))

    def take(self, ids: Sequence[str]) -> None:
        """Judge what was answered to these requests. How many come at a time makes no difference."""
        answers = [(id, answer, self._read(answer)) for id in ids for answer in [self.ledger.answer(id)]]
        pairs = [[(one, _fault(one)) for one in found.candidates] for _, _, found in answers]
        sound = [one for own in pairs for one, fault in own if fault is None]
        verdicts = iter(self._gate.judge([one.source for one in sound], [one.target for one in sound]))
        for (id, answer, found), own in zip(answers, pairs, strict=True):
            if answer is None:
                self._miss(id)
                continue
            self._count(answer, found)
            self._judge(answer, found.candidates, [fault or _named(next(verdicts)) for _, fault in own])

    def _miss(self, id: str) -> None:
        """There is no answer: all attempts failed, or none was made yet."""
        if (content := self.ledger.failed(id)) is not None:
            self.failed.append(id)
            self.unusable.append(json.loads(content))

    def _read(self, answer: Answer | None) -> _Read:
        if answer is None:
            return _Read({})
        order: Order = json.loads(answer.content)
        if answer.finish == "length" and (halves := self.work.halves(order)):
            return _Read(order, halves=halves)
        if answer.finish in _WHOLE:
            return _Read(order, fault=(_WHOLE[answer.finish], answer.word))
        try:
            return _Read(order, candidates=self.work.read(order, answer.text))
        except SchemaError as error:
            return _Read(order, fault=(SCHEMA, str(error)))

    def _count(self, answer: Answer, found: _Read) -> None:
        if found.halves:
            self.cut += found.halves
            self.splits += 1
            return
        self.answers += 1
        self.asked += self.work.size(found.order)
        if found.fault is None:
            return
        gate, detail = found.fault
        if gate != CUT_OFF:  # which it would be again
            self.unusable.append(found.order)
        self.useless[gate] += 1
        record = {
            "gate": gate, "detail": detail, "request": answer.id, "answer": answer.text, "order": found.order,
        }  # fmt: skip
        self.output.reject(record)
        self.samples.add(gate, answer.id, record)

    def _judge(self, answer: Answer, candidates: list[Candidate], found: list[Fault | None]) -> None:
        """The pairs of one answer: what remembers is asked about as many as their cell still wants, again and again."""
        faults = dict(enumerate(found))
        left = deque(number for number, fault in faults.items() if fault is None)
        while left:
            wanted = self._wanted(candidates[left[0]].place)
            asked = [left.popleft() for _ in range(len(left) if wanted is None else min(wanted, len(left)))]
            if not asked:
                faults |= dict.fromkeys(left, (QUOTA, ""))
                break
            pairs = [candidates[number] for number in asked]
            verdicts = self._memory.judge([one.source for one in pairs], [one.target for one in pairs])
            for number, verdict in zip(asked, verdicts, strict=True):
                if verdict.rule is None:
                    self._keep(answer, number, candidates[number])
                else:
                    faults[number] = (verdict.rule, ", ".join(f"{k} {v:g}" for k, v in verdict.measured.items()))
        for number, fault in faults.items():
            if fault is not None:
                self._reject(answer, number, candidates[number], *fault)

    def _wanted(self, place: dict[str, Any]) -> int | None:
        """How many more pairs; all pairs of an answer are of one place where there are quotas."""
        quota = self.work.quota(place)
        return None if quota is None else max(0, quota - self.kept_in(place))

    def _keep(self, answer: Answer, number: int, one: Candidate) -> None:
        pair = _record(answer, number, one)
        self.output.keep(pair)
        self.samples.add("kept", f"{answer.id}.{number}", pair)
        self.kept += 1
        self.words["source"][len(one.source.split())] += 1
        self.words["target"][len(one.target.split())] += 1
        if self.work.quota(one.place) is not None:
            key = _key(one.place)
            self.cells[key] += 1
            first = one.source if one.written == "source" else one.target
            self._examples.setdefault(key, deque(maxlen=REMEMBERED)).append(first)

    def _reject(self, answer: Answer, number: int, one: Candidate, gate: str, detail: str) -> None:
        record = {"gate": gate, **({"detail": detail} if detail else {}), **_record(answer, number, one)}
        self.rejected[gate] += 1
        self.output.reject(record)
        self.samples.add(gate, f"{answer.id}.{number}", record)


def _fault(one: Candidate) -> Fault | None:
    """Gate and detail, of what shows without the rules."""
    if one.fault is not None:
        return SCHEMA, one.fault
    made, given = (one.target, one.source) if one.written == "source" else (one.source, one.target)
    is_given = "file" in one.place  # a text of a corpus: what stands in it may stand in its translation
    kind = meta_text(made, given if is_given else None) or (None if is_given else meta_text(given))
    return None if kind is None else (META, kind)


def _named(rule: str | None) -> Fault | None:
    return None if rule is None else (rule, "")


def _key(place: dict[str, Any]) -> tuple[str, ...]:
    return tuple(map(str, place.values()))


def _record(answer: Answer, number: int, one: Candidate) -> dict[str, Any]:
    """A pair with where it comes from."""
    return {
        "source": one.source, "target": one.target, "written": one.written, **one.place,
        "model": answer.model, "prompt": answer.prompt, "request": answer.id, "number": number + 1,
    }  # fmt: skip
