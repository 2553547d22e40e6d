"""Where a pretrained model is: in a folder, or on the hub and then in the hub's cache on this machine.

Only what is needed is downloaded: configuration, tokenizer, and the weights in one form. Without the network, or with
HF_HUB_OFFLINE=1, what the cache holds is used. A token for models that are not open to all comes from the environment
(HF_TOKEN) or from the hub's own login, and is never written anywhere.
"""

from __future__ import annotations

import fnmatch
import hashlib
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from dragoman.base.errors import RequestError, UnreachableError
from dragoman.base.files import digest
from dragoman.models.configurations import CONFIG, GENERATION, OVERFLOWING, read_config
from dragoman.models.weights import choose_weights, missing_shards, weight_files
from dragoman.recipe.paths import is_path, resolve_path

KEY = "model.pretrained"
DESCRIPTION = (  # all but the weights; in the repository's own folder, not below it
    CONFIG, GENERATION, "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json",
    "added_tokens.json", "vocab.json", "target_vocab.json", "merges.txt", "vocab.txt", "*.model", "*.spm",
    "chat_template.jinja", "chat_template.json",
)  # fmt: skip


@dataclass(frozen=True)
class Snapshot:
    """A model's files as they are at one moment. name: as the recipe has it. commit: None for a folder."""

    folder: Path
    name: str
    commit: str | None

    @cached_property
    def digest(self) -> str:
        """SHA-256 over configuration and weights: reads all of them, once."""
        files = [self.folder / CONFIG, *weight_files(self.folder)]
        return digest_of(f"{file.name} {digest(file)}" for file in files)

    @property
    def identity(self) -> str:
        """What tells it from every other model: name and commit, or for a folder what is in it, its tokenizer too."""
        if self.commit is not None:
            return f"{self.name}@{self.commit}"
        described = sorted(file for pattern in DESCRIPTION for file in self.folder.glob(pattern))
        return digest_of([self.digest, *(f"{file.name} {digest(file)}" for file in described)])

    @cached_property
    def config(self) -> Any:
        """transformers' configuration. Raises RequestError as `read_config` does."""
        return read_config(self.folder)

    @property
    def causal(self) -> bool:
        """Whether input and output are one sequence."""
        return not self.config.is_encoder_decoder

    @property
    def overflows(self) -> bool:
        """Whether it cannot be computed in float16."""
        return self.config.model_type in OVERFLOWING


def digest_of(lines: Iterable[str]) -> str:
    """SHA-256 of lines of text."""
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def resolve_model(name: str, revision: str | None, recipe_folder: Path, *, weights: bool = True) -> Snapshot:
    """The files of a model that a recipe names, downloaded where that is needed.

    name: a name on the hub, or a path, relative to the recipe's folder. weights: False for only what describes it.
    Raises RequestError where there is no such model or it may not be read, UnreachableError where the hub cannot be
    reached and the cache does not hold it.
    """
    if is_path(name):
        return _local(name, resolve_path(name, recipe_folder), weights)
    return _from_hub(name, revision, weights)


def _local(name: str, folder: Path, weights: bool) -> Snapshot:
    if not folder.is_dir():
        problem = "is a file, not a model folder" if folder.exists() else "there is no such folder"
        raise RequestError(problem, where=str(folder), hint=f"correct {KEY}")
    if not (folder / CONFIG).is_file():
        adapter = (folder / "adapter_config.json").is_file()
        hint = "this is an adapter: name the model that it was made for" if adapter else f"correct {KEY}"
        raise RequestError(f"not a model folder: there is no {CONFIG}", where=str(folder), hint=hint)
    if weights and not weight_files(folder):
        raise _no_weights(str(folder), [file.name for file in folder.iterdir()])
    if weights and (missing := missing_shards(folder)):
        raise RequestError(
            f"{missing[0]} is missing, which its index names", where=str(folder), hint="copy the folder anew"
        )
    return Snapshot(folder, name, None)


