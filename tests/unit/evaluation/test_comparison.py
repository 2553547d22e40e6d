from __future__ import annotations

import json
import random

import pytest
from unit.evaluation.words import WORDS

from dragoman.base.errors import RequestError
from dragoman.evaluation.comparison import BETTER, EQUAL, UNCLEAR, WORSE, compare, shared_rows
from dragoman.evaluation.scores import score_set


def system(errors: float, rows: int = 60, seed: int = 0, nats: float = 2.0, **more: object) -> list[dict]:
    """Rows of outputs.jsonl. All systems have the same sources and targets; errors: of words in the output."""
    texts, draw = random.Random(1), random.Random(seed)
    found = []
    for number in range(1, rows + 1):
        words = [texts.choice(WORDS) for _ in range(texts.randint(4, 12))]
        said = [draw.choice(WORDS) if draw.random() < errors else word for word in words]
        found.append({
            "set": "test:t", "file": "/data/t.tsv", "row": number, "source": f"s {number}", "target": " ".join(words),
            "output": " ".join(said), "level": None, "nats": len(words) * nats * draw.uniform(0.8, 1.2),
            "labels": len(words), "bytes": len(" ".join(words)),
        } | more)  # fmt: skip
    return found


def pair(found: dict, metric: str) -> dict:
    (only,) = found["sets"]["test:t"]["pairs"][metric]
    return only


def test_values_are_those_of_the_rows_and_lie_in_their_intervals():
    rows = system(0.2)
    metrics = ["bleu", "chrf", "ter", "perplexity"]
    found = compare({"one": rows}, metrics)
    assert (found["confidence"], found["resamples"]) == (0.95, 1000)
    scored = score_set(rows, metrics).scores
    for metric in metrics:
        own = found["sets"]["test:t"]["scores"][metric]["one"]
        assert own["value"] == pytest.approx(scored[metric].value, abs=1e-9)
        assert own["low"] < own["value"] < own["high"]
    assert found["sets"]["test:t"]["pairs"] == {metric: [] for metric in metrics}


@pytest.mark.parametrize("metric", ["bleu", "ter", "perplexity", "bits_per_byte", "exact_match"])
def test_a_clear_winner(metric):
    found = compare({"good": system(0.02, nats=2.0), "bad": system(0.4, seed=2, nats=3.0)}, [metric])
    told = pair(found, metric)
    assert (told["one"], told["other"], told["verdict"]) == ("good", "bad", BETTER)
    assert told["p"] < 0.05
    assert told["low"] < told["difference"] < told["high"]
    assert not told["low"] <= 0 <= told["high"]
    turned = pair(compare({"bad": system(0.4, seed=2, nats=3.0), "good": system(0.02, nats=2.0)}, [metric]), metric)
    assert turned["verdict"] == WORSE
    assert turned["difference"] == pytest.approx(-told["difference"])


def test_chance_and_equality_are_told_apart():
    close = pair(compare({"one": system(0.2, seed=1), "other": system(0.2, seed=2)}, ["bleu"]), "bleu")
    assert close["verdict"] == UNCLEAR
    assert close["difference"] != 0
    same = pair(compare({"one": system(0.2), "other": system(0.2)}, ["bleu"]), "bleu")
    assert (same["verdict"], same["p"], same["difference"]) == (EQUAL, 1.0, 0.0)


def test_every_two_of_several_systems():
    found = compare({name: system(0.1 * n, seed=n) for n, name in enumerate("abcd")}, ["chrf"])
    told = [(one["one"], one["other"]) for one in found["sets"]["test:t"]["pairs"]["chrf"]]
    assert told == [("a", "b"), ("a", "c"), ("a", "d"), ("b", "c"), ("b", "d"), ("c", "d")]


def test_the_order_of_rows_does_not_matter():
    one, other = system(0.1), system(0.2, seed=2)
    shuffled = other.copy()
    random.Random(0).shuffle(shuffled)
    assert compare({"one": one, "other": shuffled}, ["bleu"]) == compare({"one": one, "other": other}, ["bleu"])


