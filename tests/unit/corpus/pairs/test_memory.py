from __future__ import annotations

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from dragoman.corpus.pairs import EvaluationOverlap
from dragoman.corpus.pairs.memory import Memory
from dragoman.data.keys import normalise
from dragoman.recipe.schema import PairRules

WORDS = st.sampled_from(["ja", "Ja", "nein", "JA!", "vielleicht", "so  so", "so so"])


def judge(rules, pairs, texts=()):
    memory = Memory(PairRules.model_validate(rules), EvaluationOverlap(texts) if texts else None)
    return [verdict.rule for verdict in memory.judge(*zip(*pairs, strict=True))]


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.lists(st.tuples(WORDS, WORDS), max_size=25), st.integers(1, 3), st.integers(1, 9))
def test_it_is_a_plain_reading_in_order(pairs, most, together):
    """Whatever the batches."""
    rules = PairRules.model_validate({"near_duplicate": "off", "targets": {"max": most}})
    memory, expected, seen, of_source = Memory(rules), [], set(), Counter()
    for source, target in pairs:
        key, place = (normalise(source), normalise(target)), normalise(source)
        if key in seen:
            expected.append("duplicate")
        elif of_source[place] >= most:
            expected.append("targets")
        else:
            expected.append(None)
            seen.add(key)
            of_source[place] += 1
    found = []
    for start in range(0, len(pairs), together):
        some = pairs[start : start + together]
        found += memory.judge([source for source, _ in some], [target for _, target in some])
    assert [verdict.rule for verdict in found] == expected
    assert memory.kept == expected.count(None)


def test_what_is_removed_says_what_it_repeats():
    pairs = [("Ein Hund.", "A dog."), ("Eine Katze.", "A cat."), ("ein  Hund.", "A DOG."), ("Eine Katze!", "A cat")]
    memory = Memory(PairRules())
    verdicts = memory.judge(*zip(*pairs, strict=True))
    assert [(one.rule, one.measured) for one in verdicts] == [
        (None, {}), (None, {}), ("duplicate", {"output_row": 1}),
        ("near_duplicate", {"similarity": 1.0, "output_row": 2}),
    ]  # fmt: skip


def test_evaluation_texts_are_kept_out_on_either_side():
    pairs = [("Ein Hund.", "A dog."), ("A DOG", "Ein Hund"), ("Eine Katze.", "A cat."), ("Zwei Katzen.", "Two cats.")]
    assert judge({}, pairs, ["A dog!", "eine katze"]) == ["evaluation", "evaluation", "evaluation", None]
    assert judge({"evaluation": "off"}, pairs, ["A dog!", "eine katze"]) == [None] * 4


def test_rules_that_are_off_remember_nothing():
    off = dict.fromkeys(["evaluation", "duplicate", "near_duplicate", "targets"], "off")
    assert judge(off, [("a", "b")] * 3, ["a"]) == [None] * 3
    assert Memory(PairRules.model_validate(off)).names == []
    assert Memory(PairRules()).names == ["duplicate", "near_duplicate"]
