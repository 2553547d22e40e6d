"""Fine-tuning with LoRA: our loop against Seq2SeqTrainer with peft, and TRL's SFTTrainer with peft.

- The same base and adapter weights, rows, precision, threads, optimizer, schedule and dropout; 16 rows a step.
- Speed: real tokens a second, each contestant on an excerpt of its own epoch, as in the benchmark of training.
- Memory: an mT5 with its vocabulary of 250,112, 16 rows of 128 tokens on both sides, two steps; what the process grows
  by over what it held with the model loaded and everything set up. We cut a step into micro-batches as we always do.
- Loss: the same rows in the same order, without dropout, step by step.
"""

from __future__ import annotations

import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.bases import SHAPES, Place, equal_rows
from benchmarks.process import measure
from benchmarks.tables import middle, ratio, table
from benchmarks.timing import excerpt
from benchmarks.tuners import Work, ours, peer
from dragoman.base.progress import say
from dragoman.data.encoded import EncodedSet, write_encoded
from dragoman.data.rows import Origin

SEQ2SEQ = {
    "ours": "dragoman",
    "default": "Seq2SeqTrainer + peft, default batching",
    "grouped": "... grouping by length",
}
SFT = {
    "ours": "dragoman",
    "default": "SFTTrainer + peft, its defaults",
    "grouped": "... grouping by length, nothing computed twice",
}
SETTINGS: dict[str, dict[str, Any]] = {
    "default": {},
    "grouped": {"train_sampling_strategy": "group_by_length", "gradient_checkpointing": False},
}
CURVE_STEPS = 20
LARGE, LENGTH = "mt5", 128  # the shape and the tokens of a row where memory is measured
HOLDERS = {"ours": "dragoman", "peer": "Seq2SeqTrainer + peft"}
PRECISIONS = ("float32", "auto")  # of the curves


def run(quick: bool) -> dict[str, Any]:
    """Speed round by round, memory and loss curves after that."""
    rounds, steps, warm = (1, 2, 1) if quick else (3, 12, 3)
    results: dict[str, Any] = {"rounds": rounds, "steps": steps, "warm": warm}
    with tempfile.TemporaryDirectory() as folder:
        results["corpus"] = measure("benchmarks.bases:prepare", folder=folder, quick=quick)
        speed: dict[str, Any] = {shape: {name: [] for name in contestants(shape)} for shape in SHAPES}
        for r in range(rounds):
            for shape, found in speed.items():
                names = [*found]
                for name in names[r % len(names) :] + names[: r % len(names)]:  # another one begins each round
                    arguments = {"folder": folder, "shape": shape, "name": name, "start": r / rounds}
                    found[name].append(measure("benchmarks.tuning:speed", **arguments, steps=steps, warm=warm))
                    rate = found[name][-1]["tokens"] / found[name][-1]["seconds"]
                    say(f"tuning, round {r + 1} of {rounds}: {shape}, {name}: {rate:,.0f} real tokens/s")
        results["speed"] = speed
        memory: dict[str, list[int]] = {name: [] for name in HOLDERS}
        for _ in range(rounds):
            for name, found in memory.items():
                found.append(measure("benchmarks.tuning:memory", folder=folder, name=name))
        results["memory"] = memory
        say("tuning: memory: done")
        results["curves"] = {
            shape: {p: curve(folder, shape, p, 3 if quick else CURVE_STEPS) for p in PRECISIONS} for shape in SHAPES
        }
    return results


def contestants(shape: str) -> dict[str, str]:
    return SFT if SHAPES[shape].causal else SEQ2SEQ


# ---- what is measured, each in a process of its own ----


def speed(folder: str, shape: str, name: str, start: float, steps: int, warm: int) -> dict[str, Any]:
    """Real tokens, padded positions and seconds of `steps` steps from all over an epoch, after `warm` others."""
    place = Place(Path(folder))
    work = Work(place, shape, EncodedSet(place.rows(causal=SHAPES[shape].causal)), steps, warm)

    def pick(batches: list[Any]) -> list[Any]:
        return excerpt(batches, start, steps, warm)

    found = ours(work, pick(work.plan.epoch(0))) if name == "ours" else peer(work, pick, **SETTINGS[name])
    return found.watch


def memory(folder: str, name: str) -> int:
    """Bytes that a training of equally long rows adds to a process."""
    place = Place(Path(folder))
    rows = place.training(1, "auto").batch.rows
    assert rows is not None
    path = place.folder / f"equal-{name}.arrow"
    work = Work(place, LARGE, equal_rows(path, 2 * rows, LENGTH, place.tokenizer.vocabulary_size), 2)
    return (peer(work, lambda batches: batches) if name == "peer" else ours(work, work.plan.epoch(0))).growth


