from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch

from dragoman.base.errors import RequestError
from dragoman.generation.saved import CARD, Card, load_generator, read_card, save_model
from dragoman.generation.settings import Settings
from dragoman.models.nmt.config import NmtConfig
from dragoman.models.nmt.model import NmtModel
from dragoman.tokenizer.tokenizer import Tokenizer
from dragoman.tokenizer.unigram import train_unigram

TEMPLATE = {"source": "{source}", "target": "{target}"}
SHAPE = {"d_model": 8, "n_heads": 2, "n_kv_heads": 1, "encoder_layers": 1, "decoder_layers": 1, "d_ff": 8}


@pytest.fixture(scope="module")
def tokenizer(tmp_path_factory: pytest.TempPathFactory) -> Tokenizer:
    folder = tmp_path_factory.mktemp("tokenizer") / "t"
    train_unigram([f"ein zwei drei {i}" for i in range(50)], folder, vocabulary_size=378, character_coverage=1.0)
    return Tokenizer.load(folder)


def model(seed: int = 0) -> NmtModel:
    torch.manual_seed(seed)
    return NmtModel(NmtConfig(378, **SHAPE)).eval()


def card(**changes: object) -> Card:
    values = {
        "task": "translation", "languages": {"source": "de", "target": "en"}, "template": TEMPLATE,
        "max_source_length": 16, "generation": asdict(Settings(beam=2, max_length=9)),
        "special_ids": {"pad": 0, "eos": 1, "unk": 2}, "parameters": 1, **changes,
    }  # fmt: skip
    return Card(**values)  # type: ignore[arg-type]


def test_a_saved_model_answers_with_its_own_settings(tokenizer, tmp_path):
    original = model()
    save_model(tmp_path / "model", original, tokenizer, card())
    generator = load_generator(tmp_path / "model")
    assert generator.settings == Settings(beam=2, max_length=9)
    assert replace(read_card(tmp_path / "model"), files={}) == card()
    assert all(torch.equal(a, b) for a, b in zip(original.parameters(), generator.model.parameters(), strict=True))
    assert len(list(generator.answer(["ein zwei", ""], title=None))) == 2
    changed = load_generator(tmp_path / "model", {"beam": 5, "n_best": 3})
    assert changed.settings == Settings(beam=5, n_best=3, max_length=9)


def test_a_tokenizer_from_another_model_brings_its_tokenizer_alone(tokenizer, tmp_path):
    save_model(tmp_path / "old", model(1), tokenizer, card())
    save_model(tmp_path / "new", model(2), Tokenizer.load(tmp_path / "old"), card(parameters=7))
    assert read_card(tmp_path / "new").parameters == 7
    loaded = load_generator(tmp_path / "new").model
    assert all(torch.equal(a, b) for a, b in zip(model(2).parameters(), loaded.parameters(), strict=True))


def test_a_failure_leaves_the_old_model(tokenizer, tmp_path):
    save_model(tmp_path / "model", model(), tokenizer, card())
    broken = SimpleNamespace(folder=tmp_path / "model", save=lambda folder: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        save_model(tmp_path / "model", broken, tokenizer, card(parameters=9))  # type: ignore[arg-type]
    assert replace(read_card(tmp_path / "model"), files={}) == card()


def spoil(folder: Path, **changes: object) -> None:
    values = json.loads((folder / CARD).read_text())
    (folder / CARD).write_text(json.dumps({**values, **changes}))


def test_a_card_says_where_a_table_of_entities_has_its_words(tokenizer, tmp_path):
    named = {"tokens": "words", "tags": "labels", "scheme": "iob1", "none": "nichts"}
    save_model(tmp_path, model(), tokenizer, card(task="entities", entities=named))
    assert read_card(tmp_path).entities == named
    spoil(tmp_path, entities={**named, "scheme": "iob9"})
    with pytest.raises(RequestError, match="damaged"):
        read_card(tmp_path)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"format": 3}, "newer dragoman"), ({"format": "x"}, "damaged"), ({"parameters": "many"}, "damaged"),
        ({"generation": {"colour": "red"}}, "damaged"),
        ({"generation": {**asdict(Settings()), "beam": 0}}, "at least 1"),
    ],
)  # fmt: skip
def test_a_strange_card_is_refused(tokenizer, tmp_path, changes, message):
    save_model(tmp_path, model(), tokenizer, card())
    spoil(tmp_path, **changes)
    with pytest.raises(RequestError, match=message):
        load_generator(tmp_path)


def test_no_model_is_no_model(tmp_path):
    with pytest.raises(RequestError, match="no trained model here"):
        load_generator(tmp_path)
    (tmp_path / CARD).write_text("{")
    with pytest.raises(RequestError, match="damaged"):
        load_generator(tmp_path)


def test_a_file_of_another_model_is_noticed(tokenizer, tmp_path):
    save_model(tmp_path / "a", model(1), tokenizer, card())
    save_model(tmp_path / "b", model(2), tokenizer, card())
    (tmp_path / "a" / "weights.safetensors").replace(tmp_path / "b" / "weights.safetensors")
    with pytest.raises(RequestError, match="not the file that was saved"):
        load_generator(tmp_path / "b")
    with pytest.raises(RequestError, match="gone"):
        load_generator(tmp_path / "a")
