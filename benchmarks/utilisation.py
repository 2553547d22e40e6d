"""Model FLOP utilisation of the largest model that is trained from scratch: recipes/de-en-scratch.yaml, 148,984,320
parameters, with the recipe's batch of 32,000 tokens a step, cut into the micro-batches that it gives on this machine.

- Model FLOPs count real tokens, nothing twice, and of all that is computed only matrix products: see
  `dragoman.training.work`. Time counts whole steps, with gradient clipping, optimizer and averaging.
- What a single product of two large matrices reaches is measured before each micro-batch, in the same process: other
  programs on the machine slow down both. Its time is taken off the step's.
- Where the rest of the time goes is seen in one micro-batch under torch's profiler.
"""

from __future__ import annotations

import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Any

import torch

from benchmarks.process import ROOT, measure
from benchmarks.tables import middle, table
from benchmarks.timing import Excerpt, excerpt
from benchmarks.training import SEED, make_corpus, short_training
from dragoman.base.device import choose_precision, pick_device, tune_allocator
from dragoman.base.progress import Bar, say
from dragoman.base.seeds import derive, seeded
from dragoman.data.encoded import EncodedRow, EncodedSet
from dragoman.data.plan import Step, batch_plan
from dragoman.models.face import Batch
from dragoman.models.nmt.config import NmtConfig
from dragoman.models.nmt.model import NmtModel
from dragoman.planning.memory import micro_batch_tokens
from dragoman.recipe.loading import load_recipe
from dragoman.training.loop import Job, Loop
from dragoman.training.utilisation import product_rate
from dragoman.training.work import moments, row_work, total_work

RECIPE = ROOT / "recipes/de-en-scratch.yaml"
PARAMETERS = 148_984_320
QUICK = {"d_model": 64, "n_heads": 4, "encoder_layers": 1, "decoder_layers": 1, "d_ff": 128}
AIM = 0.6
KINDS = {  # of operators, by the beginnings of their names: the first that fits
    "matrix products": ("aten::mm", "aten::bmm", "aten::addmm", "aten::matmul", "aten::linear", "mkldnn"),
    "casts and copies": ("aten::copy_", "aten::_to_copy", "aten::clone", "aten::cat", "aten::constant_pad_nd"),
    "dropout": ("aten::random_", "aten::bitwise", "aten::__and__", "aten::__rshift__", "aten::sub_", "aten::mul_"),
    "softmax and norms": ("aten::_softmax", "aten::native_layer_norm", "aten::amax", "aten::sum", "aten::log"),
}


def run(quick: bool) -> dict[str, Any]:
    """Rounds of whole steps, each in a fresh process: six minutes on two idle cores."""
    rounds, steps = (1, 1) if quick else (3, 1)
    with tempfile.TemporaryDirectory() as folder:
        corpus = make_corpus(Path(folder), quick, RECIPE)
        results = []
        for r in range(rounds):
            start = r / rounds
            results.append(
                measure("benchmarks.utilisation:train", folder=folder, start=start, steps=steps, quick=quick)
            )
            say(f"utilisation, round {r + 1} of {rounds}: {_utilisation(results[-1]):.1%}")
        parts = measure("benchmarks.utilisation:profile", folder=folder, quick=quick)
    return {"corpus": corpus, "rounds": rounds, "steps": steps, "results": results, "parts": parts}


def _utilisation(result: dict[str, Any]) -> float:
    """Of one round: FLOPs of its steps over what single products between them would have made of the time."""
    return result["flops"] / result["seconds"] / median(result["products"])


def report(found: dict[str, Any]) -> str:
    """Medians over the rounds."""
    results, first = found["results"], found["results"][0]
    tokens = sum(one["tokens"] for one in results) / sum(one["steps"] for one in results)
    pieces = sum(one["micro_batches"] for one in results) / sum(one["steps"] for one in results)
    products = [rate / 1e9 for one in results for rate in one["products"]]
    rows = [[
        f"{first['parameters']:,}", f"{tokens:,.0f} in {pieces:.0f} parts",
        middle([one["tokens"] / one["seconds"] for one in results]),
        middle([one["flops"] / one["seconds"] / 1e9 for one in results]), middle(products),
        middle([100 * _utilisation(one) for one in results], ".1f") + " %",
        middle([100 * _utilisation(one) * one["computed"] / one["flops"] for one in results], ".1f") + " %",
    ]]  # fmt: skip
    head = ["parameters", "real tokens a step", "real tokens/s", "model GFLOP/s", "one product alone", "utilisation",
            "padding counted too"]  # fmt: skip
    whole = sum(found["parts"].values())
    shares = ", ".join(f"{name} {seconds / whole:.0%}" for name, seconds in found["parts"].items())
    return "\n".join([
        f"Model FLOP utilisation on {found['corpus']}, {first['device']}, {first['precision']}, {first['threads']} "
        f"threads; {found['rounds']} rounds of {found['steps']} optimizer steps after one to warm up; "
        f"median (lowest-highest). The aim is {AIM:.0%}.",
        "",
        table(head, rows),
        "",
        f"Of the time of one micro-batch: {shares}.",
    ])  # fmt: skip


