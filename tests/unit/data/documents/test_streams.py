from __future__ import annotations

import gzip
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dragoman.data.documents import streams
from dragoman.data.documents.document import DamagedError
from dragoman.data.documents.streams import Reader, read_blocks, read_lines, without_mark

CONTENT = "".join(f"line {number} äöü\n" for number in range(20_000)).encode()


def pack(path: Path, content: bytes, *, members: int = 1) -> Path:
    """Write a compressed file, of several members one after the other."""
    size = -(-len(content) // members)
    codec = pa.Codec("zstd") if path.suffix == ".zst" else None
    parts = [content[i : i + size] for i in range(0, len(content), size)]
    packed = [codec.compress(part).to_pybytes() if codec else gzip.compress(part) for part in parts]
    path.write_bytes(b"".join(packed))
    return path


@pytest.mark.parametrize("ending", ["", ".gz", ".zst"])
@pytest.mark.parametrize("members", [1, 7])
def test_the_bytes_of_a_file(tmp_path: Path, ending: str, members: int) -> None:
    path = tmp_path / f"a.txt{ending}"
    if ending:
        pack(path, CONTENT, members=members)
    else:
        path.write_bytes(CONTENT)
    assert b"".join(read_blocks(path)) == CONTENT


def test_a_part_of_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "BLOCK", 100)
    (tmp_path / "a").write_bytes(CONTENT)
    assert b"".join(read_blocks(tmp_path / "a", 1234, 5678)) == CONTENT[1234:5678]
    assert b"".join(read_blocks(tmp_path / "a", 1234)) == CONTENT[1234:]


@pytest.mark.parametrize("ending", [".gz", ".zst"])
@pytest.mark.parametrize("cut", [5, 1000, 20_000])
def test_a_file_that_breaks_off(tmp_path: Path, ending: str, cut: int) -> None:
    """What comes before the break is read, up to a block."""
    whole = pack(tmp_path / f"whole{ending}", CONTENT).read_bytes()
    path = tmp_path / f"a{ending}"
    path.write_bytes(whole[: min(cut, len(whole) - 1)])
    read = b""
    with pytest.raises(DamagedError, match=r"breaks off"):  # noqa: PT012 (the blocks before it count)
        for block in read_blocks(path):
            read += block
    assert CONTENT.startswith(read)


def test_rubbish_is_damage(tmp_path: Path) -> None:
    for ending in (".gz", ".zst"):
        path = tmp_path / f"a{ending}"
        path.write_bytes(b"this was never compressed at all")
        with pytest.raises(DamagedError):
            list(read_blocks(path))


@settings(deadline=None)
@given(
    content=st.lists(st.sampled_from([b"a", b"\n", b"bc", b"\r\n", b"x" * 9]), max_size=60).map(b"".join),
    size=st.integers(1, 12),
    limit=st.integers(1, 12),
)
def test_lines_are_those_of_split(content: bytes, size: int, limit: int) -> None:
    """Whatever the blocks: a line that is too long is None, and none is lost."""
    blocks = [content[i : i + size] for i in range(0, len(content), size)]
    expected = content.split(b"\n")
    if not expected[-1]:
        expected.pop()
    assert list(read_lines(iter(blocks), limit)) == [line if len(line) <= limit else None for line in expected]


def test_a_long_line_is_not_held() -> None:
    seen = 0

    def blocks():  # type: ignore[no-untyped-def]
        nonlocal seen
        for _ in range(1000):
            seen += 1
            yield b"x" * 1000
        yield b"\nshort\n"

    assert list(read_lines(blocks(), 2000)) == [None, b"short"]
    assert seen == 1000


def test_byte_order_marks() -> None:
    assert b"".join(without_mark(iter([b"\xef\xbb\xbfa", b"\xef\xbb\xbfb"]))) == b"a\xef\xbb\xbfb"
    assert b"".join(without_mark(iter([]))) == b""


@settings(deadline=None)
@given(
    lines=st.lists(st.binary(max_size=8).map(lambda line: line.translate(None, b"\r\n")), max_size=6),
    body=st.binary(max_size=40),
    size=st.integers(1, 9),
)
def test_a_reader_takes_lines_and_counts(lines: list[bytes], body: bytes, size: int) -> None:
    content = b"".join(line + b"\r\n" for line in lines) + body + b"tail"
    reader = Reader(iter([content[i : i + size] for i in range(0, len(content), size)]))
    assert [reader.line(100) for _ in lines] == lines
    assert reader.take(len(body)) == body
    reader.skip(2)
    assert reader.rest() == b"il"
    assert reader.line(100) is None
    with pytest.raises(DamagedError):
        reader.take(1)


def test_a_reader_refuses_endless_lines() -> None:
    with pytest.raises(DamagedError, match="too long"):
        Reader(iter([b"x" * 50] * 10)).line(100)
