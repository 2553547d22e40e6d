"""What became of the documents of a pretraining, in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any


def receipt_lines(receipt: Mapping[str, Any]) -> Iterator[str]:
    """Of a receipt (`encoding.receipt_of`): first what is learnt from, then why documents are left out."""
    documents, tokens = receipt["documents"], receipt["tokens"]
    yield f"text: {receipt['read']:,} documents were read, {receipt['bytes'] / 1e6:,.1f} MB"
    for split, purpose in (("train", "learn from"), ("validation", "measure on")):
        yield f"text: {documents.get(split, 0):,} documents to {purpose}, {tokens.get(split, 0):,} tokens"
    for fate in ("dropped", "unusable"):
        for reason, count in receipt[fate].items():
            yield f"text: {count:,} documents {fate}: {reason}"
