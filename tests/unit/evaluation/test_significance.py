"""The oracles are sacreBLEU's PairedTest and bootstrap, and what is known of the mean of normal numbers."""

from __future__ import annotations

import random

import numpy as np
import pytest
import sacrebleu
from sacrebleu.metrics import BLEU, CHRF, TER
from sacrebleu.significance import PairedTest
from unit.evaluation.words import WORDS

from dragoman.evaluation import significance
from dragoman.evaluation.metrics import METRICS
from dragoman.evaluation.scores import row_statistics
from dragoman.evaluation.significance import Interval, interval, p_value, resampled_sums, resampled_values


def sentences(rows: int) -> list[str]:
    draw = random.Random(0)
    return [" ".join(draw.choice(WORDS) for _ in range(draw.randint(5, 14))) for _ in range(rows)]


def spoiled(references: list[str], chance: float, seed: int) -> list[str]:
    draw = random.Random(seed)
    return [
        " ".join(draw.choice(WORDS) if draw.random() < chance else word for word in text.split()) for text in references
    ]


REFERENCES = sentences(300)
SYSTEMS = [spoiled(REFERENCES, chance, seed) for seed, chance in enumerate([0.20, 0.20, 0.212, 0.225, 0.24, 0.35])]


def resampled(name: str, outputs: list[str], **options: int) -> tuple[float, np.ndarray]:
    rows = [{"output": output, "target": target} for output, target in zip(outputs, REFERENCES, strict=True)]
    own = row_statistics(rows, [name])[name]
    return METRICS[name].value(own.sum(axis=0)), resampled_values(METRICS[name], own, **options)


@pytest.mark.parametrize(("name", "theirs"), [("bleu", BLEU), ("chrf", CHRF), ("ter", TER)])
def test_p_values_are_sacrebleus(name, theirs):
    named = [(str(number), outputs) for number, outputs in enumerate(SYSTEMS)]
    _, told = PairedTest(named, {"it": theirs()}, [REFERENCES], test_type="bs", n_samples=1000)()
    (results,) = [results for key, results in told.items() if key != "System"]
    (base, of_base), *others = [resampled(name, outputs, seed=7) for outputs in SYSTEMS]
    ours = [p_value(base - value, of_base - values) for value, values in others]
    expected = [result.p_value for result in results[1:]]
    assert ours == pytest.approx(expected, abs=0.05)
    assert min(expected) == pytest.approx(1 / 1001)
    assert max(expected) > 0.1


def test_intervals_are_as_wide_as_sacrebleus():
    value, values = resampled("bleu", SYSTEMS[0])
    scored = BLEU().corpus_score(SYSTEMS[0], [REFERENCES], n_bootstrap=1000)
    low, high = interval(values)
    assert low < value < high
    assert (high - low) / 2 == pytest.approx(scored._ci, rel=0.1)
    assert value == sacrebleu.corpus_bleu(SYSTEMS[0], [REFERENCES]).score


def test_a_resample_has_as_many_rows_and_repeats_some():
    rows = 50
    sums = resampled_sums(np.eye(rows), 200, seed=1)  # how often each row was drawn
    assert sums.shape == (200, rows)
    assert (sums.sum(axis=1) == rows).all()
    assert sums.mean(axis=0) == pytest.approx(np.ones(rows), abs=0.35)
    assert (sums == 0).mean() == pytest.approx(1 / np.e, abs=0.02)


@pytest.mark.parametrize("at_once", [1, 50, 173, 999])
def test_how_many_are_drawn_at_once_changes_nothing(monkeypatch, at_once):
    own = np.random.default_rng(0).integers(0, 9, (50, 3)).astype(float)
    whole = resampled_sums(own, 30, seed=3)
    monkeypatch.setattr(significance, "_DRAWN_AT_ONCE", at_once)
    assert (resampled_sums(own, 30, seed=3) == whole).all()


def test_the_seed_pairs_systems():
    own = np.random.default_rng(0).integers(0, 9, (40, 2)).astype(float)
    both = resampled_sums(np.hstack([own, 2 * own]), 100, seed=5)
    assert (resampled_sums(own, 100, seed=5) == both[:, :2]).all()
    assert (both[:, 2:] == 2 * both[:, :2]).all()
    assert (resampled_sums(own, 100, seed=6) != both[:, :2]).any()


def test_intervals_hold_the_true_mean_as_often_as_they_say():
    draw, held, tries = np.random.default_rng(0), 0, 300
    for seed in range(tries):
        own = np.stack([draw.normal(2.0, 1.0, 100), np.ones(100)], axis=1)
        low, high = interval(resampled_values(METRICS["loss"], own, seed=seed))
        held += low <= 2.0 <= high
    assert 0.90 <= held / tries <= 0.98


def test_the_interval_is_the_percentiles():
    assert interval(np.arange(1001.0)) == pytest.approx(Interval(25.0, 975.0))


def test_systems_that_never_differ_are_not_told_apart():
    """sacreBLEU would give the smallest p-value there is."""
    value, values = resampled("bleu", SYSTEMS[0])
    assert p_value(value - value, values - values) == 1.0
    assert p_value(3.0, np.full(1000, 3.0)) == 1 / 1001


def test_the_sign_of_a_difference_does_not_matter():
    (one, of_one), (other, of_other) = (resampled("chrf", SYSTEMS[number]) for number in (0, 2))
    assert p_value(one - other, of_one - of_other) == p_value(other - one, of_other - of_one)
