from __future__ import annotations

import re
import warnings
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from dragoman.report.plots import Bars, Line, curves, grouped_bars, histogram, smooth, thin

X = np.arange(1.0, 301)
Y = 3 + 6 * np.exp(-X / 50)


def some() -> list[str]:
    return [
        curves([Line(X, Y, 0, "faint"), Line(X[::30], Y[::30], 1, "dashed", dots=True, best=31)], "Loss", label=str),
        grouped_bars(["A1", "B1"], [Bars([20.0, 30.0]), Bars([10.0, float("nan")], 1)], "Levels", top=100),
        histogram([0, 4, 8], [[1, 2], [3]], "Lengths"),
    ]


@pytest.mark.parametrize("svg", some())
def test_is_well_formed_and_self_contained(svg):
    ElementTree.fromstring(svg)
    assert "http" not in svg
    assert "<style" not in svg  # it would hold for the whole page
    assert "<!--" not in svg
    used = set(re.findall(r'(?:href="|url\()#([^")]*)', svg))
    assert set(re.findall(r' id="([^"]*)"', svg)) == used


@pytest.mark.parametrize("svg", some())
def test_colours_are_the_pages(svg):
    assert re.findall(r"#[0-9a-fA-F]{6}\b|#[0-9a-fA-F]{3};", svg) == []
    assert "var(--series-1)" in svg
    assert "var(--hairline)" in svg


def test_text_is_text_in_the_pages_font():
    svg = some()[1]
    assert ">A1</text>" in svg
    assert "font-family" not in svg


def test_ids_of_two_plots_differ():
    found = [set(re.findall(r' id="([^"]*)"', curves([Line(X, Y, dots=True)], name))) for name in ("One", "Two")]
    assert found[0]
    assert not found[0] & found[1]


def test_names_are_escaped_and_are_no_formulas():
    svg = grouped_bars(["<b>&", "$\\frac{1}$"], [Bars([1.0, 2.0])], '"><script>')
    root = ElementTree.fromstring(svg)
    assert root.attrib["aria-label"] == '"><script>'
    texts = [element.text for element in root.iter("text")]
    assert {"<b>&", "$\\frac{1}$"} <= set(texts)


def test_same_input_same_bytes():
    assert some() == some()


@pytest.mark.parametrize("length", [1, 2, 3])
def test_few_points_draw_without_warnings(length):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        svg = curves([Line(X[:length], Y[:length], dots=True, best=1), Line(X[:0], Y[:0])], "Loss", label=str)
    assert "<use" in svg


def test_a_flat_curve_is_drawn():
    assert "var(--series-1)" in curves([Line(X, np.full(300, 2.0))], "Rate")


def test_the_first_moments_do_not_flatten_the_rest():
    """Three in a thousand points at 1,000: the axis still resolves what follows."""
    y = np.concatenate([np.full(3, 1000.0), 2 + np.linspace(1, 0, 997)])
    root = ElementTree.fromstring(curves([Line(np.arange(1000.0), y)], "L"))
    ticks = [float(one.text) for one in root.iter("text") if "text-anchor: end" in one.attrib["style"]]
    assert len(ticks) >= 3
    assert all(1.5 <= tick <= 3.5 for tick in ticks)


def test_size_does_not_grow_with_the_steps():
    x = np.arange(200_000.0)
    assert len(curves([Line(x, np.sin(x), 0, "faint")], "Loss")) < 30_000


@settings(max_examples=60, derandomize=True, deadline=None)
@given(arrays.arrays(float, st.integers(0, 400), elements=st.floats(-100, 100)))
def test_smoothing_stays_within_its_values(values):
    smoothed = smooth(values)
    assert len(smoothed) == len(values)
    if len(values):
        assert smoothed.min() >= values.min() - 1e-9
        assert smoothed.max() <= values.max() + 1e-9
        assert smoothed[0] == pytest.approx(values[0], abs=1e-9)


def test_smoothing_is_a_plain_average_inside_and_calms_noise():
    noise = np.random.default_rng(0).normal(size=600)
    smoothed = smooth(noise)
    assert smoothed[300] == pytest.approx(noise[290:311].mean())
    assert smoothed[-1] == pytest.approx(noise[-11:].mean())
    assert smoothed[50:].std() < 0.4 * noise.std()


def test_thinning_keeps_the_ends():
    x, y = thin(np.arange(10_000.0), np.arange(10_000.0) * 2)
    assert len(x) == 500
    assert (x[0], x[-1], y[-1]) == (0, 9999, 19998)
    assert len(thin(X, Y)[0]) == len(X)
