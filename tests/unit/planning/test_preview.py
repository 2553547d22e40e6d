from io import StringIO

import pytest
from rich.console import Console

from dragoman.data.encoded import EncodedSet, write_encoded
from dragoman.data.rows import Origin
from dragoman.planning.preview import preview


class Names:
    """A tokenizer's stand-in: a piece is called by its id."""

    eos_id = 1

    def pieces(self, ids):
        return [f"p{id}" for id in ids]


@pytest.fixture
def encoded(tmp_path):
    def write(rows):
        with write_encoded(tmp_path / "x.arrow", 1000) as writer:
            for row in range(rows):
                writer.append([row, 1], [500 + row, 1], Origin("a [b].tsv", row + 1))
        return EncodedSet(tmp_path / "x.arrow")

    return write


def shown(encoded, **options):
    console = Console(file=StringIO(), width=60, **options)
    console.print(preview(encoded, Names()))
    return console.file.getvalue()


@pytest.mark.parametrize(("rows", "seen"), [(1, [1]), (2, [1, 2]), (3, [1, 2, 3]), (101, [1, 51, 101])])
def test_the_first_the_middle_and_the_last(encoded, rows, seen):
    text = shown(encoded(rows))
    assert [f"a [b].tsv:{row}" for row in seen] == [line for line in text.split("\n") if line.startswith("a [b]")]
    for row in seen:
        assert f"source  p{row - 1} p1" in text
        assert f"labels  p{499 + row} p1" in text


def test_labels_stand_out_and_long_texts_wrap(encoded):
    text = shown(encoded(1), force_terminal=True, color_system="standard")
    assert text.count("\x1b[30;42m") == 1
    assert text.count("\x1b[30;102m") == 1


def test_a_causal_row_is_shown_whole_with_its_labels_where_they_stand(tmp_path):
    with write_encoded(tmp_path / "x.arrow", 1000, causal=True) as writer:
        writer.append([5, 6, 7, 8, 1], [7, 1], Origin("a", 1), [2, 4])
    text = shown(EncodedSet(tmp_path / "x.arrow"), force_terminal=True, color_system="standard")
    (sequence,) = (line for line in text.split("\n") if "sequence" in line)
    assert sequence.count("\x1b[30;42m") + sequence.count("\x1b[30;102m") == 2
    assert all(f"p{id}" in sequence for id in (5, 6, 7, 8, 1))
    assert "p1 for the end" in text


def test_a_long_path_stays_whole(tmp_path):
    file = "/".join(["a-long-name-of-a-folder"] * 9)
    with write_encoded(tmp_path / "x.arrow", 1000) as writer:
        writer.append([1], [2], Origin(file, 7))
    console = Console(file=StringIO(), width=60)
    console.print(preview(EncodedSet(tmp_path / "x.arrow"), Names()), crop=False)
    assert f"\n{file}:7\n" in console.file.getvalue()
