from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dragoman.base.errors import RequestError
from dragoman.corpus.pairs import PairGate
from dragoman.corpus.pairs.batch import PairBatch
from dragoman.corpus.pairs.gate import make_rules
from dragoman.recipe.schema import PairFilter, PairRules

TEXTS = st.text(st.sampled_from("abÄ .,!?17\u0939狗"), min_size=1, max_size=30)


def test_good_pairs_pass_and_bad_ones_are_named(filter_of):
    gate = PairGate(filter_of())
    pairs = {
        ("Ein Hund läuft über die Straße.", "A dog runs across the street."): None,
        ("Ja.", "Yes."): None,
        ("Ein Hund läuft über die Straße.", "A dog runs"): "character_ratio",
        ("Ein Hund läuft über die Straße.", "Ein Hund läuft über die Straße!"): "copied",
        ("Sie wohnt in der Nummer 217.", "She lives at number 271."): "digits",
        ("Wo wohnt sie denn?", "She lives over there."): "terminal",
        ("*** --- 3 --- ***", "*** --- 3 --- ***"): "alphabetic",
        ("Ein Hund bellt laut.", "Собака громко лает."): "script",
        ("Ein Hund. " + "x" * 70, "A dog. " + "x" * 70): "longest_word",
        ("Hund " * 151, "dog " * 151): "words",
        (
            "Ein Hund sah die Katze an.",
            "A dog looked at the very large and old cat of the neighbours now.",
        ): "word_ratio",
    }
    sources, targets = zip(*pairs, strict=True)
    assert gate.judge(sources, targets) == list(pairs.values())


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.lists(st.tuples(TEXTS, TEXTS), max_size=8))
def test_a_pair_is_judged_by_itself(pairs):
    gate = PairGate(PairFilter.model_validate({"preset": "pairs-de-en", "rules": {"language": "off"}}))
    together = gate.judge([source for source, _ in pairs], [target for _, target in pairs])
    assert together == [gate.judge([source], [target])[0] for source, target in pairs]


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.lists(st.tuples(TEXTS, TEXTS), max_size=8))
def test_the_first_rule_that_a_pair_fails_is_named_with_its_numbers(pairs):
    gate = PairGate(PairFilter.model_validate({"preset": "pairs-de-en", "rules": {"language": "off"}}))
    batch = PairBatch.of([source for source, _ in pairs], [target for _, target in pairs])
    seen: list[tuple[str, int]] = []
    verdicts = gate.verdicts(batch, lambda rule, measured, kept: seen.append((rule.name, len(kept))))
    left = len(pairs)
    for name, asked in seen:
        assert asked == left
        left -= sum(verdict.rule == name for verdict in verdicts)
    assert left == sum(verdict.kept for verdict in verdicts)
    for place, verdict in enumerate(verdicts):
        one = batch.take([place])
        failing = [rule.name for rule in gate.rules if not rule.verdict(rule.measure(one))[0]]
        assert verdict.rule == next(iter(failing), None)
        assert bool(verdict.measured) == (verdict.rule is not None)


def test_rules_come_in_the_order_of_the_recipe_and_can_be_switched_off(filter_of):
    languages = {"languages": {"source": "en", "target": "hi"}}
    every = [rule.name for rule in make_rules(PairFilter.model_validate(languages))]
    stateless = [
        name for name in PairRules.model_fields if name not in ("evaluation", "duplicate", "near_duplicate", "targets")
    ]
    assert every == stateless
    for name in every:
        left = make_rules(PairFilter.model_validate({**languages, "rules": {name: "off"}}))
        assert [rule.name for rule in left] == [other for other in every if other != name]


def test_languages_are_needed_where_a_rule_needs_them():
    with pytest.raises(RequestError, match="languages") as refused:
        PairGate(PairFilter())
    assert refused.value.where == "pairs"
    with pytest.raises(RequestError, match="no language 'deutsch'") as refused:
        PairGate(PairFilter.model_validate({"languages": {"source": "deutsch", "target": "en"}}))
    assert refused.value.where == "pairs.languages.source"
    assert PairGate(PairFilter.model_validate({"rules": {"script": "off", "language": "off"}})).judge(["a"], ["b"]) == [
        None
    ]


def test_sides_belong_together():
    with pytest.raises(ValueError, match="2 sources and 1 targets"):
        PairBatch.of(["a", "b"], ["c"])
