from __future__ import annotations

import json
from typing import Any

import pytest
import torch
from hub.models import LFM2, MT5, T5, TINYLLAMA
from torch.nn.functional import cross_entropy as plain_cross_entropy
from unit.models.tiny import (
    BERT,
    KINDS,
    LLAMA,
    PLACES,
    SOURCES,
    TARGETS,
    V,
    batch_for,
    own_logits,
    padded,
    tokenizer_of,
)

from dragoman.base.errors import RequestError
from dragoman.base.seeds import seeded
from dragoman.models.face import Batch
from dragoman.models.pretrained import PretrainedModel
from dragoman.objectives.loss import cross_entropy

ALL = list(KINDS)


@pytest.mark.parametrize("kind", ALL)
def test_hidden_states_and_head_make_the_models_own_logits(tiny, kind):
    model = tiny(kind)
    with torch.no_grad():
        logits = model.head().logits(model.hidden(batch_for(model)))
        own = own_logits(model)
    assert own.std() > 0.2
    torch.testing.assert_close(logits, own, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("kind", ALL)
def test_loss_and_gradients_are_the_models_own(tiny, kind):
    model = tiny(kind)
    batch = batch_for(model)
    mask = (torch.arange(batch.input_ids.shape[1]) < batch.input_lengths[:, None]).long()
    if model.causal:
        labels = torch.full(batch.input_ids.shape, -100)
        for b, places in enumerate(PLACES):
            labels[b, places] = batch.input_ids[b, places]
    else:
        labels = padded(TARGETS, -100)
    theirs = model.network(input_ids=batch.input_ids, attention_mask=mask, labels=labels).loss
    if kind in ("granite", "cohere"):  # as loss_function sees them; nothing else differs
        theirs = plain_cross_entropy(own_logits(model), batch.labels)
    theirs.backward()
    wanted = {name: p.grad.clone() for name, p in model.named_parameters() if p.grad is not None}
    model.zero_grad()
    ours = cross_entropy(model.hidden(batch), model.head(), batch.labels, len(batch.labels))
    ours.backward()
    torch.testing.assert_close(ours, theirs, rtol=1e-5, atol=1e-5)
    found = {name: p.grad for name, p in model.named_parameters() if p.grad is not None}
    assert len(found) == sum(p.requires_grad for p in model.parameters())
    for name, gradient in found.items():
        torch.testing.assert_close(gradient, wanted.get(name, torch.zeros_like(gradient)), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("kind", ["t5", "bart"])
def test_dropout_draws_as_the_model_itself(tiny, kind):
    model = tiny(kind).train()
    batch = batch_for(model)
    mask = (torch.arange(batch.input_ids.shape[1]) < batch.input_lengths[:, None]).long()
    with torch.no_grad(), seeded(3):
        ours = model.head().logits(model.hidden(batch))
    with torch.no_grad(), seeded(3):
        theirs = model.network(
            input_ids=batch.input_ids, attention_mask=mask, decoder_input_ids=batch.decoder_input_ids
        ).logits
    torch.testing.assert_close(ours, theirs.flatten(0, 1)[batch.positions], rtol=1e-5, atol=1e-5)
    with torch.no_grad(), seeded(4):
        assert not torch.allclose(ours, model.head().logits(model.hidden(batch)), atol=1e-2)


@pytest.mark.parametrize("file", ["generation_config.json", "config.json"])
def test_what_answers_have_to_begin_with_is_read_and_no_label(tiny, tmp_path, file):
    """BART's <s>, mBART's language: the decoder's first label follows it, and whoever loads the model sees it."""
    tiny("bart").save(tmp_path / "base")
    if file == "config.json":
        (tmp_path / "base" / "generation_config.json").unlink()
    keys = json.loads((tmp_path / "base" / file).read_text(encoding="utf-8"))
    (tmp_path / "base" / file).write_text(json.dumps({**keys, "forced_bos_token_id": 17}), encoding="utf-8")
    model = PretrainedModel.load(tmp_path / "base")
    assert model.first_id == 17
    batch, expected = batch_for(model), []
    for source, target in zip(SOURCES, TARGETS, strict=True):
        decoder = torch.tensor([[model.start_id, 17, *target[:-1]]])
        with torch.no_grad():
            expected.append(model.network(torch.tensor([source]), decoder_input_ids=decoder).logits[0, 1:])
    with torch.no_grad():
        found = model.head().logits(model.hidden(batch))
    torch.testing.assert_close(found, torch.cat(expected), rtol=1e-5, atol=1e-5)
    model.end_with(9)
    model.save(tmp_path / "tuned")
    assert PretrainedModel.load(tmp_path / "tuned").first_id == 17


def test_only_decoders_have_something_to_begin_with(tiny):
    assert tiny("bart").first_id is None
    network = tiny("llama").network
    network.generation_config.forced_bos_token_id = 17
    assert PretrainedModel(network).first_id is None


def test_the_tapped_head_is_whole_again(tiny):
    model = tiny("t5")
    head = model.network.get_output_embeddings()
    model.hidden(batch_for(model))
    assert "forward" not in vars(head)
    with pytest.raises(IndexError):
        model.hidden(
            Batch(torch.tensor([[V]]), torch.tensor([1]), torch.tensor([[0]]), torch.tensor([0]), torch.tensor([1]))
        )
    assert "forward" not in vars(head)


@pytest.mark.parametrize("kind", ALL)
def test_saved_and_loaded_it_is_the_same(tiny, kind, tmp_path):
    model = tiny(kind)
    model.save(tmp_path / "model")
    loaded = PretrainedModel.load(tmp_path / "model")
    assert not loaded.training
    assert (loaded.kind, loaded.causal, loaded.pad_id, loaded.eos_ids, loaded.start_id) == (
        model.kind, model.causal, 0, [1], 0,
    )  # fmt: skip
    state, again = model.network.state_dict(), loaded.network.state_dict()
    assert list(state) == list(again)
    assert all(torch.equal(state[name], again[name]) for name in state)
    assert loaded.describe() == model.describe()
    with torch.no_grad():
        found, kept = loaded.hidden(batch_for(model)), model.hidden(batch_for(model))
    torch.testing.assert_close(found, kept, rtol=1e-5, atol=1e-5)
    loaded.save(tmp_path / "again")
    first, second = (
        json.loads((tmp_path / name / "config.json").read_text(encoding="utf-8")) for name in ("model", "again")
    )
    assert first == second
    own = json.loads((tmp_path / "model" / "generation_config.json").read_text(encoding="utf-8"))
    own.pop("transformers_version")
    own.pop("_from_model_config", None)
    assert {name for name, value in own.items() if value is not None} <= {
        "eos_token_id", "pad_token_id", "decoder_start_token_id",
    }  # fmt: skip


@pytest.mark.parametrize("kind", ["mt5", "llama", "lfm2"])
def test_weights_are_stored_as_they_are_wanted(tiny, kind, tmp_path):
    tiny(kind).save(tmp_path)
    model = PretrainedModel.load(tmp_path, dtype=torch.bfloat16)
    assert {p.dtype for p in model.parameters()} == {torch.bfloat16}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"model_type": "t6"}, r"model\.transformers\.model_type: there is no model type 't6'"),
        ({"model_type": "vit"}, "writes no text|has no such key"),
        ({"d_modle": 8}, r"(?s)model\.transformers\.d_modle: t5 has no such key.*did you mean 'd_model'"),
        ({"eos_token_id": 5}, r"model\.transformers\.eos_token_id: follows from the tokenizer"),
        ({"vocab_size": 40}, "less than the tokenizer's 41 pieces"),
        ({"num_layers": "two"}, "no t5 can have this shape"),
    ],
)
def test_settings_that_make_no_model(changes, message):
    with pytest.raises(RequestError, match=message):
        PretrainedModel.random({**KINDS["t5"], **changes}, tokenizer_of(V))


