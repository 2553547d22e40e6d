import math

import pytest
import torch

from dragoman.generation import sampling
from dragoman.generation.sampling import draw, gumbel, scramble
from dragoman.generation.settings import Settings

LOGITS = torch.tensor([0.3, 2.0, -1.0, 1.5, -torch.inf, 0.9])


def draws(settings, n=20_000, logits=LOGITS):
    return draw(logits.expand(n, -1), torch.arange(n), 1, settings)


def chi_square(found, p):
    """The statistic, over the tokens that may come."""
    counts = torch.bincount(found, minlength=len(p)).double()
    possible = p > 0
    assert counts[~possible].sum() == 0
    expected = p[possible].double() * len(found)
    return float(((counts[possible] - expected) ** 2 / expected).sum())


@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.0])
def test_frequencies_are_the_softmax(temperature):
    found = draws(Settings(sample=True, temperature=temperature))
    assert chi_square(found, (LOGITS / temperature).softmax(-1)) < 18.5  # 4 degrees of freedom, p = 0.001
    assert chi_square(found, (LOGITS / (temperature * 1.2)).softmax(-1)) > 18.5, "the test can fail"


def test_top_k_keeps_the_k_most_probable():
    found = draws(Settings(sample=True, top_k=3))
    allowed = LOGITS.masked_fill(LOGITS < 0.9, -torch.inf)
    assert chi_square(found, allowed.softmax(-1)) < 13.8  # 2 degrees of freedom


def test_top_p_keeps_the_smallest_set_that_reaches_it():
    p = LOGITS.softmax(-1)  # .46 .28 .15 .08 .02 in falling order
    found = draws(Settings(sample=True, top_p=0.7))
    allowed = LOGITS.masked_fill(LOGITS < 1.5, -torch.inf)
    assert p[1] < 0.7 < p[1] + p[3]
    assert chi_square(found, allowed.softmax(-1)) < 10.8  # 1 degree of freedom
    assert set(draws(Settings(sample=True, top_p=0.01)).tolist()) == {1}, "the most probable one always stays"


def test_top_p_counts_among_what_top_k_left():
    # The three best: .52 .31 .17 of themselves: two of them reach .8. Of all tokens, two reach only .74.
    assert set(draws(Settings(sample=True, top_k=3, top_p=0.8)).tolist()) == {1, 3}


def test_temperature_comes_before_top_p():
    assert set(draws(Settings(sample=True, temperature=0.1, top_p=0.9)).tolist()) == {1}


def test_top_k_beyond_the_vocabulary_is_no_restriction():
    assert chi_square(draws(Settings(sample=True, top_k=1000)), LOGITS.softmax(-1)) < 18.5


@pytest.mark.parametrize("top_p", [0.5, 0.9, 0.99])
def test_top_p_does_not_depend_on_how_much_is_sorted(monkeypatch, top_p):
    logits = torch.randn(50, 300, generator=torch.Generator().manual_seed(0)) * 2
    results = []
    for size in (1, 40, 300):
        monkeypatch.setattr(sampling, "NUCLEUS", size)
        results.append(draw(logits, torch.arange(50), 1, Settings(sample=True, top_p=top_p)))
    assert torch.equal(results[0], results[1])
    assert torch.equal(results[0], results[2])


@pytest.mark.parametrize(
    "settings", [Settings(sample=True), Settings(sample=True, top_k=3), Settings(sample=True, top_p=0.9)]
)
def test_what_is_impossible_never_comes(settings):
    logits = torch.tensor([-torch.inf, -torch.inf, 0.0, -torch.inf])
    assert set(draws(settings, logits=logits).tolist()) == {2}


def test_scramble_is_splitmix64():
    # The first outputs of the reference implementation for the seed 1234567.
    expected = [6457827717110365317, 3203168211198807973, 9817491932198370423, 4593380528125082431]
    counter = 1234567 + torch.arange(1, 5) * sampling.GAMMA
    assert [z % 2**64 for z in scramble(counter).tolist()] == expected


def test_noise_is_gumbel():
    noise = gumbel(torch.arange(100), 3, torch.arange(5000)[None]).double()
    assert noise.isfinite().all()
    for x in (-1.0, 0.0, 1.0, 3.0):
        assert float((noise <= x).double().mean()) == pytest.approx(math.exp(-math.exp(-x)), abs=0.003)  # 4 deviations


def test_noise_follows_from_seed_step_and_token_alone():
    seeds, tokens = torch.tensor([5, 6, 7]), torch.arange(200)[None]
    noise = gumbel(seeds, 4, tokens)
    some = torch.tensor([[190, 3, 77]])
    assert torch.equal(gumbel(seeds[1:2], 4, some), noise[1:2, some[0]])
    assert torch.equal(gumbel(seeds, 4, some.expand(3, -1)), noise[:, some[0]])


def test_noise_of_different_places_is_independent():
    tokens = torch.arange(20_000)[None]
    seeds = torch.tensor([0, 1, 2, 2**62])
    streams = torch.cat([gumbel(seeds, step, tokens) for step in (1, 2, 3)])
    streams = torch.cat([streams, streams[:1].roll(1, dims=1)])  # and of the token before
    correlation = torch.corrcoef(streams) - torch.eye(13)
    assert float(correlation.abs().max()) < 0.03  # 4 deviations of 0.007
