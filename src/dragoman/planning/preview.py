"""Examples as the model will see them: tokens of the source, and the labels that it is taught, in colour."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text

from dragoman.data.encoded import EncodedSet
from dragoman.tokenizer.tokenizer import Tokenizer

SHADES = ("on dark_green", "on dark_blue")  # alternating, so that neighbouring tokens stand apart


def preview(encoded: EncodedSet, tokenizer: Tokenizer, count: int = 3) -> list[Text]:
    """The first rows, the middle ones and the last, as many as asked for; what is labelled is coloured."""
    places = sorted({i * (len(encoded) - 1) // max(1, count - 1) for i in range(count)})
    lines = []
    for place in places:
        inputs, labels = encoded[place]
        lines.append(Text(f"{encoded.origin(place)}", style="bold"))
        lines.append(Text("  source  ").append_text(_pieces(tokenizer.pieces(inputs.tolist()), ("dim", "default"))))
        lines.append(Text("  labels  ").append_text(_pieces(tokenizer.pieces(labels.tolist()), SHADES)))
    lines.append(Text("  (labels: what the loss is taken over, the end token included)", style="dim"))
    return lines


def _pieces(pieces: Sequence[str], styles: tuple[str, str]) -> Text:
    text = Text()
    for i, piece in enumerate(pieces):
        text.append(piece, style=styles[i % 2]).append(" " if styles is not SHADES else "\u200a")
    return text
