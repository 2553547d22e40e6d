"""Whole syntheses against a server that misbehaves."""

import json
import shutil
import sqlite3
import time
from collections import Counter

import pytest
from llm.answers import pool
from llm.server import Manner

from dragoman.base.errors import DragomanError, RequestError
from dragoman.synthesis.ledger import Ledger
from dragoman.synthesis.run import Result, synthesize

EVERYTHING = {
    "429": 0.055, "500": 0.055, "503": 0.055, "cut": 0.055, "drop": 0.055, "garbage": 0.055, "truncated": 0.055,
    "schema": 0.055, "refusal": 0.055, "language": 0.055, "meta": 0.055, "duplicate": 0.055, "length": 0.055,
}  # fmt: skip


def lines(result: Result, name: str = "pairs.jsonl"):
    return [json.loads(line) for line in (result.folder / name).read_text(encoding="utf-8").split("\n") if line]


def ledger_of(result: Result):
    with sqlite3.connect(result.folder / "ledger.sqlite") as base:
        base.row_factory = sqlite3.Row
        return [dict(row) for row in base.execute("SELECT * FROM requests")]


def spent_by(server, prices=(1.0, 4.0)):
    """What the server has answered, in parts of the currency."""
    return sum(round(10**4 * (one.tokens[0] * prices[0] + one.tokens[1] * prices[1])) for one in server.served)


@pytest.mark.parametrize("provider", ["openai", "gemini"])
def test_every_cell_gets_its_pairs(load, server, tmp_path, provider):
    result = synthesize(load(provider=provider), tmp_path)
    pairs = lines(result)
    assert len(pairs) == 40
    assert Counter((p["topic"], p["level"], p["direction"]) for p in pairs) == Counter(
        {
            (t, lv, d): 5
            for t in ("food", "travel")
            for lv in ("A1", "B1")
            for d in ("source-to-target", "target-to-source")
        }
    )
    assert {(p["model"], p["prompt"]) for p in pairs} == {("small-1", "generate-1")}
    receipt = result.receipt
    assert receipt["state"] == "done"
    counts = receipt["pairs"]
    assert (counts["wanted"], counts["kept"], counts["asked"]) == (40, 40, 40 + counts["rejected"])
    rows = ledger_of(result)
    assert {row["state"] for row in rows} == {"ok"}
    assert sum(row["cost"] for row in rows) == spent_by(server)
    assert (receipt["tokens"]["input"], receipt["tokens"]["output"]) == tuple(
        sum(one.tokens[side] for one in server.served) for side in (0, 1)
    )
    assert receipt["money"]["lost"] == "0.00"
    result.refuse_unfinished()


def test_whatever_goes_wrong_the_pairs_are_those_that_the_answers_give(load, server, tmp_path):
    """Timing, concurrency and faults of the transport change nothing; faults of the content are refilled."""
    results = []
    for concurrency, delay in ((16, 0.0), (3, 0.002), (1, 0.0)):
        server.manner = Manner(faults=EVERYTHING, delay=delay)
        server.forget()
        result = synthesize(
            load(pairs=320, rounds=8, sending={"concurrency": concurrency, "timeout": 5.0}), tmp_path / str(concurrency)
        )
        assert server.most_in_flight <= concurrency
        results.append({name: (result.folder / name).read_bytes() for name in ("pairs.jsonl", "rejected.jsonl")})
        assert len(lines(result)) == 320
        gates = {gate["name"]: gate["pairs"] + gate["answers"] for gate in result.receipt["gates"]}
        assert all(gates[name] for name in ("refused", "schema", "language", "meta_text", "duplicate"))
        assert result.receipt["requests"]["split"]
        rows = ledger_of(result)
        answered = [row for row in rows if row["state"] in ("ok", "rejected")]
        assert len(answered) == len(rows)
        whole = sum(one.status == 200 and one.fault not in ("cut", "garbage", "drop") for one in server.served)
        assert whole == len(rows)  # nothing was answered twice
        broken = [one for one in server.served if one.fault in ("cut", "garbage", "drop")]
        assert result.receipt["requests"]["lost"] == len(broken) > 0
        paid = spent_by(server) - sum(round(10**4 * (o.tokens[0] + 4 * o.tokens[1])) for o in broken)
        assert sum(row["cost"] for row in rows) == paid
        lost = sum(row["lost"] for row in rows)
        assert lost > sum(round(10**4 * (o.tokens[0] + 4 * o.tokens[1])) for o in broken)  # at its worst
    assert results[0] == results[1] == results[2]


def test_run_again_nothing_is_asked(load, server, tmp_path):
    server.manner = Manner(faults={"refusal": 0.3})
    loaded = load()
    first = synthesize(loaded, tmp_path)
    before, asked = (first.folder / "pairs.jsonl").read_bytes(), len(server.served)
    (first.folder / "pairs.jsonl").unlink()
    second = synthesize(loaded, tmp_path)
    assert len(server.served) == asked
    assert (second.folder / "pairs.jsonl").read_bytes() == before
    assert second.receipt["money"] == first.receipt["money"]
    more = synthesize(load(pairs=60), tmp_path)  # what was asked for 40 is used for 60
    assert len(lines(more)) == 60
    assert len({one.name for one in server.served}) == len(server.served)


