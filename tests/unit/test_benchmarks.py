"""The benchmarks run, and count what they say they count. Their figures are for an idle machine, not for tests."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def on_the_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT))


def test_an_excerpt_comes_from_all_over_the_epoch():
    from benchmarks.training import excerpt

    chosen = excerpt(list(range(100)), 0.5, steps=8, warm=2)
    assert sorted(chosen) == [5, 15, 25, 35, 45, 55, 65, 75, 85, 95]
    assert chosen[:2] == [55, 65]  # from the middle, to warm up
    with pytest.raises(ValueError, match="too few"):
        excerpt([1, 2, 3], 0.0, steps=3, warm=1)


@pytest.mark.parametrize("shape", ["small", "base"])
def test_the_peer_is_as_large_as_our_model(shape):
    import torch

    from benchmarks.generation import SHAPES
    from benchmarks.peers import t5_like
    from dragoman.models.nmt.model import count_parameters

    with torch.device("meta"):
        peer = t5_like(SHAPES[shape])
    ours = sum(count_parameters(SHAPES[shape]).values())
    assert sum(p.numel() for p in peer.parameters()) == pytest.approx(ours, rel=1e-3)
    assert len(peer.decoder.block) == SHAPES[shape].decoder_layers


def test_the_loss_from_the_command_line_to_its_table(tmp_path, monkeypatch, capsys):
    from benchmarks.__main__ import main

    output = tmp_path / "results.json"
    monkeypatch.setattr(sys, "argv", ["benchmarks", "loss", "--quick", "--output", str(output)])
    main()
    printed = capsys.readouterr().out
    assert "| 2,000 | 256 | frozen |" in printed
    found = json.loads(output.read_text())
    assert found["machine"]["threads"] >= 1
    assert len(found["loss"]["results"]) == 2


@pytest.mark.skipif(importlib.util.find_spec("accelerate") is None, reason="needs the bench extra")
def test_all_contestants_train_on_what_they_count(tmp_path, monkeypatch):
    from benchmarks import training

    few = ["tokenizer.vocabulary_size=500", "data.train=[{phrasebook: {rows: 400}}]", "data.validation_rows=10"]
    small = [
        "model.nmt.d_model=16", "model.nmt.d_ff=32", "model.nmt.encoder_layers=1", "model.nmt.decoder_layers=1",
        "training.batch={tokens: 1000}",
    ]  # fmt: skip
    load = training.load_recipe
    monkeypatch.setattr(training, "load_recipe", lambda path, options=(): load(path, [*options, *few, *small]))
    training.make_corpus(tmp_path, quick=False)
    results = {"ours": training.train_ours(str(tmp_path), 0.0, steps=3, warm=1)}
    for sampling in ("random", "grouped", "tuned"):
        results[sampling] = training.train_peer(str(tmp_path), 0.0, steps=3, warm=1, sampling=sampling)
    for result in results.values():
        assert result["steps"] == 3
        assert result["seconds"] > 0
        assert 0 < result["tokens"] <= result["positions"]
    assert results["random"]["tokens"] == pytest.approx(results["ours"]["tokens"], rel=0.5)
    padding = {name: 1 - result["tokens"] / result["positions"] for name, result in results.items()}
    assert padding["ours"] < padding["grouped"] < padding["random"]
    report = training.report({
        "corpus": "a few pairs", "rounds": 1, "steps": 3, "warm": 1, "peak": 1e12,
        "results": {name: [result] for name, result in results.items()},
    })  # fmt: skip
    assert "grouping by length" in report
    assert "alone reaches 1,000 here" in report


def test_products_are_counted_in_both_directions():
    import torch

    from benchmarks.training import product_flops
    from dragoman.models.nmt.config import NmtConfig
    from dragoman.models.nmt.model import NmtModel
    from dragoman.objectives.batches import collate
    from dragoman.training.step import TrainingStep

    config = NmtConfig(50, d_model=8, n_heads=2, n_kv_heads=2, encoder_layers=1, decoder_layers=1, d_ff=16)
    batch = collate([([3] * 20, [4] * 20)] * 3, 0)
    counted = product_flops(TrainingStep(NmtModel(config), 0.1).train(), batch)
    layers = 4 * 8 * 8 + 3 * 8 * 16  # parameters of an encoder block's products; a decoder block has 4 * 8 * 8 more
    heads = [6 * 2 * 20 * 20 * 8] * 3  # scores and mixtures of three attentions
    by_hand = 60 * 6 * (2 * layers + 4 * 8 * 8 + 8 * 50) + 3 * sum(heads)
    assert counted == by_hand
    assert torch.is_grad_enabled()
