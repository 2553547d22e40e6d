import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dragoman.base.errors import RequestError
from dragoman.data.readers import column_names, has_column, read_source
from dragoman.data.rows import BadRow, Row
from dragoman.recipe import schema

SOURCE = schema.Source(path="a.conll")


def read(folder, content, source=SOURCE):
    (folder / source.path).write_bytes(content if isinstance(content, bytes) else content.encode())
    return list(read_source(source, folder))


def sentences(rows):
    return [(row.columns["tokens"], row.columns["ner_tags"]) for row in rows]


def test_a_sentence_is_a_row_with_the_line_of_its_first_token(tmp_path):
    content = "-DOCSTART- -X- -X- O\n\nEU NNP I-NP I-ORG\nrejects VBZ I-VP O\n\n\nPeter NNP I-NP I-PER"
    rows = read(tmp_path, content)
    assert sentences(rows) == [(["EU", "rejects"], ["I-ORG", "O"]), (["Peter"], ["I-PER"])]
    assert [str(row.origin) for row in rows] == [f"{tmp_path / 'a.conll'}:3", f"{tmp_path / 'a.conll'}:7"]


@pytest.mark.parametrize(
    ("content", "found"),
    [
        ("New York\tB-LOC\nis\tO\n", [(["New York", "is"], ["B-LOC", "O"])]),  # tabs, so a token may hold spaces
        ("a  NN   O\n b NN O \n", [(["a", "b"], ["O", "O"])]),  # several spaces are one
        ("a O\n\t\nb O\n \nc O\n", [(["a"], ["O"]), (["b"], ["O"]), (["c"], ["O"])]),  # white space is an empty line
        ("\ufeffa O\r\n\r\nb O\r\n", [(["a"], ["O"]), (["b"], ["O"])]),
        ("a O\n-DOCSTART- O\nb O\n", [(["a"], ["O"]), (["b"], ["O"])]),
        ("a\u2028b O\nc\u0085d O\n\x0b O\n", [(["a\u2028b", "c\u0085d", "\x0b"], ["O"] * 3)]),
        ("# O\n-DOCSTART O\n", [(["#", "-DOCSTART"], ["O", "O"])]),
    ],
)
def test_what_files_hold(tmp_path, content, found):
    assert sentences(read(tmp_path, content)) == found


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (b"c\n", "a token without a tag (line 5)"),
        (b"c\t\n", "a token without a tag (line 5)"),
        (b"\tO\n", "a tag without a token (line 5)"),
        (b"c NN O\n", "lines with different numbers of columns (3 in line 5, where the sentence's first has 2)"),
        (b"\xe4 O\n", "not UTF-8 (byte 0xe4 at offset 12)"),
    ],
)
def test_a_bad_line_costs_its_sentence(tmp_path, lines, said):
    rows = read(tmp_path, b"a O\n\n\nb B-X\n" + lines + b"d O\n\ne O\n")
    assert [type(row) for row in rows] == [Row, BadRow, Row]
    assert (str(rows[1]), rows[1].origin.row) == (said, 4)
    assert rows[1].content.startswith("b B-X\n")


def test_the_format_can_be_set_and_columns_are_known(tmp_path):
    source = schema.Source(path="eng.train", format="conll")
    assert sentences(read(tmp_path, "a O\n", source)) == [(["a"], ["O"])]
    assert column_names(source, tmp_path) == ["tokens", "ner_tags"]
    assert has_column(source, tmp_path, "tokens")
    assert not has_column(source, tmp_path, "pos_tags")


def test_an_empty_file_has_no_rows(tmp_path):
    with pytest.raises(RequestError, match="has no rows"):
        read(tmp_path, "-DOCSTART- O\n\n")


words = st.text(st.characters(codec="utf-8", exclude_characters="\n\t\r "), min_size=1, max_size=5)
tagged = st.lists(st.tuples(words, st.sampled_from(["O", "B-PER", "I-creative-work"])), min_size=1, max_size=6)


@settings(max_examples=60)
@given(st.lists(tagged, min_size=1, max_size=6), st.sampled_from(["\t", " "]), st.sampled_from(["\n", "\r\n"]))
def test_what_was_written_is_read(tmp_path_factory, written, separator, end):
    kept = [[pair for pair in sentence if not pair[0].startswith(("-DOCSTART-", "\ufeff"))] for sentence in written]
    kept = [sentence for sentence in kept if sentence and "\0" not in sentence[0][0]] or [[("a", "O")]]
    text = (end * 2).join(end.join(separator.join(pair) for pair in sentence) for sentence in kept)
    rows = read(tmp_path_factory.mktemp("conll"), text)
    assert sentences(rows) == [([word for word, _ in one], [tag for _, tag in one]) for one in kept]
