"""Every request that was ever sent, what it cost and what was answered, in one SQLite file.

- A request is there before it goes out: state `sent`, with its worst case. Answers, `ok` and `rejected`, are never
  asked for again; `pending` and `failed` are no results, and are.
- Whoever opens the file finds what a killed process had in flight still as `sent`: it may have cost something, so its
  worst case counts as spent (`lost`), and the request is open again.
- Statements run at once, in a transaction that `commit` makes durable. What goes out after a commit has everything that
  was recorded before it on disk, so what the file says was spent is never too little.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from dragoman.base.errors import DragomanError, RequestError
from dragoman.synthesis.wire.face import Reply

FORMAT = 1
_TABLES = """
CREATE TABLE requests (
    id TEXT PRIMARY KEY,
    state TEXT NOT NULL CHECK (state IN ('pending', 'sent', 'ok', 'rejected', 'failed')),
    model TEXT NOT NULL,
    prompt TEXT NOT NULL,                        -- the version of its wording
    content TEXT NOT NULL,                       -- what is asked, as JSON
    attempts INTEGER NOT NULL DEFAULT 0,
    reserved INTEGER NOT NULL DEFAULT 0,         -- the worst case of the attempt in flight
    lost INTEGER NOT NULL DEFAULT 0,             -- the worst cases of attempts whose answer never came
    lost_attempts INTEGER NOT NULL DEFAULT 0,
    input_tokens INTEGER NOT NULL DEFAULT 0,
    output_tokens INTEGER NOT NULL DEFAULT 0,
    cost INTEGER NOT NULL DEFAULT 0,             -- of the answer, when it came
    finish TEXT,
    word TEXT,                                   -- the server's own word for how it ended
    answer TEXT,
    error TEXT,                                  -- why the last attempt failed
    replaced INTEGER NOT NULL DEFAULT 0          -- failed, and others were asked for in its place since
)
"""


@dataclass(frozen=True, slots=True)
class Answer:
    """A recorded answer, with what was asked."""

    id: str
    model: str
    prompt: str
    content: str
    finish: str
    word: str
    text: str


@dataclass(frozen=True, slots=True)
class Totals:
    """Over everything ever sent. cost and lost: parts of the currency; lost is counted at its worst case."""

    answers: int
    rejected: int
    failed: int
    attempts: int
    lost_attempts: int
    input_tokens: int
    output_tokens: int
    cost: int
    lost: int

    @property
    def spent(self) -> int:
        return self.cost + self.lost


class Ledger:
    """Open, or begun. Only the holder of the folder's lock may open it. Raises RequestError for another format."""

    def __init__(self, path: Path):
        self.path = path
        with _explained(path):
            self._base = sqlite3.connect(path, isolation_level=None)
            self._base.execute("PRAGMA journal_mode=WAL")
            self._base.execute("PRAGMA synchronous=FULL")
            found = self._base.execute("PRAGMA user_version").fetchone()[0]
            if found not in (0, FORMAT):
                hint = "use the version of dragoman that wrote it, or give the run another name"
                raise RequestError(f"has format {found}; this version reads {FORMAT}", where=str(path), hint=hint)
            self._base.execute("BEGIN")
            if not found:
                self._base.execute(_TABLES)
                self._base.execute(f"PRAGMA user_version={FORMAT}")
            self._base.execute(
                "UPDATE requests SET state='pending', lost=lost+reserved, lost_attempts=lost_attempts+1, reserved=0, "
                "error='stopped while it was in flight' WHERE state='sent'"
            )
            self._base.execute("COMMIT")
        self.dirty = False

    def close(self) -> None:
        self.commit()
        self._base.close()

    # ---- one request's way ----

    def is_open(self, id: str) -> bool:
        """Whether it is still to be asked: neither in flight nor answered, nor given up for others."""
        with _explained(self.path):
            found = self._base.execute("SELECT state, replaced FROM requests WHERE id=?", (id,)).fetchone()
        return found is None or (found[0] in ("pending", "failed") and not found[1])

    def send(self, id: str, *, model: str, prompt: str, content: str, reserved: int) -> None:
        """An attempt is about to go out. It may only once this is committed."""
        self._write(
            "INSERT INTO requests (id, state, model, prompt, content, attempts, reserved) "
            "VALUES (?, 'sent', ?, ?, ?, 1, ?) "
            "ON CONFLICT (id) DO UPDATE SET state='sent', attempts=attempts+1, reserved=excluded.reserved",
            (id, model, prompt, content, reserved),
        )

    def record(self, id: str, reply: Reply, *, usable: bool, tokens: tuple[int, int], cost: int) -> None:
        """An answer came. tokens: input and output."""
        self._write(
            "UPDATE requests SET state=?, reserved=0, input_tokens=?, output_tokens=?, cost=?, finish=?, word=?, "
            "answer=?, error=NULL WHERE id=?",
            ("ok" if usable else "rejected", *tokens, cost, reply.finish, reply.word, reply.text, id),
        )

    def release(self, id: str, error: str) -> None:
        """The attempt failed, and cannot have cost anything."""
        self._write("UPDATE requests SET state='pending', reserved=0, error=? WHERE id=?", (error, id))

    def lose(self, id: str, error: str) -> None:
        """The attempt failed, and may have cost something: its worst case counts."""
        self._write(
            "UPDATE requests SET state='pending', lost=lost+reserved, lost_attempts=lost_attempts+1, reserved=0, "
            "error=? WHERE id=?",
            (error, id),
        )

    def fail(self, id: str) -> None:
        """All attempts of this start failed."""
        self._write("UPDATE requests SET state='failed' WHERE id=?", (id,))

    def replace(self, ids: Iterable[str]) -> None:
        """Others are asked for in the place of those that failed, so those are closed."""
        for id in ids:
            self._write("UPDATE requests SET replaced=1 WHERE id=? AND state='failed'", (id,))

    def answer(self, id: str) -> Answer | None:
        with _explained(self.path):
            found = self._base.execute(
                "SELECT id, model, prompt, content, finish, word, answer FROM requests "
                "WHERE id=? AND state IN ('ok', 'rejected')",
                (id,),
            ).fetchone()
        return None if found is None else Answer(*found)

    def failed(self, id: str) -> str | None:
        """What was asked where all attempts failed, as JSON; None where it is otherwise."""
        with _explained(self.path):
            found = self._base.execute("SELECT content FROM requests WHERE id=? AND state='failed'", (id,)).fetchone()
        return None if found is None else str(found[0])

    def totals(self) -> Totals:
        with _explained(self.path):
            return Totals(
                *self._base.execute(
                    "SELECT COUNT(*) FILTER (WHERE state IN ('ok', 'rejected')), "
                    "COUNT(*) FILTER (WHERE state='rejected'), COUNT(*) FILTER (WHERE state='failed'), "
                    "COALESCE(SUM(attempts), 0), COALESCE(SUM(lost_attempts), 0), "
                    "COALESCE(SUM(input_tokens), 0), COALESCE(SUM(output_tokens), 0), "
                    "COALESCE(SUM(cost), 0), COALESCE(SUM(lost), 0) FROM requests"
                ).fetchone()
            )

    # ---- transactions ----

    def commit(self) -> None:
        """Make everything so far durable."""
        if self.dirty:
            with _explained(self.path):
                self._base.execute("COMMIT")
            self.dirty = False

    def _write(self, statement: str, values: tuple[object, ...]) -> None:
        with _explained(self.path):
            if not self.dirty:
                self._base.execute("BEGIN")
                self.dirty = True
            self._base.execute(statement, values)


def read_answered(path: Path) -> tuple[set[str], int]:
    """The requests that are answered in a ledger, and what was spent or may have been; of a file that another process
    may be writing, or that is not there.
    """
    if not path.exists():
        return set(), 0
    with _explained(path), closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as base:
        answered = {str(id) for (id,) in base.execute("SELECT id FROM requests WHERE state IN ('ok', 'rejected')")}
        spent = base.execute("SELECT COALESCE(SUM(cost + lost + reserved), 0) FROM requests").fetchone()[0]
    return answered, int(spent)


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        hint = "make room there if the disk is full; a damaged file can be moved away, but then its answers are lost"
        raise DragomanError(f"the ledger cannot be used: {error}", where=str(path), hint=hint) from error
