from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import pytest
import torch
from unit.models.tiny import KINDS as TINY
from unit.models.tiny import PLACES, SEQUENCES, SOURCES, TARGETS, shake, tokenizer_of

from dragoman.adapters import four_bit, lora
from dragoman.adapters.tuning import load_tuned, tune
from dragoman.base.device import Precision
from dragoman.base.errors import DragomanError, RequestError
from dragoman.data.encoded import write_encoded
from dragoman.data.rows import Origin
from dragoman.export import adapted
from dragoman.export.adapted import export_adapter, export_merged
from dragoman.export.replay import compare_replays, replay
from dragoman.generation.saved import Base, Card, base_of_card, load_generator, save_model
from dragoman.generation.settings import Settings
from dragoman.models.hub import Snapshot
from dragoman.models.pretrained import PretrainedModel
from dragoman.objectives.sets import EncodedSets
from dragoman.recipe.schema import Adapter, Method
from dragoman.tokenizer.tokenizer import Tokenizer
from dragoman.tokenizer.unigram import train_unigram

CPU, PIECES = torch.device("cpu"), 378
WIDE = {"t5": {"d_model": 64, "d_kv": 16}, "llama": {"hidden_size": 64}, "lfm2": {"hidden_size": 64}}  # for 4 bits
TARGETS_OF = {"t5": ["q", "v"], "llama": ["q_proj", "v_proj"], "lfm2": ["q_proj", "v_proj"]}
Made = Callable[..., Path]


@pytest.fixture(scope="module")
def tokenizer(tmp_path_factory: pytest.TempPathFactory) -> Tokenizer:
    folder = tmp_path_factory.mktemp("tokenizer") / "t"
    train_unigram([f"ein zwei drei {i}" for i in range(50)], folder, vocabulary_size=PIECES, character_coverage=1.0)
    return Tokenizer.load(folder)


@pytest.fixture
def made(tmp_path: Path, tokenizer: Tokenizer) -> Made:
    """The model folder of a run: a tiny base with an adapter that has learnt something, and held-out rows."""

    def make(kind: str, tuning: str = "lora", library: str = "dragoman") -> Path:
        torch.manual_seed(0)
        base = shake(PretrainedModel.random({**TINY[kind], **WIDE[kind]}, tokenizer_of(PIECES)))
        base.save(tmp_path / "base")
        snapshot = Snapshot(tmp_path / "base", str(tmp_path / "base"), None)
        method = Method(tuning=tuning, adapter=Adapter(rank=2, alpha=4, targets=TARGETS_OF[kind], library=library))
        model = tune(snapshot, method, 1, torch.float32, CPU, seed=0)
        with torch.no_grad():
            for name, parameter in model.named_parameters():
                if "lora_B" in name:
                    parameter.normal_(0.0, 0.5)
        card = Card(
            task="translation", languages={"source": "de", "target": "en"}, max_source_length=16,
            template={"source": "{source}", "target": "{target}"}, generation=asdict(Settings(max_length=9)),
            special_ids={"pad": 0, "eos": 1, "unk": 2}, parameters=1, kind="pretrained", causal=model.causal,
            precision="float32", tuning=tuning, adapter=method.adapter.model_dump(),
            base=Base(str(snapshot.folder), None, snapshot.digest),
        )  # fmt: skip
        folder = tmp_path / "run/lora/model"
        save_model(folder, model, tokenizer, card)
        sets = EncodedSets(tmp_path / "run/encoded")
        with write_encoded(sets.ids_path("validation"), PIECES, causal=model.causal) as writer:
            if model.causal:
                for row, places in zip(SEQUENCES, PLACES, strict=True):
                    writer.append(row, [row[place] for place in places], Origin("a", 1), places)
            else:
                for source, target in zip(SOURCES, TARGETS, strict=True):
                    writer.append(source, target, Origin("a", 1))
        return folder

    return make


EVERY = [(kind, tuning, "dragoman") for kind in WIDE for tuning in ("lora", "qlora")] + [("llama", "qlora", "peft")]


