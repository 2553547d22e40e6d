"""Windows as rows: nothing is lost, nothing is said twice, document ends are never masked."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dragoman.base.errors import RequestError
from dragoman.objectives.pretraining.corruption import (
    Infilling,
    NextToken,
    SpanCorruption,
    check_sentinels,
    make_objective,
)
from dragoman.objectives.pretraining.noise import Noise, runs_of
from dragoman.recipe.schema import Pretraining

END = 1
SENTINELS = tuple(range(999, 899, -1))  # counted downwards
NONE = np.zeros(0, dtype=np.int64)
BEGIN = (7,)

windows = st.lists(st.one_of(st.just(END), st.integers(10, 800)), min_size=1, max_size=150).map(
    lambda ids: np.array(ids, dtype=np.int64)
)
noises = st.builds(Noise, st.floats(0.05, 0.6), st.floats(1.0, 6.0))


def dice(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def put_together(inputs: list[int], labels: list[int]) -> list[int]:
    """The window, from what the encoder reads and what is learnt: sentinels stand for their spans."""
    spans: dict[int, list[int]] = {}
    for id in labels[:-1]:
        if id in SENTINELS:
            assert id not in spans, "a sentinel was used twice"
            spans[id] = []
        else:
            spans[list(spans)[-1]].append(id)
    whole: list[int] = []
    for id in inputs[:-1]:
        whole += spans.pop(id) if id in SENTINELS else [id]
    assert not spans, "a span is learnt that is not in the input"
    return whole


@given(windows, noises, st.integers(0, 999))
@settings(max_examples=200, deadline=None)
def test_span_corruption_says_every_token_once(window, noise, seed):
    row = SpanCorruption(END, (), noise, SENTINELS).row(window, NONE, dice(seed))
    inputs, labels = list(map(int, row.input_ids)), list(map(int, row.labels))
    assert inputs[-1] == labels[-1] == END
    assert put_together(inputs, labels) == window.tolist()
    assert END not in labels[:-1]
    used = [id for id in inputs if id in SENTINELS]
    assert used == list(SENTINELS[: len(used)])  # in order, from the first one on
    assert [id for id in labels if id in SENTINELS] == used


def test_span_corruption_by_hand():
    """As the text beside the code shows it."""

    class Fixed(SpanCorruption):
        def masked(self, window, dice, most):
            return np.array([False, False, True, True, False, False, True, False, False])

    window = np.array([10, 11, 12, 13, 14, 15, 16, END, 17])
    row = Fixed(END, BEGIN, Noise(0.3, 2.0), SENTINELS).row(window, NONE, dice())
    assert list(row.input_ids) == [*BEGIN, 10, 11, 999, 14, 15, 998, END, 17, END]
    assert list(row.labels) == [999, 12, 13, 998, 16, END]


@given(windows, noises, st.integers(0, 999))
@settings(max_examples=100, deadline=None)
def test_infilling_learns_the_whole_window(window, noise, seed):
    objective = Infilling(END, BEGIN, noise, SENTINELS)
    row = objective.row(window, NONE, dice(seed))
    assert list(row.labels) == [*window.tolist(), END]
    mask = objective.masked(window, dice(seed), len(window))
    runs = runs_of(mask)
    inputs = list(map(int, row.input_ids))
    assert inputs[0] == BEGIN[0]
    assert inputs[-1] == END
    assert inputs.count(SENTINELS[0]) == len(runs.starts)
    assert [id for id in inputs[1:-1] if id != SENTINELS[0]] == window[~mask].tolist()
    assert not set(inputs) & set(SENTINELS[1:])


@given(windows, st.booleans())
@settings(max_examples=50, deadline=None)
def test_every_token_of_a_window_is_a_label_of_a_causal_row(window, begins):
    before = NONE if begins else np.array([500])
    row = NextToken(END, ()).row(window, before, dice())
    assert row.places is not None
    assert [int(row.input_ids[place]) for place in row.places] == list(row.labels)
    assert list(row.labels) == (window[1:] if begins else window).tolist()  # nothing foretells a text's first token


@pytest.mark.parametrize(("window", "expected"), [(568, (512, 114)), (128, (116, 26))])
def test_lengths_are_those_of_rows_without_document_ends(window, expected):
    objective = SpanCorruption(END, (), Noise(0.15, 3.0), SENTINELS)
    assert objective.lengths(window) == expected
    ids = np.arange(window) % 700 + 10
    for seed in range(20):
        row = objective.row(ids, NONE, dice(seed))
        cut = len(row.input_ids) - expected[0]  # a span that lies over both ends is cut in two
        assert cut in (0, 1)
        assert len(row.labels) == expected[1] + cut


def test_lengths_of_the_other_objectives():
    infilling = Infilling(END, BEGIN, Noise(0.15, 3.0), SENTINELS)
    assert infilling.lengths(568) == (513, 569)
    row = NextToken(END, ()).row(np.arange(20, 52), np.array([5]), dice())
    assert NextToken(END, ()).lengths(32) == (len(row.input_ids), len(row.labels))


def test_documents_of_two_tokens_never_run_out_of_sentinels():
    window = np.where(np.arange(900) % 3 == 2, END, 50)
    row = SpanCorruption(END, (), Noise(0.5, 3.0), SENTINELS).row(window, NONE, dice())
    used = [int(id) for id in row.labels if id in SENTINELS]
    assert used == list(SENTINELS)  # 300 tokens are masked, nearly all in spans of their own
    assert put_together(list(map(int, row.input_ids)), list(map(int, row.labels))) == window.tolist()


def test_the_masked_share_of_10_000_windows():
    """Measured on what comes out, document ends included."""
    objective, generator = SpanCorruption(END, (), Noise(0.15, 3.0), SENTINELS), dice(5)
    learnt = there = 0
    for _ in range(10_000):
        window = np.where(generator.random(96) < 0.06, END, generator.integers(10, 800, 96))
        row = objective.row(window, NONE, generator)
        labels = np.asarray(row.labels)
        learnt += int(((labels != END) & (labels < 899)).sum())
        there += int((window != END).sum())
    assert learnt / there == pytest.approx(0.15, rel=0.01)


# ---- from a recipe ----


class Vocabulary:
    eos_id, bos_id, sentinel_ids = END, None, list(SENTINELS)


def settings_of(**keys: object) -> Pretraining:
    return Pretraining.model_validate(keys)


def test_a_window_with_more_spans_than_sentinels_is_refused():
    with pytest.raises(RequestError) as refused:
        make_objective(settings_of(window=2274), Vocabulary())  # type: ignore[arg-type]
    assert refused.value.where == "pretraining.window"
    assert "2,274 tokens have 114 masked spans, and there are only 100 sentinels" in str(refused.value)
    assert "infilling" in str(refused.value)
    make_objective(settings_of(window=1999), Vocabulary())  # type: ignore[arg-type]
    make_objective(settings_of(window=2274, objective="infilling"), Vocabulary())  # type: ignore[arg-type]
    check_sentinels(settings_of(window=2274, mean_span=4), 100)


def test_a_vocabulary_without_sentinels_is_refused():
    none = Vocabulary()
    none.sentinel_ids = []
    with pytest.raises(RequestError, match="no sentinels"):
        make_objective(settings_of(), none)  # type: ignore[arg-type]
    assert make_objective(settings_of(objective="causal"), none).causal  # type: ignore[arg-type]


def test_what_an_encoder_begins_with_comes_first():
    framed = Vocabulary()
    framed.bos_id = 7
    row = make_objective(settings_of(), framed).row(np.arange(20, 60), NONE, dice())  # type: ignore[arg-type]
    assert row.input_ids[0] == 7
    assert row.labels[0] != 7