@pytest.mark.parametrize(
    ("settings", "message"),
    [({**LLAMA, "model_type": "gemma2", "head_dim": 4}, "caps its logits"), (BERT, "looks ahead")],
)
def test_models_that_cannot_be_trained_here(settings, message):
    with pytest.raises(RequestError, match=message):
        PretrainedModel.random(settings, tokenizer_of(V))


def test_a_head_that_is_not_all_is_refused(tiny):
    class Bent(torch.nn.Module):
        def __init__(self, network: Any):
            super().__init__()
            self.network, self.config = network, network.config

        def get_output_embeddings(self) -> Any:
            return self.network.get_output_embeddings()

        def forward(self, **inputs: Any) -> Any:
            output = self.network(**inputs)
            output.logits = output.logits * 1.1
            return output

    model = tiny("llama")
    model.network = Bent(model.network)
    with pytest.raises(RequestError, match="more to its logits than its head says"):
        model.verify("here")


def test_folders_without_a_usable_model(tiny, tmp_path):
    model = tiny("llama")
    with pytest.raises(RequestError, match=r"there is no config\.json"):
        PretrainedModel.load(tmp_path)

    def spoilt(name: str, change: Any) -> Any:
        folder = tmp_path / name
        model.save(folder)
        change(folder)
        return folder

    def rewrite(folder: Any, **keys: Any) -> None:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        (folder / "config.json").write_text(json.dumps({**config, **keys}), encoding="utf-8")

    def cut(folder: Any) -> None:
        data = (folder / "model.safetensors").read_bytes()
        (folder / "model.safetensors").write_bytes(data[: len(data) // 2])

    def endless(folder: Any) -> None:
        rewrite(folder, eos_token_id=None)
        (folder / "generation_config.json").unlink()

    for change, message in [
        (lambda folder: (folder / "model.safetensors").unlink(), "no usable model here"),
        (cut, "no usable model here"),
        (lambda folder: rewrite(folder, num_hidden_layers=4), r"not complete: model\.layers\.3"),
        (lambda folder: rewrite(folder, hidden_size=20), "no usable model here"),
        (lambda folder: rewrite(folder, model_type="llama9"), "configuration cannot be used"),
        (lambda folder: rewrite(folder, quantization_config={"quant_method": "gptq", "bits": 4}), "stored quantised"),
        (lambda folder: (folder / "config.json").write_text("{"), "configuration cannot be used"),
        (endless, "names no end token"),
    ]:
        with pytest.raises(RequestError, match=message):
            PretrainedModel.load(spoilt(str(len(list(tmp_path.iterdir()))), change))


def test_settings_of_the_base_do_not_reach_answers(tiny, tmp_path):
    model = tiny("llama")
    model.save(tmp_path)
    base = {
        "do_sample": True,
        "temperature": 0.3,
        "repetition_penalty": 9.0,
        "max_new_tokens": 2,
        "eos_token_id": [1, 5],
    }
    (tmp_path / "generation_config.json").write_text(json.dumps(base), encoding="utf-8")
    loaded = PretrainedModel.load(tmp_path, eos_id=9)
    assert loaded.eos_ids == [9, 1, 5]
    assert loaded.network.generation_config.eos_token_id == [9, 1, 5]
    assert loaded.network.generation_config.repetition_penalty is None
    again = tmp_path / "again"
    loaded.save(again)
    assert PretrainedModel.load(again).eos_ids == [1, 9, 5]


@pytest.mark.parametrize(
    ("name", "kind", "untied", "eos_ids"),
    [(MT5, "mt5", True, [1]), (T5, "t5", False, [1]), (TINYLLAMA, "llama", True, [2]), (LFM2, "lfm2", False, [7])],
)
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_models_in_the_files_of_the_hub(hub, name, kind, untied, eos_ids, dtype):
    folder = hub.tree / "models" / name
    model = PretrainedModel.load(folder, dtype=dtype)
    shape = model.describe()
    assert (model.kind, model.eos_ids, shape.causal) == (kind, eos_ids, kind in ("llama", "lfm2"))
    assert (shape.parameters["head"] > 0) is untied
    assert {p.dtype for p in model.parameters()} == {dtype}
    assert PretrainedModel.skeleton(folder).describe() == shape
