"""The rules on public data: what they cost of good human pairs, and what they find of bad ones that were planted."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from dragoman.recipe.schema import PairFilter

ROOT = Path(__file__).resolve().parents[4]
FOLDER = Path(os.environ.get("DRAGOMAN_REALDATA", "."))
pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif("DRAGOMAN_REALDATA" not in os.environ, reason="DRAGOMAN_REALDATA is not set"),
]


MULTI30K, TATOEBA, HINDI = "Multi30k, de-en", "Tatoeba, de-en", "Tatoeba, en-hi"


@pytest.fixture(scope="module")
def measured():
    """Set by set what the rules cost of good pairs, and what they find of bad ones."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(ROOT))
        from benchmarks.pairs import SETS, cost, evaluation_texts, found, read

        results = {}
        for name in (MULTI30K, TATOEBA, HINDI):
            pairs, rules = read(name, FOLDER, 20_000), PairFilter.model_validate(SETS[name][2])
            results[name] = cost(pairs, rules, evaluation_texts(name, FOLDER)), found(pairs, rules, 500)
        return results


@pytest.mark.parametrize(("name", "most"), [(MULTI30K, 0.015), (TATOEBA, 0.03), (HINDI, 0.02)])
def test_good_pairs_stay(measured, name, most):
    """Tatoeba's first pairs are its shortest, of which a language is hardest to tell."""
    good, _ = measured[name]
    assert good["pairs"] > 3000
    assert good["removed"] <= most * good["pairs"]
    assert all(removed <= 0.015 * good["pairs"] for removed in good["alone"].values())
    for rule in ("words", "longest_word", "script", "copied", "digits", "terminal", "alphabetic"):
        assert good["alone"][rule] <= 0.002 * good["pairs"], rule
    assert sum(good["memory"].values()) <= 0.015 * good["pairs"]


@pytest.mark.parametrize(
    ("name", "kind", "least"),
    [
        (MULTI30K, "copied", 0.99), (MULTI30K, "nearly copied", 0.99), (MULTI30K, "sides swapped", 0.99),
        (MULTI30K, "both in one language", 0.98), (MULTI30K, "half translated", 0.9),
        (MULTI30K, "target cut to a third", 0.95), (MULTI30K, "target cut in half", 0.5),
        (MULTI30K, "wrong number", 0.95), (MULTI30K, "signs for a target", 1.0),
        (TATOEBA, "wrong number", 0.95), (TATOEBA, "signs for a target", 1.0),
        (HINDI, "copied", 1.0), (HINDI, "sides swapped", 1.0), (HINDI, "both in one language", 1.0),
        (HINDI, "target cut to a third", 0.8), (HINDI, "half translated", 0.5),
    ],
)  # fmt: skip
def test_bad_pairs_go(measured, name, kind, least):
    found, planted = measured[name][1][kind]
    assert planted >= 10
    assert found >= least * planted
