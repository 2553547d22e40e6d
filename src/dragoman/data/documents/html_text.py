"""The text of a page of HTML: what stands between its tags, a line for each block, without scripts and styles.

Parsed with lxml, whose parser is a browser-like one in C: it takes broken pages as they are and its time is linear;
the standard library's is written in Python, ten times slower, and has had inputs on which its time was quadratic.
What of the text is boilerplate is not decided here.
"""

from __future__ import annotations

import codecs
import re

# what begins a line of its own
BLOCKS = frozenset({
    "address", "article", "aside", "blockquote", "body", "br", "caption", "center", "dd", "details", "dialog", "dir",
    "div", "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6",
    "header", "hr", "html", "legend", "li", "main", "menu", "nav", "ol", "optgroup", "option", "p", "pre", "section",
    "select", "summary", "table", "tbody", "td", "tfoot", "th", "thead", "title", "tr", "ul",
})  # fmt: skip
HIDDEN = frozenset({
    "script", "style", "noscript", "template", "head", "iframe", "object", "svg", "math", "canvas", "textarea",
})  # fmt: skip
SPACES = re.compile(r"[ \t\r\n\f\v]+")
DECLARED = re.compile(rb"<meta[^>]{0,500}?charset\s*=\s*[\"']?([\w.:-]+)", re.IGNORECASE)
DECLARED_WITHIN = 4096  # bytes
FALLBACK = "cp1252"  # what browsers take a page without a declaration for


def html_text(page: bytes, encoding: str | None = None) -> str | None:
    """The text of a page, its lines stripped and none of them empty; None where its encoding is another than it says.

    encoding: what the server says; else the page's own word counts, then UTF-8, then FALLBACK.
    """
    markup = _decoded(page, encoding)
    if markup is None:
        return None
    return "" if not markup.strip() else _text(markup)


def _decoded(page: bytes, encoding: str | None) -> str | None:
    declared = DECLARED.search(page, 0, DECLARED_WITHIN)
    said = encoding or (declared[1].decode("ascii", "replace") if declared else None)
    codings = [said] if said is not None and _is_known(said) else ["utf-8", FALLBACK]
    for coding in codings:
        try:
            return page.decode("cp1252" if coding.lower() in ("iso-8859-1", "latin1", "ascii") else coding)
        except (UnicodeDecodeError, LookupError):
            continue
    return None


def _is_known(encoding: str) -> bool:
    try:
        codecs.lookup(encoding)
    except LookupError:
        return False
    return True


def _text(markup: str) -> str:
    from lxml import etree

    # bytes, because the parser refuses text that declares an encoding; what is no character of XML would end it
    parser = etree.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, recover=True)
    root = etree.fromstring(markup.replace("\0", "").encode("utf-8", "replace"), parser)
    if root is None:
        return ""
    lines, hidden = [[""]], 0
    for event, element in etree.iterwalk(root, events=("start", "end")):
        name = element.tag
        if event == "start":
            hidden += name in HIDDEN
            said = element.text
        else:
            hidden -= name in HIDDEN
            said = element.tail
        if name in BLOCKS and not hidden:
            lines.append([])
        if said and not hidden:
            lines[-1].append(said)
    return "\n".join(filter(None, (SPACES.sub(" ", "".join(parts)).strip() for parts in lines)))
