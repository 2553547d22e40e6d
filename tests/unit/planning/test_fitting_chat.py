"""A chat model from random weights has its chat template from the tokenizer that the recipe names."""

from __future__ import annotations

import json

import pytest
from unit.objectives.chat_templates import CHATML
from unit.objectives.conftest import TEXTS, gpt2

from dragoman.planning.semantics import find_all
from dragoman.recipe.loading import load_recipe
from dragoman.tokenizer.loading import load_tokenizer

LLAMA = (
    "model.transformers={model_type: llama, hidden_size: 16, intermediate_size: 16, num_hidden_layers: 1, "
    "num_attention_heads: 2}"
)
RANDOM = "methods={full: {start: random}}"


@pytest.fixture
def problems(tmp_path):
    (tmp_path / "a.tsv").write_text("source\ttarget\nx\ty\n")
    (tmp_path / "r.yaml").write_text("name: r\ntask: chat\ndata:\n  train:\n    - path: a.tsv\n")
    for name in ("named", "file", "silent"):
        folder = tmp_path / name
        folder.mkdir()
        config = {"tokenizer_class": "PreTrainedTokenizerFast", "eos_token": "<|im_end|>"}
        config |= {"chat_template": CHATML} if name == "named" else {}
        (folder / "tokenizer.json").write_text(gpt2(TEXTS * 3, 400).to_str())
        (folder / "tokenizer_config.json").write_text(json.dumps(config))
    (tmp_path / "file/chat_template.jinja").write_text(CHATML)

    def found(*options):
        return [str(problem) for problem in find_all(load_recipe(tmp_path / "r.yaml", (RANDOM, *options)))]

    return found


@pytest.mark.parametrize("name", ["named", "file"])
def test_a_folder_with_a_template_will_do(problems, name, tmp_path):
    assert problems(LLAMA, f"tokenizer.path={name}") == []
    tokenizer = load_tokenizer(tmp_path / name)
    (tmp_path / "copy").mkdir()
    tokenizer.copy_to(tmp_path / "copy")  # as a model folder gets it
    question = [{"role": "user", "content": "Ja?"}]
    copied = load_tokenizer(tmp_path / "copy").chat_text(question, answer_next=True)
    assert copied == tokenizer.chat_text(question, answer_next=True)
    assert "Ja?" in copied


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ([LLAMA], "tokenizer.path: a chat needs a tokenizer with a chat template"),
        ([LLAMA, "tokenizer.path=silent"], "add chat_template.jinja to the folder"),
        (["model.transformers={model_type: t5}"], "a chat needs a causal model; t5 is an encoder-decoder"),
        ([LLAMA, "tokenizer.path=gone"], "tokenizer.path=gone"),
    ],
)
def test_what_is_missing_is_said_before_anything_is_done(problems, options, said):
    found = problems(*options)
    assert len(found) == 1, found
    assert said in found[0]
