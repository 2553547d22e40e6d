"""What the benchmark of fine-tuning trains: bases with random weights, their adapters, and rows of token ids."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import torch

from dragoman.adapters.files import save_adapter
from dragoman.adapters.tuning import tune
from dragoman.base.seeds import derive, seeded
from dragoman.data.dataset import Dataset
from dragoman.data.encoded import EncodedSet, write_encoded
from dragoman.data.receipt import Receipt
from dragoman.data.rows import Origin
from dragoman.models.hub import Snapshot
from dragoman.models.nmt.dropout import Dropout
from dragoman.models.pretrained import PretrainedModel
from dragoman.objectives.causal import Causal
from dragoman.objectives.seq2seq import Seq2Seq
from dragoman.objectives.sets import train_tokenizer
from dragoman.planning.description import TuningPlan
from dragoman.recipe.loading import load_recipe
from dragoman.recipe.schema import Adapter, Method, Recipe, Training
from dragoman.tokenizer.tokenizer import Tokenizer

RECIPE = Path(__file__).with_name("tuning.yaml")
REAL = [
    "data.train=[{path: '${DRAGOMAN_REALDATA}/en-hi/wikipedia.train.jsonl'}]",
    "data.template={source: '{translation.en}', target: '{translation.hi}'}",
]
SEED = 1
CPU = torch.device("cpu")


@dataclass(frozen=True)
class Shape:
    """A base, as a recipe's model.transformers has it, and where its adapter sits."""

    title: str
    settings: dict[str, Any]
    quick: dict[str, Any]  # to see whether it runs at all
    adapter: Adapter

    @property
    def causal(self) -> bool:
        return self.settings["model_type"] == "llama"


