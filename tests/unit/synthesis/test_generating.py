import json
from collections import Counter

import pytest

from dragoman.synthesis.generating import Generating
from dragoman.synthesis.problems import settings_of
from dragoman.synthesis.work import SchemaError


class Kept:
    """So many pairs of every cell, and sentences of each."""

    def __init__(self, count, sentences=()):
        self.kept, self.count, self.sentences = 0, count, sentences

    def kept_in(self, place):
        return self.count

    def examples(self, place):
        return self.sentences


@pytest.fixture
def work(load):
    return Generating(settings_of(load(pairs=94)), 1)


def test_the_first_round_asks_for_every_quota(work):
    asked = Counter()
    orders = list(work.first())
    for order in orders:
        assert 1 <= order["count"] <= 5
        asked[tuple(order["cell"].values())] += order["count"]
    assert asked == Counter({tuple(cell): quota for cell, quota in work.quotas.items()})
    assert sum(work.size(order) for order in orders) == 94
    assert orders == list(work.first())
    asks = [work.ask(order) for order in orders]
    assert len({(ask.user, ask.seed) for ask in asks}) == len(asks)
    assert asks == [work.ask(json.loads(json.dumps(order))) for order in orders]


def test_later_rounds_ask_for_what_is_missing_and_say_what_is_there(work):
    refill = list(work.refill(2, Kept(9, [f"Satz {i}." for i in range(20)]), []))
    assert sum(order["count"] for order in refill) == sum(max(0, quota - 9) for quota in work.quotas.values())
    ask = work.ask(refill[0])
    assert "- Satz 19." in ask.user
    assert "- Satz 11." not in ask.user
    assert ask != work.ask(next(work.first()))
    assert list(work.refill(2, Kept(100), [])) == []


def test_the_prompt_says_where_in_the_grid_it_stands(work, load):
    for order in work.first():
        ask = work.ask(order)
        cell = order["cell"]
        assert f"Write {order['count']} pair" in ask.user
        for said in (cell["topic"], f"Level: {cell['level']}", cell["register"], "at most 7 words"):
            assert said in ask.user
        written = ["de", "en"] if cell["direction"] == "source-to-target" else ["en", "de"]
        assert ask.schema["properties"]["pairs"]["items"]["required"] == written
        assert ("Think of each sentence in German" in ask.system) == (written[0] == "de")
    grid = {"topics": ["x"], "words": ["Uhr", "Berg", "Käse", "Zug"]}
    more = Generating(settings_of(load(instructions="Use  Swiss\nspelling.", generate=grid)), 1)
    ask = more.ask(next(more.first()))
    assert ask.system.endswith("Use Swiss spelling.")
    assert sum(word in ask.user for word in ("Uhr", "Berg", "Käse", "Zug")) == 3


def test_halves_are_other_requests_for_the_same_pairs(work):
    order = next(work.first()) | {"count": 5}
    first, second = work.halves(order)
    assert (first["count"], second["count"]) == (3, 2)
    parts = [order, first, second, *work.halves(first), *work.halves(second)]
    assert len({work.ask(part).seed for part in parts}) == len(parts)
    assert work.halves(order | {"count": 1}) == []


def test_pairs_are_read(work):
    order = next(work.first())
    good = {"de": " Das Haus\nist rot. ", "en": "The house is red."}
    bad = ["x", {"de": "a"}, {"de": "a", "en": 3}, {"de": "a", "en": " "}, good | {"fr": "x"}]
    bad.append({"de": "a\ud800", "en": "b"})
    found = work.read(order, json.dumps({"pairs": [good, *bad]}))
    assert (found[0].source, found[0].target, found[0].fault) == ("Das Haus ist rot.", "The house is red.", None)
    assert found[0].place == order["cell"]
    assert [one.fault for one in found[1:]] == ["not a pair of texts"] * len(bad)
    for useless in ("", "[]", '{"pairs": 3}', '{"pairs": []}', '{"pairs": [{"de": "a"', "[" * 100_000):
        with pytest.raises(SchemaError):
            work.read(order, useless)
