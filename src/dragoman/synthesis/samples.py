"""Some records of each kind to look at, the same ones whenever the same records come: those with the lowest hashes."""

from __future__ import annotations

import hashlib
import heapq
from collections import defaultdict
from typing import Any

MOST = 6  # records of a kind
SHOWN = 600  # characters of one text


class Samples:
    """Memory: the records that are chosen."""

    def __init__(self) -> None:
        self._chosen: defaultdict[str, list[tuple[int, str, dict[str, Any]]]] = defaultdict(list)  # highest hash on top

    def add(self, kind: str, name: str, record: dict[str, Any]) -> None:
        """name: of this record alone."""
        heap = self._chosen[kind]
        hashed = hashlib.blake2b(f"{kind}\0{name}".encode(), digest_size=8).digest()
        rank = -int.from_bytes(hashed, "big")
        if len(heap) < MOST:
            heapq.heappush(heap, (rank, name, _short(record)))
        elif rank > heap[0][0]:
            heapq.heapreplace(heap, (rank, name, _short(record)))

    def to_json(self) -> dict[str, list[dict[str, Any]]]:
        """By kind, the lowest hash first."""
        return {kind: [record for _, _, record in sorted(heap, reverse=True)] for kind, heap in self._chosen.items()}


def _short(record: dict[str, Any]) -> dict[str, Any]:
    return {
        key: f"{value[:SHOWN]}…" if isinstance(value, str) and len(value) > SHOWN else value
        for key, value in record.items()
    }
