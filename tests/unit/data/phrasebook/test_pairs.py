import hashlib
import json
import os
import subprocess
import sys
from collections import deque
from itertools import count, pairwise

import pytest

from dragoman.base.errors import RequestError
from dragoman.data import phrasebook
from dragoman.data.keys import normalise
from dragoman.data.phrasebook import level_a1, pairs

LEVELS = ["A1", "A2", "B1", "B2", "C1"]
GOLDEN = "984d36ea5c5557b8"


@pytest.fixture(scope="module")
def train():
    return list(pairs(5000, "train", LEVELS))


def digest(rows):
    return hashlib.sha256(json.dumps(rows, ensure_ascii=False, sort_keys=True).encode()).hexdigest()[:16]


def test_the_first_thousand_never_change(train):
    """Change the hash together with the grammar, and the results that were measured on it."""
    assert digest(train[:1000]) == GOLDEN


def test_the_same_under_another_hash_seed(train):
    program = (
        "import json, sys; from dragoman.data.phrasebook import pairs;"
        f"sys.stdout.write(json.dumps(list(pairs(300, 'train', {LEVELS!r}))))"
    )
    environment = {**os.environ, "PYTHONHASHSEED": "4242", "OMP_NUM_THREADS": "1"}
    output = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, check=True).stdout
    assert json.loads(output) == train[:300]


def test_a_short_draw_begins_a_long_one(train):
    assert list(pairs(700, "train", LEVELS)) == train[:700]


def test_another_seed_gives_other_sentences(train):
    other = list(pairs(1000, "train", LEVELS, seed=2))
    shared = {row["source"] for row in other} & {row["source"] for row in train[:1000]}
    assert len(shared) < 200


def test_levels_share_equally(train):
    for level in LEVELS:
        assert sum(row["level"] == level for row in train) == 1000
    assert {row["level"] for row in pairs(20, "test", ["B2", "A1"])} == {"A1", "B2"}


def test_no_source_twice_and_splits_apart(train):
    sources = {split: [row["source"] for row in pairs(1000, split, LEVELS)] for split in ("validation", "test")}
    sources["train"] = [row["source"] for row in train]
    normalised = {split: {normalise(source) for source in texts} for split, texts in sources.items()}
    for split, texts in sources.items():
        assert len(normalised[split]) == len(texts)
    assert not normalised["train"] & normalised["validation"]
    assert not normalised["train"] & normalised["test"]
    assert not normalised["validation"] & normalised["test"]


def test_splits_are_apart_whatever_the_seed(train):
    texts = {row["source"] for row in train}
    assert not texts & {row["source"] for row in pairs(500, "test", LEVELS, seed=9)}


def test_entities_are_where_they_say(train):
    types = set()
    for row in train:
        end = 0
        for entity in row["entities"]:
            assert row["source"][entity["start"] : entity["end"]] == entity["text"]
            assert entity["start"] >= end
            end = entity["end"]
            types.add(entity["type"])
    assert types == {"PER", "LOC", "ORG"}


def test_sentences_are_well_formed(train):
    for row in train:
        for text in (row["source"], row["target"]):
            assert text[0].isupper()
            assert text[-1] in ".?"
            assert not any(wrong in text for wrong in ("  ", " ,", ",,", " .", ",.", " ?", "None"))
        assert (row["source"][-1] == "?") == (row["target"][-1] == "?")


def test_english_articles_and_agreement(train):
    vowels = tuple("aeiou")
    for row in train:
        words = row["target"].rstrip(".?").replace(",", "").split()
        for article, word in pairwise(words):
            if article.lower() == "a":
                assert not word.lower().startswith(vowels) or word.startswith(("uni", "one")), row["target"]
            if article.lower() == "an":
                assert word.lower().startswith(vowels), row["target"]
        if words[0] in ("He", "She"):
            assert words[1] not in ("am", "are", "have", "do", "don't", "go", "want", "were"), row["target"]
        if words[0] in ("We", "They", "You"):
            assert words[1] not in ("am", "is", "has", "does", "doesn't", "goes", "wants", "was"), row["target"]


def test_the_vocabulary_is_moderate(train):
    words = {word.lower() for row in train for word in row["target"].rstrip(".?").replace(",", "").split()}
    assert 400 < len(words) < 1000


def test_unknown_requests_are_refused_at_once():
    with pytest.raises(RequestError, match="did you mean 'train'"):
        pairs(1, "trian", LEVELS)
    with pytest.raises(RequestError, match="no level 'C3'"):
        pairs(1, "train", ["A1", "C3"])
    with pytest.raises(RequestError, match="empty list"):
        pairs(1, "train", [])


def test_when_there_are_no_more_it_says_how_many(monkeypatch):
    monkeypatch.setattr(phrasebook.grammar, "LEVELS", {"A1": (level_a1.request,)})
    monkeypatch.setattr(phrasebook, "PATIENCE", 300)
    numbers = count()
    with pytest.raises(RequestError) as caught:
        deque(zip(pairs(10**6, "test", ["A1"]), numbers, strict=False), maxlen=0)
    drawn = next(numbers)  # zip takes a pair before it takes a number
    assert drawn > 5
    assert f"only {drawn:,} sentences" in str(caught.value)
