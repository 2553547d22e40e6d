from __future__ import annotations

import random
from itertools import pairwise
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dragoman.base.errors import RequestError
from dragoman.data.documents import BadDocument, Piece, pieces_of, read_piece, text_files
from dragoman.recipe.schema import TextSource

Seen = list[tuple[int, str]]


def read_all(source: TextSource, folder: Path, piece_bytes: int, **options: int) -> tuple[Seen, list[BadDocument]]:
    texts: Seen = []
    bad: list[BadDocument] = []
    for piece in pieces_of([source], folder, piece_bytes=piece_bytes):
        for documents in read_piece(piece, source, **options):
            texts += zip(documents.table["row"].to_pylist(), documents.table["text"].to_pylist(), strict=True)
            bad += documents.bad
    return texts, bad


@settings(deadline=None, max_examples=60)
@given(
    lines=st.lists(st.sampled_from(["", " ", "Wort", "zwei Wörter", "x" * 30]), max_size=40),
    document=st.sampled_from(["line", "paragraph"]),
    piece_bytes=st.integers(1, 200),
    ending=st.sampled_from(["\n", "\r\n"]),
    closed=st.booleans(),
)
def test_pieces_cut_no_document(
    tmp_path_factory: pytest.TempPathFactory,
    lines: list[str],
    document: str,
    piece_bytes: int,
    ending: str,
    closed: bool,
) -> None:
    """However a file is cut: the same documents, in the same rows."""
    folder = tmp_path_factory.mktemp("cut")
    (folder / "a.txt").write_bytes((ending.join(lines) + (ending if closed else "")).encode())
    source = TextSource(path="a.txt", document=document)
    whole, _ = read_all(source, folder, 1 << 20)
    assert read_all(source, folder, piece_bytes)[0] == whole
    expected: Seen = []
    for row, line in enumerate(lines, start=1):
        blank = not line.strip()
        if blank:
            continue
        if document == "line" or not expected or not lines[row - 2].strip():
            expected.append((row, line))
        else:
            expected[-1] = (expected[-1][0], f"{expected[-1][1]}\n{line}")
    assert whole == expected


def test_pieces_are_about_as_long_as_asked(tmp_path: Path) -> None:
    dice = random.Random(1)
    lines = ["x" * dice.randrange(1, 200) for _ in range(2000)]
    (tmp_path / "a.txt").write_text("\n".join(lines))
    pieces = pieces_of([TextSource(path="a.txt", document="line")], tmp_path, piece_bytes=10_000)
    assert pieces[0].start == 0
    assert all(before.stop == after.start for before, after in pairwise(pieces))
    assert pieces[-1].stop == (tmp_path / "a.txt").stat().st_size
    assert all(10_000 <= piece.size <= 10_200 for piece in pieces[:-1])
    assert [piece.first_row for piece in pieces] == [
        1 + (tmp_path / "a.txt").read_bytes()[: piece.start].count(b"\n") for piece in pieces
    ]


def test_a_line_longer_than_a_piece(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"text": "a"}\n{"text": "' + "b" * 5000 + '"}\n{"text": "c"}\n')
    texts, bad = read_all(TextSource(path="a.jsonl"), tmp_path, 20, limit=100)
    assert texts == [(1, "a"), (3, "c")]
    assert [(one.row, one.reason) for one in bad] == [(2, "too long")]


def test_row_groups(tmp_path: Path) -> None:
    texts = [f"document {number}" for number in range(100)]
    pq.write_table(pa.table({"text": texts, "other": list(range(100))}), tmp_path / "a.parquet", row_group_size=7)
    source = TextSource(path="a.parquet")
    pieces = pieces_of([source], tmp_path, piece_bytes=300)
    assert len(pieces) > 3
    assert [piece.start for piece in pieces[1:]] == [piece.stop for piece in pieces[:-1]]
    assert read_all(source, tmp_path, 300)[0] == list(enumerate(texts, start=1))


def test_whole_files(tmp_path: Path) -> None:
    """What can only be read from its beginning is one piece."""
    for name in ("a.txt.gz", "b.wet", "c.warc.gz", "d.jsonl.zst"):
        (tmp_path / name).write_bytes(b"x" * 1000)
    (tmp_path / "utf16.txt").write_bytes(b"x" * 1000)
    for source in (TextSource(path="[a-d].*"), TextSource(path="utf16.txt", encoding="utf-16")):
        for piece in pieces_of([source], tmp_path, piece_bytes=10):
            assert (piece.start, piece.stop, piece.size) == (0, None, 1000)


def test_only_the_first_rows(tmp_path: Path) -> None:
    """The first documents of a source, over its files and pieces."""
    for name in "abc":
        (tmp_path / f"{name}.txt").write_text("".join(f"{name}{number}\n" for number in range(10)))
    for rows in (1, 7, 10, 11, 25, 30, 99):
        source = TextSource(path="*.txt", document="line", rows=rows)
        texts = [text for _, text in read_all(source, tmp_path, 6)[0]]
        assert texts == [f"{name}{number}" for name in "abc" for number in range(10)][:rows]


def test_files_and_their_order(tmp_path: Path) -> None:
    hidden = (".hidden.txt", "deep/.e/f.txt")
    for name in ("b.txt", "a.jsonl.gz", "deep/c.parquet", "deep/d.unknown", "g.txt.zst", *hidden):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    names = lambda path, **keys: [  # noqa: E731
        str(file.relative_to(tmp_path)) for file in text_files(TextSource(path=path, **keys), tmp_path)
    ]
    assert names(".") == ["a.jsonl.gz", "b.txt", "deep/c.parquet", "g.txt.zst"]
    assert names("*.txt*") == ["b.txt", "g.txt.zst"]
    assert names("**/*.parquet") == ["deep/c.parquet"]
    assert names("deep", format="text") == ["deep/c.parquet", "deep/d.unknown"]
    assert names("deep/d.unknown", format="jsonl") == ["deep/d.unknown"]


@pytest.mark.parametrize(
    ("path", "keys", "said"),
    [
        ("b.tx", {}, "b.tx: does not exist\n  did you mean 'b.txt'?"),
        ("no/b.txt", {}, "the folder"),
        ("*.parquet", {}, "matches no file"),
        ("empty", {}, "is a folder without a readable file"),
        ("odd.xyz", {}, "has no ending that says its format"),
        ("b.txt", {"encoding": "klingon"}, "there is no encoding 'klingon'"),
        ("b.txt", {"encoding": "undefined"}, "there is no encoding 'undefined'"),
    ],
)
def test_what_is_refused(tmp_path: Path, path: str, keys: dict[str, str], said: str) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "b.txt").touch()
    (tmp_path / "odd.xyz").touch()
    with pytest.raises(RequestError) as error:
        pieces_of([TextSource(path=path, **keys)], tmp_path)
    assert said in str(error.value)


def test_a_column_that_is_not_there(tmp_path: Path) -> None:
    pq.write_table(pa.table({"tekst": ["a"], "number": [1]}), tmp_path / "a.parquet")
    for column, said in (("text", "did you mean 'tekst'?"), ("number", "holds int64, no text")):
        with pytest.raises(RequestError, match=column) as error:
            pieces_of([TextSource(path="a.parquet", column=column)], tmp_path)
        assert said in str(error.value)


def test_a_pattern_in_a_name_that_is_there(tmp_path: Path) -> None:
    (tmp_path / "a[1].txt").write_text("x")
    assert pieces_of([TextSource(path="a[1].txt")], tmp_path) == [
        Piece(0, tmp_path / "a[1].txt", 0, 1, first_row=1, size=1)
    ]
