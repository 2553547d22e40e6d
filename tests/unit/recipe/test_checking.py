"""Recipes that are refused, each with the exact lines that the user gets."""

# ruff: noqa: E501  (messages are expected on one line, as they are printed)

from __future__ import annotations

from collections.abc import Callable

import pytest

from dragoman.recipe.loading import Loaded

DATA = "name: x\ndata: {train: [{path: a.tsv}]}\n"  # what follows begins on line 3

CASES: dict[str, tuple[str, list[str]]] = {
    # ---- keys
    "unknown key": (DATA + "training:\n  epocs: 3\n", ["recipe.yaml:4:3: training.epocs: unknown key; did you mean 'epochs'?"]),
    "unknown key of another section": (DATA + "epochs: 3\n", ["recipe.yaml:3:1: epochs: unknown key; it belongs at training.epochs"]),
    "unknown key unlike any": (
        DATA + "generation: {zzz: 3}\n",
        ["recipe.yaml:3:14: generation.zzz: unknown key; known keys: beam, length_penalty, max_length"],
    ),
    "unknown key in a list": (
        "name: x\ndata:\n  train:\n    - path: a\n      formt: csv\n",
        ["recipe.yaml:5:7: data.train.0.formt: unknown key; did you mean 'format'?"],
    ),
    "unknown key below a name": (
        "name: x\ndata: {train: [{path: a}], test: {t: {path: b, sheeet: c}}}\n",
        ["recipe.yaml:2:48: data.test.t.sheeet: unknown key; did you mean 'sheet'?"],
    ),
    "missing keys": (
        "seed: 1\n",
        [
            "recipe.yaml has 2 problems:",
            "recipe.yaml:1:1: name: this key is missing: the run's name; its folder is runs/<name>",
            "recipe.yaml:1:1: data: this key is missing: what the model learns from and is measured on",
        ],
    ),
    "missing key of a section": (
        "name: x\nseed: 1\ndata:\n  strict: true\n",
        ["recipe.yaml:3:1: data.train: this key is missing: the training rows: one or more sources"],
    ),
    "misspelt required key": ("nam: x\ndata: {train: [{path: a}]}\n", ["recipe.yaml:1:1: nam: unknown key; did you mean 'name'?"]),
    "key given twice": (DATA + "seed: 1\nseed: 2\n", ["recipe.yaml:4:1: seed: this key is given twice, first on line 3"]),
    "name that is no name": (
        "name: x\ndata:\n  train: [{path: a}]\n  test:\n    a/b: {path: b}\n",
        ["recipe.yaml:5:5: data.test.a/b: must be a name of letters, digits, '.', '_' and '-' that begins with a letter or a digit, not 'a/b'"],
    ),
    # ---- types and ranges
    "text for a number": (DATA + "training: {epochs: ten}\n", ["recipe.yaml:3:12: training.epochs: must be a number above 0, not 'ten'"]),
    "fraction for a whole number": (
        DATA + "training: {max_steps: 2.5}\n",
        ["recipe.yaml:3:12: training.max_steps: must be a whole number above 0, not 2.5"],
    ),
    "true for a number": (DATA + "training: {epochs: true}\n", ["recipe.yaml:3:12: training.epochs: must be a number above 0, not true"]),
    "text that is a number": (
        DATA + 'training: {epochs: "3", betas: ["0.9", 0.98], micro_batch_tokens: "100"}\ntokenizer: {path: "8"}\n',
        [
            "recipe.yaml has 3 problems:",
            "recipe.yaml:3:12: training.epochs: must be a number above 0, not '3'; take the quotes away",
            "recipe.yaml:3:25: training.betas: must be a list of 2, each a number of at least 0 and below 1, not [0.9, 0.98]; take the quotes away",
            "recipe.yaml:3:47: training.micro_batch_tokens: must be a whole number above 0, or auto, not '100'; take the quotes away",
        ],
    ),
    "infinity": (DATA + "training: {epochs: .inf}\n", ["recipe.yaml:3:12: training.epochs: must be a number above 0, not inf"]),
    "not a number": (DATA + "training: {epochs: .nan}\n", ["recipe.yaml:3:12: training.epochs: must be a number above 0, not nan"]),
    "out of range": (
        DATA + "training: {label_smoothing: 1.5}\n",
        ["recipe.yaml:3:12: training.label_smoothing: must be a number of at least 0 and below 1, not 1.5"],
    ),
    "nothing for a number": (DATA + "seed:\n", ["recipe.yaml:3:1: seed: must be a whole number of at least 0, but is empty"]),
    "union": (
        DATA + "training: {micro_batch_tokens: many}\n",
        ["recipe.yaml:3:12: training.micro_batch_tokens: must be a whole number above 0, or auto, not 'many'"],
    ),
    "misspelt choice": (
        DATA + "training: {schedule: cosin}\n",
        [
            "recipe.yaml:3:12: training.schedule: must be cosine, linear, inverse_sqrt or constant, not 'cosin'; "
            "did you mean 'cosine'?"
        ],
    ),
    "number for a choice": (DATA + "evaluation: {main: 1}\n", ["recipe.yaml:3:14: evaluation.main: must be bleu, chrf, ter, exact_match, f1, precision, recall, malformed, loss, perplexity or bits_per_byte, not 1"]),
    "text for a switch": (
        "name: x\ndata: {train: [{path: a}], strict: maybe}\n",
        ["recipe.yaml:2:28: data.strict: must be true or false, not 'maybe'"],
    ),
    "number for text": (
        "name: 2024\ndata: {train: [{path: a}]}\n",
        [
            "recipe.yaml:1:1: name: must be a name of letters, digits, '.', '_' and '-' that begins with a letter or a "
            "digit, not 2024; put it in quotes"
        ],
    ),
    "braces without quotes": (
        "name: x\ndata: {train: [{path: a}], template: {source: {de}}}\n",
        ["recipe.yaml:2:39: data.template.source: must be text, not a mapping of keys; put text that begins with '{' in quotes"],
    ),
    "long text": (
        DATA + f"seed: {'x' * 99}\n",
        [f"recipe.yaml:3:1: seed: must be a whole number of at least 0, not '{'x' * 39} ... {'x' * 9}'"],
    ),
    # ---- sections and lists
    "value for a section": (
        DATA + "generation: 5\n",
        ["recipe.yaml:3:1: generation: must be a section, not 5; its keys: beam, length_penalty, max_length"],
    ),
    "nothing for a section": (
        DATA + "generation:\n",
        ["recipe.yaml:3:1: generation: must be a section, but is empty; its keys: beam, length_penalty, max_length"],
    ),
    "text for a list": (
        DATA + "evaluation: {metrics: bleu}\n",
        ["recipe.yaml:3:14: evaluation.metrics: must be a list of any number of bleu, chrf, ter, exact_match, f1, precision, recall, malformed, loss, perplexity or bits_per_byte, not 'bleu'; write [bleu]"],
    ),
    "section for a list": (
        "name: x\ndata:\n  train:\n    path: a\n",
        ["recipe.yaml:3:3: data.train: must be a list of one or more sections, not a mapping of keys; begin each item with '- '"],
    ),
    "text for a section in a list": (
        "name: x\ndata: {train: [a.tsv]}\n",
        ["recipe.yaml:2:16: data.train.0: must be a section, not 'a.tsv'; its keys: path, format, sheet, source_path, target_path, ..."],
    ),
    "empty list": ("name: x\ndata: {train: []}\n", ["recipe.yaml:2:8: data.train: must be a list of one or more sections, not an empty list"]),
    "one item of a list": (
        DATA + "evaluation: {metrics: [bleu, blue]}\n",
        ["recipe.yaml:3:30: evaluation.metrics.1: must be bleu, chrf, ter, exact_match, f1, precision, recall, malformed, loss, perplexity or bits_per_byte, not 'blue'; did you mean 'bleu'?"],
    ),
    "list too short": (
        DATA + "training: {betas: [0.9]}\n",
        ["recipe.yaml:3:12: training.betas: must be a list of 2, each a number of at least 0 and below 1, not [0.9]"],
    ),
    "list too long": (
        DATA + "training: {betas: [0.9, 0.9, 0.9]}\n",
        ["recipe.yaml:3:12: training.betas: must be a list of 2, each a number of at least 0 and below 1, not [0.9, 0.9, 0.9]"],
    ),
    "wrong item of a pair": (
        DATA + "training: {betas: [0.9, 2]}\n",
        ["recipe.yaml:3:25: training.betas.1: must be a number of at least 0 and below 1, not 2"],
    ),
    # ---- combinations
    "epochs and max_steps": (
        DATA + "training: {epochs: 3, max_steps: 9}\n",
        ["recipe.yaml:3:1: training: give either epochs or max_steps"],
    ),
    "tokens and rows": (
        DATA + "training:\n  batch: {tokens: 3, rows: 9}\n",
        ["recipe.yaml:4:3: training.batch: give either tokens or rows"],
    ),
    "no kind of source": (
        "name: x\ndata: {train: [{}]}\n",
        ["recipe.yaml:2:16: data.train.0: give exactly one of path, the pair source_path and target_path, hub, or phrasebook"],
    ),
    "combination in a section with other faults": (
        DATA + "training: {epochs: 3, max_steps: 9, compile: maybe, zzz: 1}\n",
        [
            "recipe.yaml has 3 problems:",
            "recipe.yaml:3:1: training: give either epochs or max_steps",
            "recipe.yaml:3:37: training.compile: must be true or false, not 'maybe'",
            "recipe.yaml:3:53: training.zzz: unknown key; known keys: KEYS",
        ],
    ),
    "combinations at two depths": (
        DATA + "training: {epochs: 3, max_steps: 9, batch: {rows: 1, tokens: 1}}\n",
        [
            "recipe.yaml has 2 problems:",
            "recipe.yaml:3:1: training: give either epochs or max_steps",
            "recipe.yaml:3:37: training.batch: give either tokens or rows",
        ],
    ),
    "a misspelt key is not said to be missing from a combination": (
        DATA + "training: {batch: {tokns: 3}}\n",
        ["recipe.yaml:3:20: training.batch.tokns: unknown key; did you mean 'tokens'?"],
    ),
    "a wrong value is not said to be missing from a combination": (
        DATA + "training: {batch: {tokens: -3}}\n",
        ["recipe.yaml:3:20: training.batch.tokens: must be a whole number above 0, not -3"],
    ),
    "a misspelt key leaves a combination of right ones": (
        DATA + "training: {epocs: 3, epochs: 3, max_steps: 3}\n",
        [
            "recipe.yaml has 2 problems:",
            "recipe.yaml:3:1: training: give either epochs or max_steps",
            "recipe.yaml:3:12: training.epocs: unknown key; did you mean 'epochs'?",
        ],
    ),
    # ---- methods
    "training of a method": (
        DATA + "methods:\n  a: {training: {epocs: 3}}\n  b:\n    training:\n      learning_rate: fast\n  c: {training: 5}\n",
        [
            "recipe.yaml has 3 problems:",
            "recipe.yaml:4:18: methods.a.training.epocs: unknown key; did you mean 'epochs'?",
            "recipe.yaml:7:7: methods.b.training.learning_rate: must be a number above 0, not 'fast'",
            "recipe.yaml:8:7: methods.c.training: must be a section with keys of training, not 5; "
            "its keys: epochs, max_steps, batch, micro_batch_tokens, optimizer, ...",
        ],
    ),
    "training of all and of a method": (
        DATA + "training: {epochs: 0, batch: {rows: 1, tokens: 1}}\nmethods:\n  a: {training: {seed: 1}}\n  b: {training: {epochs: 0}}\n",
        [
            "recipe.yaml has 4 problems:",
            "recipe.yaml:3:12: training.epochs: must be a number above 0, not 0",
            "recipe.yaml:3:23: training.batch: give either tokens or rows",
            "recipe.yaml:5:18: methods.a.training.seed: unknown key; it belongs at seed",
            "recipe.yaml:6:18: methods.b.training.epochs: must be a number above 0, not 0",
        ],
    ),
    "combination within a method": (
        DATA + "training: {epochs: 1, max_steps: 1}\nmethods: {a: {training: {epochs: 2, max_steps: 3}}}\n",
        [
            "recipe.yaml has 2 problems:",
            "recipe.yaml:3:1: training: give either epochs or max_steps",
            "recipe.yaml:4:15: methods.a.training: give either epochs or max_steps",
        ],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_what_is_wrong(lines: Callable[..., list[str]], name: str) -> None:
    text, expected = CASES[name]
    found = lines(text)
    if "KEYS" in expected[-1]:
        found[-1] = found[-1].partition("known keys: ")[0] + "known keys: KEYS"
    assert found == expected


def test_no_words_of_pydantic_show(lines: Callable[..., list[str]]) -> None:
    for text, _ in CASES.values():
        assert not [line for line in lines(text) if "Input" in line or "pydantic" in line or "Value error" in line]


@pytest.mark.parametrize(
    "text",
    [
        DATA + "training: {epochs: 3}\nmethods: {a: {training: {max_steps: 9}}}\n",
        DATA + "training: {batch: {tokens: 3}}\nmethods: {a: {training: {batch: {rows: 9}}}}\n",
        DATA + "training: {learning_rate: 1e-3, clip_norm: null, warmup_steps: 1e3}\n",
        DATA + "training: {averaging: {ema: 0.9}}\nmethods: {a: {training: {averaging: null}}, b: {}}\n",
    ],
)
def test_what_is_right(load: Callable[..., Loaded], text: str) -> None:
    load(text)
