"""A run folder as a real run would write it, made up: curves from formulas, outputs from a few sentences."""

from __future__ import annotations

import json
import math
import random
import shutil
from collections.abc import Callable
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from dragoman.base.files import read_json_lines
from dragoman.evaluation.comparison import BASE, compare
from dragoman.evaluation.scores import score_set, sentence_chrf
from dragoman.report import plots
from dragoman.report.html import tag

SENTENCES = [
    ("A1", "Ich heiße Anna und wohne in Köln.", "My name is Anna and I live in Cologne."),
    ("A1", "Der Hund schläft im Garten.", "The dog is sleeping in the garden."),
    ("A1", "Wir trinken jeden Morgen Kaffee.", "We drink coffee every morning."),
    ("A1", "Das Kind hat einen roten Ball.", "The child has a red ball."),
    ("A2", "Gestern sind wir mit dem Zug nach Hamburg gefahren.", "Yesterday we went to Hamburg by train."),
    ("A2", "Können Sie mir bitte den Weg zum Bahnhof zeigen?", "Could you please show me the way to the station?"),
    ("A2", "Weil es regnet, bleiben die Kinder heute zu Hause.",
     "Because it is raining, the children are staying at home today."),
    ("A2", "Meine Schwester arbeitet seit drei Jahren in einer Bäckerei.",
     "My sister has been working in a bakery for three years."),
    ("B1", "Obwohl er müde war, las er das Buch zu Ende.", "Although he was tired, he finished reading the book."),
    ("B1", "Wenn ich mehr Zeit hätte, würde ich ein Instrument lernen.",
     "If I had more time, I would learn an instrument."),
    ("B1", "Die Brücke, die wir gestern gesehen haben, ist hundert Jahre alt.",
     "The bridge that we saw yesterday is a hundred years old."),
    ("B1", "Der Brief wurde von Herrn Yılmaz aus Ankara geschrieben.",
     "The letter was written by Mr Yılmaz from Ankara."),
    ("B2", "Nachdem die Verhandlungen gescheitert waren, traten die Fahrer in den Streik.",
     "After the negotiations had failed, the drivers went on strike."),
    ("B2", "Je länger die Sitzung dauerte, desto unruhiger wurden die Teilnehmer.",
     "The longer the meeting lasted, the more restless the participants became."),
    ("B2", "Angesichts der steigenden Mieten ziehen viele Familien aufs Land.",
     "In view of rising rents, many families are moving to the countryside."),
    ("C1", "Hätte der Vorstand die Warnungen ernst genommen, wäre der Schaden vermeidbar gewesen.",
     "Had the board taken the warnings seriously, the damage would have been avoidable."),
    ("C1", "Der Gutachter wies darauf hin, dass die Ergebnisse nur bedingt übertragbar seien.",
     "The expert pointed out that the results were transferable only to a limited extent."),
    ("C1", "Ungeachtet aller Einwände hielt die Ministerin an ihrem umstrittenen Vorhaben fest.",
     "Regardless of all objections, the minister stuck to her controversial plan."),
]  # fmt: skip
WORSE = {
    "sleeping": "asleep", "train": "the train", "show": "tell", "finished": "read", "instrument": "tool",
    "avoidable": "avoided", "rising": "the rising", "restless": "quiet", "board": "chairman",
    "station": "railway station", "bakery": "bakery shop", "plan": "project", "red": "green", "limited": "certain",
    "strike": "strike action", "seriously": "serious",
}  # fmt: skip
RECIPE = """\
name: {name}
seed: 1
task: {task}
data:
  train:
  - phrasebook: {{rows: 30000, split: train}}
  test:
    held-out:
      phrasebook: {{rows: 1000, split: test}}
  languages: {{source: German, target: English}}
model:
  nmt: {{d_model: 256, n_heads: 4, encoder_layers: 3, decoder_layers: 3}}
methods:
{methods}
training:
  epochs: 20
  label_smoothing: 0.1
evaluation:
  metrics: [{metrics}]
  main: {main}
  samples: 20
"""
QUESTIONS = ["Who wrote Faust?", "How do I boil an egg?\nPlease be brief."]
METRICS = {
    "translation": ["bleu", "chrf", "ter"],
    "text-to-text": ["exact_match", "chrf"],
    "entities": ["f1", "precision", "recall", "malformed"],
    "chat": ["perplexity", "bits_per_byte"],
}


@pytest.fixture(scope="session")
def built(tmp_path_factory) -> Callable[..., Path]:
    """Runs that are built once; tests get copies."""
    folder = tmp_path_factory.mktemp("built")

    @cache
    def build(**wanted: Any) -> Path:
        return build_run(folder / str(build.cache_info().misses), **wanted)

    return build


