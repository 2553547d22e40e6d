import pytest

from dragoman.data.rows import BadRow, Origin, excerpt


def test_an_origin_reads_as_file_and_row():
    assert str(Origin("a.csv", 17)) == "a.csv:17"


def test_a_bad_row_says_what_is_particular_to_it():
    assert str(BadRow(Origin("a.csv", 1), "blank line")) == "blank line"
    assert str(BadRow(Origin("a.csv", 1), "not UTF-8", detail="byte 0xff at offset 0")) == (
        "not UTF-8 (byte 0xff at offset 0)"
    )


@pytest.mark.parametrize(
    ("content", "shown"),
    [
        (b"Gr\xfcn\r\n", "Gr\\xfcn"), ("half \udc80", "half \\udc80"), ("zwei\u2028Zeilen", "zwei\u2028Zeilen"),
        ({"de": "grün", "n": 3}, '{"de": "grün", "n": 3}'), ({"raw": b"x"}, '{"raw": "b\'x\'"}'),
    ],
)  # fmt: skip
def test_an_excerpt_can_be_written_to_any_file(content, shown):
    assert excerpt(content) == shown
    excerpt(content).encode()


@pytest.mark.parametrize("content", ["ü" * 10_000, ("ü" * 10_000).encode(), {"de": "ü" * 10_000}, b"\xff" * 10_000])
def test_an_excerpt_is_short(content):
    assert len(excerpt(content)) == 500
    assert excerpt(content).endswith("…")
