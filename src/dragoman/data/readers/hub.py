"""A data set on the hub, or a local folder that is laid out like one, read with the `datasets` library.

- A process reads one state of a data set: its commit is asked for once, and everything is read at that commit.
- Without a network the library's cache stands in, where it holds that commit; it is never another one in silence.
- What is not streamed is downloaded once, into the library's cache, and memory-mapped. A local folder is always read
  where it lies: nothing of it is copied, and nothing that was copied can be out of date.
- Integers that stand for a class become its name, within lists and structs too; -1, which stands for none, no value.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from functools import cache
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from dragoman.base.errors import RequestError, did_you_mean
from dragoman.base.files import digest
from dragoman.base.progress import console, say
from dragoman.data.readers.hub_errors import in_words, is_unreachable
from dragoman.data.readers.parquet import BATCH_ROWS, row_values
from dragoman.data.rows import BadRow, Origin, Row
from dragoman.recipe import schema
from dragoman.recipe.paths import is_path, resolve_path

PEEK_ROWS = 1000  # where a data set does not say its columns, the first rows do

Convert = Callable[[Any], Any]


@dataclass(frozen=True)
class HubSplit:
    """A split that is there. builder: the library's, of which nothing but a description has been downloaded yet."""

    source: schema.Source
    builder: Any

    @property
    def name(self) -> str:
        return f"{self.source.hub}/{self.source.split}"


def open_hub(source: schema.Source, folder: Path) -> HubSplit:
    """Look a data set up. folder: the recipe's.

    Raises RequestError, which says what to do, for one that is not there, is not allowed to be read or cannot be
    reached, and for an unknown configuration, split or revision, listing the known ones.
    """
    name, path = str(source.hub), local_folder(source, folder)
    with in_words(str(source.hub), source.revision):
        if path is not None:
            with TemporaryDirectory(prefix="dragoman-") as nothing:  # there may be an old copy in the cache
                builder = _load(str(path), source.config, None, nothing)
        else:
            builder = _builder(_state(name, source.revision), source.config)
    known = _splits(builder)
    if known and source.split not in known:
        hint = f"its splits are {_listed(known)}"
        if guess := did_you_mean(source.split, known):
            hint += f"; {guess}"
        raise RequestError(f"has no split '{source.split}'", where=name, hint=hint)
    return HubSplit(source, builder)


def hub_commit(source: schema.Source, folder: Path) -> str:
    """The commit of the data set that a `hub` source is read at, to tell one state of it from another.

    Of a local folder the SHA-256 of its files. Raises RequestError as open_hub.
    """
    path = local_folder(source, folder)
    if path is not None:
        return digest(path)
    with in_words(str(source.hub), source.revision):
        return _state(str(source.hub), source.revision).commit


def local_folder(source: schema.Source, folder: Path) -> Path | None:
    """The folder that a source names instead of a data set on the hub. Raises RequestError where it is none."""
    if source.hub is None or not is_path(source.hub):
        return None
    path = resolve_path(source.hub, folder)
    if path.is_file():
        raise RequestError("is a file, not a folder", where=str(path), hint="name a single file with the key path")
    if not path.is_dir():
        raise RequestError("does not exist", where=str(path), hint="paths start from the recipe's folder")
    if source.revision is not None:
        raise RequestError("a local folder has no revisions", where=str(path), hint="remove the key revision")
    return path


def read_hub(source: schema.Source, folder: Path) -> Iterator[Row | BadRow]:
    """The rows of a split, in order, with "NAME/split" as their file. Memory: a batch of rows.

    Raises RequestError at once as open_hub does, and while reading where the data cannot be downloaded or read.
    """
    return _rows(open_hub(source, folder), streaming=source.streaming)


def hub_columns(source: schema.Source, folder: Path) -> list[str]:
    """Column names, a struct's as "outer.inner", from the description or the first rows. Raises like read_hub."""
    split = open_hub(source, folder)
    with in_words(str(source.hub), source.revision):
        if split.builder.info.features is None:
            split.builder.as_streaming_dataset(split=source.split)  # finds them out, where the files say them
        if split.builder.info.features is not None:
            return [name for key, feature in split.builder.info.features.items() for name in _dotted(key, feature)]
    found: dict[str, None] = {}  # a set that remembers its order
    for row in islice(_rows(split, streaming=True), PEEK_ROWS):
        if isinstance(row, Row):
            found.update(dict.fromkeys(name for key, value in row.columns.items() for name in _dotted(key, value)))
    return list(found)


@dataclass(frozen=True)
class _State:
    """A data set on the hub as it is at one commit. name: its own, where the one that was asked for has changed.

    reachable: whether the hub answers.
    """

    name: str
    commit: str
    reachable: bool


@cache
def _state(name: str, revision: str | None) -> _State:
    """What a branch, a tag or the newest state of a data set is, for as long as the process lives."""
    from huggingface_hub import HfApi

    _library()
    try:
        own_name, reachable = HfApi().dataset_info(name, revision=revision).id, True
    except Exception as error:
        if not is_unreachable(error):
            raise
        own_name, reachable = name, False
    found = HfApi().resolve_revision(name, repo_type="dataset", revision=revision, local_files_only=not reachable)
    return _State(own_name, found.resolved, reachable)


