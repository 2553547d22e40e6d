import itertools
import statistics

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dragoman.corpus.boilerplate.features import Around, measure
from dragoman.corpus.boilerplate.model import WEIGHTS, likelihoods
from dragoman.corpus.lines import Lines

SENTENCE = "Das Haus steht am Ende der langen Straße, und niemand weiß, wer es gebaut hat."
LINE = st.sampled_from(
    [
        "",
        "Startseite",
        "Kontakt",
        "Teilen Sie dies mit:",
        "12.3.2020",
        SENTENCE,
        "der Rest eines Satzes",
        "Überschrift",
        "日本",
    ]
)
TEXTS = st.lists(st.lists(LINE, min_size=1, max_size=9).map("\n".join), max_size=5)


def page_of(*texts: str):
    return measure(Lines.of(pa.array(texts, pa.large_string())))


@settings(max_examples=100, deadline=None, derandomize=True)
@given(TEXTS)
def test_a_text_is_measured_alone(texts):
    together = page_of(*texts)
    assert set(together.features) | {"constant"} == set(WEIGHTS)
    for i, (begin, end) in enumerate(itertools.pairwise(together.first)):
        alone = page_of(texts[i])
        for name, values in together.features.items():
            assert values[begin:end].tolist() == pytest.approx(alone.features[name].tolist())
        assert together.wrapped[begin:end].tolist() == alone.wrapped.tolist()
        assert likelihoods(together)[begin:end] == pytest.approx(likelihoods(alone))
        filled = [j for j, line in enumerate(texts[i].split("\n")) if line]
        assert alone.places.tolist() == filled


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.lists(st.lists(st.integers(0, 9), max_size=12), max_size=4), st.integers(0, 4))
def test_neighbours(texts, reach):
    values = np.array([value for text in texts for value in text], float)
    document = np.repeat(np.arange(len(texts)), [len(text) for text in texts])
    around = Around(document, np.searchsorted(document, np.arange(len(texts) + 1)))
    assert around.total(values).tolist() == [sum(text) for text in texts for _ in text]
    assert around.before(values).tolist() == [sum(text[:i]) for text in texts for i in range(len(text))]
    means = [statistics.fmean(text[max(0, i - reach) : i + reach + 1]) for text in texts for i in range(len(text))]
    assert around.mean(values, reach).tolist() == pytest.approx(means)


def test_lines_with_sentences_are_solid():
    page = page_of(
        f"Startseite\n{SENTENCE}\nNews aus Berlin Hamburg München Köln Frankfurt Stuttgart\nThat is what it is for."
    )
    assert page.solid.tolist() == [False, True, False, False]
    english = page_of("And that was all there is to say about it, more or less.")
    assert english.solid.tolist() == [True]


def test_lines_above_the_title():
    page = page_of("Ein langer Titel | Zeitung\nStartseite\nEin langer\nEin langer Titel\nText\nEin langer Titel")
    assert page.features["above its title"].tolist() == [True, True, True, False, False, False]
    assert not page_of("Zeitung\nStartseite\nEin langer Titel").features["above its title"].any()


def test_wrapped_lines():
    wrapped = (
        "Der Wagen fuhr langsam durch die Stadt, und\nalle sahen ihm nach, bis er verschwunden war.\nDann gingen sie."
    )
    assert page_of(wrapped).wrapped.tolist() == [True, False, False]
    assert page_of("Der Wagen fuhr langsam durch die Stadt, und", "alle sahen ihm nach.").wrapped.tolist() == [
        False,
        False,
    ]