# ---- the training ----


class GaugedLoop(Loop):
    """Our loop, with a single product before each micro-batch, whose time does not count."""

    def __init__(self, job: Job):
        super().__init__(job)
        self.products: list[float] = []
        self.steps: list[dict[str, float]] = []
        self.paused = 0.0

    def _batch(self, rows: Sequence[EncodedRow]) -> Batch:
        began = time.perf_counter()
        self.products.append(product_rate(self.job.device, self.job.precision.compute, times=1))
        self.paused += time.perf_counter() - began
        return super()._batch(rows)

    def _step(self, step: Step, began: float, bar: Bar) -> None:
        self.paused, start = 0.0, time.perf_counter()
        super()._step(step, began, bar)
        self.steps.append({"seconds": time.perf_counter() - start - self.paused, "micro_batches": len(step)})


def _job(folder: Path, steps: int, start: float, output: Path, quick: bool) -> Job:
    """The recipe's model, training and batches. The vocabulary is the recipe's, whatever the tokenizer's."""
    recipe, device = load_recipe(RECIPE).recipe, pick_device()
    nmt = recipe.model.nmt
    assert nmt is not None
    config = NmtConfig.from_recipe(nmt.model_copy(update=QUICK if quick else {}), recipe.tokenizer.vocabulary_size)
    training = short_training(recipe.training, steps, **({"batch": {"tokens": 500}} if quick else {}))
    precision = choose_precision(training.precision, device)
    encoded = EncodedSet(folder / "train.arrow")
    plan = batch_plan(encoded, training, SEED, micro_batch_tokens(training, config, device, precision.compute))
    with seeded(derive(SEED, "weights")):
        model = NmtModel(config)
    if not quick and sum(p.numel() for p in model.parameters()) != PARAMETERS:
        raise RuntimeError(f"the recipe's model does not have {PARAMETERS:,} parameters any more")
    chosen = excerpt(plan.epoch(0), start, steps - 1, 1)
    return Job(
        model=model, encoded=encoded, plan=Excerpt.of(plan, chosen), total_steps=steps, settings=training,
        best_metric="loss", precision=precision, device=device, seed=SEED, pad_id=0, start_id=0,
        validate=lambda model: {"loss": 0.0}, folder=output, title="utilisation",
    )  # fmt: skip


def train(folder: str, start: float, steps: int, quick: bool) -> dict[str, Any]:
    """Some steps, after one to warm up: memory that is taken for the first time costs up to half of a step."""
    tune_allocator()
    with tempfile.TemporaryDirectory() as output:
        job = _job(Path(folder), steps + 1, start, Path(output), quick)
        loop = GaugedLoop(job)
        loop.run()
        timed = job.plan.epoch(0)[1:]
        work = row_work(loop.model, job.precision)
    parts = [[job.encoded[int(i)] for i in rows] for step in timed for rows in step]
    return {
        "seconds": sum(step["seconds"] for step in loop.steps[1:]),
        "micro_batches": sum(step["micro_batches"] for step in loop.steps[1:]),
        "steps": len(timed),
        "tokens": sum(row.tokens for rows in parts for row in rows),
        "flops": sum(total_work(work, moments(rows)) for rows in parts),
        "computed": sum(total_work(work, moments(padded(rows))) for rows in parts),
        "products": loop.products,
        "parameters": sum(p.numel() for p in loop.model.parameters()),
        "precision": job.precision.name,
        "device": str(job.device),
        "threads": torch.get_num_threads(),
    }


def padded(rows: Sequence[EncodedRow]) -> list[EncodedRow]:
    """As many rows, each as long as the longest."""
    S, T = (max(len(row[side]) for row in rows) for side in (0, 1))
    return [EncodedRow(range(S), range(T))] * len(rows)


def profile(folder: str, quick: bool) -> dict[str, float]:
    """Seconds of a micro-batch, forward and backward, by the kind of operator."""
    tune_allocator()
    with tempfile.TemporaryDirectory() as output:
        job = _job(Path(folder), 2, 0.0, Path(output), quick)
        loop = Loop(job)
        loop.step_module.train()
        batch = loop._batch([job.encoded[int(i)] for i in max(job.plan.epoch(0)[0], key=len)])
        for _ in range(2):  # the first one warms up
            with torch.profiler.profile() as seen, job.precision.autocast(job.device):
                loop.step_module(batch, float(len(batch.labels))).backward()
            loop.model.zero_grad()
    seconds: Counter[str] = Counter()
    for event in seen.key_averages():
        spent = event.self_cpu_time_total if job.device.type == "cpu" else event.self_device_time_total
        kind = next((kind for kind, names in KINDS.items() if event.key.startswith(names)), "all else")
        seconds[kind] += spent / 1e6
    return dict(seconds.most_common())
