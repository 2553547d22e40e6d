import json

import pytest

from dragoman.synthesis.run import make_work
from dragoman.synthesis.work import SchemaError

SENTENCES = [
    "Heute Abend gehen wir mit unseren Freunden ins Kino.", "Danach essen wir alle zusammen eine Pizza.",
    "Die alte Brücke über den Fluss ist repariert worden.", "Meine Schwester arbeitet seit gestern wieder.",
    "Der Zug nach Hamburg hat heute leider Verspätung.", "Im Garten blühen schon die ersten roten Rosen.",
    "Wir haben den ganzen Tag auf den Brief gewartet.",
]  # fmt: skip


class Kept:
    def __init__(self, kept):
        self.kept = kept


@pytest.fixture
def work(tmp_path, load):
    def make(pairs=None, sentences=3):
        (tmp_path / "de.txt").write_text("\n".join(SENTENCES), encoding="utf-8")
        source = {"path": "de.txt", "document": "line", "language": "de"}
        return make_work(load(translate={"sources": [source], "sentences": sentences}, pairs=pairs), None)

    return make


def test_sentences_go_out_in_groups(work):
    orders = list(work().first())
    assert [text for order in orders for text in order["texts"]] == SENTENCES
    assert [len(order["texts"]) for order in orders] == [3, 3, 1]
    own = work()
    ask = own.ask(orders[0])
    assert [one["text"] for one in json.loads(ask.user)] == SENTENCES[:3]
    assert "from German into English" in ask.system
    assert orders[0]["places"][1]["row"] == 2


def test_with_a_number_of_pairs_the_rest_is_kept_for_later_rounds(work):
    own = work(pairs=4)
    first = list(own.first())
    assert [text for order in first for text in order["texts"]] == SENTENCES[:4]
    refill = list(own.refill(2, Kept(2), []))
    assert [text for order in refill for text in order["texts"]] == SENTENCES[4:6]
    assert list(own.refill(3, Kept(4), [])) == []
    last = list(own.refill(4, Kept(0), []))
    assert [text for order in last for text in order["texts"]] == SENTENCES[6:]


def test_what_could_not_be_used_is_asked_again_in_halves(work):
    own = work(pairs=4)
    first = list(own.first())
    again = list(own.refill(2, Kept(1), [first[0]]))
    assert [order["texts"] for order in again] == [SENTENCES[:2], SENTENCES[2:3]]
    assert {order["round"] for order in again} == {2}
    assert own.ask(again[1]) != own.ask(again[1] | {"round": 3})


def test_what_is_kept_meanwhile_changes_no_refill(work):
    """The judging of a round follows its sending closely: how closely must not matter."""
    own, progress = work(pairs=5), Kept(1)
    first = list(own.first())
    refill = own.refill(2, progress, [first[0]])
    again = [next(refill), next(refill)]
    progress.kept = 4
    assert [order["texts"] for order in [*again, *refill]] == [SENTENCES[:2], SENTENCES[2:3], SENTENCES[5:6]]


def test_halves(work):
    own = work(sentences=7)
    order = next(own.first())
    first, second = own.halves(order)
    assert first["texts"] + second["texts"] == SENTENCES
    assert first["places"] + second["places"] == order["places"]
    assert own.halves(order | {"texts": SENTENCES[:1], "places": order["places"][:1]}) == []


def test_translations_are_read_by_their_numbers(work):
    own = work()
    order = next(own.first())

    def read(*translations):
        return own.read(order, json.dumps({"translations": list(translations)}))

    mixed = [{"number": 2, "text": "Then pizza."}, {"number": 1, "text": " Cinema\n tonight."}]
    found = read(*mixed, {"number": 3, "text": ""})
    assert [(one.source, one.target, one.fault) for one in found] == [
        (SENTENCES[0], "Cinema tonight.", None), (SENTENCES[1], "Then pizza.", None), (SENTENCES[2], "", "no text"),
    ]  # fmt: skip
    found = read({"number": 1, "text": "a"}, {"number": 1, "text": "b"})
    assert [one.fault for one in found] == ["2 translations", "0 translations", "0 translations"]
    assert found[0].written == "source"
    assert found[0].place == {"file": order["places"][0]["file"], "row": 1, "part": 1}
    for wrong in ({"number": 4, "text": "a"}, {"number": "1", "text": "a"}, "a", {"number": True}):
        with pytest.raises(SchemaError):
            read(wrong)
