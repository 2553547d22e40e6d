from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from dragoman.base.device import Precision
from dragoman.data.encoded import EncodedSet, write_encoded
from dragoman.data.rows import Origin
from dragoman.evaluation import loss as module
from dragoman.evaluation.loss import row_losses
from dragoman.evaluation.metrics import METRICS
from dragoman.models.face import Batch, Head, TextModel
from dragoman.models.nmt.config import NmtConfig
from dragoman.models.nmt.model import NmtModel
from dragoman.objectives.batches import collate

FLOAT32, BFLOAT16 = Precision(torch.float32, ""), Precision(torch.bfloat16, "")


class Averaging(TextModel):
    """A causal model that sees, at each position, the mean of the embeddings so far."""

    causal = True

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.embedding, self.output = nn.Embedding(20, 8), nn.Linear(8, 20)

    def hidden(self, batch: Batch) -> Tensor:
        assert batch.decoder_input_ids is None
        x = self.embedding(batch.input_ids).cumsum(1)
        x = x / torch.arange(1, x.shape[1] + 1)[:, None]
        return x.flatten(0, 1).index_select(0, batch.positions)

    def head(self) -> Head:
        return Head(self.output.weight, self.output.bias)

    def save(self, folder) -> None:
        raise NotImplementedError


def nmt(dropout: float = 0.5) -> NmtModel:
    torch.manual_seed(0)
    shape = {"d_model": 8, "n_heads": 2, "n_kv_heads": 1, "encoder_layers": 1, "decoder_layers": 1, "d_ff": 8}
    return NmtModel(NmtConfig(20, dropout=dropout, **shape))


@pytest.fixture
def encoded(tmp_path) -> EncodedSet:
    with write_encoded(tmp_path / "x.arrow", 20) as writer:
        for i in range(30):
            writer.append([3 + i % 9] * (i % 7 + 1) + [1], [4 + i % 5] * (i % 5 + 1) + [1], Origin("x", i + 1))
    return EncodedSet(tmp_path / "x.arrow")


@pytest.fixture
def causal(tmp_path) -> EncodedSet:
    """Rows with one or two learnt stretches, the last of them at the end."""
    with write_encoded(tmp_path / "c.arrow", 20, causal=True) as writer:
        for i in range(30):
            ids = [2, *(3 + (i * k) % 17 for k in range(i % 6 + 4)), 1]
            places = [*([2] if i % 2 else []), *range(len(ids) - 1 - i % 3, len(ids))]
            writer.append(ids, [ids[place] for place in places], Origin("x", i + 1), places)
    return EncodedSet(tmp_path / "c.arrow")


@pytest.fixture(params=["encoder-decoder", "causal"])
def case(request, encoded, causal) -> tuple[TextModel, EncodedSet]:
    return (nmt(), encoded) if request.param == "encoder-decoder" else (Averaging(), causal)


def by_hand(model: TextModel, rows: EncodedSet, start_id: int = 0) -> list[Tensor]:
    """The losses of each row's labels, row by row with torch's own loss."""
    training = model.training
    model.eval()
    found = []
    with torch.no_grad():
        for i in range(len(rows)):
            batch = collate([rows[i]], 0, start_id)
            logits = model.head().logits(model.hidden(batch)).double()
            found.append(nn.functional.cross_entropy(logits, batch.labels, reduction="none"))
    model.train(training)
    return found


def test_each_row_has_the_loss_of_its_own_labels(case, monkeypatch):
    model, rows = case
    expected = by_hand(model, rows)
    monkeypatch.setattr(module, "BATCH_TOKENS", 64)
    model.train()
    found = row_losses(model, rows, FLOAT32, 0)
    assert found.nats == pytest.approx([float(losses.sum()) for losses in expected], rel=1e-5)
    assert (found.nats.dtype, found.nats.shape) == (np.float64, (30,))
    assert found.labels.tolist() == [len(losses) for losses in expected] == rows.label_counts.tolist()
    assert model.training  # as it was
    assert all(p.grad is None for p in model.parameters())
    assert row_losses(model, rows, BFLOAT16, 0).nats == pytest.approx(found.nats, rel=0.05)


def test_batches_do_not_show(case, monkeypatch):
    model, rows = case
    found = []
    for tokens in (1, 40, 10_000):  # a row at a time, some, all at once
        monkeypatch.setattr(module, "BATCH_TOKENS", tokens)
        found.append(row_losses(model, rows, FLOAT32, 0).nats)
    assert found[1] == pytest.approx(found[0], rel=1e-5)
    assert found[2] == pytest.approx(found[0], rel=1e-5)


