from __future__ import annotations

import json

import pytest
import torch
from unit.models.tiny import BART, KINDS

from dragoman.base.errors import RequestError
from dragoman.planning.bases import base_of, describe_base, is_causal, overflows, skeleton
from dragoman.recipe.loading import load_recipe


@pytest.fixture
def load(tmp_path):
    """Recipes beside folders of configurations, without weights, that are called as tiny.KINDS has them."""
    for kind, config in KINDS.items():
        (tmp_path / kind).mkdir()
        (tmp_path / kind / "config.json").write_text(json.dumps({"eos_token_id": 1, "pad_token_id": 0, **config}))

    def read(model):
        (tmp_path / "r.yaml").write_text("name: r\ndata: {train: [{path: a.tsv}]}\n")
        return load_recipe(tmp_path / "r.yaml", [f"model={json.dumps(model)}"])

    return read


def test_a_model_of_our_own_has_no_base(load):
    loaded = load({"nmt": {}})
    assert describe_base(loaded) is None
    assert base_of(loaded) is None
    assert not is_causal(loaded.recipe, None)
    assert not overflows(loaded.recipe, None)


def test_a_folder_is_beside_the_recipe_and_described_without_weights(load, tmp_path, monkeypatch):
    monkeypatch.chdir("/")
    loaded = load({"pretrained": "./bart"})
    base = describe_base(loaded)
    assert base is not None
    assert (base.folder, base.name, base.commit) == (tmp_path / "bart", "./bart", None)
    with pytest.raises(RequestError, match="no weights"):
        base_of(loaded)
    with pytest.raises(RequestError, match="no such folder"):
        describe_base(load({"pretrained": "./nowhere"}))


@pytest.mark.parametrize(
    ("kind", "causal", "too_large"),
    [("t5", False, True), ("mt5", False, True), ("bart", False, False), ("llama", True, False), ("lfm2", True, False)],
)
def test_what_is_known_without_weights(load, kind, causal, too_large):
    pretrained = load({"pretrained": f"./{kind}"})
    base = describe_base(pretrained)
    assert is_causal(pretrained.recipe, base) == causal
    assert overflows(pretrained.recipe, base) == too_large
    described = load({"transformers": KINDS[kind]}).recipe
    assert is_causal(described, None) == causal
    assert overflows(described, None) == too_large


def test_a_skeleton_has_every_shape_and_no_weights(load):
    pretrained = load({"pretrained": "./bart"})
    network = skeleton(pretrained.recipe, describe_base(pretrained), 77).network
    assert {p.device for p in network.parameters()} == {torch.device("meta")}
    assert network.config.vocab_size == 50265, "the base model's own"
    described = load({"transformers": KINDS["bart"]}).recipe
    network = skeleton(described, None, 77).network
    assert {p.device for p in network.parameters()} == {torch.device("meta")}
    assert network.config.vocab_size == 77
    assert len(network.model.decoder.layers) == BART["decoder_layers"]


def test_a_skeleton_is_built_once_as_long_as_its_files_are_the_same(load, tmp_path):
    recipe, base = load({"pretrained": "./bart"}).recipe, describe_base(load({"pretrained": "./bart"}))
    first = skeleton(recipe, base, 77)
    assert skeleton(recipe, describe_base(load({"pretrained": "./bart"})), 99) is first
    config = json.loads((tmp_path / "bart/config.json").read_text())
    (tmp_path / "bart/config.json").write_text(json.dumps({**config, "encoder_layers": 1}))
    assert skeleton(recipe, base, 77).describe().stacks[0].blocks == 1
    assert first.describe().stacks[0].blocks == BART["encoder_layers"]
    (tmp_path / "bart/generation_config.json").write_text(json.dumps({"forced_bos_token_id": 3}))
    assert skeleton(recipe, base, 77).first_id == 3


def test_the_vocabulary_of_the_recipe_does_not_matter_to_what_kind_it_is(load):
    """It may be that of a given tokenizer, which is smaller than the default."""
    assert is_causal(load({"transformers": {**KINDS["llama"], "vocab_size": 400}}).recipe, None)
