"""Examples as the model will see them: tokens of the source, and the labels that it is taught, in colour.

Of a causal model's rows, the whole sequence, with its labels in colour where they stand.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from dragoman.data.encoded import EncodedSet
from dragoman.tokenizer.face import TextTokenizer

PLAIN = ("default", "cyan")  # alternating, so that neighbouring tokens stand apart
LABELLED = ("black on green", "black on bright_green")


def preview(encoded: EncodedSet, tokenizer: TextTokenizer, count: int = 3) -> RenderableType:
    """The first row, the last, and rows between them, as many as asked for; what is labelled has a coloured ground."""
    places = sorted({i * (len(encoded) - 1) // max(1, count - 1) for i in range(count)})
    parts: list[RenderableType] = [Text(f"{min(count, len(places))} examples, as tokens", style="bold")]
    for place in places:
        row = encoded[place]
        inputs, labels = (tokenizer.pieces([int(id) for id in ids]) for ids in (row.input_ids, row.labels))
        name, learnt = ("source", set[int]()) if row.places is None else ("sequence", {int(at) for at in row.places})
        table = Table.grid(padding=(0, 2))
        table.add_row("", Text(name, style="dim"), _pieces(inputs, learnt))
        table.add_row("", Text("labels", style="dim"), _pieces(labels, set(range(len(labels)))))
        parts += [Text(str(encoded.origin(place)), no_wrap=True, overflow="ignore"), table]
    (end,) = tokenizer.pieces([tokenizer.eos_id])
    legend = f"▁ or Ġ stands for a space, {end} for the end; labels are what the model learns to say"
    parts.append(Text(legend, style="dim"))
    return Group(*parts)


def _pieces(pieces: Sequence[str], labelled: Collection[int]) -> Text:
    """labelled: the places of those that are learnt."""
    styles = [(LABELLED if i in labelled else PLAIN)[i % 2] for i in range(len(pieces))]
    return Text(" ").join(Text(piece, style=style) for piece, style in zip(pieces, styles, strict=True))