def test_the_decoder_starts_as_it_is_told(encoded):
    model = nmt()
    expected = [float(losses.sum()) for losses in by_hand(model, encoded, start_id=7)]
    assert row_losses(model, encoded, FLOAT32, 0, 7).nats == pytest.approx(expected, rel=1e-5)
    assert expected[0] != pytest.approx(float(by_hand(model, encoded)[0].sum()), rel=1e-3)


def test_perplexity_and_bits_per_byte_come_from_them(case):
    """The plain formulas: the exponential of the mean loss; the loss in bits over the bytes of the targets."""
    model, rows = case
    losses, found = torch.cat(by_hand(model, rows)), row_losses(model, rows, FLOAT32, 0)
    size = np.arange(1, 31)
    measured = [
        {"nats": nats, "labels": labels, "bytes": bytes} for nats, labels, bytes in zip(*found, size, strict=True)
    ]
    values = {
        name: METRICS[name].value(METRICS[name].statistics(measured).sum(axis=0))
        for name in ("perplexity", "bits_per_byte")
    }
    assert values["perplexity"] == pytest.approx(math.exp(float(losses.mean())), rel=1e-5)
    assert values["bits_per_byte"] == pytest.approx(float(losses.sum()) / math.log(2) / size.sum(), rel=1e-5)


def test_of_a_book_only_the_beginning_counts(tmp_path, monkeypatch):
    model = nmt(dropout=0.0)
    for name, length in (("cut", 9), ("book", 5000)):
        with write_encoded(tmp_path / name, 20) as writer:
            writer.append(([5, 6, 7] * 2000)[:length], ([8, 9, 3] * 2000)[:length], Origin("x", 1))
    monkeypatch.setattr(module, "LONGEST", 9)
    cut, book = (EncodedSet(tmp_path / name) for name in ("cut", "book"))
    assert row_losses(model, book, FLOAT32, 0).labels.tolist() == [9]
    assert row_losses(model, book, FLOAT32, 0).nats == row_losses(model, cut, FLOAT32, 0).nats


def test_of_a_long_sequence_only_the_end_counts(tmp_path, monkeypatch):
    """What is left is a row by itself: its labels but the first, which nothing predicts."""
    monkeypatch.setattr(module, "LONGEST", 4)
    ids = [3 + k % 11 for k in range(30)]
    for name, sequence, places in (
        ("long", ids, [5, 6, 22, 23, 28, 29]),
        ("short", ids[22:], [1, 6, 7]),
    ):
        with write_encoded(tmp_path / name, 20, causal=True) as writer:
            writer.append(sequence, [sequence[place] for place in places], Origin("x", 1), places)
    model = Averaging()
    long, short = (row_losses(model, EncodedSet(tmp_path / name), FLOAT32, 0) for name in ("long", "short"))
    assert long.labels.tolist() == [3]
    assert long.nats == short.nats


def test_a_model_reads_no_more_than_it_has_in_sight(encoded, causal):
    for model, rows in ((nmt(), encoded), (Averaging(), causal)):
        model.context = 4
        found = row_losses(model, rows, FLOAT32, 0)
        assert found.labels.max() <= 4
        assert found.labels.min() >= 1
        model.context = 1000
        assert row_losses(model, rows, FLOAT32, 0).labels.tolist() == rows.label_counts.tolist()


def test_a_causal_row_has_the_loss_that_transformers_gives_it(causal):
    """Its own loss over whole padded sequences, all but the labels masked."""
    from transformers import LlamaConfig, LlamaForCausalLM

    from dragoman.models.pretrained import PretrainedModel

    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=20, hidden_size=16, intermediate_size=16, num_hidden_layers=2, num_attention_heads=2,
        bos_token_id=2, eos_token_id=1, pad_token_id=1,
    )  # fmt: skip
    network = LlamaForCausalLM(config).eval()
    rows = [causal[i] for i in range(len(causal))]
    width = max(len(row.input_ids) for row in rows)
    ids, labels = torch.ones(len(rows), width, dtype=torch.long), torch.full((len(rows), width), -100)
    for line, (row, said) in enumerate(zip(ids, labels, strict=True)):
        row[: len(rows[line].input_ids)] = torch.tensor(rows[line].input_ids.tolist())
        said[rows[line].places.tolist()] = torch.tensor(rows[line].labels.tolist())
    with torch.no_grad():
        expected = network(ids, attention_mask=torch.ones_like(ids), labels=labels).loss
    found = row_losses(PretrainedModel(network), causal, FLOAT32, 1)
    assert found.nats.sum() / found.labels.sum() == pytest.approx(float(expected), rel=1e-5)
