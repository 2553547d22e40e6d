"""What a line of a web page looks like, and what stands around it: the numbers that the verdict is taken from.

A line with sentences in it is `solid`: long enough, and made of the small words that sentences need. Most of what tells
text from boilerplate is where a line stands among solid lines, long lines and lines that say what menus say.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from dragoman.corpus.boilerplate.phrases import find_phrases
from dragoman.corpus.lines import Lines, Mask
from dragoman.corpus.rules.characters import END
from dragoman.corpus.rules.words import Words
from dragoman.corpus.spans import Hashes, Places, as_bytes, as_texts, hash_spans

Numbers = NDArray[np.float64]

SHORT = 60  # characters: what menus, buttons and headings have at most
MARKERS = ("sharing", "comments", "related")  # what stands where an article ends

_SMALL = """
der die das und in zu den von mit ist des auf für im nicht ein eine als auch es an werden aus er hat dass sie nach wird
bei einer um am sind noch wie einem über einen so zum war haben nur oder aber vor zur bis mehr durch man sein wurde sei
hatte kann gegen vom können schon wenn habe seine ihre dann unter wir soll ich eines jahr zwei diese dieser wieder keine
seiner worden will zwischen immer was sagte gibt alle diesem seit muss wurden beim doch jetzt waren weil mir mich uns
euch dem ihr ihm ihn du dir dich mein meine ja damit da hier dort denn selbst sehr ob wo wer sich etwas nichts viel
viele
the of and to a that is was for it with as on be at by he his had this are but from not they have which or you were her
all one we would there their been has when if who will more no out so up said what its about than into them can only
other time new some could these two may then do my any me like over such our how also after did just your
de la le et les des en un du une que est pour qui dans par plus pas au sur ne se ce il sont avec son cette ont aux mais
y el los las por con una para es al lo como más pero sus su este di che e il per un non sono del della con si da come
"""


@dataclass(frozen=True)
class Page:
    """The N lines of D texts that are not empty.

    places: which of the texts' lines they are (N,). document: of each (N,). first: the place of each text's first line
    among the N, and N (D + 1,). features: by name (N,). phrases: what kinds of boilerplate a line speaks of (N,).
    solid: lines with sentences (N,). characters: of each line (N,). wrapped: lines that break off in a sentence (N,).
    """

    places: Places
    document: Places
    first: Places
    features: dict[str, Numbers]
    phrases: dict[str, Mask]
    solid: Mask
    characters: Numbers
    wrapped: Mask


def measure(lines: Lines) -> Page:
    """Everything that is known of a batch's lines."""
    words = Words(as_texts(lines.data, lines.offsets))
    places = np.flatnonzero(lines.stops > lines.starts)
    starts, stops, document = lines.starts[places], lines.stops[places], lines.document[places]
    characters = lines.characters[places].astype(np.float64)
    phrases = find_phrases(lines.column().take(pa.array(places)))

    begin, end = np.searchsorted(words.starts, starts), np.searchsorted(words.starts, stops)
    small = _sums(_is_small(words.hashes), begin, end)
    is_lower = _is_lower(words)
    lower = _sums(is_lower, begin, end)
    count = np.maximum(end - begin, 1)
    ended = (words.last_kinds(starts, stops) & END) != 0
    solid = (characters >= 40) & ((small >= 3) | ((lower >= 6) & (2 * lower >= count)))
    solid |= (characters >= 25) & ended & (small >= 2) & (lower >= 3)
    broken = (characters >= 40) & (characters < 120) & ~ended & (lower >= 3)

    around = Around(document, np.searchsorted(document, np.arange(len(lines.bounds))))
    mass = np.where(solid, np.minimum(characters, 400), 0)
    spoken = np.logical_or.reduce([phrases[name] for name in phrases if name not in ("date or name", "number")])
    short = characters < SHORT
    above = around.before(mass) / np.maximum(around.total(mass), 1)
    marked = (
        around.before((short & (above > 0.3) & np.logical_or.reduce([phrases[name] for name in MARKERS])) * 1.0) > 0
    )
    logs = np.log2(1 + characters)
    features = {
        "words": np.log2(1 + count),
        "long": characters >= 100,
        "sentence": ended & (small >= 2),
        "names a date": phrases["date or name"],
        "says it shortly": spoken & short,
        "says it at length": spoken & ~short,
        "said nearby": around.mean(spoken * 1.0, 3),
        "length nearby": around.mean(logs, 3),
        "length around": around.mean(logs, 12),
        "text above": above,
        "solid, text above": np.where(solid, above, 0),
        "solid above": np.log2(1 + around.above(mass)),
        "below a marker": marked,
        "solid share": around.total(np.where(solid, characters, 0)) / np.maximum(around.total(characters), 1),
        "above its title": _above_title(lines, starts, stops, around, characters),
    }
    opens_small = np.append(is_lower, False)[begin]  # a line of spaces has no word: it takes the next one's
    wrapped = np.zeros(len(places), bool)
    wrapped[:-1] = broken[:-1] & opens_small[1:] & (document[1:] == document[:-1])
    return Page(places, document, around.first, features, phrases, solid, characters, wrapped)