@pytest.fixture
def make_run(tmp_path, built) -> Callable[..., Path]:
    """Call it with the arguments of `build_run`, less the folder, for a folder to change."""
    return lambda **wanted: Path(shutil.copytree(built(**wanted), tmp_path / "runs" / "de-en-phrasebook"))


@pytest.fixture
def without_plots(monkeypatch) -> None:
    """For tests of everything else: drawing takes most of a report's time."""
    monkeypatch.setattr(
        plots, "_svg", lambda draw, describe, width, height: tag("svg", role="img", aria_label=describe)
    )


def build_run(
    folder: Path,
    name: str = "de-en-phrasebook",
    methods: tuple[str, ...] = ("full",),
    levels: bool = True,
    rows: int = 90,
    base: bool = False,
    task: str = "translation",
) -> Path:
    """Write a finished run. Later methods learn more slowly and answer worse, and the base model worst of all."""
    folder.mkdir(parents=True)
    listed = "\n".join(f"  {json.dumps(method)}: {{start: random}}" for method in methods)
    metrics = METRICS[task]
    recipe = RECIPE.format(
        name=json.dumps(name), methods=listed, task=task, metrics=", ".join(metrics), main=metrics[0]
    )
    (folder / "recipe.yaml").write_text(recipe, encoding="utf-8")
    write_json(folder / "machine.json", {
        "device": "Intel(R) Xeon(R) Platinum 8488C", "cores": 2, "threads": 2, "torch": "2.13.0", "python": "3.12.3",
        "precision": "bfloat16", "precision_reason": "the cpu is fast at it (amx_bf16); what trains is kept in float32",
    })  # fmt: skip
    write_json(folder / "receipt.json", receipt())
    stages = [("data", None, 2.1), ("tokenizer", None, 6.4), ("encode", None, 3.2)]
    for number, method in enumerate(methods):
        stages += [("train", method, 662.9 + 144.1 * number), ("score", method, 41.5)]
        train(folder / method, number, metrics)
        answer_sets(folder / method, method, number, levels, rows, task)
    if base:
        stages.append(("score", BASE, 44.0))
        answer_sets(folder / BASE, BASE, 6, levels, rows, task)
    systems = {name: read_json_lines(folder / name / "outputs.jsonl") for name in ((BASE,) if base else ()) + methods}
    write_json(folder / "comparison.json", compare(systems, metrics))
    write_json(folder / "stages.json", {"stages": [{"stage": s, "method": m, "seconds": t} for s, m, t in stages]})
    return folder


def train(folder: Path, number: int, metrics: list[str]) -> None:
    """metrics.jsonl, as training leaves it."""
    folder.mkdir(parents=True)
    draw = random.Random(number)
    steps, rate = 6000, 11200.0 - 2000 * number
    with open(folder / "metrics.jsonl", "w", encoding="utf-8") as file:

        def event(kind: str, step: int, **values: object) -> None:
            file.write(json.dumps({"event": kind, "step": step} | values) + "\n")

        event("start", 0, parameters=6_214_912, trainable=6_214_912 if number == 0 else 344_064, padding=0.0123)
        best = -math.inf
        for step in range(10, steps + 1, 10):
            loss = 2.05 + 6.6 * math.exp(-step / (420 + 300 * number)) + 1.1 * math.exp(-step / 2600) + 0.25 * number
            tokens = step * 1237
            event(
                "step", step, epoch=step / 300, loss=loss * (1 + draw.gauss(0, 0.035)),
                learning_rate=2e-3 * min(step / 400, 0.5 * (1 + math.cos(math.pi * step / steps))),
                gradient_norm=0.35 + 2.2 * math.exp(-step / 500) + abs(draw.gauss(0, 0.07)), tokens=tokens,
                tokens_per_second=rate * (1 + draw.gauss(0, 0.02)), seconds=tokens / rate,
            )  # fmt: skip
            if step % 300 == 0:
                score = (61 - 6 * number) * (1 - math.exp(-step / 1100)) + draw.gauss(0, 0.5)
                held_out = loss - 0.35 + (step / 9000) ** 2
                scores = {name: score * (0.6 if name == "chrf" else 1.0) for name in metrics}
                if metrics[0] == "perplexity":
                    scores = {"perplexity": math.exp(held_out), "bits_per_byte": 0.4 * held_out}
                goal = -held_out if metrics[0] == "perplexity" else score
                best, is_best = max(best, goal), goal > best
                event("validation", step, epoch=step / 300, loss=held_out, **scores, seconds=3.1, best=is_best)
            if step == 2400 and number == 0:
                event("resumed", step)
        event(
            "end",
            steps,
            reason="finished",
            seconds=steps * 1237 / rate,
            peak_memory=1_430_000_000 - 300_000_000 * number,
        )


