"""Real tokens a second in training: our loop against transformers' Seq2SeqTrainer.

- Same machine, token ids, precision, threads, optimizer, dropout and label smoothing; models of the same depth, width
  and number of parameters; optimizer steps of about as many real tokens. Padding counts for nobody.
- Each contestant trains on an excerpt of its own epoch over the whole corpus: every k-th of the batches that it would
  make, beginning elsewhere in each round. So its batches are as well filled as in earnest.
- Ours is the product's own loop, with all that it does beside the arithmetic.
- The peer runs as its users run it; "tuned by hand" has also what is known to help it on a CPU: attention in plain
  products, and memory that is kept instead of given back to the kernel.
"""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch.utils.flop_counter import FlopCounterMode

from benchmarks.peers import t5_like
from benchmarks.process import ROOT, measure
from benchmarks.tables import middle, ratio, table
from benchmarks.timing import Excerpt, Stopwatch, TimedLoop, excerpt, timed_trainer
from dragoman.base.device import choose_precision, tune_allocator
from dragoman.base.progress import say
from dragoman.base.seeds import derive, seeded
from dragoman.data.dataset import Dataset
from dragoman.data.encoded import EncodedSet, write_encoded
from dragoman.data.plan import BatchPlan, batch_plan
from dragoman.data.receipt import Receipt
from dragoman.models.face import Batch
from dragoman.models.nmt.config import NmtConfig
from dragoman.models.nmt.model import NmtModel
from dragoman.objectives.batches import collate
from dragoman.objectives.seq2seq import Seq2Seq
from dragoman.objectives.sets import train_tokenizer
from dragoman.planning.memory import micro_batch_tokens
from dragoman.recipe.loading import load_recipe
from dragoman.recipe.schema import Recipe, Training
from dragoman.tokenizer.tokenizer import Tokenizer
from dragoman.training.loop import Job
from dragoman.training.step import TrainingStep
from dragoman.training.utilisation import product_rate

MODEL_RECIPE = ROOT / "recipes/de-en-multi30k.yaml"  # model and training
DEMO_RECIPE = ROOT / "recipes/demo.yaml"  # data, where there is no real data
REAL = {"de-en-multi30k": "Multi30k German-English", "de-en-scratch": "Tatoeba German-English"}  # data of recipes
CONTESTANTS = {
    "ours": "dragoman",
    "random": "Seq2SeqTrainer, default batching",
    "grouped": "... grouping by length",
    "tuned": "... grouping by length, tuned by hand",
}
SEED = 1
CPU = torch.device("cpu")


def run(quick: bool) -> dict[str, Any]:
    """Rounds of all contestants, one after another."""
    rounds, steps, warm = (1, 2, 1) if quick else (4, 20, 3)
    with tempfile.TemporaryDirectory() as folder:
        corpus = make_corpus(Path(folder), quick)
        results: dict[str, list[dict[str, Any]]] = {name: [] for name in CONTESTANTS}
        for r in range(rounds):
            order = [*CONTESTANTS][r % len(CONTESTANTS) :] + [*CONTESTANTS][: r % len(CONTESTANTS)]
            for name in order:  # another one begins each round
                found = results[name]
                arguments: dict[str, Any] = {"folder": folder, "start": r / rounds, "steps": steps, "warm": warm}
                if name == "ours":
                    found.append(measure("benchmarks.training:train_ours", **arguments))
                else:
                    found.append(measure("benchmarks.training:train_peer", sampling=name, **arguments))
                rate = found[-1]["tokens"] / found[-1]["seconds"]
                say(f"training, round {r + 1} of {rounds}: {CONTESTANTS[name]}: {rate:,.0f} real tokens/s")
        peak = measure("benchmarks.training:best_product")
    return {"corpus": corpus, "rounds": rounds, "steps": steps, "warm": warm, "peak": peak, "results": results}


