from __future__ import annotations

import json
from dataclasses import asdict

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from dragoman.corpus.engine.histogram import BINS, bin_edges, count_bins
from dragoman.corpus.engine.tally import SAMPLES, Tally

NUMBERS = st.floats(0, 2e7) | st.floats(0, 1) | st.integers(0, 10**9).map(float) | st.just(float("nan"))


@settings(deadline=None)
@given(st.lists(NUMBERS, max_size=50))
def test_bins_count_every_number_once(values: list[float]) -> None:
    counts, edges = count_bins(np.array(values)), bin_edges()
    numbers = [value for value in values if value == value]
    assert counts.sum() == len(numbers)
    assert (len(counts), len(edges)) == (BINS, BINS + 1)
    for place in range(BINS - 1):
        inside = sum(edges[place] * (1 + 1e-12) <= value < edges[place + 1] * (1 - 1e-12) for value in numbers)
        near = sum(edges[place] * (1 - 1e-12) <= value <= edges[place + 1] * (1 + 1e-12) for value in numbers)
        assert inside <= counts[place] <= near


EVENTS = st.lists(
    st.tuples(
        st.sampled_from(["keep", "remove", "bad", "lines", "measure", "sample"]),
        st.sampled_from(["a", "b"]),
        st.integers(0, 1000),
    ),
    max_size=40,
)


def note(tally: Tally, what: str, name: str, number: int) -> None:
    match what:
        case "keep":
            tally.keep([name], [number])
        case "remove":
            tally.remove(name, ["de"], [number])
        case "bad":
            tally.bad[name] = tally.bad.get(name, 0) + 1
        case "lines":
            tally.remove_lines("step", {name: (1, number)})
        case "measure":
            tally.measure(name, np.array([number / 100]))
        case _:
            if tally.wants_sample(name, number):
                tally.sample(name, number, f"text {number}")


@settings(deadline=None)
@given(EVENTS, st.integers(0, 40))
def test_tallies_add_up(events: list[tuple[str, str, int]], cut: int) -> None:
    """However they are cut: the same counts; and samples are those of lowest order."""
    whole, first, second = Tally(), Tally(), Tally()
    for place, event in enumerate(events):
        note(whole, *event)
        note(first if place < cut else second, *event)
    first.merge(Tally(**json.loads(json.dumps(asdict(second)))))
    for own in (*first.samples.values(), *whole.samples.values()):
        own.sort(key=lambda one: one["order"])
    assert asdict(first) == asdict(whole)
    for name, own in whole.samples.items():
        orders = sorted(number for what, event_name, number in events if (what, event_name) == ("sample", name))
        assert [one["order"] for one in own] == orders[:SAMPLES]


def test_it_balances_where_every_document_is_accounted_for() -> None:
    tally = Tally(read=[4, 100], changed=[1, 10], poisoned={"x": [1, 5]})
    tally.keep(["de", ""], [30, 20])
    tally.remove("short", ["de"], [25])
    tally.remove_lines("line rules", {"end": (2, 10)})
    assert tally.balanced
    assert tally.kept == {"de": [1, 30], "unknown": [1, 20]}
    tally.keep(["de"], [0])
    assert not tally.balanced
