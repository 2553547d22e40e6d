from __future__ import annotations

import pytest
import torch

from dragoman.base.device import Precision
from dragoman.data.encoded import EncodedSet, write_encoded
from dragoman.data.rows import Origin
from dragoman.evaluation import loss as module
from dragoman.evaluation.loss import mean_loss
from dragoman.models.nmt.config import NmtConfig
from dragoman.models.nmt.model import NmtModel
from dragoman.objectives.batches import collate


@pytest.fixture
def encoded(tmp_path) -> EncodedSet:
    with write_encoded(tmp_path / "x.arrow", 20) as writer:
        for i in range(30):
            writer.append([3 + i % 9] * (i % 7 + 1) + [1], [4 + i % 5] * (i % 5 + 1) + [1], Origin("x", i + 1))
    return EncodedSet(tmp_path / "x.arrow")


def test_it_is_the_mean_over_all_labels(encoded, monkeypatch):
    """Row by row with torch's own loss: however long the rows are and however they are batched."""
    torch.manual_seed(0)
    shape = {"d_model": 8, "n_heads": 2, "n_kv_heads": 1, "encoder_layers": 1, "decoder_layers": 1, "d_ff": 8}
    model = NmtModel(NmtConfig(20, dropout=0.5, **shape)).eval()
    total, labels = 0.0, 0
    with torch.no_grad():
        for i in range(len(encoded)):
            batch = collate([encoded[i]], 0)
            logits = model.head().logits(model.hidden(batch))
            total += float(torch.nn.functional.cross_entropy(logits, batch.labels, reduction="sum"))
            labels += len(batch.labels)
    monkeypatch.setattr(module, "BATCH_TOKENS", 64)
    model.train()
    found = mean_loss(model, encoded, Precision(torch.float32, ""), 0)
    assert found == pytest.approx(total / labels, rel=1e-5)
    assert model.training  # as it was
    assert all(p.grad is None for p in model.parameters())
    assert mean_loss(model, encoded, Precision(torch.bfloat16, ""), 0) == pytest.approx(found, rel=0.02)


def test_of_a_book_only_the_beginning_counts(tmp_path, monkeypatch):
    torch.manual_seed(0)
    shape = {"d_model": 8, "n_heads": 2, "n_kv_heads": 1, "encoder_layers": 1, "decoder_layers": 1, "d_ff": 8}
    model = NmtModel(NmtConfig(20, dropout=0.0, **shape))
    for name, length in (("cut", 9), ("book", 5000)):
        with write_encoded(tmp_path / name, 20) as writer:
            writer.append(([5, 6, 7] * 2000)[:length], ([8, 9, 3] * 2000)[:length], Origin("x", 1))
    monkeypatch.setattr(module, "LONGEST", 9)
    losses = [
        mean_loss(model, EncodedSet(tmp_path / name), Precision(torch.float32, ""), 0) for name in ("cut", "book")
    ]
    assert losses[0] == losses[1]