@pytest.mark.parametrize(("kind", "tuning", "library"), EVERY)
def test_merged_weights_are_whole_and_say_the_same(kind: str, tuning: str, library: str, made: Made) -> None:
    from transformers import AutoModelForCausalLM, AutoModelForSeq2SeqLM

    folder = made(kind, tuning, library)
    target = folder.parent / "merged"
    found = export_merged(folder, target)
    assert found.rows == 3
    assert found.labels == (8 if kind != "t5" else 9)
    assert 0 < found.mean < 0.05  # of 16 bits
    assert abs(found.loss) < 0.02
    auto = AutoModelForSeq2SeqLM if kind == "t5" else AutoModelForCausalLM
    merged = auto.from_pretrained(target)
    assert {parameter.dtype for parameter in merged.parameters()} == {torch.bfloat16}
    adapter = Adapter(rank=2, alpha=4, targets=TARGETS_OF[kind], library=library)
    base = Snapshot(folder.parents[2] / "base", "base", None)
    own = load_tuned(folder, base, adapter, 1, torch.float32, CPU, four_bit=tuning == "qlora").eval()
    untouched = PretrainedModel.load(base.folder)
    row = torch.tensor([SOURCES[0]])
    inputs = {"input_ids": row} | ({"decoder_input_ids": row} if kind == "t5" else {})
    logits, theirs, before = (
        model(**inputs).logits.float() for model in (own.network, merged.float(), untouched.network)
    )
    assert (logits - theirs).abs().mean() < 0.1 * (logits - before).abs().mean()
    assert list(load_generator(target).answer(["eins"], title=None))  # without the base


@pytest.mark.parametrize(("kind", "tuning", "library"), EVERY)
def test_the_adapter_is_read_by_peft(kind: str, tuning: str, library: str, made: Made) -> None:
    folder = made(kind, tuning, library)
    target = folder.parent / "deep" / "adapter"
    found = export_adapter(folder, target)
    assert found.greatest < 1e-5
    assert found.agreeing == 1.0
    names = {file.name for file in target.iterdir()}
    assert {"adapter_config.json", "adapter_model.safetensors", "tokenizer.json"} <= names
    assert "dragoman.json" not in names


