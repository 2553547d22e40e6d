"""Small models whose every output is known, and a tokenizer of characters."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
import torch
from torch import Tensor

from dragoman.models.face import Cache, SearchableModel
from dragoman.tokenizer.cleaning import clean

PAD, EOS = 0, 1


class Prefixes(Cache):
    """Remembers what each row has read: (R, t), and the sources: (B, S)."""

    def __init__(self, sources: Tensor, lengths: Tensor, beams: int):
        self.sources, self.lengths, self.beams = sources, lengths, beams
        self.prefix = sources.new_empty(len(sources) * beams, 0)

    def select(self, rows: Tensor, sentences: Tensor | None = None) -> None:
        self.prefix = self.prefix[rows]
        if sentences is not None:
            self.sources, self.lengths = self.sources[sentences], self.lengths[sentences]


class KnownModel(SearchableModel):
    """Logits are a function of one row's source and prefix, which a test can call too."""

    def __init__(self, logits: Callable[[list[int], list[int]], Tensor]):
        super().__init__()
        self.logits = logits
        self.dummy = torch.nn.Parameter(torch.zeros(1))
        self.steps = 0

    def hidden(self, batch):
        raise NotImplementedError

    def head(self):
        raise NotImplementedError

    def save(self, folder):
        raise NotImplementedError

    def start(self, input_ids, input_lengths, beams, max_length):
        return Prefixes(input_ids, input_lengths, beams)

    def step(self, tokens, cache):
        cache.prefix = torch.cat([cache.prefix, tokens[:, None]], dim=1)
        return self.step_without_cache(cache.prefix, cache)

    def step_without_cache(self, prefix, cache):
        self.steps += 1
        rows = []
        for row, read in enumerate(prefix.tolist()):
            sentence = row // cache.beams
            source = cache.sources[sentence, : cache.lengths[sentence]].tolist()
            assert read[0] == PAD, "the decoder starts with pad"
            rows.append(self.logits(source, read[1:]))
        return torch.stack(rows)


@pytest.fixture
def random_model() -> Callable[..., KnownModel]:
    """A model with V tokens whose logits are drawn anew, reproducibly, for each (source, prefix)."""

    def make(V: int = 5, seed: int = 0, spread: float = 1.5) -> KnownModel:
        def logits(source: list[int], prefix: list[int]) -> Tensor:
            place = hash((seed, tuple(source), tuple(prefix)))  # of integers: the same in every process
            return torch.randn(V, generator=torch.Generator().manual_seed(place % 2**63)) * spread

        return KnownModel(logits)

    return make


@pytest.fixture
def copying_model() -> Callable[[int], KnownModel]:
    """A model that answers each input with itself."""

    def make(V: int) -> KnownModel:
        def logits(source: list[int], prefix: list[int]) -> Tensor:
            scores = torch.zeros(V)
            scores[source[min(len(prefix), len(source) - 1)]] = 20.0
            return scores

        return KnownModel(logits)

    return make


class Characters:
    """A token is a character. Ids: 0 pad, 1 end, 2 unknown, then two sentinels, then characters up to U+024F."""

    pad_id, eos_id, unk_id = PAD, EOS, 2
    bos_id = None
    suppressed_ids = (PAD, 2, 3, 4)
    vocabulary_size = 5 + 0x250

    def encode(self, text: str) -> list[int]:
        return [ord(c) + 5 if ord(c) < 0x250 else self.unk_id for c in clean(text)]

    def encode_batch(self, texts: Sequence[str]) -> list[list[int]]:
        return [self.encode(text) for text in texts]

    def decode(self, ids: Sequence[int]) -> str:
        return "".join(chr(id - 5) for id in ids if id >= 5)


@pytest.fixture
def characters() -> Characters:
    return Characters()
