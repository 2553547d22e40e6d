"""Greedy search and sampling one by one; what all ways of searching share."""

from collections import Counter

import pytest
import torch

from dragoman.base.errors import DragomanError
from dragoman.base.seeds import derive
from dragoman.generation.batching import generate
from dragoman.generation.search import search
from dragoman.generation.settings import Settings
from dragoman.models.face import Batch
from dragoman.models.nmt.config import NmtConfig
from dragoman.models.nmt.model import NmtModel

PAD, EOS = 0, 1
IDS = {"eos_id": EOS, "pad_id": PAD, "suppress": [PAD]}
SOURCES = [[2, 3, EOS], [4, EOS], [2, 2, 2, 4, EOS], [3, EOS], [5, 4, 3, 2, 5, 4, 3, EOS]]
WAYS = {
    "greedy": Settings(beam=1, max_length=30),
    "beam": Settings(beam=4, n_best=3, max_length=30),
    "sample": Settings(sample=True, n_best=2, max_length=30, seed=3),
    "restricted sample": Settings(sample=True, temperature=0.8, top_k=20, top_p=0.8, max_length=30, seed=4),
}
ways = pytest.mark.parametrize("settings", WAYS.values(), ids=WAYS.keys())


@pytest.fixture(scope="module")
def nmt():
    torch.manual_seed(0)
    return NmtModel(NmtConfig(vocabulary_size=60, d_model=32, d_ff=64, encoder_layers=2, decoder_layers=2, dropout=0.3))


@pytest.fixture(scope="module")
def ragged():
    generator = torch.Generator().manual_seed(5)
    lengths = [3, 17, 1, 9, 30, 9, 2]
    return [[*torch.randint(3, 60, (n,), generator=generator).tolist(), EOS] for n in lengths]


def same(found, expected):
    """The same tokens, the same scores up to rounding."""
    assert [[(h.ids, h.finished) for h in row] for row in found] == [[(h.ids, h.finished) for h in r] for r in expected]
    scores = [[h.score for row in answers for h in row] for answers in (found, expected)]
    assert scores[0] == pytest.approx(scores[1], abs=1e-5)


def test_greedy_takes_the_most_probable_token(random_model):
    model = random_model(V=6)
    settings = Settings(beam=1, max_length=8)
    answers = search(model, SOURCES, settings, **IDS)
    assert {h.finished for [h] in answers} == {True, False}, "both ways of ending are seen"
    for source, [found] in zip(SOURCES, answers, strict=True):
        ids, total = [], 0.0
        while len(ids) < settings.limit(len(source)) and EOS not in ids:
            logits = model.logits(source, ids)
            logits[PAD] = -torch.inf
            ids.append(int(logits.argmax()))
            total += float(logits.log_softmax(-1).max())
        assert found.finished == (ids[-1] == EOS)
        assert found.ids == [token for token in ids if token != EOS]
        assert found.score == pytest.approx(total / len(ids), abs=1e-5)


def test_samples_follow_the_model(random_model):
    model = random_model(V=6, spread=1.0)
    source, n = [2, 3, EOS], 4000
    found = search(model, [source] * 40, Settings(sample=True, n_best=100, max_length=1), **IDS)
    logits = model.logits(source, [])
    logits[PAD] = -torch.inf
    expected = logits.softmax(-1) * n
    counts = Counter(h.ids[0] if h.ids else EOS for row in found for h in row)
    statistic = sum((counts[token] - float(expected[token])) ** 2 / float(expected[token]) for token in range(1, 6))
    assert statistic < 18.5  # chi-square with 4 degrees of freedom: p = 0.001


def test_samples_are_scored_by_the_model_whatever_the_temperature(random_model):
    model = random_model(V=6)
    settings = Settings(sample=True, n_best=3, max_length=6, temperature=3.0, top_k=4, length_penalty=0.5)
    for source, found in zip(SOURCES, search(model, SOURCES, settings, **IDS), strict=True):
        for h in found:
            ids, total = h.ids + [EOS] * h.finished, 0.0
            for t, token in enumerate(ids):
                logits = model.logits(source, ids[:t])
                logits[PAD] = -torch.inf
                total += float(logits.log_softmax(-1)[token])
            assert h.score == pytest.approx(total / len(ids) ** 0.5, abs=1e-5)
        assert found == sorted(found, key=lambda h: (not h.finished, -h.score))


def test_samples_differ_by_seed_and_by_place(random_model):
    model = random_model(V=50)
    one, again, other = (
        search(model, [[2, EOS]] * 4, Settings(sample=True, max_length=20, seed=seed), **IDS) for seed in (1, 1, 2)
    )
    assert one == again != other
    assert len({tuple(h.ids) for [h] in one}) == 4


@ways
@pytest.mark.parametrize("batch_tokens", [1, 150, 600, 10_000])
def test_the_batch_does_not_show(nmt, ragged, settings, batch_tokens):
    alone = [
        search(nmt, [ids], settings, seeds=[derive(settings.seed, place)], **IDS)[0] for place, ids in enumerate(ragged)
    ]
    same(generate(nmt, ragged, settings, batch_tokens=batch_tokens, **IDS), alone)


@ways
def test_the_cache_does_not_show(nmt, ragged, settings):
    same(search(nmt, ragged, settings, **IDS), search(nmt, ragged, settings, use_cache=False, **IDS))


@ways
def test_the_models_mode_is_put_back_and_dropout_is_off(nmt, ragged, settings):
    nmt.eval()
    quiet = search(nmt, ragged, settings, **IDS)
    nmt.train()
    nmt.encoder[0].eval()
    modes = [module.training for module in nmt.modules()]
    same(search(nmt, ragged, settings, **IDS), quiet)
    assert [module.training for module in nmt.modules()] == modes
    nmt.train()


def test_a_model_trains_on_after_answering(ragged):
    model = NmtModel(NmtConfig(vocabulary_size=60, d_model=32, d_ff=64, encoder_layers=1, decoder_layers=1))
    search(model, ragged, WAYS["beam"], **IDS)  # whatever it keeps for later, such as tables, is made here
    ids = torch.tensor(ragged[1:2])
    lengths = torch.tensor([ids.shape[1]])
    model.hidden(Batch(ids, lengths, ids, torch.arange(ids.shape[1]), ids[0])).sum().backward()
    assert model.embedding.weight.grad is not None


def test_no_inputs_no_answers(nmt):
    assert search(nmt, [], WAYS["beam"], **IDS) == []
    assert generate(nmt, [], WAYS["beam"], **IDS) == []


@ways
def test_a_broken_model_is_an_error(random_model, settings):
    model = random_model(V=60)
    model.logits = lambda source, prefix: torch.full((60,), torch.nan)
    with pytest.raises(DragomanError, match="not a number"):
        search(model, SOURCES, settings, **IDS)
