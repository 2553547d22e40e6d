"""What every process has to know of a corpus that is being cleaned, and the keys that say what is done already."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dragoman.corpus.engine.folder import CorpusFolder
from dragoman.corpus.engine.shards import Shard
from dragoman.data.documents.fingerprints import fingerprint
from dragoman.recipe.schema import Corpus

VERSION = 1  # raised when the same input would give another output
READING = {"format", "column", "document", "encoding", "language", "config", "split"}


@dataclass(frozen=True)
class Job:
    """A corpus and where it goes."""

    corpus: Corpus
    output: Path
    seed: int

    @property
    def folder(self) -> CorpusFolder:
        return CorpusFolder(self.output)


def hashed(*values: Any) -> str:
    """A key: the same for the same values, in every process."""
    return hashlib.blake2b(json.dumps(values, sort_keys=True).encode(), digest_size=16).hexdigest()


def pipeline_hash(corpus: Corpus) -> str:
    """What the steps of a recipe are told by."""
    return hashed(VERSION, corpus.model_dump(mode="json", exclude={"sources"}))


def inputs_of(shard: Shard, corpus: Corpus) -> list[dict[str, Any]]:
    """Each part of a shard with its fingerprint and how it is read."""
    inputs = []
    for part in shard.parts:
        source = corpus.sources[part.piece.source]
        inputs.append(
            {
                "file": part.name,
                "start": part.piece.start,
                "stop": part.piece.stop,
                "rows": part.piece.rows,
                "first_row": part.piece.first_row,
                "fingerprint": fingerprint(part.piece, source),
                **source.model_dump(mode="json", include=READING, exclude_none=True),
            }
        )
    return inputs
