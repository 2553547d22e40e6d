"""Gates look at answers in the order of their requests, and at nothing else."""

import json
import random

import pytest

from dragoman.corpus.pairs import EvaluationOverlap
from dragoman.synthesis.gates import Gates
from dragoman.synthesis.generating import Generating
from dragoman.synthesis.ledger import Ledger
from dragoman.synthesis.problems import settings_of
from dragoman.synthesis.run import make_work
from dragoman.synthesis.wire.face import Reply
from dragoman.synthesis.work import dump

PAIRS = [
    ("Heute Abend gehen wir mit unseren Freunden ins Kino.", "Tonight we are going to the cinema with our friends."),
    ("Die alte Brücke ist schon repariert worden.", "The old bridge has already been repaired."),
    ("Weil Emma krank ist, kann sie nicht in die Schule gehen.", "Because Emma is ill, she cannot go to school."),
    ("Der Zug nach Hamburg hat heute leider Verspätung.", "The train to Hamburg is unfortunately late today."),
    ("Im Garten blühen schon die ersten roten Rosen.", "The first red roses are already blooming in the garden."),
    (
        "Mein Bruder arbeitet seit gestern in einer Bäckerei.",
        "My brother has been working in a bakery since yesterday.",
    ),
]


class Written:
    def __init__(self):
        self.kept, self.rejected = [], []

    def keep(self, pair):
        self.kept.append(pair)

    def reject(self, record):
        self.rejected.append(record)


class Case:
    """Answers in a ledger, and gates over them."""

    def __init__(self, loaded, path, overlap=None):
        self.settings = settings_of(loaded)
        self.work = Generating(self.settings, 1) if self.settings.generate else make_work(loaded, overlap)
        self.ledger, self.output = Ledger(path), Written()
        self.gates = Gates(self.settings, self.work, self.ledger, overlap, self.output)
        self.orders = list(self.work.first())

    def answered(self, id, pairs, order=0, finish="stop", text=None):
        order = self.orders[order] if isinstance(order, int) else order
        if text is None:
            text = json.dumps({"pairs": [{"de": german, "en": english} for german, english in pairs]})
        self.ledger.send(id, model="m", prompt="generate-1", content=dump(order), reserved=1)
        reply = Reply(text, finish, finish.upper(), 1, 1)
        self.ledger.record(id, reply, usable=True, tokens=(1, 1), cost=1)
        return id

    @property
    def verdicts(self):
        return [(one["gate"], one.get("source", one.get("answer"))) for one in self.output.rejected]


@pytest.fixture
def case(load, tmp_path):
    opened = []

    def make(overlap=None, **changes):
        opened.append(Case(load(**changes), tmp_path / f"{len(opened)}.sqlite", overlap))
        return opened[-1]

    yield make
    for one in opened:
        one.ledger.close()


def test_good_pairs_are_kept_with_where_they_come_from(case):
    own = case()
    own.gates.take([own.answered("a", PAIRS[:3])])
    assert [(pair["source"], pair["target"]) for pair in own.output.kept] == PAIRS[:3]
    cell = own.orders[0]["cell"]
    assert own.output.kept[1] == {
        "source": PAIRS[1][0], "target": PAIRS[1][1], "written": "source", **cell,
        "model": "m", "prompt": "generate-1", "request": "a", "number": 2,
    }  # fmt: skip
    assert own.gates.kept == own.gates.kept_in(cell) == 3
    assert own.gates.examples(cell) == [source for source, _ in PAIRS[:3]]
    assert own.gates.asked == own.orders[0]["count"]


@pytest.mark.parametrize(
    ("gate", "pair"),
    [
        ("meta_text", ("Das Haus ist rot und groß.", "Translation: The house is red and large.")),
        ("copied", ("Der Zug nach Hamburg hat Verspätung.", "Der Zug nach Hamburg hat Verspätung.")),
        ("digits", ("Wir treffen uns heute um 19:45 Uhr im Kino.", "We are meeting at 17:30 at the cinema today.")),
        ("terminal", ("Kommst du heute Abend mit uns ins Kino?", "You are coming to the cinema with us tonight.")),
        ("language", ("Heute Abend gehen wir ins Kino und essen.", "Ce soir nous allons au cinéma et nous mangeons.")),
        ("schema", ("Heute Abend gehen wir ins Kino.", "")),
    ],
)
def test_bad_pairs_are_rejected_by_name(case, gate, pair):
    own = case()
    own.gates.take([own.answered("a", [PAIRS[0], pair, PAIRS[1]])])
    assert [name for name, _ in own.verdicts] == [gate]
    assert own.gates.kept == 2
    assert own.gates.rejected == {gate: 1}
    assert own.output.rejected[0]["number"] == 2


