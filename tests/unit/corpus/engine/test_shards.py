from __future__ import annotations

import time
from pathlib import Path

from dragoman.corpus.engine.shards import file_name, shards_of
from dragoman.data.documents import Piece
from dragoman.recipe.schema import TextSource


def test_small_pieces_of_a_source_go_together(tmp_path: Path) -> None:
    sizes = [(0, 40), (0, 40), (0, 40), (0, 100), (0, 10), (1, 10), (1, 0), (1, 0)]
    pieces = [
        Piece(source, tmp_path / f"{number}.txt", 0, None, size=size) for number, (source, size) in enumerate(sizes)
    ]
    sources = [TextSource(path="*.txt"), TextSource(path="*.txt")]
    shards = shards_of(pieces, sources, tmp_path, 100)
    assert [[part.name for part in shard.parts] for shard in shards] == [
        ["0.txt", "1.txt"], ["2.txt"], ["3.txt"], ["4.txt"], ["5.txt"], ["6.txt"], ["7.txt"],
    ]  # fmt: skip
    assert [shard.number for shard in shards] == list(range(7))
    assert [shard.source for shard in shards] == [0, 0, 0, 0, 1, 1, 1]


def test_many_small_files_are_put_together_at_once(tmp_path: Path) -> None:
    pieces = [Piece(0, tmp_path / "a.txt", 0, None, size=1)] * 100_000
    began = time.perf_counter()
    (shard,) = shards_of(pieces, [TextSource(path="*.txt")], tmp_path)
    assert len(shard.parts) == 100_000
    assert time.perf_counter() - began < 20


def test_names_of_files(tmp_path: Path) -> None:
    text, hub = TextSource(path="x"), TextSource(hub="owner/set", split="train")
    assert file_name(Piece(0, tmp_path / "deep/a.txt", 0, None), text, tmp_path) == "deep/a.txt"
    assert file_name(Piece(0, Path("/elsewhere/a.txt"), 0, None), text, tmp_path) == "/elsewhere/a.txt"
    assert file_name(Piece(0, Path("owner/set"), 3, 4), hub, tmp_path) == "owner/set/train/3"
