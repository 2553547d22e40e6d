from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

from annotated_types import Ge, Le, MinLen
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from dragoman.recipe.loading import Loaded, load_recipe
from dragoman.recipe.merging import training_of
from dragoman.recipe.paths import is_path
from dragoman.recipe.saving import effective
from dragoman.recipe.schema import A_HUB_NAME, A_PATH, Adapter, Method, Model, Nmt, Recipe, Section
from dragoman.recipe.schema.pairs import WordCount
from dragoman.recipe.schema.rules import Limits, Pattern
from dragoman.recipe.schema.synthesis import Generate, Synthesis, Translate
from dragoman.recipe.shapes import Part, Shape, child, parts

ODD = st.sampled_from("\t\n\r \x00\x1f\x7f\x85\xa0\u2028\ufeff\uffff:#-?{}[],'\"\\&*!|>%@`~<=01e.")
TEXT = st.text(ODD | st.characters(exclude_categories=["Cs"]), max_size=20)
NAMES = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,9}", fullmatch=True)
# ends of paths that stay as they are when a recipe is saved
PATHS = st.builds(str.__add__, st.sampled_from(["/", "~/", "${DATA}/"]), TEXT)


def values(shape: Shape) -> st.SearchStrategy[Any]:
    return st.one_of([part_values(part) for part in parts(shape)])


def part_values(part: Part) -> st.SearchStrategy[Any]:
    """Values as a recipe may state them, from the schema itself; the numbers are within all limits."""
    arguments = get_args(part.type)
    if part.type is type(None):
        return st.none()
    if part.type is object:
        return TEXT
    if part.type is bool:
        return st.booleans()
    if part.type is str:
        if patterns := [mark.pattern for mark in part.marks if hasattr(mark, "pattern")]:
            return st.from_regex(patterns[0].strip("^$").replace("*", "{0,9}"), fullmatch=True)
        if A_HUB_NAME in part.marks:
            return NAMES | PATHS.filter(is_path)
        words = TEXT.filter(bool) if part.mark(MinLen) else TEXT
        return PATHS if A_PATH in part.marks else words
    if part.type is int:
        most = part.mark(Le)
        return st.integers(min(400, most.le) if most else 400, most.le if most else 10**12)
    if part.type is float:
        if (least := part.mark(Ge)) and least.ge >= 1:
            return st.floats(least.ge, least.ge + 9)
        return st.floats(0.91, 0.99) | st.sampled_from([0.9999999])
    if get_origin(part.type) is Literal:
        return st.sampled_from(arguments)
    if get_origin(part.type) is list:
        return st.lists(values(arguments[0]), min_size=1, max_size=3)
    if get_origin(part.type) is tuple:
        return st.tuples(*map(values, arguments)).map(list)
    if part.section:
        return sections(part.section)
    assert get_origin(part.type) is dict
    return st.dictionaries(values(arguments[0]), values(arguments[1]), min_size=1, max_size=3)


@cache
def key_values(section: type[Section], name: str) -> st.SearchStrategy[Any]:
    return values(child(section, name))


@st.composite
def sections(draw: Callable[..., Any], section: type[Section]) -> dict[str, Any]:
    one_in = 2 if len(section.model_fields) < 16 else 4  # a whole recipe has too many keys to draw
    keys = {
        name for name, field in section.model_fields.items() if field.is_required() or draw(st.integers(1, one_in)) == 1
    }
    chosen: set[str] = set()
    if section.alternatives:
        group = draw(st.permutations(section.alternatives))[0]
        chosen = set(group if group[0] == "source_path" else group[:1])
        keys -= {key for other in section.alternatives if other != group for key in other}
    if section is Recipe:
        keys |= {"training", "methods"}
        texts = ("corpus", "pairs", "synthesis", "pretraining")  # each has a hundred keys: one at a time
        keys -= set(texts) - {draw(st.sampled_from(texts))}
    if section is Nmt:
        keys -= {"d_model", "n_heads", "n_kv_heads"}
    drawn = {name: draw(key_values(section, name)) for name in section.model_fields if name in keys - chosen}
    drawn |= {name: draw(key_values(section, name).filter(lambda value: value is not None)) for name in sorted(chosen)}
    if section is WordCount:
        drawn.pop("min", None)
    if section is Pattern:
        drawn |= {"regex": "(?i)x", "max": 0.0}
    if issubclass(section, Limits) and drawn.get("min") is not None and drawn.get("max") is not None:
        drawn["min"], drawn["max"] = sorted((drawn["min"], drawn["max"]))
    if section is Synthesis:
        drawn = {key: value for key, value in drawn.items() if key not in ("options", "base_url", "key_variable")}
        drawn |= {"languages": {"source": "hi", "target": "en"}, "pairs": 400}
        if drawn.get("prices") is None or drawn.get("budget") is None:
            drawn = {key: value for key, value in drawn.items() if key not in ("prices", "budget")}
    if section is Generate:
        drawn = {key: list(dict.fromkeys(value)) if isinstance(value, list) else value for key, value in drawn.items()}
    if section is Translate:
        drawn.pop("min_words", None)
    if section is Method and "adapter" in drawn:
        drawn |= {"tuning": "lora", "start": "base"}
    if section is Method and drawn.get("start") in ("pretrained", "random"):
        drawn["tuning"] = "full"
    if section is Adapter and drawn.get("peft"):
        drawn["library"] = "peft"
    if section is Model and "transformers" in drawn:
        drawn["transformers"]["model_type"] = "t5"
    return drawn


