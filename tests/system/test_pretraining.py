"""Raw text first, then the task: from a recipe to a report, with every kind of model."""

from __future__ import annotations

import json
import os
import random
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from driving import WORDS, Dragoman, refused, write_digits
from hub.fixtures import Hub
from hub.models import T5 as T5_SMALL
from hub.models import TINYLLAMA
from safetensors.numpy import load_file
from safetensors.torch import load_file as load_torch_file

from dragoman.training.loop import Loop

MODEL = "{d_model: 24, n_heads: 2, n_kv_heads: 1, encoder_layers: 1, decoder_layers: 1, d_ff: 48, dropout: 0.1}"
RECIPE = f"""\
name: digits
data:
  train:
    - path: digits.tsv
  validation_rows: 30
  template: {{source: "{{digits}}", target: "{{reversed}}"}}
tokenizer: {{vocabulary_size: 385}}
model:
  nmt: {MODEL}
pretraining:
  window: 40
  validation_share: 0.05
  sources:
    - path: text.txt
  tables:
    - {{path: digits.tsv, columns: [digits]}}
  data: [pairs]
  training: {{max_steps: 12, validate_every: 6}}
methods:
  pretrained: {{start: pretrained}}
  random: {{start: random}}
training:
  max_steps: 8
  batch: {{tokens: 1500}}
  learning_rate: 3.0e-3
  warmup_steps: 2
  validate_every: 4
generation: {{beam: 1, max_length: 12}}
"""
RUN = Path("runs/digits")


def write_text(file: Path, documents: int, seed: int = 5) -> None:
    draw = random.Random(seed)
    file.write_text("\n\n".join(" ".join(draw.choices(WORDS, k=draw.randint(5, 60))) for _ in range(documents)) + "\n")


@pytest.fixture
def fresh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    write_digits(tmp_path / "digits.tsv", 300)
    write_text(tmp_path / "text.txt", 150)
    (tmp_path / "digits.yaml").write_text(RECIPE)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def record(name: str, method: str | None = None) -> dict[str, object]:
    records = json.loads((RUN / "stages.json").read_text())["stages"]
    return next(one for one in records if one["stage"] == name and one["method"] == method)


def metrics(folder: Path) -> list[dict[str, float]]:
    return [json.loads(line) for line in (folder / "metrics.jsonl").read_text().splitlines()]


def test_a_recipe_pretrains_and_says_what_it_brought(fresh: Path, dragoman: Dragoman) -> None:
    result = dragoman("run", "digits.yaml")
    assert result.code == 0, result.err
    assert "documents to learn from" in result.err
    for name in ("pretraining/receipt.json", "pretraining/metrics.jsonl", "pretraining/model/weights.safetensors",
                 "pretraining/encoded/shard-00000/train.bin", "pretrained/scores.json",
                 "random/scores.json"):  # fmt: skip
        assert (RUN / name).is_file(), name
    assert list((RUN / "pretraining/checkpoints").glob("step-*"))
    receipt = json.loads((RUN / "pretraining/receipt.json").read_text())
    assert receipt["read"] == 150 + 300 + 2 * 270  # text, a column, both sides of the training rows
    assert [one["loss"] for one in metrics(RUN / "pretraining") if one["event"] == "validation"]
    page = (RUN / "report.html").read_text()
    assert "Loss of pretraining" in page
    assert "What it brought" in page
    assert "After pretraining the loss began at" in page

    again = dragoman("run", "digits.yaml")
    assert again.err.count("done before") == 8
    longer = dragoman("run", "digits.yaml", "--set", "training.max_steps=10")
    assert "pretrain: done before" in longer.err  # its own max_steps stands
    assert "train pretrained: done before" not in longer.err
    noisier = dragoman("run", "digits.yaml", "--set", "training.max_steps=10", "--set", "pretraining.noise=0.3")
    assert "pretraining.noise (0.15 to 0.3) changed" in noisier.err
    assert "encode pretraining: done before" in noisier.err  # the text is the same
    assert "train random: done before" in noisier.err
    assert "train pretrained: the pretraining changed" in noisier.err


def test_a_method_that_starts_at_random_needs_no_pretraining(fresh: Path, dragoman: Dragoman) -> None:
    result = dragoman("run", "digits.yaml", "--method", "random")
    assert result.code == 0, result.err
    assert not (RUN / "pretraining").exists()
    assert dragoman("run", "digits.yaml", "--method", "pretrained").code == 0
    assert (RUN / "pretrained/scores.json").is_file()


LLAMA = (
    "{model_type: llama, hidden_size: 24, intermediate_size: 48, num_hidden_layers: 1, num_attention_heads: 2, "
    "num_key_value_heads: 1}"
)
T5 = "{model_type: t5, d_model: 24, d_kv: 12, d_ff: 48, num_layers: 1, num_heads: 2}"
STANDING = (
    "--set",
    "training.learning_rate=1.0e-12",
    "--set",
    "training.max_steps=3",
    "--set",
    "training.averaging=null",
)


