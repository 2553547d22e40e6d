"""Examples as the model will see them: tokens of the source, and the labels that it is taught, in colour."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from dragoman.data.encoded import EncodedSet
from dragoman.tokenizer.tokenizer import Tokenizer

PLAIN = ("default", "cyan")  # alternating, so that neighbouring tokens stand apart
LABELLED = ("black on green", "black on bright_green")


def preview(encoded: EncodedSet, tokenizer: Tokenizer, count: int = 3) -> RenderableType:
    """The first row, the last, and rows between them, as many as asked for; what is labelled has a coloured ground."""
    places = sorted({i * (len(encoded) - 1) // max(1, count - 1) for i in range(count)})
    parts: list[RenderableType] = [Text(f"{min(count, len(places))} examples, as tokens", style="bold")]
    for place in places:
        inputs, labels = encoded[place]
        table = Table.grid(padding=(0, 2))
        table.add_row("", Text("source", style="dim"), _pieces(tokenizer.pieces(inputs.tolist()), PLAIN))
        table.add_row("", Text("labels", style="dim"), _pieces(tokenizer.pieces(labels.tolist()), LABELLED))
        parts += [Text(str(encoded.origin(place)), no_wrap=True, overflow="ignore"), table]
    parts.append(Text("▁ stands for a space, </s> for the end; labels are what the model learns to say", style="dim"))
    return Group(*parts)


def _pieces(pieces: Sequence[str], styles: tuple[str, str]) -> Text:
    return Text(" ").join(Text(piece, style=styles[i % 2]) for i, piece in enumerate(pieces))