def test_an_effective_recipe_loads_again_to_an_equal_one(tmp_path: Path) -> None:
    seen: set[str] = set()

    @settings(
        max_examples=25, derandomize=True, suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],  # to make a whole recipe small takes minutes
    )  # fmt: skip
    @given(sections(Recipe))
    def check(keys: dict[str, Any]) -> None:
        recipe = Recipe.model_validate(keys)
        text = effective(recipe, Path("/recipes"))
        (tmp_path / "x.yaml").write_text(text, encoding="utf-8", newline="\n")
        again = load_recipe(tmp_path / "x.yaml").recipe
        assert again == recipe
        assert effective(again, Path("/elsewhere")) == text
        for method in recipe.methods:
            assert training_of(again, method) == training_of(recipe, method)
        seen.update(keys.get("training", {}), *keys["data"]["train"])

    check()
    assert {"epochs", "max_steps", "batch", "averaging", "path", "source_path", "phrasebook"} <= seen


@settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(texts=st.dictionaries(TEXT, TEXT, min_size=10))
def test_any_text_is_saved_as_it_is(tmp_path: Path, texts: dict[str, str]) -> None:
    data = {"train": [{"path": "/a"}], "template": {"defaults": texts}}
    recipe = Recipe.model_validate({"name": "x", "data": data})
    (tmp_path / "x.yaml").write_text(effective(recipe, tmp_path), encoding="utf-8", newline="\n")
    assert load_recipe(tmp_path / "x.yaml").recipe == recipe


RECIPE = """\
name: job
data:
  train:
    - path: a.tsv
    - path: ../b.tsv
    - path: ${DATA}/c.tsv
    - path: ~/d.tsv
    - source_path: sub/${DATA}/e.de
      target_path: /abs/e.en
  test:
    t: {path: t.tsv}
  template: {source: "{de}"}
tokenizer: {path: tok}
training: {learning_rate: 1e-3, max_steps: 5}
methods:
  full: {training: {betas: [0.5, 0.6], epochs: 2}}
"""


def test_paths_are_made_absolute(load: Callable[..., Loaded], tmp_path: Path) -> None:
    loaded = load(RECIPE)
    saved = load(effective(loaded.recipe, loaded.folder)).recipe
    train = saved.data.train
    assert [source.path for source in train[:4]] == [
        f"{tmp_path}/a.tsv",
        f"{tmp_path.parent}/b.tsv",
        "${DATA}/c.tsv",
        "~/d.tsv",
    ]
    assert (train[4].source_path, train[4].target_path) == (f"{tmp_path}/sub/${{DATA}}/e.de", "/abs/e.en")
    assert saved.data.test["t"].path == f"{tmp_path}/t.tsv"
    assert saved.tokenizer.path == f"{tmp_path}/tok"
    assert saved.model_dump(exclude={"data", "tokenizer"}) == loaded.recipe.model_dump(exclude={"data", "tokenizer"})


def test_the_text_is_for_people(load: Callable[..., Loaded]) -> None:
    loaded = load(RECIPE)
    lines = effective(loaded.recipe, loaded.folder).split("\n")
    assert lines[:3] == ["# The effective recipe: every key with its value.", "name: job", "seed: 1"]
    assert {"  learning_rate: 0.001", "  betas: [0.9, 0.98]", "  epochs: null", "    source: '{de}'"} <= set(lines)
    top = [line.split(":")[0] for line in lines if line[:1].isalpha()]
    assert top == list(Recipe.model_fields)


def test_every_key_is_there(load: Callable[..., Loaded]) -> None:
    loaded = load(RECIPE)
    saved = load(effective(loaded.recipe, loaded.folder)).recipe

    def unset(value: Any) -> list[str]:
        if isinstance(value, list | dict):
            return [key for item in (value.values() if isinstance(value, dict) else value) for key in unset(item)]
        if not isinstance(value, Section):
            return []
        deeper = (
            []
            if isinstance(value, Method)
            else [key for name in type(value).model_fields for key in unset(getattr(value, name))]
        )
        return [*(type(value).model_fields.keys() - value.model_fields_set), *deeper]

    assert unset(loaded.recipe)
    assert unset(saved) == []