class Around:
    """Sums over a line's neighbours in its text. document: of each line (N,). first: first lines, and N (D + 1,)."""

    def __init__(self, document: Places, first: Places):
        self.document, self.first = document, first
        self.begin, self.end = first[:-1][document], first[1:][document]
        self.place = np.arange(len(document))

    def total(self, values: Numbers) -> Numbers:
        """Over the whole text."""
        return _sums(values, self.begin, self.end)

    def before(self, values: Numbers) -> Numbers:
        """Over the lines above."""
        return _sums(values, self.begin, self.place)

    def above(self, values: Numbers) -> Numbers:
        """Of the line above, 0 for a text's first."""
        return np.where(self.place > self.begin, np.roll(values, 1), 0)

    def mean(self, values: Numbers, reach: int) -> Numbers:
        """Over itself and the lines that are at most `reach` away."""
        low, high = np.maximum(self.place - reach, self.begin), np.minimum(self.place + reach + 1, self.end)
        return _sums(values, low, high) / (high - low)


def _sums(values: NDArray[np.generic], begin: Places, end: Places) -> Numbers:
    """Sums of values[begin:end]."""
    totals = np.zeros(len(values) + 1)
    np.cumsum(values, out=totals[1:])
    return totals[end] - totals[begin]


def _is_lower(words: Words) -> Mask:
    """Words that begin with a small letter, or with one of a script that has no others (W,)."""
    heads = words.data[words.starts]
    seconds = words.data[np.minimum(words.starts + 1, len(words.data) - 1)] if len(heads) else heads
    small = ((heads >= 0x61) & (heads <= 0x7A)) | ((heads == 0xC3) & (seconds >= 0x9F))
    return small | ((heads == 0xD0) & (seconds >= 0xB0)) | (heads == 0xD1) | (heads >= 0xD6)


def _is_small(hashes: Hashes) -> Mask:
    """Words that sentences are made of and menus are not: German, English, French, Spanish, Italian (W,)."""
    slots, shift = _small_words()
    return slots[(hashes >> shift) & np.uint64(len(slots) - 1)] == hashes


@cache
def _small_words() -> tuple[Hashes, np.uint64]:
    """Their hashes, each in a slot of its own, and how far a hash is shifted to tell its slot."""
    data, offsets = as_bytes(pa.array(sorted(set(_SMALL.split())), pa.large_string()))
    hashes = hash_spans(data, offsets[:-1], offsets[1:])
    count = 1 << 16
    places = [(hashes >> np.uint64(shift)) & np.uint64(count - 1) for shift in range(48)]
    shift = next(shift for shift, taken in enumerate(places) if len(np.unique(taken)) == len(hashes))
    slots = np.zeros(count, np.uint64)
    slots[places[shift]] = hashes
    return slots, np.uint64(shift)


def _above_title(lines: Lines, starts: Places, stops: Places, around: Around, characters: Numbers) -> Mask:
    """Lines above the one that says again how the text's first line begins: there the page itself has its title."""
    if not len(starts):
        return np.zeros(0, bool)
    top = starts[around.begin]
    sizes = stops - starts
    fits = (sizes <= stops[around.begin] - top) & (characters >= 12) & (around.place > around.begin)
    chosen = np.flatnonzero(fits)
    same = hash_spans(lines.data, top[chosen], top[chosen] + sizes[chosen])
    titles = np.zeros(len(starts))
    titles[chosen[same == hash_spans(lines.data, starts[chosen], stops[chosen])]] = 1
    return (around.before(titles) + titles == 0) & (around.total(titles) > 0)
