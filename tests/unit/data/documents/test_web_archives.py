from __future__ import annotations

import gzip
import time
from pathlib import Path

import pytest

from dragoman.data.documents import pieces_of, read_piece, web_archives
from dragoman.data.documents.html_text import html_text
from dragoman.recipe.schema import TextSource


def record(kind: str, media: str, content: bytes, version: bytes = b"WARC/1.0") -> bytes:
    header = f"WARC-Type: {kind}\r\nContent-Type: {media}\r\nContent-Length: {len(content)}\r\n".encode()
    return version + b"\r\n" + header + b"\r\n" + content + b"\r\n\r\n"


def response(body: bytes, status: str = "200 OK", media: str = "text/html; charset=utf-8", *more: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Type: {media}", *more]
    return record("response", "application/http; msgtype=response", "\r\n".join(lines).encode() + b"\r\n\r\n" + body)


Rows = list[tuple[int, str]]


def read(folder: Path, name: str, content: bytes, limit: int = 1000) -> tuple[Rows, Rows]:
    (folder / name).write_bytes(content)
    source = TextSource(path=name)
    (piece,) = pieces_of([source], folder)
    found = list(read_piece(piece, source, limit=limit))
    texts = [
        pair for one in found for pair in zip(one.table["row"].to_pylist(), one.table["text"].to_pylist(), strict=True)
    ]
    return texts, [(bad.row, bad.reason) for one in found for bad in one.bad]


WET = (
    record("warcinfo", "application/warc-fields", b"Software-Info: ia-web-commons\r\n"),
    record("conversion", "text/plain", b"Die erste Seite.\nZweite Zeile."),
    record("metadata", "application/warc-fields", b"x: y"),
    record("conversion", "text/plain", b"\xff\xfe"),
    record("conversion", "text/plain", b"x" * 2000),
    record("conversion", "text/plain", b"The last page.", b"WARC/1.1"),
)


@pytest.mark.parametrize("ending", ["", ".gz"])
def test_wet(tmp_path: Path, ending: str) -> None:
    """As the web's archives have it, every record is a gzip member of its own."""
    content = b"".join(map(gzip.compress, WET)) if ending else b"".join(WET)
    texts, bad = read(tmp_path, f"a.warc.wet{ending}", content)
    assert texts == [(1, "Die erste Seite.\nZweite Zeile."), (4, "The last page.")]
    assert bad == [(2, "not UTF-8"), (3, "too long")]


def test_archives_that_break_off(tmp_path: Path) -> None:
    whole = b"".join(WET)
    texts, bad = read(tmp_path, "a.wet", whole[: whole.index(b"Zweite")])
    assert texts == []
    assert bad == [(1, "damaged from here on: a record breaks off")]
    texts, bad = read(tmp_path, "b.wet", WET[1] + b"<html>no archive</html>\n" + WET[1])
    assert len(texts) == 1
    assert bad == [(2, "damaged from here on: no record of a web archive where one should begin")]
    texts, bad = read(tmp_path, "c.wet", WET[1].replace(b"Content-Length: 30", b"Content-Length: many"))
    assert bad == [(1, "damaged from here on: a record without a length")]


def chunked(body: bytes) -> bytes:
    pieces = [body[i : i + 10] for i in range(0, len(body), 10)]
    return b"".join(f"{len(piece):x}\r\n".encode() + piece + b"\r\n" for piece in pieces) + b"0\r\n\r\n"


def test_pages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web_archives, "PAGE_BYTES", 20_000)
    page = "<html><head><title>no</title></head><body><p>Schöne Grüße</p></body></html>"
    content = [
        response(page.encode()),
        response(page.encode(), "404 Not Found"),
        response(b"{}", media="application/json"),
        response(page.encode("latin-1"), "200 OK", "text/html; charset=ISO-8859-1"),
        response(chunked(page.encode()), "200 OK", "text/html", "Transfer-Encoding: chunked"),
        response(page.encode(), "200 OK", "text/html", "Transfer-Encoding: chunked"),  # joined by the archive already
        response(gzip.compress(page.encode()), "200 OK", "text/html", "Content-Encoding: gzip"),
        response(gzip.compress(page.encode())[:-20], "200 OK", "text/html", "Content-Encoding: gzip"),
        response(gzip.compress(b"x" * 100_000), "200 OK", "text/html", "Content-Encoding: gzip"),
        response(page.encode("latin-1")),
        record("request", "application/http; msgtype=request", b"GET / HTTP/1.1\r\n\r\n"),
        response(b"<p>" + b"x" * 30_000),
        response(b""),
    ]
    texts, bad = read(tmp_path, "a.warc", b"".join(content))
    assert [text for _, text in texts] == ["Schöne Grüße"] * 5
    assert [reason for _, reason in bad] == [
        "a page that cannot be unpacked", "a page that cannot be unpacked", "a page in another encoding than it says",
        "too long", "empty",
    ]  # fmt: skip
    assert sorted([row for row, _ in texts] + [row for row, _ in bad]) == list(range(1, 11))


@pytest.mark.parametrize(
    ("page", "text"),
    [
        ("<p>one</p><p>two <b>bold</b>\n  word</p>", "one\ntwo bold word"),
        ("<ul><li>a<li>b</ul>c<br>d", "a\nb\nc\nd"),
        ("<script>if (a < b) {}</script>x<style>p {}</style>y<noscript>z</noscript>", "xy"),
        ("a<!-- b -->c &amp; &uuml; &#8222;", "ac & ü „"),
        ("<div>unclosed <span>and <i>nested", "unclosed and nested"),
        ("<table><tr><td>1<td>2<tr><td>3</table>", "1\n2\n3"),
        ('<?xml version="1.0" encoding="utf-8"?><html xmlns="http://www.w3.org/1999/xhtml"><body>x</body></html>', "x"),
        ("plain text, no tag", "plain text, no tag"),
        ("", ""),
        ("<!-- only -->", ""),
        ("a\0b", "ab"),
    ],
)
def test_text_of_html(page: str, text: str) -> None:
    assert html_text(page.encode()) == text


def test_encodings_of_html() -> None:
    """The server's word, then the page's, then UTF-8, then what browsers take."""
    assert html_text("<p>ü</p>".encode("cp1252")) == "ü"
    assert html_text("<p>ü</p>".encode()) == "ü"
    assert html_text('<meta charset="windows-1251"><p>да</p>'.encode("cp1251")) == "да"
    assert html_text('<meta http-equiv="content-type" content="text/html; charset=koi8-r">да'.encode("koi8-r")) == "да"
    assert html_text("<p>ü €</p>".encode("cp1252"), "iso-8859-1") == "ü €"
    assert html_text("<p>ü</p>".encode("latin-1"), "utf-8") is None
    assert html_text("<p>ü</p>".encode(), "no-such-encoding") == "ü"
    assert html_text(b"<p>x</p>", "hex") is None


HOSTILE = [
    b"<div>" * 200_000 + b"x",
    b"<a b='" * 100_000,
    b"<![if" * 100_000,
    b"<!--" + b"-" * 1_000_000,
    b"&" * 500_000,
]


@pytest.mark.parametrize("page", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_pages_take_no_time(page: bytes) -> None:
    began = time.monotonic()
    html_text(page)
    assert time.monotonic() - began < 10