@pytest.mark.parametrize("concurrency", [1, 64])
def test_the_budget_is_never_exceeded_and_leaves_out_the_end(load, server, tmp_path, concurrency):
    whole = synthesize(load(pairs=200, rounds=1), tmp_path / "whole")
    price = spent_by(server)
    worst = 10**4 * (3000 + 4 * 1000)
    for share in (0.0, 0.2, 0.6):
        server.forget()
        budget = (worst + share * price) / 10**10
        result = synthesize(
            load(pairs=200, rounds=1, budget=budget, sending={"concurrency": concurrency}), tmp_path / f"{share}"
        )
        assert spent_by(server) <= budget * 10**10
        pairs = lines(result)
        assert pairs == lines(whole)[: len(pairs)]
        assert 0 < len(pairs) < 200
        with pytest.raises(DragomanError, match=r"does not reach further: .* the next request may cost 0\.00[45]"):
            result.refuse_unfinished()
        rows = ledger_of(result)
        assert {row["state"] for row in rows} == {"ok"}
        assert spent_by(server) == sum(row["cost"] for row in rows)
        # strictly in order: the next request did not fit once all before it were settled
        assert budget * 10**10 - spent_by(server) < worst
    more = synthesize(load(pairs=200, rounds=1, budget=5.0), tmp_path / "0.6")
    assert lines(more) == lines(whole)


def test_the_budget_counts_what_may_have_been_paid(load, server, tmp_path):
    server.manner = Manner(faults={"drop": 1.0}, tries=99)
    result = synthesize(load(budget=0.02, sending={"attempts": 50, "concurrency": 2}), tmp_path)
    assert result.receipt["state"] == "out of money"
    totals = sum(row["lost"] + row["reserved"] for row in ledger_of(result))
    assert totals == sum(row["lost"] for row in ledger_of(result)) <= 0.02 * 10**10
    assert totals >= len(server.served) * 4 * 1000 * 10**4


def test_a_server_that_is_gone_stops_it(load, server, tmp_path):
    server.manner = Manner(faults={"503": 1.0}, tries=99)
    with pytest.raises(
        DragomanError, match="5 requests in a row failed at every attempt; the last: status 503"
    ) as failed:
        synthesize(load(sending={"attempts": 2, "concurrency": 2}), tmp_path)
    assert "goes on from here" in str(failed.value)
    asked = len(server.served)
    assert asked < 20
    server.manner = Manner()
    result = synthesize(load(), tmp_path)
    assert len(lines(result)) == 40


def test_a_request_that_always_fails_is_made_up_for(load, server, tmp_path):
    server.manner = Manner(faults={"500": 0.3}, tries=99)
    result = synthesize(load(sending={"attempts": 2, "give_up_after": 99}, rounds=8), tmp_path)
    assert len(lines(result)) == 40
    failed = [row for row in ledger_of(result) if row["state"] == "failed"]
    assert failed
    assert all(row["replaced"] for row in failed)
    asked = len(server.served)
    again = synthesize(load(sending={"attempts": 2, "give_up_after": 99}, rounds=8), tmp_path)
    assert len(server.served) == asked
    assert lines(again) == lines(result)


def test_a_failure_of_the_last_round_is_asked_again(load, server, tmp_path):
    server.manner = Manner(faults={"500": 0.3}, tries=99)
    result = synthesize(load(sending={"attempts": 1, "give_up_after": 99}, rounds=1), tmp_path)
    there = lines(result)
    server.manner = Manner()
    whole = lines(synthesize(load(rounds=1), tmp_path / "undisturbed"))
    assert len(there) < len(whole)
    assert lines(synthesize(load(rounds=1), tmp_path)) == whole


@pytest.mark.parametrize(("status", "text"), [(400, "answers status 400"), (403, "403"), (404, "404")])
def test_what_will_never_do_stops_at_once(load, server, tmp_path, status, text):
    server.manner = Manner(status=status)
    with pytest.raises(RequestError, match=text):
        synthesize(load(sending={"concurrency": 4}), tmp_path)
    assert 0 < len(server.served) <= 4
    ledger = Ledger(tmp_path / "made/synthesis/ledger.sqlite")
    assert ledger.totals().spent == 0
    ledger.close()


def test_a_server_s_delay_holds_for_all(load, server, tmp_path):
    server.manner = Manner(faults={"429": 0.2}, wait=0.7)
    synthesize(load(sending={"concurrency": 8}), tmp_path)
    refused = [one for one in server.served if one.status == 429]
    assert refused
    for one in refused:
        later = [other.at for other in server.served if other.at > one.at + 0.2]  # what was in flight by then aside
        assert all(at >= one.at + 0.7 for at in later)