def report(found: dict[str, Any]) -> str:
    """Medians over the rounds, with the smallest and the largest."""
    rates = {name: [r["tokens"] / r["seconds"] for r in rounds] for name, rounds in found["results"].items()}
    rows = []
    for name, title in CONTESTANTS.items():
        first = found["results"][name][0]
        real = sum(r["tokens"] for r in found["results"][name])
        padded = sum(r["positions"] for r in found["results"][name])
        rows.append([
            title, f"{first['parameters']:,}", f"{real / found['rounds'] / found['steps']:,.0f}",
            f"{1 - real / padded:.1%}", middle(rates[name]),
            "" if name == "ours" else ratio(rates["ours"], rates[name]),
        ])  # fmt: skip
    ours = found["results"]["ours"]
    flops = [r["flops"] / r["seconds"] / 1e9 for r in ours]
    threads, precision = found["results"]["ours"][0]["threads"], found["results"]["ours"][0]["precision"]
    return "\n".join([
        f"Real tokens (both sides, end tokens counted) a second of training on {found['corpus']}, {precision}, "
        f"{threads} threads; {found['rounds']} rounds of {found['steps']} optimizer steps after {found['warm']} to "
        "warm up; median (lowest-highest).",
        "",
        table(["training", "parameters", "real tokens a step", "padding", "real tokens/s", "ours is faster"], rows),
        "",
        f"Ours does {middle(flops)} GFLOP/s in matrix products over whole steps; a single product of two matrices of "
        f"2048 x 2048 alone reaches {found['peak'] / 1e9:,.0f} here.",
    ])  # fmt: skip


# ---- what every contestant trains on ----


def make_corpus(folder: Path, quick: bool, model_recipe: Path = MODEL_RECIPE) -> str:
    """Tokenise the training rows of a recipe into `folder`, for every contestant; returns what they are."""
    real = not quick and "DRAGOMAN_REALDATA" in os.environ
    recipe, start = _recipe(model_recipe if real else DEMO_RECIPE, quick)
    dataset = Dataset(recipe.data, start, recipe.seed)
    train_tokenizer(recipe, dataset, folder / "tokenizer")
    tokenizer = Tokenizer.load(folder / "tokenizer")
    rows = Seq2Seq(tokenizer).for_training(dataset.train(), recipe.data, Receipt().split("train"))
    with write_encoded(folder / "train.arrow", tokenizer.vocabulary_size) as writer:
        for row in rows:
            writer.append(row.input_ids, row.labels, row.example.origin)
    name = REAL[model_recipe.stem] if real else "the phrasebook"
    return f"{name} ({writer.rows:,} pairs, {tokenizer.vocabulary_size:,} pieces)"


def _recipe(path: Path, quick: bool) -> tuple[Recipe, Path]:
    few = ["data.train=[{phrasebook: {rows: 3000}}]", "tokenizer.vocabulary_size=1000"] if quick else []
    loaded = load_recipe(path, few)
    return loaded.recipe, loaded.folder


@dataclass
class Setup:
    """The corpus, the model's shape and the settings, the same for every contestant."""

    folder: Path
    tokenizer: Tokenizer
    encoded: EncodedSet
    config: NmtConfig
    training: Training
    plan: BatchPlan

    @classmethod
    def of(cls, folder: Path, steps: int, device: torch.device = CPU, **changes: Any) -> Setup:
        """changes: of keys of the recipe's training."""
        recipe = load_recipe(MODEL_RECIPE).recipe
        tokenizer, encoded = Tokenizer.load(folder / "tokenizer"), EncodedSet(folder / "train.arrow")
        config = NmtConfig.from_recipe(recipe.model.nmt, tokenizer.vocabulary_size)
        training = short_training(recipe.training, steps, averaging=None, **changes)
        precision = choose_precision(training.precision, device)
        plan = batch_plan(encoded, training, SEED, micro_batch_tokens(training, config, device, precision.compute))
        return cls(folder, tokenizer, encoded, config, training, plan)

    @property
    def rows(self) -> int:
        """Rows that hold as many real tokens as one of our steps, in the mean."""
        return round(len(self.encoded) / self.plan.steps_per_epoch)


def short_training(training: Training, steps: int, **changes: Any) -> Training:
    """So many steps, and nothing in between."""
    keys = {**training.model_dump(), "epochs": None, "max_steps": steps, "validate_every": None, "early_stopping": None}
    return Training.model_validate({**keys, **changes})


# ---- the contestants ----


