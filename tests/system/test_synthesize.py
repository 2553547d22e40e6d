"""`dragoman corpus synthesize` as a user drives it: killed, stopped, refused, and what it leaves behind."""

from __future__ import annotations

import hashlib
import json
import random
import signal
import sqlite3
import subprocess
from pathlib import Path

import pytest
from driving import Dragoman, refused
from llm.server import KEY, MODEL, Manner, Server
from processes import PATIENCE, finish, start_program, wait_for

from dragoman.recipe.loading import load_texts
from dragoman.synthesis.asks import Parameters
from dragoman.synthesis.problems import settings_of
from dragoman.synthesis.run import make_work
from dragoman.synthesis.waves import to_bytes
from dragoman.synthesis.wire import make_wire

FAULTS = {
    "429": 0.04, "500": 0.04, "cut": 0.02, "drop": 0.02, "garbage": 0.02, "slow": 0.01, "truncated": 0.02,
    "schema": 0.02, "refusal": 0.02, "language": 0.02, "meta": 0.02, "duplicate": 0.02, "length": 0.04,
}  # fmt: skip
RECIPE = """
name: made
seed: 3
synthesis:
  provider: {provider}
  model: {model}
  base_url: {url}
  languages: {{source: de, target: en}}
  preset: pairs-de-en
  pairs: {pairs}
  prices: {{input: 0.3, output: 2.5}}
  budget: 1000
  max_output_tokens: 4000
  rounds: 12
  generate:
    topics: [food, travel, work, school, weather, money, music, history]
    levels: [A1, A2, B1, B2]
    registers: [neutral]
    pairs_per_request: 10
  sending: {{concurrency: 64, timeout: 20}}
"""


def start(folder: Path, *options: str, **environment: str) -> subprocess.Popen[str]:
    return start_program(folder, "corpus", "synthesize", "made.yaml", *options, **environment)


def write_recipe(folder: Path, server: Server, pairs: int = 300, provider: str = "openai") -> Path:
    folder.mkdir(exist_ok=True)
    url = server.url + ("/v1" if provider == "openai" else "")
    (folder / "made.yaml").write_text(RECIPE.format(provider=provider, model=MODEL, url=url, pairs=pairs))
    return folder


def made(folder: Path) -> Path:
    return folder / "runs/made/synthesis"


def contents(folder: Path) -> dict[str, bytes]:
    return {name: (made(folder) / name).read_bytes() for name in ("pairs.jsonl", "rejected.jsonl")}


def account(folder: Path, server: Server) -> dict[str, int]:
    """The ledger's books, held against what the server has served."""
    with sqlite3.connect(made(folder) / "ledger.sqlite") as base:
        rows = base.execute(
            "SELECT state, attempts, lost_attempts, lost, cost, input_tokens, output_tokens FROM requests"
        )
        rows = rows.fetchall()
    base.close()
    price = [3000, 25000]  # parts for a token of input and of output
    answered = [row for row in rows if row[0] in ("ok", "rejected")]
    assert len(answered) == len(rows)
    for _, _, _, _, cost, inputs, outputs in answered:
        assert cost == inputs * price[0] + outputs * price[1]
    told = sum(one.tokens[0] * price[0] + one.tokens[1] * price[1] for one in server.served)
    found = {"cost": sum(row[4] for row in rows), "lost": sum(row[3] for row in rows), "told": told}
    attempts, lost = sum(row[1] for row in rows), sum(row[2] for row in rows)
    assert len(server.served) <= attempts  # what a kill caught before it was sent is counted too
    whole = sum(one.status == 200 for one in server.served)
    assert whole <= len(answered) + lost  # nothing that was recorded was asked again
    assert found["cost"] <= told <= found["cost"] + found["lost"]
    return found


def killed_again_and_again(folder: Path, server: Server, kills: int, pairs: int) -> None:
    """The same pairs as in an undisturbed run, whatever is killed."""
    server.manner = Manner(faults=FAULTS, slow=0.3)
    whole = write_recipe(folder / "whole", server, pairs)
    code, said = finish(start(whole), patience=30 * PATIENCE)
    assert code == 0, said
    books = account(whole, server)
    asked = len({one.name for one in server.served})
    assert len((made(whole) / "pairs.jsonl").read_text().splitlines()) == pairs

    server.forget()
    server.manner = Manner(faults=FAULTS, slow=0.3, delay=0.02)
    job = write_recipe(folder / "job", server, pairs)
    dice = random.Random(11)
    for kill in range(kills):
        process = start(job)
        until = asked * (kill + dice.random()) / kills
        wait_for(process, lambda until=until: len({one.name for one in server.served}) >= until, 30 * PATIENCE)
        process.send_signal(signal.SIGKILL)
        code, said = finish(process)
        assert code == -signal.SIGKILL, said
        assert not (made(job) / "pairs.jsonl").exists()
    code, said = finish(start(job), patience=30 * PATIENCE)
    assert code == 0, said
    assert contents(job) == contents(whole)
    after = account(job, server)
    assert after["cost"] == books["cost"]
    assert after["lost"] > books["lost"]  # what was in flight, at its worst case


