"""Beam search against enumeration of all outputs, and against a plain beam search without shortcuts."""

import itertools
import math

import pytest
import torch

from dragoman.generation.search import search
from dragoman.generation.settings import Settings

PAD, EOS = 0, 1
IDS = {"eos_id": EOS, "pad_id": PAD, "suppress": [PAD]}
SOURCES = [[2, 3, EOS], [4, EOS], [2, 2, 2, 4, EOS]]


def log_p(model, source, prefix):
    """Next-token log-probabilities without pad, as a list."""
    logits = model.logits(source, list(prefix)).double()
    logits[PAD] = -torch.inf
    return logits.log_softmax(-1).tolist()


def total(model, source, ids):
    return sum(log_p(model, source, ids[:t])[token] for t, token in enumerate(ids))


def enumerate_answers(model, source, V, limit, length_penalty):
    """(ids, score, finished) of every output, finished ones first, then by score."""
    words = [token for token in range(V) if token not in (PAD, EOS)]
    every = [[*ids, EOS] for length in range(limit) for ids in itertools.product(words, repeat=length)] + [
        list(ids) for ids in itertools.product(words, repeat=limit)
    ]
    answers = [
        (ids[:-1] if ids[-1] == EOS else ids, total(model, source, ids) / len(ids) ** length_penalty, ids[-1] == EOS)
        for ids in every
    ]
    return sorted(answers, key=lambda answer: (not answer[2], -answer[1]))


def plain_beam_search(model, source, V, K, n, patience, limit, length_penalty):
    """Stops when patience * K are finished and no sooner: what stopping early must not change."""
    live, finished = [(0.0, [])], []
    for length in range(1, limit + 1):
        ways = sorted(
            ((score + p, [*ids, token]) for score, ids in live for token, p in enumerate(log_p(model, source, ids))),
            reverse=True,
        )
        ways = [way for way in ways if way[0] > -torch.inf]
        finished += [(ids[:-1], score / length**length_penalty, True) for score, ids in ways[:K] if ids[-1] == EOS]
        live = [way for way in ways if way[1][-1] != EOS][:K]
        if len(finished) >= patience * K:
            break
    finished.sort(key=lambda answer: -answer[1])
    return (finished + [(ids, score / limit**length_penalty, False) for score, ids in live])[:n]


def assert_same(found, expected):
    assert [(h.ids, h.finished) for h in found] == [(ids, finished) for ids, _, finished in expected]
    assert [h.score for h in found] == pytest.approx([score for _, score, _ in expected], abs=1e-5)


@pytest.mark.parametrize("length_penalty", [0.0, 0.6, 1.0, 2.0])
@pytest.mark.parametrize("limit", [1, 2, 4])
def test_a_wide_beam_finds_what_enumeration_finds(random_model, limit, length_penalty):
    model = random_model(V=5)
    settings = Settings(beam=120, n_best=7, max_length=limit, length_penalty=length_penalty)
    for source, found in zip(SOURCES, search(model, SOURCES, settings, **IDS), strict=True):
        assert_same(found, enumerate_answers(model, source, 5, limit, length_penalty)[:7])


@pytest.mark.parametrize("length_penalty", [0.0, 1.0])
@pytest.mark.parametrize("patience", [1, 1.5, math.inf])
@pytest.mark.parametrize(("K", "n"), [(2, 1), (2, 2), (3, 2), (5, 4)])
def test_stopping_early_changes_nothing(random_model, K, n, patience, length_penalty):
    settings = Settings(
        beam=K,
        patience=patience,
        n_best=n,
        max_length=12,
        length_ratio=1.0,
        length_margin=5,
        length_penalty=length_penalty,
    )
    for seed in range(6):
        model = random_model(V=8, seed=seed, spread=2.0)
        for source, found in zip(SOURCES, search(model, SOURCES, settings, **IDS), strict=True):
            limit = settings.limit(len(source))
            assert_same(found, plain_beam_search(model, source, 8, K, n, patience, limit, length_penalty))


def test_it_stops_when_nothing_better_can_come(copying_model):
    model = copying_model(9)
    settings = Settings(beam=3, max_length=200, length_ratio=0.0, length_margin=200)
    [[best]] = search(model, [[5, 6, 7, EOS]], settings, **IDS)
    assert best.ids == [5, 6, 7]
    assert model.steps < 12  # and not 200


def test_each_input_has_its_own_limit(random_model):
    def never_ends(source, prefix):
        logits = random_model(V=6).logits(source, prefix)
        logits[EOS] = -torch.inf
        return logits

    model = random_model(V=6)
    model.logits = never_ends
    settings = Settings(beam=2, n_best=2, max_length=9, length_ratio=2.0, length_margin=1)
    for source, found in zip(SOURCES, search(model, SOURCES, settings, **IDS), strict=True):
        assert [len(h.ids) for h in found] == 2 * [settings.limit(len(source))]
        assert not any(h.finished for h in found)


def test_suppressed_tokens_never_come(random_model):
    model = random_model(V=7)
    settings = Settings(beam=6, n_best=6, max_length=5)
    for found in search(model, SOURCES, settings, eos_id=EOS, pad_id=PAD, suppress=[PAD, 3, 6]):
        assert len(found) == 6
        assert not {PAD, 3, 6} & {token for h in found for token in h.ids}