def test_whole_answers(case):
    own = case()
    own.gates.take([
        own.answered("refused", [], 0, "refusal", "I cannot do that."), own.answered("other", [], 1, "other", "x"),
        own.answered("broken", [], 2, "stop", '{"pairs": [{"de": "Das'), own.answered("fine", PAIRS, 3),
    ])  # fmt: skip
    assert own.verdicts == [
        ("refused", "I cannot do that."), ("broken_off", "x"), ("schema", '{"pairs": [{"de": "Das'),
        *[("quota", source) for source, _ in PAIRS[5:]],
    ]  # fmt: skip
    assert own.gates.unusable == own.orders[:3]
    assert own.gates.useless == {"refused": 1, "broken_off": 1, "schema": 1}


def test_an_answer_that_is_cut_off_is_asked_for_in_halves(case):
    own = case()
    alone = own.orders[1] | {"count": 1}
    own.gates.take([own.answered("a", [], 0, "length", '{"pairs": ['), own.answered("b", [], alone, "length", "{")])
    assert own.gates.cut == own.work.halves(own.orders[0])
    assert own.gates.unusable == []  # asked again, that one would only be cut off again
    assert own.verdicts == [("cut_off", "{")]
    assert (own.gates.answers, own.gates.splits) == (1, 1)


def test_requests_without_an_answer(case):
    own = case()
    own.ledger.send("f", model="m", prompt="p", content=dump(own.orders[0]), reserved=1)
    own.ledger.release("f", "status 500")
    own.ledger.fail("f")
    own.gates.take(["never sent", "f", own.answered("a", PAIRS[:1], 1)])
    assert (own.gates.failed, own.gates.unusable, own.gates.kept) == (["f"], [own.orders[0]], 1)


def test_duplicates_evaluation_texts_and_quotas(case):
    own = case(EvaluationOverlap([PAIRS[4][1]]), rules={})
    nearly = (PAIRS[0][0].replace("Freunden", "Freundin"), PAIRS[0][1].replace("friends", "friend"))
    own.gates.take([
        own.answered("a", [PAIRS[0], PAIRS[4], PAIRS[0], nearly]),
        own.answered("b", [(german.upper(), english.upper()) for german, english in PAIRS[:1]], 1),
    ])  # fmt: skip
    assert [gate for gate, _ in own.verdicts] == ["evaluation", "duplicate", "near_duplicate", "duplicate"]
    assert own.gates.kept == 1
    detail = own.output.rejected[1]["detail"]
    assert "output_row 1" in detail


def test_a_pair_beyond_the_quota_takes_the_place_of_one_that_is_rejected(case):
    own = case()
    quota = own.work.quota(own.orders[0]["cell"])
    assert quota == 5
    pairs = [PAIRS[0], PAIRS[0], *PAIRS[1:]]
    own.gates.take([own.answered("a", pairs)])
    assert [pair["source"] for pair in own.output.kept] == [source for source, _ in PAIRS[:5]]
    assert own.verdicts == [("duplicate", PAIRS[0][0]), ("quota", PAIRS[5][0])]


def test_verdicts_do_not_depend_on_how_answers_come_together(case):
    """Judged one by one or in any groups, the same pairs are kept: timing groups them."""
    dice = random.Random(5)
    chosen = [[dice.choice(PAIRS) for _ in range(3)] for _ in range(8)]
    results = []
    for size in (1, 2, 3, 8):
        own = case()
        ids = [own.answered(f"{n}", pairs, n) for n, pairs in enumerate(chosen)]
        for start in range(0, len(ids), size):
            own.gates.take(ids[start : start + size])
        results.append((own.output.kept, own.output.rejected, own.gates.samples.to_json()))
    assert all(result == results[0] for result in results)
    assert len(results[0][0]) == len({source for pairs in chosen for source, _ in pairs})


def test_samples_are_few_and_cut(case):
    own = case(pairs=400)
    for number in range(40):
        own.gates.take([own.answered(f"{number}", [], number % 8, "refusal", "x" * 5000)])
    samples = own.gates.samples.to_json()["refused"]
    assert len(samples) == 6
    assert all(len(sample["answer"]) == 601 for sample in samples)
    assert len(own.output.rejected[0]["answer"]) == 5000  # the file has it all
