"""The files that hold a pretrained model's weights, and what they tell without being loaded."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # to find a model's files takes no torch, whose import takes seconds
    from torch import Tensor

KINDS = ("model.safetensors", "pytorch_model.bin")  # the better one first
COMPARED = 64  # rows of two matrices that must be equal for these to be one


def choose_weights(names: Iterable[str]) -> list[str]:
    """Those of a folder's files that hold the whole model once: in one file or in shards with their index, or none."""
    there = set(names)
    for whole in KINDS:
        if whole in there:
            return [whole]
        if (index := f"{whole}.index.json") in there:
            stem, dot, ending = whole.rpartition(".")
            shard = re.compile(rf"{re.escape(stem)}-\d+-of-\d+{re.escape(dot + ending)}")
            return [index, *sorted(name for name in there if shard.fullmatch(name))]
    return []


def weight_files(folder: Path) -> list[Path]:
    """The files of `choose_weights` in a folder."""
    return [folder / name for name in choose_weights(file.name for file in folder.iterdir())]


def missing_shards(folder: Path) -> list[str]:
    """The files that an index names and that are not there."""
    files = weight_files(folder)
    if not files or files[0].suffix != ".json":
        return []
    return sorted(name for name in set(_places(files[0]).values()) if not (folder / name).is_file())


def _places(index: Path) -> dict[str, str]:
    """The file of each tensor."""
    return dict(json.loads(index.read_text(encoding="utf-8"))["weight_map"])


def are_one(folder: Path, name: str, other: str) -> bool | None:
    """Whether two tensors of a checkpoint are one: stored once, or equal. None where there are no weights to ask."""
    import torch

    files = weight_files(folder)
    if not files:
        return None
    index = {name: files[0], other: files[0]}
    if files[0].suffix == ".json":
        index = {tensor: folder / file for tensor, file in _places(files[0]).items()}
    rows = [_first_rows(index[tensor], tensor) if tensor in index else None for tensor in (name, other)]
    if rows[0] is None or rows[1] is None:
        return True
    return torch.equal(rows[0], rows[1])


def _first_rows(file: Path, name: str) -> Tensor | None:
    import torch
    from safetensors import safe_open

    if file.suffix == ".safetensors":
        with safe_open(file, framework="pt") as opened:
            return opened.get_slice(name)[:COMPARED] if name in opened.keys() else None  # noqa: SIM118 (no mapping)
    stored = torch.load(file, map_location="cpu", weights_only=True, mmap=True)
    return stored[name][:COMPARED] if name in stored else None