@pytest.mark.parametrize(
    ("model", "objective"),
    [("nmt", "span_corruption"), ("nmt", "infilling"), (T5, "span_corruption"), (LLAMA, "causal")],
    ids=["ours", "ours-infilling", "t5", "llama"],
)
def test_a_method_begins_with_the_weights_that_were_pretrained(
    model: str, objective: str, fresh: Path, dragoman: Dragoman
) -> None:
    """Shown by a fine-tuning that hardly moves."""
    chosen = () if model == "nmt" else ("--set", f"model={{transformers: {model}}}")
    options = (
        *chosen,
        "--set",
        f"pretraining.objective={objective}",
        "--set",
        "pretraining.training.learning_rate=3.0e-3",
    )
    result = dragoman("run", "digits.yaml", *options, *STANDING, "--set", "data.template.target=' {reversed}'")
    assert result.code == 0, result.err
    before, after, other = (
        load_file(next(folder.glob("*.safetensors")))
        for folder in (RUN / "pretraining/model", RUN / "pretrained/model", RUN / "random/model")
    )
    assert before.keys() == after.keys()
    assert all(np.allclose(before[name], after[name], atol=1e-6) for name in before)
    assert not all(np.allclose(before[name], other[name], atol=1e-3) for name in before)
    losses = [one["loss"] for one in metrics(RUN / "pretraining") if one["event"] == "step"]
    assert losses[-1] < losses[0]


@pytest.mark.parametrize(("name", "objective"), [(T5_SMALL, "infilling"), (TINYLLAMA, "causal")], ids=["t5", "llama"])
def test_a_pretrained_model_goes_on_with_raw_text(
    name: str, objective: str, hub: Hub, fresh: Path, dragoman: Dragoman
) -> None:
    """From the base's own weights, which a pretraining that hardly moves leaves as they were."""
    base = hub.tree / "models" / name
    recipe = RECIPE.replace("tokenizer: {vocabulary_size: 385}\n", "")
    recipe = recipe.replace(f"model:\n  nmt: {MODEL}", f"model: {{pretrained: {base}}}")
    recipe = recipe.replace("  window: 40\n", f"  window: 40\n  objective: {objective}\n")
    recipe = recipe.replace("random: {start: random}", "plain: {start: base}")
    (fresh / "digits.yaml").write_text(recipe)
    still = "pretraining.training={max_steps: 2, learning_rate: 1.0e-12, warmup_steps: 0}"
    assert dragoman("run", "digits.yaml", "--set", "name=still", "--set", still, *STANDING).code == 0
    given, kept = (
        load_torch_file(next(folder.glob("*.safetensors"))) for folder in (base, Path("runs/still/pretraining/model"))
    )
    assert len(given.keys() & kept.keys()) > 20
    assert all(given[key].float().allclose(kept[key].float(), atol=1e-6) for key in given.keys() & kept.keys())

    result = dragoman("run", "digits.yaml", "--set", "pretraining.training.learning_rate=3.0e-3")
    assert result.code == 0, result.err
    losses = [one["loss"] for one in metrics(RUN / "pretraining") if one["event"] == "step"]
    assert losses[-1] < losses[0]
    page = (RUN / "report.html").read_text()
    assert "After pretraining the loss began at" in page
    assert "the base model&#x27;s weights" in page or "the base model's weights" in page
    assert dragoman("predict", "digits/pretrained", "one two three").code == 0


@pytest.mark.parametrize("length", [100, 0])
def test_text_that_is_cut_while_it_is_learnt_from(
    length: int, fresh: Path, dragoman: Dragoman, monkeypatch: pytest.MonkeyPatch
) -> None:
    shard = RUN / "pretraining/encoded/shard-00000/train.bin"
    step, calls = Loop._step, list[int]()

    def cut(self: Loop, *arguments: Any) -> None:
        calls.append(1)
        if len(calls) == 5:
            os.truncate(shard, length)
        step(self, *arguments)

    with monkeypatch.context() as patch:
        patch.setattr(Loop, "_step", cut)
        stopped = dragoman("run", "digits.yaml")
    refused(stopped, f"{shard}: was cut or overwritten", "delete it, and give the same command again", code=3)
    again = dragoman("run", "digits.yaml")
    assert again.code == 0, again.err
    assert f"encode pretraining: {shard.relative_to(RUN)} is not as it was left; doing it again" in again.err
    assert re.search(r"pretraining: going on after step \d", again.err)
    assert dragoman("run", "digits.yaml", "--set", "name=whole").code == 0
    made, whole = (folder / "pretraining/model/weights.safetensors" for folder in (RUN, Path("runs/whole")))
    assert made.read_bytes() == whole.read_bytes()