def train_ours(folder: str, start: float, steps: int, warm: int, device: str = "cpu", **changes: Any) -> dict[str, Any]:
    """Our loop, as `dragoman run` starts it, but without validation in between. changes: of keys of its training."""
    tune_allocator()
    place = torch.device(device)
    setup = Setup.of(Path(folder), steps + warm, place, **changes)
    chosen = excerpt(setup.plan.epoch(0), start, steps, warm)
    precision = choose_precision(setup.training.precision, place)
    with seeded(derive(SEED, "weights")):
        model = NmtModel(setup.config)
    watch = Stopwatch(warm)
    with tempfile.TemporaryDirectory() as run_folder:
        job = Job(
            model=model, encoded=setup.encoded, plan=Excerpt.of(setup.plan, chosen), total_steps=len(chosen),
            settings=setup.training, best_metric="loss", precision=precision, device=place, seed=SEED,
            pad_id=setup.tokenizer.pad_id, start_id=setup.tokenizer.pad_id,
            validate=lambda model: {"loss": 0.0},
            folder=Path(run_folder), title="ours",
        )  # fmt: skip
        loop = TimedLoop(job, watch)
        loop.run()
        timed = [rows for step in chosen[warm:] for rows in step]
        flops = sum(
            product_flops(loop.step_module, collate([setup.encoded[int(i)] for i in rows], 0).to(place))
            for rows in timed
        )
    return {**watch.read(model, precision.name), "flops": flops}


def product_flops(step: TrainingStep, batch: Batch) -> int:
    """What the matrix products of a forward and a backward pass take; padding is computed too."""
    with FlopCounterMode(display=False) as counter:
        step(batch, float(len(batch.labels))).backward()
    return counter.get_total_flops()


def best_product() -> float:
    """FLOP/s of one large product in the precision of the recipe, the best of many: what this machine can do."""
    precision = choose_precision(load_recipe(MODEL_RECIPE).recipe.training.precision, CPU)
    return product_rate(CPU, precision.compute, times=20)


def train_peer(folder: str, start: float, steps: int, warm: int, sampling: str) -> dict[str, Any]:
    """Seq2SeqTrainer with its own collator and sampler. sampling: random, grouped or tuned."""
    from transformers import (
        DataCollatorForSeq2Seq,
        PreTrainedTokenizerFast,
        Seq2SeqTrainer,
        Seq2SeqTrainingArguments,
    )

    setup = Setup.of(Path(folder), steps + warm)
    training, precision = setup.training, choose_precision(setup.training.precision, CPU)
    if sampling == "tuned":
        tune_allocator()
    model, watch = t5_like(setup.config, attention="eager" if sampling == "tuned" else None), Stopwatch(warm)

    def pick(batches: list[Any]) -> list[Any]:
        return excerpt(batches, start, steps, warm)

    tokenizer = PreTrainedTokenizerFast.from_pretrained(setup.tokenizer.folder)
    rows = [setup.encoded[i] for i in range(len(setup.encoded))]
    with tempfile.TemporaryDirectory() as output:
        trainer = timed_trainer(Seq2SeqTrainer, watch, setup.rows, pick)(
            model=model,
            args=Seq2SeqTrainingArguments(
                output_dir=output, use_cpu=True, bf16=precision.compute == torch.bfloat16,
                train_sampling_strategy="random" if sampling == "random" else "group_by_length",
                per_device_train_batch_size=setup.rows, num_train_epochs=1, seed=SEED,
                learning_rate=training.learning_rate, lr_scheduler_type="cosine", warmup_steps=training.warmup_steps,
                optim="adamw_torch_fused", adam_beta1=training.betas[0], adam_beta2=training.betas[1],
                weight_decay=training.weight_decay, max_grad_norm=training.clip_norm or 0.0,
                label_smoothing_factor=training.label_smoothing,
                logging_steps=10, save_strategy="no", eval_strategy="no", report_to=[], disable_tqdm=True,
            ),
            train_dataset=[{"input_ids": row.input_ids.tolist(), "labels": row.labels.tolist()} for row in rows],
            data_collator=DataCollatorForSeq2Seq(tokenizer, model=model),
            processing_class=tokenizer,
        )  # fmt: skip
        trainer.train()
    return watch.read(model, precision.name)