def test_killed_again_and_again_it_ends_with_the_same_pairs(llm: Server, tmp_path: Path) -> None:
    killed_again_and_again(tmp_path, llm, kills=3, pairs=1000)


@pytest.mark.real
def test_80_000_pairs_killed_ten_times(llm: Server, tmp_path: Path) -> None:
    killed_again_and_again(tmp_path, llm, kills=10, pairs=80_000)


def asked_for(recipe: Path, base: sqlite3.Connection) -> dict[str, str]:
    """Of each answered request, how the server names it, and its answer."""
    loaded = load_texts(recipe, MANY_IN_FLIGHT, section="synthesis")
    settings = settings_of(loaded)
    work, wire, parameters = make_work(loaded, None), make_wire(settings), Parameters.of(settings)
    rows = base.execute("SELECT content, answer FROM requests WHERE state IN ('ok', 'rejected')").fetchall()
    bodies = [to_bytes(wire.body(work.ask(json.loads(content)), parameters)) for content, _ in rows]
    names = [hashlib.sha256(body).hexdigest() for body in bodies]
    return dict(zip(names, (answer for _, answer in rows), strict=True))


MANY_IN_FLIGHT = ["synthesis.max_output_tokens=700", "synthesis.budget=1.0", "synthesis.sending.timeout=0.5"]


def test_no_fault_and_no_kill_spends_more_than_the_budget_or_pays_an_answer_twice(llm: Server, tmp_path: Path) -> None:
    """64 in flight; what the server wrote counts, whether it arrived or not."""
    dear = {"drop": 0.1, "cut": 0.1, "garbage": 0.05, "slow": 0.05, "500": 0.05, "429": 0.05, "length": 0.05}
    llm.manner = Manner(faults=dear, tries=2, delay=0.1, slow=1.0)
    folder = write_recipe(tmp_path / "job", llm, pairs=6000)
    options = [word for one in MANY_IN_FLIGHT for word in ("--set", one)]
    limit = 10**10
    before: dict[str, str] = {}
    for kill in (150, 120, 90, None):
        seen = len(llm.served)
        process = start(folder, *options)
        if kill is not None:
            wait_for(process, lambda seen=seen, kill=kill: len(llm.served) >= seen + kill)
            process.send_signal(signal.SIGKILL)
        code, said = finish(process)
        assert code == (3 if kill is None else -signal.SIGKILL), said
        told = sum(3000 * one.tokens[0] + 25000 * one.tokens[1] for one in llm.served)
        with sqlite3.connect(made(folder) / "ledger.sqlite") as base:
            spent = base.execute("SELECT SUM(cost + lost + reserved) FROM requests").fetchone()[0]
            answered = asked_for(folder / "made.yaml", base)
        base.close()
        assert told <= spent <= limit
        assert not {one.name for one in llm.served[seen:]} & before.keys()  # paid for, and never asked again
        assert before.items() <= answered.items()
        before = answered
    assert "does not reach further" in said
    assert llm.most_in_flight >= 48
    assert spent > limit - 2 * (3000 * 3000 + 25000 * 700)  # and all of it is used


def test_stopped_it_waits_for_what_is_in_flight_and_goes_on(llm: Server, tmp_path: Path) -> None:
    llm.manner = Manner(delay=0.25)
    job = write_recipe(tmp_path / "job", llm, pairs=1200)
    for number in (signal.SIGTERM, signal.SIGINT):
        process, before = start(job, "--set", "synthesis.sending.concurrency=16"), len(llm.served)
        wait_for(process, lambda before=before: len(llm.served) >= before + 20)
        process.send_signal(number)
        code, said = finish(process)
        assert code == 128 + number, said
        assert "the same command goes on from here" in said
        assert "Traceback" not in said
    code, said = finish(start(job))
    assert code == 0, said
    assert account(job, llm)["lost"] == 0  # nothing was in flight when it left
    assert len({one.name for one in llm.served}) == len(llm.served)


def test_the_key_is_nowhere(llm: Server, tmp_path: Path) -> None:
    job = write_recipe(tmp_path / "job", llm, pairs=200)
    said = ""
    for manner in (Manner(status=500, echo=True), Manner(faults=FAULTS), Manner(key="another", echo=True)):
        llm.manner = manner
        code, words = finish(start(job, "--set", "synthesis.sending.attempts=2", "--set", "synthesis.pairs=260"))
        assert code == (0 if manner.key == KEY and manner.status is None else 3 if manner.status else 2), words
        said += words
    assert "[key]" in said
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert {"ledger.sqlite", "pairs.jsonl", "rejected.jsonl", "receipt.json", "README.md", "report.html"} <= {
        path.name for path in files
    }
    assert KEY not in said
    assert [path for path in files if KEY.encode() in path.read_bytes()] == []