def test_a_corpus_comes_first(fresh: Path, dragoman: Dragoman) -> None:
    """Corpus rules, then the vocabulary, then token rules, then pretraining; of a recipe that stands elsewhere."""
    recipe = RECIPE.replace("  sources:\n    - path: text.txt\n", "").replace("  data: [pairs]\n", "")
    corpus = "sources: [{path: text.txt, language: en}], rules: {word_count: {min: 10}}, duplicates: {minhash: null}"
    recipe = recipe.replace("tokenizer:", f"corpus: {{{corpus}}}\ntokenizer:")
    recipe = recipe.replace("  validation_share: 0.05", "  validation_share: 0.05\n  token_rules: {max_tokens: 50}")
    for name in ("digits.tsv", "text.txt"):
        recipe = recipe.replace(f"path: {name}", f"path: {fresh / name}")
    (fresh / "recipes").mkdir()
    (fresh / "recipes/digits.yaml").write_text(recipe)
    result = dragoman("run", "recipes/digits.yaml")
    assert result.code == 0, result.err
    assert list((RUN / "corpus/shards").glob("*.parquet"))
    assert "word count" in (RUN / "corpus/report.html").read_text()
    assert '<a href="corpus/report.html">' in (RUN / "report.html").read_text()
    long = sum(len(text.split()) >= 10 for text in (fresh / "text.txt").read_text().split("\n\n"))
    receipt = json.loads((RUN / "pretraining/receipt.json").read_text())
    assert receipt["read"] <= long + 300
    assert receipt["dropped"]["more than 50 tokens"] > 0
    order = [one["stage"] for one in json.loads((RUN / "stages.json").read_text())["stages"]][:5]
    assert order == ["corpus", "tokenizer", "encode", "encode", "pretrain"]
    stricter = dragoman("run", "recipes/digits.yaml", "--set", "corpus.rules.word_count.min=20")
    assert stricter.code == 0, stricter.err
    assert "tokenizer: the corpus changed" in stricter.err


def test_check_says_how_long_it_takes(fresh: Path, dragoman: Dragoman) -> None:
    result = dragoman("check", "digits.yaml")
    assert result.code == 0, result.err
    said = " ".join(result.out.split())
    assert "Training: pretraining" in said
    assert "from what this recipe pretrains" in said
    told = re.search(r"about 12 steps, ([\d.]+) epochs of (\d+); (\d+) windows, ([\d,]+) tokens of text", said)
    assert told is not None, said
    assert dragoman("run", "digits.yaml").code == 0
    receipt = json.loads((RUN / "pretraining/receipt.json").read_text())
    assert int(told[4].replace(",", "")) == pytest.approx(receipt["tokens"]["train"], rel=0.15)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (["pretraining=null"], "methods.pretrained.start: there is no pretraining to start from"),
        (["methods={only: {start: random}}"], "no method starts from it"),
        (["pretraining={window: 40}"], "there is no text to learn from"),
        (["pretraining.data=[corpus]"], "pretraining.data=[corpus]: the recipe has no corpus"),
        (["pretraining.objective=causal"], "the model is an encoder-decoder: take span_corruption"),
        ([f"model={{transformers: {LLAMA}}}"], "pretraining.objective: the model is decoder-only"),
        (["pretraining.window=2274"], "2,274 tokens have 114 masked spans, and there are only 100 sentinels"),
        (["pretraining.sources.0.share=1"], "pretraining.sources.0.share=1: is for corpus.sources"),
        (["pretraining.tables.0.columns=[digit]"], "there is no column 'digit'"),
        (["pretraining.sources.0.path=no.txt"], "does not exist"),
        (["pretraining.training.best=bleu"], "pretraining is measured by its loss alone"),
        (["pretraining.training.warmup_steps=12"], "12 steps of warm-up in a pretraining of 12"),
        (["pretraining.training.epocs=2"], "unknown key; did you mean 'epochs'?"),
        (["pretraining.training={epochs: 1, max_steps: 2}"], "give either epochs or max_steps"),
        (["methods.pretrained.tuning=lora"], "set start: base"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused(changes: list[str], said: str, fresh: Path, dragoman: Dragoman) -> None:
    options = [word for change in changes for word in ("--set", change)]
    refused(dragoman("run", "digits.yaml", *options), said)
    assert not RUN.exists()


def test_a_refusal_names_the_line(fresh: Path, dragoman: Dragoman) -> None:
    (fresh / "digits.yaml").write_text(RECIPE.replace("window: 40", "window: 5000"))
    assert re.search(r"digits.yaml:11:\d+: pretraining.window: 5,000 tokens have 250 masked spans", dragoman(
        "check", "digits.yaml").err)  # fmt: skip
