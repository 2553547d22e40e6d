"""Entity scores against seqeval's, where both measure the same: each entity's text stands once in its sentence."""

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from seqeval.metrics import classification_report, f1_score, precision_score, recall_score

from dragoman.base.errors import RequestError
from dragoman.data.entities import entities_of, format_entities
from dragoman.data.tags import read_spans
from dragoman.evaluation.entities import (
    entity_counts,
    entity_scores,
    f1,
    malformed_answers,
    malformed_share,
    precision,
    recall,
)

TYPES = ["PER", "LOC", "creative-work"]


def tagged_sentences(count, seed):
    """True and predicted IOB2 tags of sentences in which no word occurs twice."""
    draw, pairs = random.Random(seed), []
    for number in range(count):
        words = [f"w{number}_{place}" for place in range(draw.randrange(4, 12))]
        true = _tags(len(words), draw)
        predicted = true if draw.random() < 0.3 else _tags(len(words), draw)
        pairs.append((words, true, predicted))
    return pairs


def _tags(length, draw):
    tags = []
    while len(tags) < length:
        kind, size = draw.choice([None, *TYPES]), draw.randrange(1, 3)
        tags += ["O"] * size if kind is None else [f"B-{kind}", *[f"I-{kind}"] * (size - 1)]
    return tags[:length]


def as_text(words, tags):
    return format_entities(entities_of(words, read_spans(tags, "iob2")))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_scores_are_seqevals(seed):
    pairs = tagged_sentences(150, seed)
    targets, outputs = ([as_text(words, tags[place]) for words, *tags in pairs] for place in (0, 1))
    true, predicted = [pair[1] for pair in pairs], [pair[2] for pair in pairs]
    found = entity_scores(outputs, targets)
    theirs = [score(true, predicted) for score in (precision_score, recall_score, f1_score)]
    assert [found.precision, found.recall, found.f1] == pytest.approx([100 * value for value in theirs])
    report = classification_report(true, predicted, output_dict=True)
    assert list(found.by_type) == sorted(TYPES)
    for kind, own in found.by_type.items():
        expected = report[kind]
        assert own.targets == expected["support"]
        assert [own.precision, own.recall, own.f1] == pytest.approx(
            [100 * expected[name] for name in ("precision", "recall", "f1-score")]
        )


def test_an_entity_that_is_named_twice_has_to_be_found_twice():
    target = "Rome: LOC | Rome: LOC | Anna: PER"
    assert entity_counts(["Rome: LOC | Anna: PER"], [target]).tolist() == [[2, 0, 1]]
    assert entity_counts(["Rome: LOC | Rome: LOC | Rome: LOC"], [target]).tolist() == [[2, 1, 1]]


def test_text_and_type_must_both_be_right_and_order_is_none():
    assert entity_counts(["Anna: LOC | Rome: LOC"], ["Rome: LOC | Anna: PER"]).tolist() == [[1, 1, 1]]
    assert entity_counts(["anna: PER"], ["Anna: PER"]).tolist() == [[0, 1, 1]]
    assert entity_counts(["Cafe\u0301  X: PER"], ["Caf\u00e9 X: PER"]).tolist() == [[1, 0, 0]]


def test_rows_without_entities():
    assert entity_counts(["None", "None", "a: X"], ["None", "a: X", "None"]).tolist() == [
        [0, 0, 0],
        [0, 0, 1],
        [0, 1, 0],
    ]
    assert entity_counts(["nichts"], ["nichts"], none="nichts").tolist() == [[0, 0, 0]]
    nothing = entity_scores(["None"], ["None"])
    assert (nothing.precision, nothing.recall, nothing.f1, nothing.by_type) == (0, 0, 0, {})


def test_what_cannot_be_read_is_told_by_itself():
    found = entity_scores(["Anna: PER | what", "", "None", "Rome: LOC"], ["Anna: PER", "None", "None", "Rome: LOC"])
    assert (found.precision, found.malformed) == (100, 50)
    assert malformed_answers(["what | what", "None"]).tolist() == [[1, 1], [0, 1]]


def test_types_that_are_only_claimed_are_listed():
    found = entity_scores(["Anna: ORG"], ["Anna: PER"])
    assert {kind: (own.recall, own.targets) for kind, own in found.by_type.items()} == {"ORG": (0, 0), "PER": (0, 1)}


rows = st.lists(
    st.tuples(*[st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(["X", "Y"])), max_size=4)] * 2), min_size=1
)


@settings(max_examples=100)
@given(rows)
def test_counts_add_up(rows):
    outputs, targets = ([format_entities(side) for side in sides] for sides in zip(*rows, strict=True))
    counts = entity_counts(outputs, targets)
    assert counts.shape == (len(rows), 3)
    assert (counts[:, 0] + counts[:, 1]).tolist() == [len(output) for output, _ in rows]
    assert (counts[:, 0] + counts[:, 2]).tolist() == [len(target) for _, target in rows]
    found, sums = entity_scores(outputs, targets), counts.sum(axis=0)[None]
    assert (found.precision, found.recall, found.f1) == (precision(sums)[0], recall(sums)[0], f1(sums)[0])
    several = np.concatenate([sums, 2 * sums, np.zeros((1, 3))])
    assert f1(several).tolist() == [found.f1, found.f1, 0]
    assert malformed_share(malformed_answers(outputs).sum(axis=0)[None])[0] == found.malformed == 0


@pytest.mark.parametrize(("outputs", "targets"), [([], []), (["a"], ["a", "b"])])
def test_what_cannot_be_scored_is_refused(outputs, targets):
    with pytest.raises(RequestError):
        entity_scores(outputs, targets)
    with pytest.raises(RequestError):
        entity_counts(outputs, targets)
