"""The stage that asks a model about every evaluation set, and scores what it says.

Rows are answered where a score looks at answers; where none does, only those of the sample table are. The loss of each
target is measured besides: perplexity and bits per byte come from it.
"""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, get_args

from dragoman.adapters.four_bit import parameter_count
from dragoman.base.device import Precision, pick_device
from dragoman.base.files import atomic_file, write_json
from dragoman.base.progress import say
from dragoman.data.dataset import Dataset
from dragoman.data.templates import Template
from dragoman.evaluation.comparison import BASE
from dragoman.evaluation.loss import note_losses, row_losses
from dragoman.evaluation.scores import METRICS, score_set, sentence_chrf
from dragoman.generation.inputs import questioner
from dragoman.generation.prompts import question_of
from dragoman.generation.saved import load_generator, read_card, write_card
from dragoman.generation.texts import Answer, TextGenerator
from dragoman.job.folder import RunFolder
from dragoman.job.models import base_generator, generation_settings
from dragoman.models.hub import Snapshot
from dragoman.models.weights import weight_files
from dragoman.recipe.schema import LossMetric, Recipe


def evaluate_method(recipe: Recipe, method: str, dataset: Dataset, run: RunFolder) -> None:
    """Write outputs.jsonl and scores.json of one method, from its saved model as anybody would load it.

    A recipe may have changed since it was saved in what no weight depends on: its card is brought up to date first.
    """
    folder = run.model(method)
    languages = recipe.data.languages.model_dump()
    write_card(folder, replace(read_card(folder), generation=asdict(generation_settings(recipe)), languages=languages))
    size = sum(file.stat().st_size for file in folder.iterdir() if file.suffix == ".safetensors")
    _evaluate(recipe, method, load_generator(folder), dataset, run, size)


def evaluate_base(recipe: Recipe, base: Snapshot, dataset: Dataset, run: RunFolder) -> None:
    """The same of the untouched base model, with the same generation."""
    size = sum(file.stat().st_size for file in weight_files(base.folder))
    _evaluate(recipe, BASE, base_generator(recipe, base, run, pick_device()), dataset, run, size)


def _evaluate(
    recipe: Recipe, name: str, generator: TextGenerator, dataset: Dataset, run: RunFolder, size_bytes: int
) -> None:
    metrics = list(recipe.evaluation.metrics)
    answers_matter = not set(metrics) <= set(get_args(LossMetric))
    folder = run.method(name)
    folder.mkdir(parents=True, exist_ok=True)
    sets: dict[str, Any] = {}
    with atomic_file(folder / "outputs.jsonl") as file:
        for split in dataset.evaluation_sets:
            rows = run.sets.texts(split)
            chosen = list(range(len(rows))) if answers_matter else _spread(len(rows), recipe.evaluation.samples)
            began = time.monotonic()
            questions = [question_of(rows[place]) for place in chosen]
            answers = list(generator.answer(questions, title=f"{name}: answering {split}"))
            seconds = time.monotonic() - began
            _measure(generator, run, split, rows)
            for place, answer in zip(chosen, answers, strict=True):
                rows[place]["output"] = answer.text
                rows[place]["chrf"] = round(sentence_chrf(answer.text, rows[place]["target"]), 2)
            scored = score_set(rows, metrics)
            tokens = sum(len(ids) for ids in generator.tokenizer.encode_batch([answer.text for answer in answers]))
            sets[split] = {
                "rows": len(rows), **asdict(scored), **_counts(answers),
                "seconds": round(seconds, 2), "tokens_per_second": round(tokens / seconds, 1),
            }  # fmt: skip
            for row in rows:
                file.write(json.dumps({"set": split, **row}, ensure_ascii=False) + "\n")
            for key, value in scored.scores.items():
                say(f"{name}  {split}  {METRICS[key].label} {value.value:.2f}  {value.signature}")
    if recipe.evaluation.questions:
        _ask(recipe, generator, folder / "questions.jsonl")
    write_json(
        folder / "scores.json",
        {
            "method": name, "parameters": parameter_count(generator.model), "sets": sets,
            "generation": asdict(generator.settings), "size_bytes": size_bytes,
        },
    )  # fmt: skip


def _measure(generator: TextGenerator, run: RunFolder, split: str, rows: Sequence[dict[str, Any]]) -> None:
    """Note the loss of each row's target, its tokens and its bytes."""
    encoded = run.sets.ids(split)
    precision = generator.precision or Precision.stored(next(generator.model.parameters()).dtype)
    pad_id, start_id = generator.tokenizer.pad_id, generator.model.start_id
    found = row_losses(generator.model, encoded, precision, pad_id, start_id, title=f"measuring {split}")
    note_losses(rows, found, encoded)


def _counts(answers: Sequence[Answer]) -> dict[str, int]:
    return {
        "split": sum(answer.pieces > 1 for answer in answers),
        "cut": sum(not answer.candidates[0].finished for answer in answers),
        "trimmed": sum(answer.trimmed for answer in answers),
    }


def _ask(recipe: Recipe, generator: TextGenerator, path: Path) -> None:
    """Answer the recipe's own questions, for the table that sets the models side by side."""
    ask = questioner(Template(recipe.data.template, recipe.task), recipe.data.template.defaults)
    asked = [ask(question) for question in recipe.evaluation.questions]
    answers = generator.answer(asked, title="answering the recipe's questions")
    with atomic_file(path) as file:
        for question, answer in zip(recipe.evaluation.questions, answers, strict=True):
            file.write(json.dumps({"question": question, "answer": answer.text}, ensure_ascii=False) + "\n")


def _spread(rows: int, wanted: int) -> list[int]:
    """`wanted` places at even distances."""
    wanted = min(rows, wanted)
    return [place * rows // wanted for place in range(wanted)]
