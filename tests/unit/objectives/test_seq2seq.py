from __future__ import annotations

import pytest

from dragoman.base.errors import RequestError
from dragoman.data.receipt import SplitReceipt
from dragoman.data.rows import Example, Origin
from dragoman.objectives import encoding
from dragoman.objectives.seq2seq import Seq2Seq
from dragoman.recipe.schema import Data, Source


def examples(*pairs: tuple[int, int]) -> list[Example]:
    """Examples of so many words on each side, the words growing longer."""
    side = [" ".join("x" * (i + 1) for i in range(n)) for n in range(20)]
    return [Example(side[s], side[t], Origin("f.tsv", i + 1)) for i, (s, t) in enumerate(pairs)]


def data(overlong: str) -> Data:
    return Data(train=[Source(path="f.tsv")], max_source_length=4, max_target_length=3, overlong=overlong)


def test_both_sides_end_in_the_end_token(words):
    (row,) = Seq2Seq(words).encode(examples((2, 3)))
    assert (row.input_ids, row.labels, row.places) == ([3, 4, 1], [3, 4, 5, 1], None)


def test_a_source_has_the_begin_token_where_its_tokenizer_begins_texts(words):
    words.bos_id = 7
    (row,) = Seq2Seq(words).encode(examples((2, 3)))
    assert (row.input_ids, row.labels) == ([7, 3, 4, 1], [3, 4, 5, 1])


def test_targets_are_tokenised_as_targets(words, monkeypatch):
    monkeypatch.setattr(words, "encode_targets", lambda texts: [[50] for _ in texts])
    (row,) = Seq2Seq(words).encode(examples((2, 3)))
    assert (row.input_ids, row.labels) == ([3, 4, 1], [50, 1])


def test_the_bytes_are_those_of_the_target(words):
    (row,) = Seq2Seq(words).encode([Example("a", "नमस्ते ü", Origin("f", 1))])
    assert row.target_bytes == 18 + 1 + 2


def test_order_survives_being_encoded_together(words, monkeypatch):
    monkeypatch.setattr(encoding, "TOGETHER", 2)
    rows = list(Seq2Seq(words).encode(examples(*((n, 1) for n in range(5)))))
    assert [len(row.input_ids) for row in rows] == [1, 2, 3, 4, 5]
    assert [row.example.origin.row for row in rows] == [1, 2, 3, 4, 5]


def test_trimming_keeps_the_end_token_and_is_counted(words):
    receipt = SplitReceipt(read=4)
    rows = list(Seq2Seq(words).for_training(examples((3, 2), (4, 1), (1, 3), (9, 9)), data("trim"), receipt))
    assert [(row.input_ids, row.labels) for row in rows] == [
        ([3, 4, 5, 1], [3, 4, 1]),
        ([3, 4, 5, 1], [3, 1]),
        ([3, 1], [3, 4, 1]),
        ([3, 4, 5, 1], [3, 4, 1]),
    ]
    assert receipt.balanced
    assert (receipt.kept, receipt.trimmed_rows) == (4, 3)
    assert receipt.trimmed == {"source over 4 tokens": 2, "target over 3 tokens": 2}
    assert receipt.source_lengths.tokens == 14  # after trimming


def test_dropping_is_counted_by_reason(words):
    receipt = SplitReceipt(read=4)
    rows = list(Seq2Seq(words).for_training(examples((3, 2), (4, 1), (1, 3), (9, 9)), data("drop"), receipt))
    assert [row.example.origin.row for row in rows] == [1]
    assert receipt.balanced
    assert receipt.dropped == {
        "source over 4 tokens": 1,
        "target over 3 tokens": 1,
        "source over 4 tokens and target over 3 tokens": 1,
    }


def test_an_error_names_the_row(words):
    rows = Seq2Seq(words).for_training(examples((3, 2), (1, 3)), data("error"), SplitReceipt())
    next(rows)
    with pytest.raises(RequestError, match="target over 3 tokens") as error:
        next(rows)
    assert error.value.where == "f.tsv:2"


def test_a_limit_of_one_leaves_the_end_token(words):
    limits = Data(train=[Source(path="f")], max_source_length=1, max_target_length=1, overlong="trim")
    (row,) = Seq2Seq(words).for_training(examples((3, 2)), limits, SplitReceipt())
    assert (row.input_ids, row.labels) == ([1], [1])


def test_nothing_that_is_measured_on_is_cut(words):
    receipt = SplitReceipt(read=1)
    (row,) = Seq2Seq(words).for_evaluation(examples((15, 15)), receipt)
    assert len(row.input_ids) == len(row.labels) == 16
    assert receipt.balanced
