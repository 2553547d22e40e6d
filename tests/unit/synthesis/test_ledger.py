import os
import signal
import sqlite3
import subprocess
import sys

import pytest

from dragoman.base.errors import DragomanError, RequestError
from dragoman.synthesis.ledger import Ledger, read_answered
from dragoman.synthesis.wire.face import Reply

REPLY = Reply('{"pairs": []}', "stop", "STOP", 5, 7)


def send(ledger, id, reserved=100):
    ledger.send(id, model="m", prompt="p-1", content='{"a":1}', reserved=reserved)


def record(ledger, id, *, usable=True, cost=12):
    ledger.record(id, REPLY, usable=usable, tokens=(5, 7), cost=cost)


@pytest.fixture
def ledger(tmp_path):
    opened = Ledger(tmp_path / "ledger.sqlite")
    yield opened
    opened.close()


def reopened(ledger):
    ledger.close()
    return Ledger(ledger.path)


def test_an_answer_is_there_for_good(ledger):
    send(ledger, "a")
    record(ledger, "a")
    ledger = reopened(ledger)
    found = ledger.answer("a")
    assert (found.id, found.model, found.prompt, found.content) == ("a", "m", "p-1", '{"a":1}')
    assert (found.text, found.finish, found.word) == (REPLY.text, "stop", "STOP")
    assert not ledger.is_open("a")
    totals = ledger.totals()
    assert (totals.answers, totals.attempts, totals.input_tokens, totals.output_tokens) == (1, 1, 5, 7)
    assert (totals.cost, totals.lost, totals.spent) == (12, 0, 12)


def test_what_was_in_flight_counts_at_its_worst_and_is_open_again(ledger):
    send(ledger, "a", reserved=100)
    send(ledger, "b", reserved=30)
    record(ledger, "b", cost=9)
    assert not ledger.is_open("a")  # in flight
    ledger = reopened(ledger)
    assert ledger.is_open("a")
    totals = ledger.totals()
    assert (totals.lost, totals.lost_attempts, totals.cost, totals.spent) == (100, 1, 9, 109)
    send(ledger, "a", reserved=100)  # and in flight again when the next process dies
    ledger = reopened(ledger)
    assert ledger.totals().lost == 200
    send(ledger, "a", reserved=100)
    record(ledger, "a", cost=40)
    ledger = reopened(ledger)
    assert ledger.totals().spent == 200 + 40 + 9
    assert ledger.totals().attempts == 4


def test_a_failure_is_no_result(ledger):
    send(ledger, "free")
    ledger.release("free", "status 429")
    send(ledger, "dear")
    ledger.lose("dear", "timed out")
    send(ledger, "over")
    ledger.release("over", "status 500")
    ledger.fail("over")
    for id in ("free", "dear", "over"):
        assert ledger.is_open(id)
        assert ledger.answer(id) is None
    assert ledger.failed("over") == '{"a":1}'
    assert ledger.failed("free") is None
    assert ledger.totals().lost == 100
    ledger.replace(["over", "free"])
    assert not ledger.is_open("over")
    assert ledger.is_open("free")  # it did not fail
    assert ledger.is_open("never heard of")


def test_an_unusable_answer_is_paid_and_not_asked_again(ledger):
    send(ledger, "a")
    record(ledger, "a", usable=False)
    assert not ledger.is_open("a")
    assert ledger.answer("a") is not None
    assert ledger.totals().rejected == 1


def test_others_may_look(ledger):
    assert read_answered(ledger.path.parent / "none.sqlite") == (set(), 0)
    send(ledger, "a")
    record(ledger, "a")
    send(ledger, "b", reserved=30)
    ledger.commit()
    assert read_answered(ledger.path) == ({"a"}, 42)


KILLED = """
import os, signal, sys
from pathlib import Path
from dragoman.synthesis.ledger import Ledger
from dragoman.synthesis.wire.face import Reply
ledger = Ledger(Path(sys.argv[1]))
for number in range(300):
    ledger.send(f"{number}", model="m", prompt="p", content="{}", reserved=10)
    ledger.commit()
    if number % 2:
        ledger.record(f"{number}", Reply("{}", "stop", "stop", 1, 1), usable=True, tokens=(1, 1), cost=4)
        ledger.commit()
ledger.record("0", Reply("{}", "stop", "stop", 1, 1), usable=True, tokens=(1, 1), cost=4)  # never committed
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_what_was_committed_survives_a_kill(tmp_path):
    path = tmp_path / "ledger.sqlite"
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", KILLED, str(path)], env=environment, check=False)
    assert done.returncode == -signal.SIGKILL
    ledger = Ledger(path)
    totals = ledger.totals()
    assert (totals.answers, totals.cost, totals.lost) == (150, 600, 1500)
    assert ledger.answer("0") is None
    assert ledger.is_open("0")


def test_another_format_and_a_damaged_file_are_refused(tmp_path):
    path = tmp_path / "ledger.sqlite"
    Ledger(path).close()
    with sqlite3.connect(path) as base:
        base.execute("PRAGMA user_version=99")
    base.close()
    with pytest.raises(RequestError, match="format 99"):
        Ledger(path)
    path.write_bytes(b"this is no database, and long enough to be none" * 100)
    with pytest.raises(DragomanError, match="ledger cannot be used"):
        Ledger(path)