def test_only_shared_rows_are_compared_and_that_is_said():
    one, other = system(0.1), system(0.2, seed=2)
    found = compare({"one": one[:50], "other": other[10:]}, ["bleu"])["sets"]["test:t"]
    assert (found["rows"], found["left_out"]) == (40, {"one": 10, "other": 10})
    assert found["scores"]["bleu"]["one"]["value"] == pytest.approx(
        score_set(one[10:50], ["bleu"]).scores["bleu"].value
    )


def test_sets_are_compared_apart_and_by_those_that_have_them():
    one, other = system(0.1), system(0.2, seed=2)
    more = system(0.1, set="validation")
    found = compare({"one": one + more, "other": other}, ["bleu"])["sets"]
    assert list(found["test:t"]["scores"]["bleu"]) == ["one", "other"]
    assert list(found["validation"]["scores"]["bleu"]) == ["one"]


def test_nothing_shared():
    found = compare({"one": system(0.1)[:30], "other": system(0.1)[30:]}, ["bleu"])["sets"]["test:t"]
    assert (found["rows"], found["scores"], found["pairs"]) == (0, {}, {})


def row(**more: object) -> dict:
    return {"file": "/a/t.tsv", "row": 1, "source": "Hallo", "target": "Hello"} | more


@pytest.mark.parametrize(
    ("other", "same"),
    [
        ({}, True),
        ({"file": "/somewhere/else/t.tsv"}, True),
        ({"source": "translate German to English: Hallo"}, True),  # another recipe's prompt
        ({"source": "Servus"}, False),
        ({"file": "/a/u.tsv"}, False),
        ({"row": 2}, False),
        ({"target": "Hi"}, False),
    ],
)
def test_what_makes_two_rows_the_same(other, same):
    for systems in ({"a": [row()], "b": [row(**other)]}, {"a": [row(**other)], "b": [row()]}):
        assert [len(rows) for rows in shared_rows(systems).values()] == [int(same)] * 2


def test_files_of_one_name_in_two_folders_stay_apart():
    """Both have a row 1 with the target "Ja"; a system that read them elsewhere is compared with the right one."""
    texts = [("one/t.tsv", "Yes"), ("two/t.tsv", "Indeed"), ("two/t.tsv", "Yes, yes")]
    here, there = ([row(file=f"/{place}/{file}", source=text, target="Ja") for file, text in texts] for place in "ab")
    for other in (here, there, there[::-1]):
        shared = shared_rows({"one": here, "other": other})
        assert [one["source"] for one in shared["one"]] == ["Yes", "Indeed", "Yes, yes"]
        assert [one["source"] for one in shared["other"]] == ["Yes", "Indeed", "Yes, yes"]


def test_perplexities_of_different_tokens_do_not_compare():
    coarse = [row | {"labels": row["labels"] + 1} for row in system(0.1)]
    found = compare({"one": system(0.1), "other": coarse}, ["perplexity", "bits_per_byte"])["sets"]["test:t"]
    assert list(found["scores"]) == list(found["pairs"]) == ["bits_per_byte"]
    assert "into tokens differently" in found["not_compared"]["perplexity"]


def test_what_some_rows_lack_is_not_compared():
    silent = [{key: value for key, value in row.items() if key != "output"} for row in system(0.1)]
    found = compare({"one": system(0.1), "other": silent}, ["bleu", "loss"])["sets"]["test:t"]
    assert list(found["scores"]["bleu"]) == ["one"]
    assert list(found["scores"]["loss"]) == ["one", "other"]
    assert compare({"other": silent}, ["bleu"])["sets"]["test:t"]["not_compared"] == {
        "bleu": "no system's rows hold output and target"
    }


def test_it_is_plain_json_whatever_the_values():
    huge = [row | {"nats": 1e9} for row in system(0.1)]
    found = compare({"one": system(0.1), "huge": huge}, ["perplexity", "bleu"])
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    assert found["sets"]["test:t"]["scores"]["perplexity"]["huge"]["value"] is None
    assert found["sets"]["test:t"]["pairs"]["perplexity"] == []


def test_an_unknown_metric_is_refused():
    with pytest.raises(RequestError, match="did you mean 'bleu'"):
        compare({"one": system(0.1)}, ["blue"])
