# ruff: noqa: E501  (messages are expected on one line, as they are printed)

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from dragoman.recipe.loading import Loaded

Load = Callable[..., Loaded]
Lines = Callable[..., list[str]]

RECIPE = """\
name: job
data:
  train:
    - path: a.tsv
    - source_path: a.de
      target_path: a.en
  test:
    flickr: {phrasebook: {rows: 5}}
    news.2014: {path: n.tsv, format: tsv}
training:
  epochs: 3
  batch: {tokens: 100}
  averaging: {ema: 0.99}
methods:
  full: {training: {epochs: 5}}
"""


@pytest.mark.parametrize(
    ("option", "path", "value"),
    [
        ("seed=7", "seed", 7),
        ("name=no", "name", "no"),
        ("training.learning_rate=3e-4", "training.learning_rate", 3e-4),
        ("training.betas=[0.8, 0.9]", "training.betas", (0.8, 0.9)),
        ("training.averaging=null", "training.averaging", None),
        ("training.averaging=", "training.averaging", None),
        ("training.averaging.ema=0.5", "training.averaging.ema", 0.5),
        ("data.strict=true", "data.strict", True),
        ("data.strict=yes", "data.strict", True),
        ("data.train.0.path=x=y.tsv", "data.train.0.path", "x=y.tsv"),
        ("data.train.1={path: x.tsv}", "data.train.1.path", "x.tsv"),
        ("data.languages.source=Deutsch", "data.languages.source", "Deutsch"),
        ("evaluation.metrics=[chrf]", "evaluation.metrics", ["chrf"]),
        ("methods.full.training.learning_rate=0.5", "methods.full.training", {"epochs": 5, "learning_rate": 0.5}),
        # what it excludes goes
        ("training.max_steps=20", "training.epochs", None),
        ("training.max_steps=20", "training.max_steps", 20),
        ("training.batch.rows=32", "training.batch.tokens", None),
        ("training.batch={rows: 32}", "training.batch.rows", 32),
        ("training.averaging.last=3", "training.averaging.ema", None),
        ("methods.full.training.max_steps=9", "methods.full.training", {"max_steps": 9}),
        ("data.test.flickr.path=x.tsv", "data.test.flickr.path", "x.tsv"),
        ("data.test.flickr.path=x.tsv", "data.test.flickr.phrasebook", None),
        ("data.train.1.path=x.tsv", "data.train.1.target_path", None),
        ("data.train.0.phrasebook.rows=7", "data.train.0.phrasebook.rows", 7),
        # names of one's own
        ("data.test.other.path=o.tsv", "data.test.other.path", "o.tsv"),
        ("data.test={}", "data.test", {}),
        ("methods.fulll={}", "methods.fulll.training", {}),
    ],
)
def test_an_override(load: Load, option: str, path: str, value: Any) -> None:
    found: Any = load(RECIPE, option).recipe
    for key in path.split("."):
        if isinstance(found, list):
            found = found[int(key)]
        else:
            found = found[key] if isinstance(found, dict) else getattr(found, key)
    assert found == value
    assert isinstance(found, bool) == isinstance(value, bool)


def test_a_name_with_a_dot(load: Load) -> None:
    test = load(RECIPE, "data.test.news.2014.path=m.tsv").recipe.data.test
    assert (test["news.2014"].path, test["news.2014"].format) == ("m.tsv", "tsv")
    assert list(test) == ["flickr", "news.2014"]


def test_overrides_are_applied_in_order(load: Load) -> None:
    training = load(RECIPE, "training.max_steps=20", "training.epochs=2", "seed=5", "seed=6")
    assert (training.recipe.training.epochs, training.recipe.training.max_steps) == (2, None)
    assert training.recipe.seed == 6


def test_what_an_alias_shares_is_not_changed_with_it(load: Load) -> None:
    text = "name: x\ndata:\n  train: [&a {path: t}]\n  validation: *a\n"
    data = load(text, "data.train.0.path=u").recipe.data
    assert data.train[0].path == "u"
    assert data.validation is not None
    assert data.validation.path == "t"


