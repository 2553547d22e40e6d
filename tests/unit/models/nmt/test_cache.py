from __future__ import annotations

import random

import pytest
import torch

from dragoman.models.nmt.cache import FIRST_SIZE

B, K = 3, 2
SOURCES = torch.tensor([[5, 6, 7, 8, 1], [9, 1, 0, 0, 0], [10, 11, 1, 0, 0]])
LENGTHS = torch.tensor([5, 2, 3])


def close(found: torch.Tensor, expected: torch.Tensor) -> None:
    torch.testing.assert_close(found, expected, atol=1e-5, rtol=1e-5)


@torch.no_grad()
@pytest.mark.parametrize("changes", [{}, {"norm": "rmsnorm", "tied": False}, {"n_kv_heads": 6}, {"n_kv_heads": 1}])
def test_a_step_equals_the_whole_prefix_computed_anew(make, changes):
    """Through reordering of beams, dropping of sentences and growth beyond the first size."""
    model, dice = make(**changes), random.Random(4)
    cache = model.start(SOURCES, LENGTHS, K, max_length=FIRST_SIZE + 9)
    prefix = torch.zeros(B * K, 1, dtype=torch.long)
    sentences = B
    for t in range(FIRST_SIZE + 9):
        close(model.step(prefix[:, -1], cache), model.step_without_cache(prefix, cache))
        assert cache.length == t + 1
        if t % 3 == 0:
            index = torch.tensor([s * K + dice.randrange(K) for s in range(sentences) for _ in range(K)])
            cache.select(index)
            prefix = prefix[index]
        if t in (7, FIRST_SIZE + 2):
            keep = torch.tensor([0, 2] if sentences == 3 else [1])
            cache.select((keep[:, None] * K + torch.arange(K)).flatten(), keep)
            prefix = prefix.view(sentences, K, -1)[keep].flatten(0, 1)
            sentences = len(keep)
        prefix = torch.cat([prefix, torch.randint(0, 37, (len(prefix), 1))], dim=1)
    assert sentences == 1


@torch.no_grad()
def test_steps_equal_training(make):
    """The logits while generating are those of the training pass over the same tokens."""
    from dragoman.objectives.batches import collate

    model = make()
    labels = [12, 13, 14, 1]
    batch = collate([(SOURCES[i, : LENGTHS[i]].tolist(), labels) for i in range(B)], 0)
    trained = model.head().logits(model.hidden(batch)).view(B, len(labels), -1)
    cache = model.start(SOURCES, LENGTHS, 1, max_length=4)
    for t in range(len(labels)):
        close(model.step(batch.decoder_input_ids[:, t], cache), trained[:, t])


@torch.no_grad()
def test_a_sentence_does_not_feel_its_batch(make):
    model = make()
    tokens = torch.tensor([0, 7, 8])
    together = model.start(SOURCES, LENGTHS, 1, 5)
    alone = [model.start(SOURCES[i : i + 1, : LENGTHS[i]], LENGTHS[i : i + 1], 1, 5) for i in range(B)]
    for token in tokens:
        found = model.step(token.expand(B), together)
        close(found, torch.cat([model.step(token[None], cache) for cache in alone]))


@torch.no_grad()
def test_encoded_sources_are_kept_once_a_sentence(make):
    cache = make().start(SOURCES, LENGTHS, 4, 10)
    assert all(layer.cross_keys.shape[0] == B for layer in cache.layers)
    assert all(layer.keys.shape[0] == 4 * B for layer in cache.layers)


@torch.no_grad()
def test_more_steps_than_announced_are_an_error(make):
    model = make()
    cache = model.start(SOURCES, LENGTHS, 1, max_length=2)
    tokens = torch.zeros(B, dtype=torch.long)
    model.step(tokens, cache)
    model.step(tokens, cache)
    with pytest.raises(IndexError):
        model.step(tokens, cache)
