"""Progress on long work: a live bar on a terminal, a line now and then elsewhere (a log file, CI).

with progress("encoding", total=rows, unit="rows") as bar:
    for row in rows:
        bar.advance(1)
        bar.note("3 quarantined")
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeRemainingColumn

T = TypeVar("T")

LINE_EVERY = 15.0  # seconds between lines where there is no terminal
QUIET_FOR = 2.0  # seconds: shorter work says nothing there

# Messages; results go to standard output. Without emoji: in "file.yaml:100:1" the ":100:" would become one.
console = Console(stderr=True, highlight=False, emoji=False)


def say(text: str, style: str | None = None) -> None:
    """A message of one or more lines, as it stands: no markup, and no line breaks of the terminal's own."""
    console.print(text, style=style, markup=False, soft_wrap=True)


class Bar:
    """One running piece of work. `total` None means that its end is not known."""

    def __init__(self, title: str, total: int | None, done: int, unit: str):
        self.title, self.total, self.done, self.unit, self.text = title, total, done, unit, ""

    def advance(self, n: int = 1) -> None:
        self.done += n
        self.draw()

    def over(self, items: Iterable[T]) -> Iterator[T]:
        """Go through items, advancing by one each."""
        for item in items:
            yield item
            self.advance()

    def note(self, text: str) -> None:
        """What to show beside the bar: rates, loss, counts."""
        self.text = text
        self.draw()

    def draw(self) -> None:
        raise NotImplementedError

    def close(self) -> None:
        raise NotImplementedError


class LiveBar(Bar):
    def __init__(self, title: str, total: int | None, done: int, unit: str):
        super().__init__(title, total, done, unit)
        self.live = Progress(
            SpinnerColumn(), TextColumn("{task.description}", markup=False), BarColumn(bar_width=24),
            MofNCompleteColumn(), TextColumn(unit), TimeRemainingColumn(),
            TextColumn("{task.fields[text]}", style="dim", markup=False),
            console=console, refresh_per_second=5, transient=True,
        )  # fmt: skip
        self.task = self.live.add_task(title, total=total, completed=done, text="")
        self.live.start()

    def draw(self) -> None:
        self.live.update(self.task, completed=self.done, text=self.text)

    def close(self) -> None:
        self.live.stop()


class LineBar(Bar):
    def __init__(self, title: str, total: int | None, done: int, unit: str):
        super().__init__(title, total, done, unit)
        self.began = self.last = time.monotonic()
        self.first = done

    def draw(self, *, final: bool = False) -> None:
        now = time.monotonic()
        if now - (self.began if final else self.last) < (QUIET_FOR if final else LINE_EVERY):
            return
        self.last = now
        of = f"/{self.total}" if self.total is not None else ""
        parts = [f"{self.title}: {self.done}{of} {self.unit}", "" if final else self._left(now - self.began), self.text]
        print("  ".join(part for part in parts if part), file=sys.stderr, flush=True)

    def _left(self, seconds: float) -> str:
        """The time that is left, if all goes on as fast as so far."""
        if self.total is None or not self.first < self.done < self.total:
            return ""
        left = seconds / (self.done - self.first) * (self.total - self.done)
        return f"{left:.0f} s left" if left < 100 else f"{left / 60:.0f} min left"

    def close(self) -> None:
        self.draw(final=True)


@contextmanager
def progress(title: str, total: int | None = None, *, done: int = 0, unit: str = "") -> Iterator[Bar]:
    """Show the progress of a block of work. `done`: where it starts, after a resume."""
    bar = (LiveBar if console.is_terminal else LineBar)(title, total, done, unit)
    try:
        yield bar
    finally:
        bar.close()