def test_positions_of_overridden_keys(load: Load) -> None:
    loaded = load(RECIPE, "training.batch={rows: 32}", "tokenizer.vocabulary_size=500")
    assert loaded.position("training.batch.rows") == "--set training.batch={rows: 32}"
    assert loaded.position("training.batch.tokens") == "--set training.batch={rows: 32}"
    assert loaded.position("training.epochs") == "recipe.yaml:11:3"
    assert loaded.position("tokenizer") == "--set tokenizer.vocabulary_size=500"


@pytest.mark.parametrize(
    ("option", "line"),
    [
        ("training.epocs=3", "--set training.epocs=3: unknown key; did you mean 'epochs'?"),
        ("trainng.epochs=3", "--set trainng.epochs=3: trainng: unknown key; did you mean 'training'?"),
        ("methods.full.training.epoch=3", "--set methods.full.training.epoch=3: unknown key; did you mean 'epochs'?"),
        ("beam=3", "--set beam=3: unknown key; it belongs at generation.beam"),
        ("training.epochs=many", "--set training.epochs=many: must be a number above 0, not 'many'"),
        ("training.epochs=0", "--set training.epochs=0: must be a number above 0, not 0"),
        ("training.batch={rows: 0}", "--set training.batch={rows: 0}: training.batch.rows: must be a whole number above 0, not 0"),
        ("training.batch={rows: 1, tokens: 1}", "--set training.batch={rows: 1, tokens: 1}: give either tokens or rows"),
        ("training.betas=[0.9", "--set training.betas=[0.9: this bracket is not closed: expected ',' or ']'"),
        ("training.batch={rows: 1, rows: 2}", "--set training.batch={rows: 1, rows: 2}: this key is given twice"),
        ("training.epochs", "--set training.epochs: write it as KEY=VALUE, such as training.epochs=3"),
        ("=3", "--set =3: write it as KEY=VALUE, such as training.epochs=3"),
        ("training..epochs=3", "--set training..epochs=3: write it as KEY=VALUE, such as training.epochs=3"),
        ("data.train.2.path=x", "--set data.train.2.path=x: data.train has items 0 to 1"),
        ("data.train.-1.path=x", "--set data.train.-1.path=x: data.train is a list: name an item by its number, such as data.train.0"),
        ("data.train.path=x", "--set data.train.path=x: data.train is a list: name an item by its number, such as data.train.0"),
        ("evaluation.metrics.0=bleu", "--set evaluation.metrics.0=bleu: the recipe does not state evaluation.metrics: set the whole list"),
        ("name.x=3", "--set name.x=3: name has one value and no keys"),
        ("name=!int 3", "--set name=!int 3: a recipe has no tags such as !int"),
        ("name=2024", "--set name=2024: must be a name of letters, digits, '.', '_' and '-' that begins with a letter or a digit, not 2024; write --set 'name=\"2024\"'"),
        ("data.template.source={de}", "--set data.template.source={de}: must be text, not a mapping of keys; put text that begins with '{' in quotes"),
        (
            "methods.fulll.training.max_steps=3",
            "--set methods.fulll.training.max_steps=3: methods has no 'fulll'; did you mean 'full'? "
            "(to add one, set it whole: methods.fulll={...})",
        ),
        ("a=" + "[" * 700, "--set a=" + "[" * 700 + ": the value is nested too deeply"),
    ],
)  # fmt: skip
def test_an_override_that_is_refused(lines: Lines, option: str, line: str) -> None:
    assert lines(RECIPE, option) == [line]


def test_wrong_overrides_are_reported_with_what_is_wrong_in_the_file(lines: Lines) -> None:
    assert lines(RECIPE.replace("epochs: 3", "epocs: 3"), "sed=3", "training.clip_norm=x") == [
        "recipe.yaml has 3 problems:",
        "recipe.yaml:11:3: training.epocs: unknown key; did you mean 'epochs'?",
        "--set sed=3: unknown key; did you mean 'seed'?",
        "--set training.clip_norm=x: must be a number above 0, not 'x'",
    ]


def test_an_override_mends_what_is_wrong_in_the_file(load: Load) -> None:
    assert load(RECIPE.replace("epochs: 3", "epochs: three"), "training.epochs=4").recipe.training.epochs == 4
