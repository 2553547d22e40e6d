"""What `predict` shows on a terminal: a conversation, and entities in their text."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable

from rich.console import Console
from rich.text import Text

from dragoman.base.progress import say
from dragoman.data.entities import parse_entities
from dragoman.data.rows import Message
from dragoman.generation.prompts import Question
from dragoman.generation.texts import TextGenerator

COLOURS = ("cyan", "magenta", "green", "yellow", "blue", "red")


def converse(generator: TextGenerator, ask: Callable[[str], Question]) -> None:
    """Talk with a model, line by line, until the input ends; it sees all that was said before.

    ask: makes a conversation of a text, as in training.
    """
    say("type a message and press Enter; an empty line begins a new conversation, Ctrl-D ends", "dim")
    said: tuple[Message, ...] = ()
    for line in sys.stdin:
        text = line.rstrip("\r\n")
        if not text:
            said = ()
            say("a new conversation", "dim")
            continue
        asked = ask(text)
        if not isinstance(asked, tuple):  # nothing to read in it
            continue
        said = (*said, asked[-1]) if said else asked
        (answer,) = generator.answer([said], title=None)
        print(answer.text, flush=True)
        if answer.trimmed:
            say(
                f"longer than the model's context of {generator.model.context:,} tokens: the oldest turns left out",
                "dim",
            )
        if not answer.candidates[0].finished:
            say("cut at the longest length allowed", "dim")
        said = (*said, Message("assistant", answer.text))


def bare(text: str, source_template: str) -> str:
    """The text that a template of one column was filled with, without the words around it."""
    around = re.fullmatch(r"([^{}]*)\{[^{}]+\}([^{}]*)", source_template)
    return text if around is None else text.removeprefix(around[1]).removesuffix(around[2])


def coloured_entities(text: str, answer: str, none: str) -> None:
    """Print a text with its entities in colour, each with its type; those that the text does not hold come after it."""
    screen, shown, elsewhere = Console(highlight=False, emoji=False), Text(text), list[str]()
    found = parse_entities(answer, none).entities
    types = sorted({kind for _, kind in found})
    for name, kind in found:
        whole = rf"(?<!\w){re.escape(name)}(?!\w)"
        if not shown.highlight_regex(whole, f"bold {COLOURS[types.index(kind) % len(COLOURS)]}"):
            elsewhere.append(f"{name}: {kind}")
    legend = [Text(name, f"bold {COLOURS[number % len(COLOURS)]}") for number, name in enumerate(types)]
    screen.print(Text.assemble(shown, *(part for label in legend for part in ("  ", label))), soft_wrap=True)
    if elsewhere:
        screen.print(Text(f"  not in the text: {'; '.join(elsewhere)}", "dim"), soft_wrap=True)
