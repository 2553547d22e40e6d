"""The benchmarks run, and count what they say they count. Their figures are for an idle machine, not for tests."""

from __future__ import annotations

import importlib.util
import json
import random
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


NEEDS_PEERS = pytest.mark.skipif(
    any(importlib.util.find_spec(name) is None for name in ("accelerate", "trl")), reason="needs the bench extra"
)


@pytest.fixture(scope="module")
def bases(tmp_path_factory) -> str:
    """A folder with everything that the benchmark of fine-tuning trains, in small."""
    folder = str(tmp_path_factory.mktemp("bases"))
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(ROOT))
        from benchmarks.bases import prepare

        prepare(folder, True)
    return folder


@NEEDS_PEERS
@pytest.mark.parametrize("shape", ["t5", "mt5", "llama"])
def test_an_adapter_has_the_losses_that_it_has_with_the_peers(bases, shape):
    from benchmarks.tuning import losses

    ours, peer = (losses(bases, shape, name, "float32", 4) for name in ("ours", "peer"))
    assert ours["losses"] == pytest.approx(peer["losses"], rel=1e-5)
    assert len({round(loss, 4) for loss in ours["losses"]}) == 4  # it is not all one
    for key in ("tokens", "positions", "steps", "parameters"):
        assert ours["watch"][key] == peer["watch"][key]


@NEEDS_PEERS
def test_tuning_is_timed_and_reported(bases):
    from benchmarks import tuning

    found = {
        "corpus": "a few rows", "rounds": 1, "steps": 2, "warm": 1,
        "memory": {"ours": [1 << 20], "peer": [4 << 20]},
        "speed": {
            shape: {name: [tuning.speed(bases, shape, name, 0.0, 2, 1)] for name in tuning.contestants(shape)}
            for shape in ("t5", "llama")
        },
        "curves": {"t5": {"auto": {"ours": tuning.losses(bases, "t5", "ours", "auto", 2), "greatest": 1e-5}}},
    }  # fmt: skip
    found["curves"]["t5"]["auto"]["peer"] = found["curves"]["t5"]["auto"]["ours"]
    for results in found["speed"].values():
        for [result] in results.values():
            assert result["steps"] == 2
            assert 0 < result["tokens"] <= result["positions"]
    report = tuning.report(found)
    assert "SFTTrainer + peft" in report
    assert "| dragoman | 1 MiB | 0.25x |" in report
    assert "| 1.0e-05 |" in report


@NEEDS_PEERS
def test_the_growth_of_memory_is_measured(bases):
    from benchmarks.process import measure

    assert 2**20 < measure("benchmarks.tuning:memory", folder=bases, name="ours") < 2**32


def test_planted_pairs_are_bad_and_are_found(monkeypatch, capsys):
    from benchmarks import pairs

    monkeypatch.delenv("DRAGOMAN_REALDATA", raising=False)
    printed = pairs.report(pairs.run(quick=True))
    assert "| signs for a target | 100.00 % |" in printed
    assert "| digits | 0.00 % |" in printed
    good = pairs.phrasebook(50)
    for plant in pairs.KINDS.values():
        planted = plant(random.Random(1), *good[7], good)
        assert planted != good[7]
    assert pairs.wrong_number(random.Random(1), "am 17. Mai", "on 17 May", good)[1] != "on 17 May"


def test_compiling_is_reported():
    from benchmarks import compiling

    def one(first, seconds):
        return {"tokens": 1000, "seconds": seconds, "steps": 10, "first_step": first, "threads": 2}

    results = {"written": [one(1.0, 10.0)], "compiled": [one(61.0, 5.0)], "again": [one(11.0, 20.0)]}
    found = {"corpus": "a few pairs", "device": "cpu", "rounds": 1, "steps": 10, "warm": 1,
             "results": {"float32": results}}  # fmt: skip
    report = compiling.report(found)
    assert "| float32, as written | 1.0 s | 100 |  |  |" in report
    assert "| float32, compiled | 61.0 s | 200 | 2.00x | 120 steps |" in report
    assert "| float32, ... with the code of before | 11.0 s | 50 | 0.50x | never |" in report


def test_utilisation_of_a_small_model(tmp_path):
    """Every row of the timed steps is counted once, padding only where it says so; the products take no time."""
    from benchmarks import training, utilisation

    training.make_corpus(tmp_path, True, utilisation.RECIPE)
    result = utilisation.train(str(tmp_path), 0.0, 2, True)
    assert (result["steps"], len(result["products"])) == (2, result["micro_batches"] + 1 + 2)  # one step to warm up
    assert 0 < result["flops"] <= result["computed"]
    assert result["seconds"] > 0
    parts = utilisation.profile(str(tmp_path), True)
    assert parts["matrix products"] > 0
    assert set(parts) <= {*utilisation.KINDS, "all else"}
    report = utilisation.report({"corpus": "a few pairs", "rounds": 1, "steps": 2, "results": [result], "parts": parts})
    assert "The aim is 60%" in report
    assert "matrix products" in report


def test_streaming_of_sizes_that_are_asked_for(tmp_path, monkeypatch, capsys):
    from benchmarks import __main__ as command
    from benchmarks import streaming

    def measure(function, **arguments):
        assert function == "benchmarks.streaming:contestant"
        return streaming.contestant(**{**arguments, "workers": 1})

    monkeypatch.setattr(streaming, "measure", measure)
    monkeypatch.setattr(streaming, "SENTENCES", 1200)
    monkeypatch.setattr("dragoman.tokenizer.tokenizer.MOST_CHARACTERS", 5000)
    monkeypatch.delenv("DRAGOMAN_REALDATA", raising=False)
    output = tmp_path / "results.json"
    monkeypatch.setattr(sys, "argv", ["benchmarks", "streaming", "--megabytes", "1,2", "--output", str(output)])
    command.main()
    assert "| 2 MB | 2 |" in capsys.readouterr().out
    found = json.loads(output.read_text())["streaming"]["results"]
    assert [one["megabytes"] for one in found] == [1, 1, 1, 2, 2]
    assert [one["forgetful"] for one in found] == [False, False, True, False, False]
    tokens = [one["tokens"] for one in found]
    assert tokens[0] == tokens[1] == tokens[2] > 1000
    assert tokens[3] == tokens[4] > 1.9 * tokens[0]


def test_sizes_that_are_none(monkeypatch, capsys):
    from benchmarks.__main__ import main

    monkeypatch.setattr(sys, "argv", ["benchmarks", "streaming", "--megabytes", "much"])
    with pytest.raises(SystemExit):
        main()
    assert "--megabytes" in capsys.readouterr().err
