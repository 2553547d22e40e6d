import pytest
import torch

from dragoman.generation import sampling
from dragoman.generation.sampling import draw, uniforms
from dragoman.generation.settings import Settings

LOGITS = torch.tensor([0.3, 2.0, -1.0, 1.5, -torch.inf, 0.9])


def draws(settings, n=20_000, logits=LOGITS):
    uniform = uniforms([11], n, 1)[:, 0]
    return draw(logits.expand(n, -1), uniform, settings)


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
    uniform = uniforms([1], 50, 1)[:, 0]
    results = []
    for size in (1, 40, 300):
        monkeypatch.setattr(sampling, "NUCLEUS", size)
        results.append(draw(logits, uniform, Settings(sample=True, top_p=top_p)))
    assert torch.equal(results[0], results[1])
    assert torch.equal(results[0], results[2])


@pytest.mark.parametrize(
    "settings", [Settings(sample=True), Settings(sample=True, top_p=0.9), Settings(sample=True, top_k=2)]
)
def test_the_ends_of_the_interval_draw_tokens_that_are_possible(settings):
    logits = torch.tensor([[-torch.inf, 0.0, -200.0, 1.0, -torch.inf]]).expand(2, -1)
    found = draw(logits, torch.tensor([0.0, 1.0 - 2**-53], dtype=torch.float64), settings)
    assert set(found.tolist()) == {1, 3}


def test_uniforms_follow_from_a_seed_alone():
    many = uniforms([5, 6, 7], 2, 30).view(3, 2, 30)
    assert torch.equal(uniforms([6], 2, 30), many[1])
    assert torch.equal(uniforms([6], 2, 10), many[1, :, :10]), "an earlier limit takes the same first numbers"
    assert len(many.flatten().unique()) == many.numel()
    assert bool(((many >= 0) & (many < 1)).all())
