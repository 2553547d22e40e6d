from __future__ import annotations

import gzip
import json
import tracemalloc
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from dragoman.data.documents import BadDocument, pieces_of, read_piece
from dragoman.data.documents.fingerprints import fingerprint
from dragoman.recipe.schema import TextSource


def read(folder: Path, limit: int = 10_000, **keys: object) -> tuple[list[tuple[int, str]], list[tuple[int, str]]]:
    """Documents with their rows, and bad rows with their reasons."""
    source = TextSource.model_validate(keys)
    texts: list[tuple[int, str]] = []
    bad: list[BadDocument] = []
    for piece in pieces_of([source], folder):
        for documents in read_piece(piece, source, limit=limit, batch_bytes=1000):
            assert documents.table.schema == pa.schema([("text", pa.large_string()), ("row", pa.int64())])
            texts += zip(documents.table["row"].to_pylist(), documents.table["text"].to_pylist(), strict=True)
            bad += documents.bad
    return texts, [(one.row, one.reason) for one in bad]


def test_plain_text(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"\xef\xbb\xbfone\ntwo\r\n\r\n \t\nthree  \n")
    assert read(tmp_path, path="a.txt") == ([(1, "one\ntwo"), (5, "three")], [])
    assert read(tmp_path, path="a.txt", document="line") == ([(1, "one"), (2, "two"), (5, "three")], [])
    assert read(tmp_path, path="a.txt", document="file") == ([(1, "one\ntwo\n\n \t\nthree  \n")], [])


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252", "utf-8-sig", "utf-16", "utf-16-be", "utf-32", "gb18030"])
@pytest.mark.parametrize("ending", ["", ".gz"])
def test_encodings(tmp_path: Path, encoding: str, ending: str) -> None:
    raw = "Über die Brücke\nzum Fluß\n\nnächster Absatz\n".encode(encoding)
    (tmp_path / f"a.txt{ending}").write_bytes(gzip.compress(raw) if ending else raw)
    texts, bad = read(tmp_path, path=f"a.txt{ending}", encoding=encoding)
    assert (texts, bad) == ([(1, "Über die Brücke\nzum Fluß"), (4, "nächster Absatz")], [])