def test_a_merge_that_went_wrong_is_not_kept(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = made("llama")
    target = folder.parent / "export/merged"

    def wrong(network: torch.nn.Module, dtype: torch.dtype) -> None:
        for layer in lora.lora_layers(network).values():
            layer.scale = -layer.scale
        lora.merge(network, dtype)

    monkeypatch.setattr(adapted, "merge", wrong)
    with pytest.raises(DragomanError, match="answers differently and was not kept"):
        export_merged(folder, target)
    assert not target.parent.exists()
    assert not list(folder.parent.rglob(".tmp-*"))


def test_an_adapter_that_others_read_otherwise_is_not_kept(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = made("lfm2")
    copy = shutil.copy

    def damaging(source: Path, target: Path) -> None:
        text = source.read_bytes()
        target.write_bytes(text.replace(b'"lora_alpha": 4', b'"lora_alpha": 40'))

    monkeypatch.setattr(adapted.shutil, "copy", damaging)
    with pytest.raises(DragomanError, match="answers differently"):
        export_adapter(folder, folder.parent / "adapter")
    monkeypatch.setattr(adapted.shutil, "copy", copy)
    assert not (folder.parent / "adapter").exists()


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_what_is_no_number_is_not_kept(value: float, made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = made("t5")

    def broken(network: torch.nn.Module, dtype: torch.dtype) -> None:
        lora.merge(network, dtype)
        with torch.no_grad():
            network.get_output_embeddings().weight[3, 3] = value

    monkeypatch.setattr(adapted, "merge", broken)
    with pytest.raises((DragomanError, RequestError)):
        export_merged(folder, folder.parent / "merged")
    assert not (folder.parent / "merged").exists()


def test_differences_are_of_one_label_each() -> None:
    one = [(torch.tensor([-1.0, -2.0]), torch.tensor([1, 2])), (torch.tensor([-3.0]), torch.tensor([3]))]
    other = [(torch.tensor([-1.5, -2.0, -2.0]), torch.tensor([1, 0, 3]))]
    found = compare_replays(one, other, 100)
    assert (found.rows, found.labels, found.greatest) == (64, 3, 1.0)
    assert found.mean == pytest.approx(0.5)
    assert found.loss == pytest.approx(-0.5 / 3)  # of the losses: the other's is lower
    assert found.agreeing == pytest.approx(2 / 3)


@pytest.mark.parametrize("kind", ["t5", "lfm2"])
def test_a_replay_is_the_models_own_probabilities(kind: str, made: Made) -> None:
    folder = made(kind)
    model = PretrainedModel.load(folder.parents[2] / "base")
    rows = EncodedSets(folder.parents[1] / "encoded").ids("validation")
    said = replay(model, Precision.stored(torch.float32), rows, 0)
    found = torch.cat([log_p for log_p, _ in said])
    expected = []
    for row in (rows[place] for place in range(len(rows))):
        ids = torch.tensor([row.input_ids.tolist()])
        labels = row.labels.tolist()
        if model.causal:
            log_p = model.network(input_ids=ids).logits[0].log_softmax(-1)
            expected += [log_p[place - 1, label] for place, label in zip(row.places.tolist(), labels, strict=True)]
        else:
            decoder = torch.tensor([[0, *labels[:-1]]])
            log_p = model.network(input_ids=ids, decoder_input_ids=decoder).logits[0].log_softmax(-1)
            expected += [log_p[place, label] for place, label in enumerate(labels)]
    torch.testing.assert_close(found, torch.stack(expected), atol=1e-4, rtol=1e-4)


def test_what_cannot_be_exported(made: Made, tokenizer: Tokenizer) -> None:
    folder = made("llama")
    whole = folder.parents[1] / "full/model"
    card = Card(
        task="translation", languages={}, max_source_length=16, template={"source": "{s}", "target": "{t}"},
        generation=asdict(Settings()), special_ids={"pad": 0, "eos": 1, "unk": 2}, parameters=1, kind="pretrained",
    )  # fmt: skip
    save_model(whole, PretrainedModel.load(folder.parents[2] / "base"), tokenizer, card)
    with pytest.raises(RequestError, match="this model has no adapter"):
        export_merged(whole, folder.parent / "merged")
    shutil.move(folder.parents[1] / "encoded", folder.parents[2] / "elsewhere")
    with pytest.raises(RequestError, match="the held-out rows to replay the export on are gone"):
        export_adapter(folder, folder.parent / "adapter")


def test_the_base_has_to_be_what_it_was(made: Made) -> None:
    from dragoman.generation.saved import read_card

    folder = made("llama")
    card = read_card(folder)
    assert base_of_card(card, folder).digest == card.base.digest
    weights = folder.parents[2] / "base/model.safetensors"
    content = bytearray(weights.read_bytes())
    content[-1] ^= 64
    weights.write_bytes(content)
    with pytest.raises(RequestError, match="other weights"):
        export_merged(folder, folder.parent / "merged")
    shutil.rmtree(weights.parent)
    with pytest.raises(RequestError, match="there is no such folder"):
        export_merged(folder, folder.parent / "merged")


def test_four_bits_are_merged_into_what_they_stand_for(made: Made) -> None:
    """And not into the weights that were there before: the adapter has learnt to make up for the difference."""
    from transformers import AutoModelForCausalLM

    folder = made("llama", "qlora")
    export_merged(folder, folder.parent / "merged")
    merged = AutoModelForCausalLM.from_pretrained(folder.parent / "merged").float()
    base = PretrainedModel.load(folder.parents[2] / "base", dtype=torch.float32)
    four_bit.quantise(base.network, torch.float32, CPU)
    four_bit.dequantise(base.network)
    name = "model.layers.0.mlp.up_proj"  # has no adapter
    expected = base.network.get_submodule(name).weight
    torch.testing.assert_close(merged.get_submodule(name).weight, expected, atol=1e-2, rtol=1e-2)
