import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman.data.receipt import Lengths, Receipt

fates = st.sampled_from(["keep", "trim", "drop", "quarantine", "hold out"])


@given(st.lists(st.tuples(st.sampled_from(["train", "validation"]), fates, st.integers(1, 300), st.integers(1, 300))))
def test_every_row_is_accounted_for(rows):
    receipt = Receipt()
    for split, fate, source, target in rows:
        counts = receipt.split(split)
        counts.read_row()
        match fate:
            case "keep":
                counts.keep(source, target)
            case "trim":
                counts.keep(source, target, ("source over 128 tokens",) * (1 + source % 2))
            case "drop":
                counts.drop(f"source over {target} tokens")
            case "quarantine":
                counts.quarantine("blank line")
            case "hold out":
                counts.hold_out()
    receipt.verify()
    for name, split in receipt.to_json()["splits"].items():
        own = [(fate, source, target) for where, fate, source, target in rows if where == name]
        assert split["read"] == len(own)
        assert split["read"] == split["kept"] + split["dropped"] + split["quarantined"] + split["held_out"]
        assert split["trimmed"] == sum(fate == "trim" for fate, *_ in own) <= split["kept"]
        assert split["source_tokens"] == sum(source for fate, source, _ in own if fate in ("keep", "trim"))
        assert sum(split["target_lengths"]["counts"]) == split["kept"]
        for reason in ("dropped", "quarantined"):
            assert sum(split["reasons"][reason].values()) == split[reason]


@pytest.mark.parametrize("also", ["keep", "nothing"])
def test_a_row_that_is_counted_twice_or_never_is_found(also):
    receipt = Receipt()
    receipt.split("train").read_row()
    if also == "keep":
        receipt.split("train").keep(3, 4)
        receipt.split("train").drop("source over 2 tokens")
    with pytest.raises(RuntimeError, match="train does not add up"):
        receipt.verify()


@given(st.lists(st.integers(0, 5000), min_size=1))
def test_histogram_bins_hold_what_they_say(lengths):
    counted = Lengths()
    counted.counts.update(lengths)
    histogram = counted.histogram()
    edges, counts = histogram["edges"], histogram["counts"]
    assert len(edges) == len(counts) + 1 <= 21
    assert counts[-1] > 0
    for low, high, count in zip(edges, edges[1:], counts, strict=False):
        assert count == sum(low <= length < high for length in lengths)


def test_the_json_has_every_key_and_the_commonest_reason_first():
    receipt = Receipt()
    split = receipt.split("train")
    for reason in ("column 'en' is missing", "column 'en' is empty", "column 'en' is empty"):
        split.read_row()
        split.quarantine(reason)
    whole = json.loads(json.dumps(receipt.to_json()))
    reasons = {"quarantined": {"column 'en' is empty": 2, "column 'en' is missing": 1}, "dropped": {}, "trimmed": {}}
    lengths = {"edges": [0], "counts": []}
    train = {
        "read": 3, "kept": 0, "trimmed": 0, "dropped": 0, "quarantined": 3, "held_out": 0, "reasons": reasons,
        "source_lengths": lengths, "target_lengths": lengths, "source_tokens": 0, "target_tokens": 0,
    }  # fmt: skip
    assert whole == {"splits": {"train": train}, "overlap": {}}
    assert list(whole["splits"]["train"]["reasons"]["quarantined"]) == [
        "column 'en' is empty",
        "column 'en' is missing",
    ]