def test_text_in_another_encoding_is_bad(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes("gut\n\nBrücke\n\nwieder gut".encode("latin-1"))
    assert read(tmp_path, path="a.txt") == ([(1, "gut"), (5, "wieder gut")], [(3, "not UTF-8")])
    (tmp_path / "b.txt").write_bytes("ein Satz".encode("utf-16") + b"\x00\xd8")
    assert read(tmp_path, path="b.txt", encoding="utf-16") == ([], [(1, "not UTF-16")])


def test_json_lines(tmp_path: Path) -> None:
    lines = [
        b'{"text": "a", "n": 1}',
        b"",
        b'{"text": ',
        b'{"txt": "b"}',
        b'{"text": 7}',
        b'{"text": null}',
        b"[1, 2]",
        b'{"text": "\xe4"}',
        b'{"text": "\\ud800 half"}',
        b'{"text": "NUL \\u0000"}',
        b'{"text": "  "}',
        b'{"text": "' + b"x" * 20_000 + b'"}',
        b'{"text": "' + b"y" * 90_000 + b'"}',
        b'{"text": "last \\u00e4"}',
    ]
    (tmp_path / "a.jsonl").write_bytes(b"\r\n".join(lines))
    texts, bad = read(tmp_path, path="a.jsonl")
    assert texts == [(1, "a"), (14, "last ä")]
    assert sorted(bad) == [
        (3, "broken JSON"), (4, "no text in 'text'"), (5, "'text' is a number"), (6, "no text in 'text'"),
        (7, "not a JSON object"), (8, "not UTF-8"), (9, "not Unicode text"), (10, "NUL characters"), (11, "empty"),
        (12, "too long"), (13, "too long"),
    ]  # fmt: skip


def test_nested_columns(tmp_path: Path) -> None:
    rows = [{"a": {"b": "inner"}}, {"a.b": "dotted", "a": {"b": "inner"}}, {"a": "flat"}]
    (tmp_path / "a.jsonl").write_text("\n".join(map(json.dumps, rows)))
    texts, bad = read(tmp_path, path="a.jsonl", column="a.b")
    assert (texts, bad) == ([(1, "inner"), (2, "dotted")], [(3, "no text in 'a.b'")])
    pq.write_table(pa.table({"a": [{"b": "x", "c": 1}, {"b": None, "c": 2}, None]}), tmp_path / "a.parquet")
    texts, bad = read(tmp_path, path="a.parquet", column="a.b")
    assert (texts, bad) == ([(1, "x")], [(2, "no text in 'a.b'"), (3, "no text in 'a.b'")])


TEXT_KINDS = [pa.string(), pa.large_string(), pa.string_view(), pa.dictionary(pa.int32(), pa.string())]


@pytest.mark.parametrize("kind", TEXT_KINDS, ids=str)
def test_columns_of_text(tmp_path: Path, kind: pa.DataType) -> None:
    column = pa.array(["eins", "zwei", "zwei"]).cast(kind)
    pq.write_table(pa.table({"text": column}), tmp_path / "a.parquet")
    assert read(tmp_path, path="a.parquet") == ([(1, "eins"), (2, "zwei"), (3, "zwei")], [])


def test_parquet_that_is_no_utf8(tmp_path: Path) -> None:
    raw = pa.array([b"gut", b"\xff\xfe", b"auch gut"], pa.binary())
    text = pa.Array.from_buffers(pa.string(), 3, raw.buffers())
    pq.write_table(pa.table({"text": text}), tmp_path / "a.parquet")
    assert read(tmp_path, path="a.parquet") == ([(1, "gut"), (3, "auch gut")], [(2, "not UTF-8")])


def test_damaged_files_are_bad_documents(tmp_path: Path) -> None:
    """The documents before the damage are read; then one bad document says what is wrong."""
    texts = (f"document {number} {'x' * (number % 50)}" for number in range(30_000))
    content = "".join(json.dumps({"text": text}) + "\n" for text in texts).encode()
    packed = {".gz": gzip.compress(content), ".zst": pa.Codec("zstd").compress(content).to_pybytes()}
    for ending, raw in packed.items():
        (tmp_path / f"a.jsonl{ending}").write_bytes(raw[: len(raw) // 2])
        texts, bad = read(tmp_path, path=f"a.jsonl{ending}")
        assert texts[:2] == [(1, "document 0 "), (2, "document 1 x")]
        assert bad == [(len(texts) + 1, "damaged from here on: the compressed file breaks off")]
        assert len(texts) > 1000
    pq.write_table(pa.table({"text": ["a" * 1000] * 1000}), tmp_path / "a.parquet")
    whole = (tmp_path / "a.parquet").read_bytes()
    (tmp_path / "a.parquet").write_bytes(whole[: len(whole) // 2])
    texts, bad = read(tmp_path, path="a.parquet")
    assert texts == []
    assert bad[0][0] == 1
    assert bad[0][1].startswith("damaged from here on: cannot be read as Parquet")


@pytest.mark.parametrize("name", ["a.txt", "a.jsonl", "a.txt.gz", "a.wet", "a.warc.gz"])
def test_files_with_nothing_in_them(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(gzip.compress(b"") if name.endswith(".gz") else b"")
    assert read(tmp_path, path=name) == ([], [(1, "no documents")])


def test_a_very_long_line_costs_no_memory(tmp_path: Path) -> None:
    with open(tmp_path / "a.jsonl", "wb") as file:
        file.write(b'{"text": "good"}\n{"text": "')
        for _ in range(100):
            file.write(b"x" * 1_000_000)
        file.write(b'"}\n{"text": "good too"}\n')
    source = TextSource(path="a.jsonl")
    (piece, *rest) = pieces_of([source], tmp_path, piece_bytes=1 << 30)
    assert not rest
    tracemalloc.start()
    found = list(read_piece(piece, source, limit=1_000_000))
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert [text for documents in found for text in documents.table["text"].to_pylist()] == ["good", "good too"]
    assert [one.reason for documents in found for one in documents.bad] == ["too long"]
    assert most < 20_000_000


def test_batches_are_about_as_long_as_asked(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("\n".join("x" * 100 for _ in range(1000)))
    source = TextSource(path="a.txt", document="line")
    (piece,) = pieces_of([source], tmp_path)
    sizes = [documents.table.num_rows for documents in read_piece(piece, source, batch_bytes=1000)]
    assert sizes == [10] * 100


def test_many_bad_documents_are_handed_over_as_they_come(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text("no JSON\n" * 3500)
    source = TextSource(path="a.jsonl")
    (piece,) = pieces_of([source], tmp_path)
    assert [len(documents.bad) for documents in read_piece(piece, source)] == [1000, 1000, 1000, 500]


def test_fingerprints_tell_the_bytes_of_a_piece(tmp_path: Path) -> None:
    source = TextSource(path="a.txt", document="line")
    (tmp_path / "a.txt").write_text("eins\nzwei\ndrei\nvier\n")
    before = [fingerprint(piece, source) for piece in pieces_of([source], tmp_path, piece_bytes=10)]
    assert len(set(before)) == len(before) == 2
    (tmp_path / "a.txt").write_text("eins\nzwei\ndrei\nfünf\n")
    after = [fingerprint(piece, source) for piece in pieces_of([source], tmp_path, piece_bytes=10)]
    assert after[0] == before[0]
    assert after[1] != before[1]


def test_fingerprints_of_row_groups_tell_their_column(tmp_path: Path) -> None:
    def prints(texts: list[str], others: list[int]) -> list[str]:
        table = pa.table({"text": texts, "other": others})
        pq.write_table(table, tmp_path / "a.parquet", row_group_size=2, compression="none")
        source = TextSource(path="a.parquet")
        return [fingerprint(piece, source) for piece in pieces_of([source], tmp_path, piece_bytes=1)]

    first = prints(["a", "b", "c", "d"], [1, 2, 3, 4])
    assert len(first) == 2
    assert prints(["a", "b", "c", "d"], [1, 2, 3, 5]) == first
    changed = prints(["a", "b", "c", "e"], [1, 2, 3, 4])
    assert changed[0] == first[0]
    assert changed[1] != first[1]