@cache
def _builder(state: _State, config: str | None) -> Any:
    """The builder of a data set on the hub; never a folder of that name that happens to lie in the working folder."""
    path = f"hf://datasets/{state.name}"
    with nullcontext() if state.reachable else _without_network():
        builder = _load(path, config, state.commit)
        if builder.hash == state.commit:
            return builder
        # Something failed, and the library took another state that it had: without a cache it says what it was.
        with TemporaryDirectory(prefix="dragoman-") as nothing:
            _load(path, config, state.commit, nothing)
    raise ConnectionError(f"the cache holds another state of it, {builder.hash}")


@contextmanager
def _without_network() -> Iterator[None]:
    """The library looks into its cache only: it would try to connect for minutes."""
    datasets = _library()
    before, datasets.config.HF_HUB_OFFLINE = datasets.config.HF_HUB_OFFLINE, True
    try:
        yield
    finally:
        datasets.config.HF_HUB_OFFLINE = before


def _load(path: str, config: str | None, commit: str | None, cache_folder: str | None = None) -> Any:
    datasets = _library()
    try:
        return datasets.load_dataset_builder(path, name=config, revision=commit, cache_dir=cache_folder)
    except ValueError as error:
        try:
            known = datasets.get_dataset_config_names(path, revision=commit)
        except Exception:
            raise error from None
        if config in known or (config is None and len(known) < 2):
            raise
        what = "has several configurations" if config is None else f"has no configuration '{config}'"
        hint = f"name one with the key config: {_listed(known)}"
        if config is not None and (guess := did_you_mean(config, known)):
            hint += f"; {guess}"
        raise RequestError(what, where=path.removeprefix("hf://datasets/"), hint=hint) from None


def _library() -> Any:
    """The `datasets` library, which takes a second to load; silent where nobody watches."""
    import datasets
    import huggingface_hub

    datasets.logging.set_verbosity_error()
    huggingface_hub.logging.set_verbosity_error()
    if not console.is_terminal:
        datasets.disable_progress_bars()
        huggingface_hub.utils.disable_progress_bars()
    return datasets


def _splits(builder: Any) -> list[str]:
    files = builder.config.data_files
    return [str(name) for name in (files or builder.info.splits or ())]


def _rows(split: HubSplit, *, streaming: bool) -> Iterator[Row | BadRow]:
    source, builder = split.source, split.builder
    with in_words(str(source.hub), source.revision):
        if streaming or is_path(str(source.hub)):
            data = builder.as_streaming_dataset(split=source.split)
        else:
            if not Path(builder.cache_dir).exists():
                say(f"downloading {source.hub}", "dim")
            builder.download_and_prepare()
            data = builder.as_dataset(split=source.split)
        converters = _converters(data.features or {})
        number = 0
        for table in data.with_format("arrow").iter(batch_size=BATCH_ROWS):
            for batch in table.to_batches():
                for columns in row_values(batch):
                    number += 1
                    origin = Origin(split.name, number)
                    if columns is None:
                        yield BadRow(origin, "not UTF-8")
                        continue
                    for name, convert in converters.items():
                        columns[name] = convert(columns[name])
                    yield Row(columns, origin)


def _converters(features: dict[str, Any]) -> dict[str, Convert]:
    """What to do with the columns whose stored values are not what people see."""
    return {name: convert for name, feature in features.items() if (convert := _converter(feature)) is not None}


def _converter(feature: Any) -> Convert | None:
    datasets = _library()
    if isinstance(feature, datasets.ClassLabel):
        names = list(feature.names or ())
        return lambda value: names[value] if value is not None and 0 <= value < len(names) else None
    if isinstance(feature, datasets.Json):
        return lambda value: json.loads(value) if isinstance(value, str) else value
    if isinstance(feature, dict):
        inner = _converters(feature)
        return (lambda value: _convert_struct(value, inner)) if inner else None
    item = feature[0] if isinstance(feature, list) else getattr(feature, "feature", None)
    convert = None if item is None else _converter(item)
    if convert is None:
        return None
    return lambda value: None if value is None else [convert(one) for one in value]


def _convert_struct(value: dict[str, Any] | None, inner: dict[str, Convert]) -> dict[str, Any] | None:
    if value is None:
        return None
    return {name: inner[name](one) if name in inner else one for name, one in value.items()}


def _dotted(name: str, feature: Any) -> list[str]:
    """The names of a column: of the leaves where it is a struct, by its feature or by a value of it."""
    if not isinstance(feature, dict) or not feature:
        languages = getattr(feature, "languages", None)  # translations are structs with a name of their own
        return [f"{name}.{code}" for code in languages] if isinstance(languages, list | tuple) else [name]
    return [leaf for key, inner in feature.items() for leaf in _dotted(f"{name}.{key}", inner)]


def _listed(names: list[str]) -> str:
    return ", ".join(f"'{name}'" for name in names)
