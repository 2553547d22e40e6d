from __future__ import annotations

from pathlib import Path

import pytest

from dragoman.report.comparison import Comparison
from dragoman.report.method import MethodRun
from dragoman.report.run import Run
from dragoman.report.winner import contest

GAP = "\N{NO-BREAK SPACE}"


def method(name: str, value: float | None, *, base: bool = False, metric: str = "bleu", **costs: float) -> MethodRun:
    """costs: seconds, memory, trainable, size."""
    events = []
    if not base:
        events = [
            {"event": "start", "step": 0, "trainable": costs.get("trainable")},
            {"event": "end", "step": 9, "seconds": costs.get("seconds"), "peak_memory": costs.get("memory")},
        ]
    one = {"rows": 50, "scores": {metric: {"value": value}}}
    scores = {"sets": {"test:t": one, "validation": one}, "size_bytes": costs.get("size")} if value is not None else {}
    return MethodRun(name, Path(), events, scores, base)


def said(*methods: MethodRun, pairs: tuple[dict, ...] = (), metric: str = "bleu") -> list[tuple[str, bool]]:
    found = {"sets": {"test:t": {"rows": 50, "scores": {}, "pairs": {metric: list(pairs)}}}}
    comparison = Comparison(found if pairs else {})
    run = Run("r", {"evaluation": {"main": metric}}, "", {}, {}, [], list(methods), [], comparison)
    return [(note.text, note.warning) for note in contest(run)]


def pair(one: str, other: str, difference: float, p: float, verdict: str) -> dict:
    return {"one": one, "other": other, "difference": difference, "low": -1.0, "high": 1.0, "p": p, "verdict": verdict}


BASE = method("base", 20.0, base=True)


@pytest.mark.parametrize("turned", [False, True])
def test_a_real_gain_over_the_base_and_over_another(turned):
    pairs = [("full", "base", 24.0, 0.0009, "better"), ("full", "lora", 2.5, 0.0123, "better")]
    if turned:
        pairs = [(b, a, -difference, p, "worse") for a, b, difference, p, _ in pairs]
    told = said(BASE, method("full", 44.0), method("lora", 41.5), pairs=tuple(pair(*one) for one in pairs))
    assert told == [
        (f"Training gained 24.0 BLEU: the untouched base model stands at 20.0 BLEU (p{GAP}<{GAP}0.001).", False),
        (f"full is 2.5 BLEU ahead of lora on the test set t (p{GAP}={GAP}0.012).", False),
    ]


def test_chance_is_told_and_the_cheaper_choice_with_it():
    full = method("full", 41.8, seconds=100, memory=900, trainable=1000, size=50)
    lora = method("lora", 41.5, seconds=50, memory=300, trainable=10, size=50)
    ((text, warning),) = said(full, lora, pairs=(pair("full", "lora", 0.3, 0.31, "may be chance"),))
    assert text == (
        f"full is 0.3 BLEU ahead of lora on the test set t, which may be chance (p{GAP}={GAP}0.31). If it is, lora is "
        "the cheaper choice. full took 2.0 times the training time, 3.0 times the memory and 100 times the trained "
        "parameters of lora."
    )
    assert not warning
    ((text, _),) = said(
        method("full", 41.8, seconds=40), lora, pairs=(pair("full", "lora", 0.3, 0.31, "may be chance"),)
    )
    assert "cheaper" not in text
    assert f"full took 80{GAP}% of the training time of lora." in text


def test_equal_methods():
    ((text, _),) = said(method("full", 40.0), method("lora", 40.0), pairs=(pair("full", "lora", 0.0, 1.0, "equal"),))
    assert text == "full and lora score the same on the test set t."


def test_without_a_comparison_a_small_gap_is_doubted():
    assert said(method("full", 41.0), method("lora", 40.5)) == [
        ("full is 0.5 BLEU ahead of lora on the test set t; a gap this small may be chance.", False)
    ]
    assert said(method("full", 44.0), method("lora", 40.5)) == [
        ("full is 3.5 BLEU ahead of lora on the test set t.", False)
    ]


def test_the_method_that_validation_chose_may_be_behind():
    full, lora = method("full", 41.0), method("lora", 40.0)
    full.scores["sets"]["test:t"] = {"rows": 50, "scores": {"bleu": {"value": 39.0}}}
    ((text, _),) = said(full, lora, pairs=(pair("full", "lora", -1.0, 0.02, "worse"),))
    assert text == (
        f"full is 1.0 BLEU behind lora on the test set t (p{GAP}={GAP}0.020); it was chosen by its validation score."
    )


def test_a_training_that_harmed_or_helped_nobody_knows_warns():
    told = said(BASE, method("full", 15.0), pairs=(pair("full", "base", -5.0, 0.002, "worse"),))
    assert told == [
        (f"Training did harm: the untouched base model is 5.0 BLEU ahead of full (p{GAP}={GAP}0.002).", True)
    ]
    told = said(BASE, method("full", 20.4), pairs=(pair("full", "base", 0.4, 0.2, "may be chance"),))
    assert told == [(
        "It is not shown that training helped: full is 0.4 BLEU ahead of the untouched base model, and that may be "
        f"chance (p{GAP}={GAP}0.20).", True,
    )]  # fmt: skip


def test_a_training_without_any_effect_warns():
    told = said(BASE, method("full", 20.0), pairs=(pair("full", "base", 0.0, 1.0, "equal"),))
    assert told == [("Training changed nothing: full scores as the untouched base model does.", True)]


def test_where_less_is_better():
    base = method("base", 40.0, base=True, metric="perplexity")
    good, bad = method("full", 10.0, metric="perplexity"), method("lora", 12.0, metric="perplexity")
    pairs = (
        pair("base", "full", 30.0, 0.0009, "worse"),
        pair("full", "lora", -2.0, 0.01, "better"),
    )
    texts = [text for text, _ in said(base, bad, good, pairs=pairs, metric="perplexity")]
    assert texts[0].startswith(
        "Training gained 30.00 points of perplexity: the untouched base model stands at a perplexity of 40.00"
    )
    assert texts[1].startswith("full is 2.00 points of perplexity ahead of lora")


def test_what_has_not_been_scored_is_said():
    told = said(method("base", None, base=True), method("full", 40.0), method("lora", None))
    assert told == [
        ("Not scored yet: the untouched base model.", False), ("Not scored yet: lora, which is trained.", False),
    ]  # fmt: skip


def test_a_method_that_lacks_the_main_score_is_named():
    told = said(method("full", 40.0), method("lora", 40.0, metric="chrf"))
    assert told == [("Not scored by BLEU: lora.", False)]


def test_nothing_to_compare():
    assert said(method("full", 40.0)) == said(BASE, method("full", None)) == []
