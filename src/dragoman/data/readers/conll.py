"""CoNLL files: a token a line with its tag, an empty line after each sentence (Tjong Kim Sang and De Meulder 2003).

- Columns are separated by tabs where a line has one, else by spaces: the first is the token, the last its tag.
- A line of nothing but white space is empty. `-DOCSTART-` lines are skipped, and end a sentence too.
- A row is a sentence, with the columns `tokens` and `ner_tags` (lists of equal length); it has the number of the line
  with its first token. A line that cannot be read makes the sentence a bad row.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from dragoman.data.readers.lines import lines, not_utf8
from dragoman.data.rows import BadRow, Origin, Row, excerpt

COLUMNS = ["tokens", "ner_tags"]
DOCUMENT = b"-DOCSTART-"
SPACES = re.compile(r" +")

Line = tuple[int, int, bytes]  # its number, where it starts in the file, what stands in it


def read_conll(path: Path) -> Iterator[Row | BadRow]:
    """Memory: one sentence."""
    sentence: list[Line] = []
    for number, (offset, line) in enumerate(lines(path), start=1):
        if line.strip() and not line.startswith(DOCUMENT):
            sentence.append((number, offset, line))
        elif sentence:
            yield _parse(sentence, path)
            sentence = []
    if sentence:
        yield _parse(sentence, path)


def _parse(sentence: list[Line], path: Path) -> Row | BadRow:
    origin = Origin(str(path), sentence[0][0])
    content = b"\n".join(line for _, _, line in sentence)
    rows: list[list[str]] = []
    for number, offset, line in sentence:
        try:
            text = line.decode("utf-8")
        except UnicodeDecodeError:
            return replace(not_utf8(line, offset, origin), content=excerpt(content))
        columns = text.split("\t") if "\t" in text else SPACES.split(text.strip(" "))
        token, tag = columns[0], columns[-1]
        if len(columns) == 1 or not tag.strip():
            return BadRow(origin, "a token without a tag", excerpt(content), f"line {number}")
        if not token.strip(" "):
            return BadRow(origin, "a tag without a token", excerpt(content), f"line {number}")
        if rows and len(columns) != len(rows[0]):
            detail = f"{len(columns)} in line {number}, where the sentence's first has {len(rows[0])}"
            return BadRow(origin, "lines with different numbers of columns", excerpt(content), detail)
        rows.append(columns)
    return Row({"tokens": [row[0] for row in rows], "ner_tags": [row[-1].strip() for row in rows]}, origin)
