"""Something to know beside the scores."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Note:
    """warning: it casts doubt on the scores or the data."""

    text: str
    warning: bool = False
