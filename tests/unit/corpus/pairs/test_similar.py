from __future__ import annotations

import random
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dragoman.corpus.pairs.similar import EvaluationOverlap, NearDuplicates, SimilarTexts, fold

LETTERS = "abcdefghij   "


def jaccard(one: str, other: str) -> float:
    """The plain definition, on folded texts."""
    sets = []
    for text in (one, other):
        padded = f" {fold(text)} ".ljust(4)
        sets.append({padded[i : i + 4] for i in range(len(padded) - 3)})
    return len(sets[0] & sets[1]) / len(sets[0] | sets[1])


def changed(dice: random.Random, text: str, times: int) -> str:
    for _ in range(times):
        place = dice.randrange(len(text))
        text = text[:place] + dice.choice("abcdefghij") + text[place + 1 :]
    return text


def test_the_estimate_is_near_the_plain_similarity():
    dice = random.Random(5)
    errors = []
    for _ in range(150):
        one = "".join(dice.choice(LETTERS) for _ in range(200))
        other = changed(dice, one, dice.randint(0, 8))
        texts = SimilarTexts(0.3)
        first, second = texts.sketch([one, other])
        texts.add(first)
        if found := texts.find(second):
            errors.append(found.similarity - jaccard(one, other))
    assert len(errors) > 100
    assert max(map(abs, errors)) < 0.25
    assert abs(sum(errors) / len(errors)) < 0.02


def test_similar_texts_are_found_and_others_are_not():
    dice = random.Random(6)
    found: dict[str, list[bool]] = {"same": [], "other": []}
    for _ in range(300):
        one = "".join(dice.choice(LETTERS) for _ in range(160))
        other = changed(dice, one, dice.choice([1, 12]))
        likeness = jaccard(one, other)
        near = NearDuplicates(0.85)
        assert near.add(one)
        if likeness > 0.93:
            found["same"].append(not near.add(other))
        elif likeness < 0.72:
            found["other"].append(not near.add(other))
    assert len(found["same"]) > 50
    assert len(found["other"]) > 50
    assert sum(found["same"]) >= 0.97 * len(found["same"])
    assert sum(found["other"]) <= 0.03 * len(found["other"])


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.lists(st.text(max_size=30), max_size=12))
def test_whoever_comes_together_comes_alike(texts):
    """Sketches do not depend on what is sketched beside them, and a text is never new twice."""
    one_by_one = SimilarTexts(0.9)
    together = SimilarTexts(0.9)
    for text, sketch in zip(texts, together.sketch(texts), strict=True):
        (alone,) = one_by_one.sketch([text])
        assert (alone.key, alone.bands, alone.minima.tolist()) == (sketch.key, sketch.bands, sketch.minima.tolist())
    near = NearDuplicates()
    for text in texts:
        near.add(text)
        assert not near.add(text)


@pytest.mark.parametrize("similarity", [0.9, 1.0])
def test_case_marks_and_spaces_do_not_make_a_text_new(similarity):
    near = NearDuplicates(similarity)
    assert near.add("Ein Hund, eine Katze.")
    assert not near.add("ein  HUND eine Katze")
    assert near.add("एक की")
    assert near.add("एक का")  # another vowel sign is another word
    assert near.add("!!!")
    assert near.add("???")
    assert not near.add("???")


def test_evaluation_texts():
    overlap = EvaluationOverlap(iter(["Ein Mann geht mit seinem Hund über die Straße.", "Ja."]))
    assert len(overlap) == 2
    assert overlap.holds("ein Mann geht mit seinem Hund über die Straße")
    assert overlap.holds("Ein Mann geht mit seinem Hund über die Straßen.")
    assert overlap.holds("ja!")
    assert not overlap.holds("Ein Mann geht mit seiner Katze in den Garten.")
    assert overlap.similarities(["Ja", "Nein"]) == [1.0, 0.0]
    assert EvaluationOverlap([]).similarities(["Ja"]) == [0.0]
    assert EvaluationOverlap([]).similarities([]) == []


def test_the_first_of_equals_is_named():
    texts = SimilarTexts(0.8)
    for sketch in texts.sketch(["aaa bbb", "ccc ddd", "Aaa, bbb!"]):
        texts.add(sketch)
    (wanted,) = texts.sketch(["AAA BBB"])
    assert texts.find(wanted).number == 0


def test_many_texts_that_differ():
    """More than the first room for signatures, with neighbours that are alike."""
    near = NearDuplicates(0.9)
    lines = [f"Zeile {number} von {number * 7919 % 10007} mit {number % 13}" for number in range(1500)]
    kept = [line for line in lines if near.add(line)]
    assert len(kept) > 1200
    assert all(one != other for one, other in pairwise(kept))
    assert not any(near.add(line) for line in kept)
