"""The stage that answers every evaluation set with a method's model, and scores the answers."""

from __future__ import annotations

import json
import time
from dataclasses import asdict
from typing import Any

from dragoman.base.files import atomic_file, write_json
from dragoman.base.progress import say
from dragoman.data.dataset import Dataset
from dragoman.evaluation.scores import METRICS, score, score_by_level, sentence_chrf
from dragoman.generation.saved import load_generator
from dragoman.job.folder import RunFolder
from dragoman.models.nmt.model import WEIGHTS
from dragoman.recipe.schema import Recipe


def evaluate_method(recipe: Recipe, method: str, dataset: Dataset, run: RunFolder) -> None:
    """Write outputs.jsonl and scores.json of one method, from its saved model as anybody would load it."""
    folder = run.model(method)
    generator = load_generator(folder)
    metrics = list(recipe.evaluation.metrics)
    sets: dict[str, Any] = {}
    with atomic_file(run.method(method) / "outputs.jsonl") as file:
        for name in dataset.evaluation_sets:
            rows = run.sets.texts(name)
            began = time.monotonic()
            answers = list(generator.answer([row["source"] for row in rows], title=f"answering {name}"))
            seconds = time.monotonic() - began
            outputs, targets = [answer.text for answer in answers], [row["target"] for row in rows]
            levels = score_by_level(outputs, targets, [row["level"] for row in rows], metrics)
            tokens = sum(len(ids) for ids in generator.tokenizer.encode_batch(outputs))
            scores = score(outputs, targets, metrics)
            sets[name] = {
                "rows": len(rows), "scores": {key: asdict(value) for key, value in scores.items()},
                "levels": {level: asdict(value) for level, value in levels.items()},
                "split": sum(answer.pieces > 1 for answer in answers),
                "cut": sum(not answer.candidates[0].finished for answer in answers),
                "seconds": round(seconds, 2), "tokens_per_second": round(tokens / seconds, 1),
            }  # fmt: skip
            for row, output in zip(rows, outputs, strict=True):
                chrf = round(sentence_chrf(output, row["target"]), 2)
                file.write(json.dumps({"set": name, **row, "output": output, "chrf": chrf}, ensure_ascii=False) + "\n")
            for key, value in scores.items():
                say(f"{method}  {name}  {METRICS[key].label} {value.value:.2f}  {value.signature}")
    parameters = sum(p.numel() for p in generator.model.parameters())
    write_json(
        run.method(method) / "scores.json",
        {
            "method": method, "parameters": parameters, "sets": sets,
            "generation": asdict(generator.settings), "size_bytes": (folder / WEIGHTS).stat().st_size,
        },
    )  # fmt: skip
