"""Lines end at "\\n" alone, whatever else Unicode calls a line end."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dragoman.base.errors import RequestError
from dragoman.data.readers.lines import lines, not_utf8, raw_lines
from dragoman.data.rows import Origin


@pytest.mark.parametrize("inner", ["\u2028", "\u2029", "\u0085", "\x0b", "\x0c", "\x1c", "\x1e", "\r "])
def test_only_a_line_feed_ends_a_line(tmp_path, inner):
    path = tmp_path / "a.txt"
    path.write_bytes(f"one{inner}one\ntwo\n".encode())
    assert [line.decode() for _, line in lines(path)] == [f"one{inner}one", "two"]


@pytest.mark.parametrize("bom", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
@pytest.mark.parametrize("last", [True, False])
def test_mark_and_line_ends_are_no_text(tmp_path, bom, end, last):
    path = tmp_path / "a.txt"
    path.write_bytes(bom + b"one" + end + b"two" + (end if last else b""))
    assert [line for _, line in lines(path)] == [b"one", b"two"]


def test_a_mark_later_in_the_file_is_text(tmp_path):
    path = tmp_path / "a.txt"
    path.write_bytes(b"one\n\xef\xbb\xbftwo\n")
    assert [line for _, line in lines(path)] == [b"one", b"\xef\xbb\xbftwo"]


@settings(max_examples=40)
@given(st.binary(max_size=60).map(lambda content: content.replace(b"\0", b"")))
def test_offsets_point_into_the_file(tmp_path_factory, content):
    path = tmp_path_factory.mktemp("lines") / "a.txt"
    path.write_bytes(b"x" + content)  # the x keeps it from looking like UTF-16
    found = list(raw_lines(path))
    assert all((b"x" + content)[offset : offset + len(line)] == line for offset, line in found)
    assert b"".join(line for _, line in found) == b"x" + content


@pytest.mark.parametrize("mark", [True, False])
@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
def test_utf_16_is_refused_by_name(tmp_path, encoding, mark):
    path = tmp_path / "a.csv"
    path.write_bytes(("\ufeff" * mark + "de,en\nja,yes\n").encode(encoding))
    with pytest.raises(RequestError, match="UTF-16") as error:
        list(lines(path))
    assert str(path) in str(error.value)


def test_undecodable_bytes_are_named_with_their_place_in_the_file():
    bad = not_utf8(b"Gr\xfc\xdfe", 100, Origin("a.txt", 3))
    assert bad.reason == "not UTF-8"
    assert bad.detail == "byte 0xfc at offset 102"
    assert bad.content == "Gr\\xfc\\xdfe"
