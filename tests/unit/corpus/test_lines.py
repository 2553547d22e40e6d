import itertools
import re

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from dragoman.corpus.lines import Lines, Stripped

LINE = st.sampled_from(["", "", "a", "ab", "ä", "日本", "a b", "x" * 50])
TEXTS = st.lists(st.lists(LINE, min_size=1, max_size=8).map("\n".join), max_size=6)


def large(texts: list[str]) -> pa.Array:
    return pa.array(texts, pa.large_string())


@settings(max_examples=200, deadline=None, derandomize=True)
@given(TEXTS)
def test_lines_are_what_split_gives(texts):
    lines = Lines.of(large(texts))
    split = [text.split("\n") for text in texts]
    column = lines.column().to_pylist()
    assert [column[a:b] for a, b in itertools.pairwise(lines.bounds)] == split
    assert lines.characters.tolist() == [len(line) for text in split for line in text]
    assert lines.document.tolist() == [i for i, text in enumerate(split) for _ in text]
    assert lines.repeated.tolist() == [line in text[:i] for text in split for i, line in enumerate(text)]


@settings(max_examples=300, deadline=None, derandomize=True)
@given(TEXTS, st.randoms(use_true_random=False))
def test_texts_with_some_of_their_lines(texts, random):
    column = large(["skipped", *texts])[1:]
    lines = Lines.of(column)
    kept = np.array([random.random() < 0.6 for _ in range(len(lines))], bool)
    flags = iter(kept.tolist())
    wanted = ["\n".join(line for line in text.split("\n") if next(flags)) for text in texts]
    wanted = [re.sub("\n{3,}", "\n\n", text).strip("\n") for text in wanted]
    assert lines.keep(kept).to_pylist() == wanted


def test_what_went_is_counted_and_shown():
    lines = Lines.of(large(["one\ntwo", "drei\nvier\nfünf"]))
    stripped = Stripped.of(lines, np.array([0, 2, 1, 0, 2]), ("first", "second", "third"))
    assert stripped.texts.to_pylist() == ["one", "vier"]
    assert stripped.counts() == {"first": (1, 4), "second": (2, 8)}
    assert stripped.sample("second", 5) == [(0, "two"), (1, "fünf")]
    assert stripped.sample("second", 1) == [(0, "two")]
    assert stripped.sample("third", 5) == []
