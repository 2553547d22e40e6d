"""A part of the text, tokenised: a shard. It is written whole or not at all, by whichever process is free.

A shard is a folder with the token ids of all its documents, those to learn from in `train.bin` and those to measure on
in `validation.bin`, an end token after each, and `manifest.json`: what became of each document that was read, and a key
of all that the shard was made from. Two bytes a token, four for vocabularies above 65,536 pieces.

What is slow to import stays out of here: the processes that do this need none of it.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import IO, Any

import numpy as np

from dragoman.base.files import atomic_folder, read_json, write_json
from dragoman.data.keys import text_key
from dragoman.data.standing import Stamp, unchanged
from dragoman.objectives.pretraining.texts import Part, Texts
from dragoman.objectives.pretraining.token_rules import TokenFilter
from dragoman.recipe.schema import TokenRules
from dragoman.tokenizer.face import TextTokenizer
from dragoman.tokenizer.loading import load_tokenizer

VERSION = 1  # raised when the same text would give another shard
MANIFEST = "manifest.json"
SPLITS = ("train", "validation")
LONGEST = 1 << 15  # characters that are tokenised in one go; what a tokenizer keeps of each takes far more room


@dataclass(frozen=True)
class Encoding:
    """How text becomes shards. tokenizer: its folder. begin: whether documents begin with its begin token."""

    tokenizer: Path
    vocabulary: str  # the digest of that folder
    begin: bool
    rules: TokenRules
    validation_share: float
    seed: int

    def key(self, part: Part, content: str) -> str:
        """Of a shard: the same for the same text encoded in the same way. content: tells what the part reads."""
        made_from = [
            VERSION, self.vocabulary, self.begin, self.rules.model_dump(), self.validation_share, self.seed, part.kind,
            [(piece.start, piece.stop, piece.rows) for piece in part.pieces], content,
        ]  # fmt: skip
        return hashlib.sha256(repr(made_from).encode()).hexdigest()


@dataclass(frozen=True)
class ShardJob:
    """One shard to write into `folder`. files: that its text is read from, as they were before the key was made."""

    texts: Texts
    part: Part
    encoding: Encoding
    folder: Path
    key: str
    files: Mapping[Path, Stamp]


def is_written(folder: Path, key: str) -> bool:
    """Whether a shard is there, whole and made from the same."""
    try:
        manifest = read_json(folder / MANIFEST)
        sizes = {split: manifest["tokens"][split] * manifest["item_bytes"] for split in SPLITS}
        whole = all((folder / f"{split}.bin").stat().st_size == size for split, size in sizes.items())
        return whole and bool(manifest["key"] == key)
    except (OSError, ValueError, LookupError, TypeError):
        return False


def write_shard(job: ShardJob) -> Path:
    """Tokenise a part. Memory does not grow with it. Raises ChangedError where its files change meanwhile."""
    tokenizer = _tokenizer(job.encoding.tokenizer, job.encoding.vocabulary)
    with atomic_folder(job.folder) as folder, unchanged(job.files):
        writer = _Writer(job.encoding, tokenizer)
        with open(folder / "train.bin", "wb") as train, open(folder / "validation.bin", "wb") as validation:
            for batch in job.texts.documents(job.part):
                writer.faults.update(batch.faults)
                writer.write(batch.texts, {"train": train, "validation": validation})
        write_json(folder / MANIFEST, {"key": job.key, "part": job.part.name, **writer.counts()})
    return job.folder


@lru_cache(maxsize=1)
def _tokenizer(folder: Path, digest: str) -> TextTokenizer:
    return load_tokenizer(folder)


class _Writer:
    """Documents to ids, and what became of each document."""

    def __init__(self, encoding: Encoding, tokenizer: TextTokenizer):
        self.encoding, self.tokenizer = encoding, tokenizer
        self.filter = TokenFilter(encoding.rules, tokenizer)
        self.dtype = np.uint16 if tokenizer.vocabulary_size <= 2**16 else np.int32
        self.begin = [tokenizer.bos_id] if encoding.begin and tokenizer.bos_id is not None else []
        self.read = self.bytes = 0
        self.faults, self.dropped = Counter[str](), Counter[str]()
        self.documents, self.tokens = Counter[str](), Counter[str]()

    def write(self, texts: list[str], files: dict[str, IO[bytes]]) -> None:
        """Documents, to the file of the split that each belongs to."""
        made: dict[str, list[np.ndarray]] = {split: [] for split in SPLITS}
        for text, ids in zip(texts, self._ids(texts), strict=True):
            self.bytes += len(text.encode("utf-8", "surrogatepass"))
            reason = self.filter.reason(ids) if len(ids) else "empty"
            if reason is not None:
                self.dropped[reason] += 1
                continue
            split = "validation" if self._is_measured(text) else "train"
            made[split] += [np.array(self.begin, dtype=np.int64), ids, np.array([self.tokenizer.eos_id])]
            self.documents[split] += 1
        self.read += len(texts)
        for split, parts in made.items():
            if parts:
                ids = np.concatenate(parts).astype(self.dtype)
                ids.tofile(files[split])
                self.tokens[split] += len(ids)

    def _ids(self, texts: list[str]) -> Iterator[np.ndarray]:
        """The ids of each text: (L,) int64."""
        pieces = [list(_pieces(text)) for text in texts]
        encoded = iter(self.tokenizer.encode_batch([piece for own in pieces for piece in own]))
        for own in pieces:
            yield np.array([id for _ in own for id in next(encoded)], dtype=np.int64)

    def _is_measured(self, text: str) -> bool:
        """Whether a document is held out. Equal ones are all or none."""
        key = f"{self.encoding.seed}\x1f{text_key(text)}".encode()
        rank = int.from_bytes(hashlib.blake2b(key, digest_size=8).digest(), "little")
        return rank < self.encoding.validation_share * 2**64

    def counts(self) -> dict[str, Any]:
        """For the manifest. Raises RuntimeError where a document was counted twice or not at all: a fault of ours."""
        if self.read != self.dropped.total() + self.documents.total():
            raise RuntimeError(f"{self.read} documents were read, {self.dropped} and {self.documents} remain")
        return {
            "read": self.read + self.faults.total(),
            "bytes": self.bytes,
            "unusable": dict(self.faults),
            "dropped": dict(self.dropped),
            "documents": {split: self.documents[split] for split in SPLITS},
            "tokens": {split: self.tokens[split] for split in SPLITS},
            "item_bytes": np.dtype(self.dtype).itemsize,
        }


def _pieces(text: str) -> Iterator[str]:
    """A text in pieces that are not too long, cut at a space where there is one."""
    start = 0
    while len(text) - start > LONGEST:
        space = text.rfind(" ", start + 1, start + LONGEST)
        yield text[start : space if space > 0 else start + LONGEST]
        start = space + 1 if space > 0 else start + LONGEST
    yield text[start:]
