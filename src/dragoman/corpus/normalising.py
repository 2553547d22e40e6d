"""Raw text -> documents: one way to write what reads the same.

- Unicode NFC; control characters, soft hyphens, zero-width spaces, word joiners and byte order marks go: what the
  tokenizer's `clean` does not tell apart. `clean(normalise(text)) == clean(text)` for text without damage.
- Unlike there, lines stay: every kind of line end is "\\n", other white space is one space, none stands at the ends
  of a line, several empty lines are one, and there is none at the ends of the text.
- Text whose UTF-8 was read as Windows-1252 is put right first, where that is sure (`mojibake.py`).
"""

from __future__ import annotations

import re
import unicodedata
from itertools import groupby

import pyarrow as pa
import pyarrow.compute as pc

from dragoman.corpus.mojibake import MOST, repair
from dragoman.corpus.spans import as_column

_LINE_END = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_GONE = re.compile("[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u00ad\u200b\u2060\ufeff]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_EMPTY_LINES = re.compile("\n{3,}")
_MARKS = re.compile(r"[^\w\s\x00-\u02ff]{32,}")  # what marks in a row, of which text has a few, are among

# What cannot need work: no white space but " " and "\n", nothing that goes, nothing that NFC could change or combine.
# Â, Ã, â and ð are left out: they may be damage.
_PLAIN = (
    r"\n -~\x{A1}-\x{AC}\x{AE}-\x{C1}\x{C4}-\x{E1}\x{E3}-\x{EF}\x{F1}-\x{2FF}\x{370}-\x{373}\x{375}-\x{37D}\x{37F}"
    r"\x{384}-\x{386}\x{388}-\x{482}\x{48A}-\x{590}\x{5BE}\x{5D0}-\x{5F4}\x{2010}-\x{2027}\x{2030}-\x{205E}"
    r"\x{2070}-\x{20CF}\x{2100}-\x{2125}\x{2127}-\x{2129}\x{212C}-\x{2328}\x{232B}-\x{2ADB}\x{2ADD}-\x{2C7F}"
    r"\x{3001}-\x{3029}\x{3030}-\x{3098}\x{309B}-\x{A66E}\x{AC00}-\x{D7A3}\x{FF01}-\x{FFDC}\x{1F000}-\x{1FAFF}"
)
_WORK = rf"[^{_PLAIN}]|  | \n|\n |\n\n\n|\A[ \n]|[ \n]\z"


def normalise(text: str) -> str:
    """One document as described above. Normalising twice changes nothing, unless damage is made up (see `repair`)."""
    text = _tidy(repair(text))
    for _ in range(MOST):
        if (repaired := repair(text)) == text:  # what went may have stood between the two halves of a letter
            break
        text = _tidy(repaired)
    return text


def _tidy(text: str) -> str:
    text = _SURROGATE.sub("\ufffd", _GONE.sub("", _LINE_END.sub("\n", text)))
    if not unicodedata.is_normalized("NFC", text):
        text = unicodedata.normalize("NFC", _MARKS.sub(_in_order, text))
    text = "\n".join(" ".join(line.split()) for line in text.split("\n"))
    return _EMPTY_LINES.sub("\n\n", text).strip("\n")


def _in_order(match: re.Match[str]) -> str:
    """What was found, decomposed, its marks in order (UAX #15): Python sorts them itself, but in quadratic time."""
    characters = (part for character in match[0] for part in unicodedata.normalize("NFD", character))
    return "".join(
        character
        for is_mark, run in groupby(characters, lambda character: unicodedata.combining(character) > 0)
        for character in (sorted(run, key=unicodedata.combining) if is_mark else run)
    )


def normalise_texts(texts: pa.Array | pa.ChunkedArray) -> pa.Array:
    """A column of documents, as `large_string`; those that need nothing cost one search. Nulls raise ValueError."""
    whole = as_column(texts)
    needy = pc.match_substring_regex(whole, _WORK)
    worked = [normalise(text) for text in whole.filter(needy).to_pylist()]
    return pc.replace_with_mask(whole, needy, pa.array(worked, pa.large_string())) if worked else whole