def test_a_server_that_asks_for_hours_stops_it(load, server, tmp_path):
    server.manner = Manner(faults={"429": 1.0}, wait=7200)
    with pytest.raises(DragomanError, match="asks to wait 120 minutes"):
        synthesize(load(sending={"concurrency": 1}), tmp_path)
    assert len(server.served) == 1


def test_rates_are_kept(load, server, tmp_path, monkeypatch):
    monkeypatch.setattr("dragoman.synthesis.pace.MINUTE", 0.5)
    began = time.monotonic()
    synthesize(load(pairs=80, sending={"requests_per_minute": 6}), tmp_path / "r")
    times = sorted(one.at for one in server.served)
    assert len(times) >= 16
    for number, at in enumerate(times):  # the seventh a "minute" after the first at the earliest, and so on
        assert at - began >= 0.5 * (number // 6)
    with pytest.raises(RequestError, match="more than a whole minute's"):
        synthesize(load(sending={"tokens_per_minute": 1500}), tmp_path / "t")


@pytest.mark.parametrize("provider", ["openai", "gemini"])
def test_tokens_that_nobody_counted_are_taken_at_their_worst(load, server, tmp_path, provider):
    server.manner = Manner(counts=False)
    result = synthesize(load(provider=provider), tmp_path)
    assert all(row["output_tokens"] == 1000 for row in ledger_of(result))
    assert all(row["input_tokens"] > 500 for row in ledger_of(result))


def test_only_writing_asks_nothing(load, server, tmp_path, monkeypatch):
    whole = synthesize(load(), tmp_path)
    kept = lines(whole)
    asked = len(server.served)
    with sqlite3.connect(whole.folder / "ledger.sqlite") as base:
        base.execute("UPDATE requests SET state='pending' WHERE rowid > 5")
    monkeypatch.delenv("OPENAI_API_KEY")
    part = synthesize(load(), tmp_path, only_write=True)
    assert len(server.served) == asked
    assert 0 < len(lines(part)) < len(kept)
    assert all(pair in kept for pair in lines(part))
    assert part.receipt["state"] == "written from what was there"


def test_translations(load, server, tmp_path):
    german = [source for source, _ in pool()[:200]]
    (tmp_path / "de.txt").write_text("\n".join(german), encoding="utf-8")
    (tmp_path / "test.tsv").write_text("a\tb\n" + "\t".join(pool()[3]) + "\n", encoding="utf-8")
    server.manner = Manner(faults={"refusal": 0.1, "missing": 0.2, "language": 0.1, "500": 0.1})
    translate = {"sources": [{"path": "de.txt", "document": "line", "language": "de"}], "sentences": 4, "min_words": 2}
    result = synthesize(load(translate=translate, pairs=100, evaluation=[{"path": "test.tsv"}]), tmp_path)
    pairs = lines(result)
    assert 90 <= len(pairs) <= 100
    assert {(pair["source"], pair["target"]) for pair in pairs} <= set(pool())
    assert german[3] not in {pair["source"] for pair in pairs}
    assert {pair["written"] for pair in pairs} == {"source"}
    for pair in pairs:
        assert german[pair["row"] - 1].startswith(pair["source"][:5])
    assert result.receipt["evaluation_texts"] == 2
    assert result.receipt["passed_over"]["in an evaluation set"] == 1
    whole = load("whole", translate=translate, pairs=None)
    everything = synthesize(whole, tmp_path)
    assert everything.receipt["pairs"]["wanted"] is None
    assert len(lines(everything)) > 120


def test_translations_do_not_depend_on_how_many_are_in_flight(load, server, tmp_path):
    (tmp_path / "de.txt").write_text("\n".join(source for source, _ in pool()[:300]), encoding="utf-8")
    translate = {"sources": [{"path": "de.txt", "document": "line", "language": "de"}], "sentences": 4, "min_words": 2}
    made = []
    for concurrency, delay in ((1, 0.0), (16, 0.01)):
        server.manner = Manner(faults={"refusal": 0.2, "schema": 0.1, "length": 0.1, "drop": 0.1}, delay=delay)
        server.forget()
        sending = {"concurrency": concurrency}
        result = synthesize(load(translate=translate, pairs=150, sending=sending), tmp_path / str(concurrency))
        made.append([(result.folder / name).read_bytes() for name in ("pairs.jsonl", "rejected.jsonl")])
        assert result.receipt["requests"]["unusable"] > 5
    assert made[0] == made[1]


def test_the_same_recipe_elsewhere_asks_the_same(load, server, tmp_path):
    """Nothing of a request depends on where its files stand."""
    for place in ("one", "two"):
        (tmp_path / place).mkdir()
        (tmp_path / place / "de.txt").write_text("\n".join(source for source, _ in pool()[:60]), encoding="utf-8")
    names = []
    for place in ("one", "two"):
        server.forget()
        source = {"path": f"{place}/de.txt", "document": "line"}
        synthesize(load(translate={"sources": [source], "unit": "passage"}, pairs=30), tmp_path / f"runs-{place}")
        names.append({one.name for one in server.served})
    assert names[0] == names[1]
    shutil.rmtree(tmp_path / "one")
