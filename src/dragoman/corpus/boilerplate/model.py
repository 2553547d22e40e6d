"""The verdict on a line: how likely it is part of its page's own text, and what it is where it is not.

A logistic regression over `features.py`. `python -m benchmarks.boilerplate_weights` finds the weights anew.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dragoman.corpus.boilerplate.features import SHORT, Page
from dragoman.corpus.boilerplate.phrases import NAMES
from dragoman.corpus.lines import Mask

WEIGHTS = {
    "words": 0.47,
    "long": 0.94,
    "sentence": 1.31,
    "names a date": -3.09,
    "says it shortly": -2.29,
    "says it at length": -1.36,
    "said nearby": -2.98,
    "length nearby": 0.53,
    "length around": -0.32,
    "text above": -1.84,
    "solid, text above": -1.44,
    "solid above": 0.11,
    "below a marker": -1.70,
    "solid share": -1.94,
    "above its title": -2.57,
    "constant": -0.82,
}

SIGNS = 2  # short lines that say what only web pages say: a text with fewer is no raw page
SIGN_SHARE = 0.01  # of its lines
WRAPPED = (
    0.2  # share of lines that break off in a sentence: such text is wrapped at some width, and its lines mean nothing
)

REASONS = ("pattern", *NAMES, "outside the text", "short line", "other text")


def likelihoods(page: Page) -> NDArray[np.float64]:
    """How likely each line is part of the text (N,)."""
    score = np.full(len(page.places), WEIGHTS["constant"])
    for name, values in page.features.items():
        score += WEIGHTS[name] * values
    return 1 / (1 + np.exp(-score))


def is_raw(page: Page, least: int) -> Mask:
    """Which texts (D,) are raw web pages of at least so many lines."""
    texts = len(page.first) - 1
    count = np.diff(page.first)
    signs, wrapped = (
        np.bincount(page.document, mask, texts) for mask in (page.features["says it shortly"], page.wrapped)
    )
    return (count >= least) & (signs >= np.maximum(SIGNS, SIGN_SHARE * count)) & (wrapped <= WRAPPED * count)


def reasons(page: Page) -> NDArray[np.int8]:
    """What each line is if it is boilerplate: a place in REASONS, counted from 1 (N,)."""
    outside = (page.features["text above"] == 0) | (page.features["text above"] > 0.999)
    found = np.where(page.characters < SHORT, REASONS.index("short line"), REASONS.index("other text"))
    found = np.where(outside & ~page.solid, REASONS.index("outside the text"), found)
    for name in reversed(NAMES):
        found = np.where(page.phrases[name], REASONS.index(name), found)
    return (found + 1).astype(np.int8)