@pytest.fixture
def job(llm: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = write_recipe(tmp_path / "job", llm)
    monkeypatch.chdir(folder)
    return folder


@pytest.mark.parametrize("provider", ["openai", "gemini"])
def test_a_data_set_with_card_receipt_and_report(
    llm: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, dragoman: Dragoman, provider: str
) -> None:
    llm.manner = Manner(faults=FAULTS | {"slow": 0.0})
    monkeypatch.chdir(write_recipe(tmp_path / "job", llm, provider=provider))
    result = dragoman("corpus", "synthesize", "made.yaml")
    assert result.code == 0, result.err
    assert "300 of 300 pairs" in result.err
    folder = made(Path())
    card = (folder / "README.md").read_text()
    assert "300 sentence pairs in German and English" in card
    assert "data_files: pairs.jsonl" in card
    page = (folder / "report.html").read_text()
    assert "schema" in page
    assert "near duplicate" in page
    receipt = json.loads((folder / "receipt.json").read_text())
    assert receipt["samples"]["schema"]
    rejected = [json.loads(line) for line in (folder / "rejected.jsonl").read_text().splitlines()]
    counted = sum(gate["pairs"] + gate["answers"] for gate in receipt["gates"])
    assert counted == len(rejected) > 0
    data = "data:\n  train: [{path: runs/made/synthesis/pairs.jsonl}]\n  template: {level: level}\n"
    Path("model.yaml").write_text(f"name: model\n{data}tokenizer: {{vocabulary_size: 600}}\n")
    result = dragoman("check", "model.yaml")  # the other commands read it as it is
    assert result.code == 0, result.err
    assert "300" in result.err + result.out


def test_check_says_what_will_be_asked_and_asks_nothing(
    llm: Server, job: Path, dragoman: Dragoman, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OPENAI_API_KEY")
    result = dragoman("check", "made.yaml", "--set", "synthesis.key_variable=MY_KEY")
    assert result.code == 0, result.err
    for words in ("MY_KEY: not set yet", "300 pairs over a grid of 8 topics, 4 levels", "USD at worst", "pairs-de-en",
                  "nothing is wrong", "next: dragoman corpus synthesize made.yaml"):  # fmt: skip
        assert words in result.out, words
    assert llm.served == []
    assert not Path("runs").exists()


def test_a_dry_run_asks_nothing(llm: Server, job: Path, dragoman: Dragoman, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY")
    result = dragoman("corpus", "synthesize", "made.yaml", "--dry-run")
    assert result.code == 0, result.err
    assert result.out.count("POST http") == 3
    assert "Topic: " in result.out
    assert "for 300 pairs" in result.err
    assert "USD at worst" in result.err
    assert llm.served == []
    assert not Path("runs").exists()


def test_the_end_of_the_budget(llm: Server, job: Path, dragoman: Dragoman) -> None:
    result = dragoman("corpus", "synthesize", "made.yaml", "--set", "synthesis.budget=0.03")
    refused(result, "does not reach further", "With a larger budget", code=3)
    there = len((made(job) / "pairs.jsonl").read_text().splitlines())
    assert 0 < there < 300
    spent = sum(one.tokens[0] * 0.3 + one.tokens[1] * 2.5 for one in llm.served) / 1e6
    assert spent <= 0.03
    result = dragoman("corpus", "synthesize", "made.yaml")
    assert result.code == 0, result.err
    assert len({one.name for one in llm.served}) == len(llm.served)


def test_refused_at_once(llm: Server, job: Path, dragoman: Dragoman, monkeypatch: pytest.MonkeyPatch) -> None:
    command = ("corpus", "synthesize", "made.yaml", "--set")
    refused(dragoman(*command, "synthesis.model=small-2"), "has no model 'small-2'", "did you mean 'small-1'?")
    refused(dragoman(*command, "synthesis.base_url=http://127.0.0.1:9/v1"), "cannot be reached", code=3)
    refused(dragoman(*command, "synthesis.key_variable=NOT_THERE"), "NOT_THERE is not set")
    refused(dragoman(*command, "synthesis.base_url=http://me:secret@host/v1"), "no key, user or password")
    refused(dragoman(*command, "synthesis.options={max_tokens: 9}"), "must not hold max_tokens")
    refused(
        dragoman(*command, "synthesis.languages={source: de, target: xx}"),
        "no language 'xx'",
        "synthesis.languages.target",
    )
    refused(dragoman(*command[:3], "--dry-run", "--only-write"), "give one of")
    monkeypatch.setenv("OPENAI_API_KEY", "sk-wrong")
    refused(dragoman(*command[:3]), "answers 401", "OPENAI_API_KEY")
    monkeypatch.delenv("OPENAI_API_KEY")
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    refused(dragoman(*command, "synthesis.base_url=null"), "OPENAI_API_KEY is not set")
    assert llm.served == []


def test_one_at_a_time(llm: Server, job: Path, dragoman: Dragoman) -> None:
    llm.manner = Manner(delay=0.5)
    process = start(job)
    wait_for(process, lambda: bool(llm.served))
    result = dragoman("corpus", "synthesize", "made.yaml")
    refused(result, f"process {process.pid}) is writing here")
    code, said = finish(process)
    assert code == 0, said
