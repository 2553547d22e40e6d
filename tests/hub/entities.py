"""Sentences with named entities, tagged as CoNLL-2003 is: PER, ORG, LOC and MISC."""

from __future__ import annotations

import random

FIRST = ["Anna", "Peter", "Maria", "Omar", "Julia", "David"]
LAST = ["Keller", "Novak", "Silva", "Haddad", "Berg", "Costa"]
CITY = ["Oslo", "Cairo", "Lima", "Vienna", "New Delhi", "Port Louis"]
CLUB = ["Rapid", "Olympia", "Red Star", "North End", "Unity"]
NATION = ["Austrian", "Egyptian", "Peruvian", "Indian", "Dutch"]

# Words in capitals stand for a name; the rest stands for itself. The last three hold no entity.
PATTERNS = [
    "PER visited LOC on Monday .",
    "ORG beat ORG 3 - 1 in LOC .",
    "The MISC coach PER leaves ORG .",
    "Results : PER PER PER , all of LOC .",
    "PER , a MISC lawyer , works for ORG in LOC .",
    "It rained all day .",
    "The match was called off after ten minutes .",
    "Shares fell again on Friday .",
]

Sentence = list[tuple[str, str]]  # words, each with its tag: "B-PER", "I-PER", "O"


def sentences(count: int, seed: int) -> list[Sentence]:
    """Tagged in IOB2: every entity begins with B-, also where one of the same type goes before."""
    pick = random.Random(seed)
    return [_fill(pick.choice(PATTERNS), pick) for _ in range(count)]


def as_iob1(sentence: Sentence) -> Sentence:
    """The same in IOB1, as the files of CoNLL-2003 are: B- only where an entity of the same type goes before."""
    tags = ["O", *(tag for _, tag in sentence)]
    return [
        (word, tag if not tag.startswith("B-") or before[2:] == tag[2:] else f"I-{tag[2:]}")
        for (word, tag), before in zip(sentence, tags, strict=False)
    ]


def _fill(pattern: str, pick: random.Random) -> Sentence:
    found: Sentence = []
    for word in pattern.split():
        names = {
            "PER": f"{pick.choice(FIRST)} {pick.choice(LAST)}", "LOC": pick.choice(CITY), "ORG": pick.choice(CLUB),
            "MISC": pick.choice(NATION),
        }  # fmt: skip
        if word not in names:
            found.append((word, "O"))
            continue
        found += [(part, f"{'I' if i else 'B'}-{word}") for i, part in enumerate(names[word].split())]
    return found
