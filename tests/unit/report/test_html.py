from __future__ import annotations

from html.parser import HTMLParser

from hypothesis import given, settings
from hypothesis import strategies as st

from dragoman.report.html import Html, join, printable, table, tag, trusted
from dragoman.report.layout import bar, breakable, stacked_bar


class Reader(HTMLParser):
    """The standard library's parser as the judge: which elements, attributes and texts a browser would find."""

    def __init__(self, page: str):
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, name, attributes):
        self.tags.append((name, dict(attributes)))

    def handle_data(self, data):
        self.text += data


@settings(max_examples=300, derandomize=True, deadline=None)
@given(st.text(st.one_of(st.sampled_from("<>&\"'/ab=-!"), st.characters(exclude_characters="\r")), max_size=40))
def test_no_text_becomes_markup(text):
    read = Reader(tag("p", text, title=text))
    assert read.tags == [("p", {"title": printable(text)})]
    assert read.text == printable(text)


def test_what_no_page_may_hold_is_replaced():
    assert printable("a\x00b\x1bc\x85\ud800\tok\n\u202e") == "a\ufffdb\ufffdc\ufffd\ufffd\tok\n\u202e"
    join("\ud800").encode()


def test_html_is_not_escaped_twice():
    assert tag("p", "5 < 6 ", tag("b", "&")) == "<p>5 &lt; 6 <b>&amp;</b></p>"
    assert isinstance(tag("p"), Html)
    assert tag("style", trusted("a > b {}")) == "<style>a > b {}</style>"


def test_children_are_flattened_and_none_left_out():
    assert join("a", None, ["b", [1, 2.5]], (x for x in "cd")) == "ab12.5cd"


def test_attributes():
    made = tag("a", class_="x", aria_label='"', hidden=True, title=None, open=False, tabindex=0)
    assert made == '<a class="x" aria-label="&quot;" hidden tabindex="0"></a>'
    assert tag("meta", charset="utf-8") == '<meta charset="utf-8">'


def test_table_marks_headings_and_numbers():
    read = Reader(table(["Name", "Rows"], [["<a>", 3]]))
    cells = [
        (name, attributes.get("scope"), attributes.get("class"))
        for name, attributes in read.tags
        if name in ("th", "td")
    ]
    assert cells == [("th", "col", None), ("th", "col", "number"), ("th", "row", None), ("td", None, "number")]
    assert read.text == "NameRows<a>3"


def test_bars_stay_within_the_whole():
    assert 'width:50.00%"' in bar(1, 2)
    assert 'width:100.00%"' in bar(3, 2)
    assert 'width:0.00%"' in bar(1, 0)
    assert stacked_bar([(1, 0), (0, 1), (3, 2)]).count("width") == 2
    assert "width:75.00%" in stacked_bar([(1, 0), (3, 2)])


def test_breakable_keeps_the_text():
    made = breakable("tok:13a|<b>|eff:no", "|")
    assert made.count("<wbr>") == 2
    assert Reader(made).text == "tok:13a|<b>|eff:no"
