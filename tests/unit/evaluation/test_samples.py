from __future__ import annotations

import random

import sacrebleu

from dragoman.evaluation.samples import pick_samples


def row(number: int, chrf: float | None, level: str | None = None, **more) -> dict:
    return {"set": "test:t", "file": "t.tsv", "row": number, "source": f"Quelle {number}", "target": f"target {number}",
            "output": f"output {number}", "level": level, "chrf": chrf} | more  # fmt: skip


ROWS = [row(number, float(number)) for number in range(1, 100)]


def test_best_typical_and_worst_in_equal_shares():
    samples = pick_samples(ROWS, 9)
    assert [(s.kind, s.chrf) for s in samples] == [
        ("best", 99), ("best", 98), ("best", 97),
        ("typical", 50), ("typical", 49), ("typical", 51),
        ("worst", 1), ("worst", 2), ("worst", 3),
    ]  # fmt: skip


def test_the_order_of_the_rows_does_not_matter():
    shuffled = ROWS.copy()
    random.Random(1).shuffle(shuffled)
    assert pick_samples(shuffled, 20) == pick_samples(ROWS, 20)


def test_levels_get_half_and_each_its_share():
    rows = [row(number, float(number), level=["A1", "A2", "B1", "B2", "C1"][number % 5]) for number in range(100)]
    kinds = [sample.kind for sample in pick_samples(rows, 20)]
    assert len(kinds) == 20
    assert [kinds.count(f"level {level}") for level in ("A1", "A2", "B1", "B2", "C1")] == [2] * 5
    assert [kinds.count(kind) for kind in ("best", "typical", "worst")] == [3, 4, 3]
    assert all(sample.level == sample.kind[-2:] for sample in pick_samples(rows, 20) if "level" in sample.kind)


def test_a_source_is_picked_once():
    rows = [row(number, 100.0, source="Hallo", target="Hello", output="Hello") for number in range(50)] + ROWS
    samples = pick_samples(rows, 12)
    assert len({sample.source for sample in samples}) == len(samples) == 12


def test_fewer_rows_than_wanted_are_all_taken():
    assert sorted(sample.row for sample in pick_samples(ROWS[:4], 20)) == [1, 2, 3, 4]
    assert pick_samples([], 20) == []
    assert pick_samples(ROWS, 0) == []


def test_chrf_is_computed_where_it_is_not_known():
    rows = [row(1, None, target="a red hat", output="a red hat"), row(2, None, target="a red hat", output="the hats")]
    samples = {sample.row: sample.chrf for sample in pick_samples(rows, 4)}
    assert samples[1] == 100
    assert samples[2] == sacrebleu.sentence_chrf("the hats", ["a red hat"]).score


def test_origin_is_kept():
    assert {(sample.file, sample.row) for sample in pick_samples(ROWS[:1], 3)} == {("t.tsv", 1)}