def answer_sets(folder: Path, name: str, number: int, levels: bool, rows: int, task: str) -> None:
    """outputs.jsonl and scores.json, and questions.jsonl for the task chat, as the evaluation leaves them."""
    folder.mkdir(parents=True, exist_ok=True)
    draw = random.Random(100 + number)
    sets, outputs = {}, []
    for set_name, file_name in (("validation", "phrasebook:validation"), ("test:held-out", "phrasebook:test")):
        own = [
            answer(row, draw, number, task) | {"set": set_name, "file": file_name, "row": row + 1}
            for row in range(rows)
        ]
        for place, row in enumerate(own):
            row["level"] = row["level"] if levels else None
            row |= {"labels": len(row["target"]) // 4 + 1, "bytes": len(row["target"].encode())}
            row["nats"] = row["labels"] * (1.6 + 0.2 * number) * math.exp(draw.gauss(0, 0.3))
            if task == "chat" and place % 5:  # no score looks at answers: a few are there to be read
                del row["output"], row["chrf"]
        sets[set_name] = {
            "rows": rows, **asdict(score_set(own, METRICS[task])), "split": 0, "seconds": 18.4,
            "tokens_per_second": 810.0,
        }  # fmt: skip
        outputs += own
    generation = {"beam": 4, "length_penalty": 1.0, "max_length": 256}
    write_json(
        folder / "scores.json",
        {"method": name, "parameters": 6_214_912, "sets": sets, "generation": generation, "size_bytes": 25_340_000},
    )
    (folder / "outputs.jsonl").write_text(
        "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in outputs), encoding="utf-8"
    )
    if task == "chat":
        asked = [{"question": question, "answer": f"{name} says: {question}"} for question in QUESTIONS]
        (folder / "questions.jsonl").write_text("".join(json.dumps(one) + "\n" for one in asked))


def answer(row: int, draw: random.Random, number: int, task: str) -> dict:
    """One output: the reference with words exchanged or lost, oftener at higher levels and by later methods."""
    level, source, target = SENTENCES[row % len(SENTENCES)]
    chance = 0.06 + 0.05 * ["A1", "A2", "B1", "B2", "C1"].index(level) + 0.04 * number
    if task == "entities":
        chance += 0.1 * number
        named = [word.strip(".,") for word in target.split() if word[0].isupper()]
        target = " | ".join(f"{name}: {'PER' if name[0] < 'M' else 'LOC'}" for name in named)
        items = [item.replace("PER", "ORG") if draw.random() < chance else item for item in target.split(" | ")]
        output = " | ".join(items) if draw.random() > chance / 4 else "PER PER"
    else:
        words = [WORSE.get(word, word) if draw.random() < 3 * chance else word for word in target.split()]
        output = " ".join(word for word in words if draw.random() > chance / 3)
    return {"source": source, "target": target, "output": output, "level": level, "chrf": sentence_chrf(output, target)}


def receipt() -> dict:
    def lengths(mean: float, spread: float, rows: int, width: int) -> dict:
        edges = list(range(0, 14 * width, width))
        weights = [math.exp(-((math.log((edge + width / 2) / mean)) ** 2) / (2 * spread**2)) for edge in edges[:-1]]
        return {"edges": edges, "counts": [round(rows * weight / sum(weights)) for weight in weights]}

    def split(read: int, kept: int, width: int, **more: object) -> dict:
        none = {"trimmed": 0, "dropped": 0, "quarantined": 0, "held_out": 0, "reasons": {}}
        return {"read": read, "kept": kept} | none | {
            "source_lengths": lengths(17, 0.5, kept, width), "target_lengths": lengths(14, 0.46, kept, 4),
            "source_tokens": round(kept * 19.2), "target_tokens": round(kept * 16.1),
        } | more  # fmt: skip

    reasons = {
        "quarantined": {"column 'en' is empty": 9, "bytes that are not UTF-8": 3},
        "dropped": {"source over 128 tokens": 31, "target over 128 tokens": 7},
        "trimmed": {},
    }
    return {
        "splits": {
            "train": split(30000, 28950, 8, dropped=38, quarantined=12, held_out=1000, reasons=reasons),
            "validation": split(1000, 1000, 4),
            "test:held-out": split(1000, 1000, 4),
        },
        "overlap": {
            "validation": {"rows": 1000, "sources_in_train": 0, "pairs_in_train": 0},
            "test:held-out": {"rows": 1000, "sources_in_train": 3, "pairs_in_train": 1},
        },
    }


def write_json(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False, indent=2), encoding="utf-8")