@cache  # a process sees one state of a model, and asks for it once
def _from_hub(name: str, revision: str | None, weights: bool) -> Snapshot:
    from huggingface_hub import HfApi, snapshot_download
    from huggingface_hub.errors import (
        GatedRepoError,
        HfHubHTTPError,
        HFValidationError,
        LocalEntryNotFoundError,
        RepositoryNotFoundError,
        RevisionNotFoundError,
    )

    HTTPError = HfHubHTTPError.__bases__[0]  # of the HTTP library that the hub's own is built on
    try:
        found = HfApi().model_info(name, revision=revision)
        names = [file.rfilename for file in found.siblings or []]
        wanted = _wanted(name, names, weights)
        with _bars_on_terminals_only():
            # By the branch's name, not by its commit, so that the cache knows the branch when the network is gone.
            folder = Path(snapshot_download(name, revision=revision, allow_patterns=wanted))
        return Snapshot(folder, name, folder.name)
    except GatedRepoError as error:
        raise RequestError(
            f"'{name}' is open only to those who accepted its terms",
            where=KEY,
            hint=f"accept them on https://huggingface.co/{name}, and set HF_TOKEN to a token of yours",
        ) from error
    except RevisionNotFoundError as error:
        raise RequestError(
            f"'{name}' has no branch, tag or commit '{revision}'", where="model.revision", hint="correct it"
        ) from error
    except RepositoryNotFoundError as error:
        raise RequestError(
            f"there is no model '{name}' on the hub, or it is private",
            where=KEY,
            hint="check its name (for a folder write ./NAME); for a private one set HF_TOKEN to a token of yours",
        ) from error
    except HFValidationError as error:
        raise RequestError(
            f"'{name}' cannot be a name on the hub", where=KEY, hint="write OWNER/NAME, or ./FOLDER for a folder"
        ) from error
    except (HTTPError, ConnectionError, LocalEntryNotFoundError) as error:  # ConnectionError: HF_HUB_OFFLINE too
        return _from_cache(name, revision, weights, error)


def _from_cache(name: str, revision: str | None, weights: bool, reason: Exception) -> Snapshot:
    from huggingface_hub import snapshot_download

    try:
        folder = Path(snapshot_download(name, revision=revision, local_files_only=True, allow_patterns=[CONFIG]))
        complete = not weights or (bool(weight_files(folder)) and not missing_shards(folder))
    except Exception:  # of many classes; all mean that it is not there
        complete = False
    if not complete:
        raise UnreachableError(
            f"'{name}' is not in the cache, and the hub cannot be reached: {str(reason).strip().splitlines()[0]}",
            where=KEY,
            hint="connect to the network and unset HF_HUB_OFFLINE, or name a folder that holds the model (./FOLDER)",
        ) from reason
    return Snapshot(folder, name, folder.name)


def _wanted(name: str, names: list[str], weights: bool) -> list[str]:
    """The files to download of all that there are."""
    if CONFIG not in names:
        raise RequestError(
            f"'{name}' is no model that transformers can load: it has no {CONFIG}", where=KEY,
            hint="name the model that it was made from" if "adapter_config.json" in names else "name another model",
        )  # fmt: skip
    described = [one for one in names if any(fnmatch.fnmatchcase(one, p) for p in DESCRIPTION) and "/" not in one]
    chosen = choose_weights(names) if weights else []
    if weights and not chosen:
        raise _no_weights(f"{KEY} ({name})", names)
    return described + chosen


def _no_weights(where: str, names: list[str]) -> RequestError:
    others = {"tf_model.h5": "TensorFlow", "flax_model.msgpack": "Flax", "adapter_config.json": "an adapter alone"}
    kinds = [kind for file, kind in others.items() if file in names]
    kinds += ["GGUF"] if any(file.endswith(".gguf") for file in names) else []
    there = f" (there is {' and '.join(kinds)})" if kinds else ""
    return RequestError(
        f"there are no weights in a form that can be read{there}",
        where=where,
        hint="model.safetensors or pytorch_model.bin is needed, whole or in shards with their index",
    )


@contextmanager
def _bars_on_terminals_only() -> Iterator[None]:
    from huggingface_hub.utils import are_progress_bars_disabled, disable_progress_bars, enable_progress_bars

    silence = not sys.stderr.isatty() and not are_progress_bars_disabled()
    if silence:
        disable_progress_bars()
    try:
        yield
    finally:
        if silence:
            enable_progress_bars()