T5_ADAPTER = Adapter(rank=8, alpha=32, dropout=0.05, targets=["q", "v"])
SHAPES = {
    "t5": Shape(
        "T5-small",
        {"model_type": "t5", "vocab_size": 32_128},
        {"d_model": 32, "d_kv": 8, "d_ff": 64, "num_layers": 2, "num_heads": 4, "vocab_size": 2_000},
        T5_ADAPTER,
    ),
    "mt5": Shape(
        "mT5-small",
        {
            "model_type": "mt5", "vocab_size": 250_112, "d_model": 512, "d_kv": 64, "d_ff": 1024, "num_layers": 8,
            "num_heads": 6, "feed_forward_proj": "gated-gelu", "tie_word_embeddings": False,
        },
        {"d_model": 32, "d_kv": 8, "d_ff": 64, "num_layers": 2, "num_heads": 4, "vocab_size": 20_000},
        T5_ADAPTER,
    ),
    "llama": Shape(
        "a Llama of 8 blocks, width 512",
        {
            "model_type": "llama", "vocab_size": 32_000, "hidden_size": 512, "intermediate_size": 1408,
            "num_hidden_layers": 8, "num_attention_heads": 8, "num_key_value_heads": 4,
        },
        {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4,
         "num_key_value_heads": 2, "vocab_size": 2_000},
        Adapter(rank=16, alpha=32, dropout=0.05, targets=["q_proj", "k_proj", "v_proj", "o_proj"]),
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Place:
    """A folder with a tokenizer, the rows as each kind of model reads them, and for each shape a base."""

    folder: Path

    @cached_property
    def tokenizer(self) -> Tokenizer:
        return Tokenizer.load(self.folder / "tokenizer")

    def rows(self, *, causal: bool) -> Path:
        return self.folder / ("causal.arrow" if causal else "seq2seq.arrow")

    def base(self, shape: str) -> Snapshot:
        return Snapshot(self.folder / shape, shape, None)

    def adapter(self, shape: str, *, dropout: bool) -> Path:
        return self.folder / f"{shape}-adapter-{'with' if dropout else 'without'}-dropout"

    def training(self, steps: int, precision: str) -> Training:
        keys = {**_recipe(False).training.model_dump(), "epochs": None, "max_steps": steps, "precision": precision}
        return Training.model_validate(keys)

    def micro_batch(self, shape: str, training: Training) -> int:
        """The tokens of a micro-batch, as a recipe's `auto` gives them."""
        model = PretrainedModel.skeleton(self.base(shape).folder)
        method = Method(tuning="lora", adapter=SHAPES[shape].adapter)
        recipe = _recipe(False).model_copy(update={"methods": {"lora": method}, "training": training})
        return TuningPlan(recipe, "lora", model, shape).micro_batch

    def start(self, shape: str, compute: torch.dtype, *, dropout: bool) -> PretrainedModel:
        """The base with its adapter as a training begins, the same every time. dropout: False for none anywhere."""
        adapter = SHAPES[shape].adapter.model_copy(update={} if dropout else {"dropout": 0.0})
        method = Method(tuning="lora", adapter=adapter)
        model = tune(self.base(shape), method, self.tokenizer.eos_id, compute, CPU, SEED)
        if not dropout:
            silence(model)
        return model


def prepare(folder: str, quick: bool) -> str:
    """Fill a `Place`; returns what the rows are."""
    place, real = Place(Path(folder)), not quick and "DRAGOMAN_REALDATA" in os.environ
    recipe = _recipe(real, quick)
    dataset = Dataset(recipe.data, RECIPE.parent, recipe.seed)
    train_tokenizer(recipe, dataset, place.folder / "tokenizer")
    for causal in (False, True):
        objective = Causal(place.tokenizer) if causal else Seq2Seq(place.tokenizer)
        with write_encoded(place.rows(causal=causal), place.tokenizer.vocabulary_size, causal=causal) as writer:
            for row in objective.for_training(dataset.train(), recipe.data, Receipt().split("train")):
                writer.append(row.input_ids, row.labels, row.example.origin, row.places)
    for shape in SHAPES:
        make_base(place, shape, quick)
    name = "Wikipedia's English-Hindi pairs" if real else "the phrasebook"
    return f"{name} ({writer.rows:,} rows, {place.tokenizer.vocabulary_size:,} pieces)"


def _recipe(real: bool, quick: bool = False) -> Recipe:
    few = ["data.train=[{phrasebook: {rows: 600}}]", "tokenizer.vocabulary_size=1000"] if quick else []
    return load_recipe(RECIPE, [*(REAL if real else []), *few]).recipe


def make_base(place: Place, shape: str, quick: bool) -> None:
    """Random weights, and beside them the adapter as every training begins, in PEFT's files."""
    base, settings = place.base(shape), SHAPES[shape].settings | (SHAPES[shape].quick if quick else {})
    with seeded(derive(SEED, shape)):
        PretrainedModel.random(settings, place.tokenizer).save(base.folder)
    for dropout in (False, True):
        model = place.start(shape, torch.float32, dropout=dropout)
        save_adapter(
            model.network, place.adapter(shape, dropout=dropout), base_name=str(base.folder), causal=model.causal
        )


def silence(model: torch.nn.Module) -> None:
    """Take all dropout out of a base: some of it is in modules, some is a number in an attention."""
    for module in model.modules():
        if isinstance(module, (torch.nn.Dropout, Dropout)):
            module.p = 0.0
        elif isinstance(getattr(module, "dropout", None), float):
            module.dropout = 0.0


def equal_rows(path: Path, rows: int, length: int, vocabulary_size: int) -> EncodedSet:
    """Rows of random ids for an encoder-decoder, all of one length on both sides."""
    dice = torch.Generator().manual_seed(SEED)
    with write_encoded(path, vocabulary_size) as writer:
        for row in range(rows):
            ids = torch.randint(3, vocabulary_size, (2, length), generator=dice).tolist()
            writer.append(ids[0], ids[1], Origin("random", row + 1))
    return EncodedSet(path)
