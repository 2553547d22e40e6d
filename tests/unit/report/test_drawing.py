from hypothesis import given
from hypothesis import strategies as st

from dragoman.report.drawing import fit, text_width


def test_text_is_kept_where_there_is_room_and_cut_where_there_is_none():
    assert fit("query_key_value", 500, 12) == "query_key_value"
    cut = fit("query_key_value", 60, 12)
    assert cut.endswith("…")
    assert "query_key_value".startswith(cut[:-1])
    assert fit("w", 1, 12) == ""


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=40), st.floats(0, 300), st.booleans())
def test_fitted_text_is_never_wider_than_its_room(text, room, bold):
    assert text_width(fit(text, room, 12, bold=bold), 12, bold=bold) <= room


def test_widths_grow_with_size_and_weight():
    assert text_width("encoder", 24) == 2 * text_width("encoder", 12)
    assert text_width("encoder", 12, bold=True) > text_width("encoder", 12) > 30