def curve(folder: str, shape: str, precision: str, steps: int) -> dict[str, Any]:
    """The losses of both, step by step, and their greatest relative difference."""
    losses = {
        name: measure(
            "benchmarks.tuning:losses", folder=folder, shape=shape, name=name, precision=precision, steps=steps
        )
        for name in ("ours", "peer")
    }
    differences = [abs(a - b) / abs(b) for a, b in zip(losses["ours"]["losses"], losses["peer"]["losses"], strict=True)]
    return {"ours": losses["ours"], "peer": losses["peer"], "greatest": max(differences)}


def losses(folder: str, shape: str, name: str, precision: str, steps: int) -> dict[str, Any]:
    """The first steps of our epoch, by whom they may be trained."""
    place = Place(Path(folder))
    every = EncodedSet(place.rows(causal=SHAPES[shape].causal))
    plan = Work(place, shape, every, steps).plan
    chosen = [step for step in plan.epoch(0) if len(step[0]) == plan.rows][
        :steps
    ]  # the last of an epoch may have fewer
    path = place.folder / f"{shape}-{name}-{precision}.arrow"
    with write_encoded(path, place.tokenizer.vocabulary_size, causal=every.causal) as writer:
        for row in np.concatenate([step[0] for step in chosen]):
            writer.append(*every[int(row)][:2], Origin("chosen", int(row)), every[int(row)].places)
    work = Work(place, shape, EncodedSet(path), steps, precision=precision, dropout=False)
    if name == "ours":
        rows = np.arange(len(work.encoded)).reshape(steps, -1)
        found = ours(work, [[step] for step in rows])
    else:
        found = peer(work, lambda batches: batches, in_order=True, gradient_checkpointing=False)
    return asdict(found)


# ---- tables ----


def report(found: dict[str, Any]) -> str:
    """Medians over the rounds, with the smallest and the largest."""
    first = found["speed"]["t5"]["ours"][0]
    parts = [
        f"Real tokens a second of training a LoRA adapter on {found['corpus']}, {first['precision']}, "
        f"{first['threads']} threads; {found['rounds']} rounds of {found['steps']} optimizer steps after "
        f"{found['warm']} to warm up; median (lowest-highest). Same weights, rows and batch size.",
    ]
    for shape, results in found["speed"].items():
        rates = {name: [r["tokens"] / r["seconds"] for r in rounds] for name, rounds in results.items()}
        rows = []
        for name, title in contestants(shape).items():
            real, padded = (sum(r[key] for r in results[name]) for key in ("tokens", "positions"))
            rows.append([
                title, f"{real / found['rounds'] / found['steps']:,.0f}", f"{1 - real / padded:.1%}",
                middle(rates[name]), "" if name == "ours" else ratio(rates["ours"], rates[name]),
            ])  # fmt: skip
        parameters = results["ours"][0]["parameters"]
        parts += [
            "",
            f"{SHAPES[shape].title}, {parameters:,} parameters with the adapter:",
            "",
            table(["training", "real tokens a step", "padding", "real tokens/s", "ours is faster"], rows),
        ]
    grown = {name: [size / 2**20 for size in sizes] for name, sizes in found["memory"].items()}
    parts += [
        "",
        f"Memory of two steps of 16 rows of {LENGTH} tokens on both sides, {SHAPES[LARGE].title}, over what the "
        "process held with the model loaded:",
        "",
        table(
            ["training", "growth", "of the peer's"],
            [
                [title, f"{middle(grown[name])} MiB", "" if name == "peer" else ratio(grown[name], grown["peer"])]
                for name, title in HOLDERS.items()
            ],
        ),
        "",
        "Losses of the same rows in the same order, without dropout: the greatest relative difference of any step.",
        "",
        table(["model", "steps", "computed in", "first loss", "last loss", "difference"], list(_curve_rows(found))),
    ]
    return "\n".join(parts)


def _curve_rows(found: dict[str, Any]) -> list[list[str]]:
    return [
        [
            SHAPES[shape].title, str(len(one["ours"]["losses"])), one["ours"]["watch"]["precision"],
            f"{one['peer']['losses'][0]:.4f}", f"{one['peer']['losses'][-1]:.4f}", f"{one['greatest']:.1e}",
        ]
        for shape, by_precision in found["curves"].items()
        for one in by_precision.values()
    ]  # fmt: skip
