"""The readers on public data: every row that its description promises, with known cells."""

import os
from pathlib import Path

import pytest

from dragoman.data.readers import column_names, read_source
from dragoman.data.rows import BadRow
from dragoman.recipe.schema import Source

FOLDER = Path(os.environ.get("DRAGOMAN_REALDATA", "."))
pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif("DRAGOMAN_REALDATA" not in os.environ, reason="DRAGOMAN_REALDATA is not set"),
]


@pytest.mark.parametrize(
    ("source", "rows", "bad", "columns"),
    [
        (Source(path="de-en/tatoeba.train.tsv"), 165_507, 0, ["de", "en"]),
        (Source(path="en-hi/tatoeba.csv"), 3_118, 1, ["english_text", "hindi_text"]),
        (Source(path="en-hi/wikipedia.train.jsonl"), 8_261, 0, ["translation.en", "translation.hi"]),
        (
            Source(source_path="de-en/multi30k/train.de", target_path="de-en/multi30k/train.en"),
            29_000,
            0,
            ["source", "target"],
        ),
    ],
)
def test_every_row_is_read(source, rows, bad, columns):
    read = list(read_source(source, FOLDER))
    assert (len(read), sum(isinstance(row, BadRow) for row in read)) == (rows, bad)
    assert column_names(source, FOLDER) == columns


def test_a_real_spreadsheet():
    rows = list(read_source(Source(path="saudi/SauDial.xlsx", sheet="SADGLD"), FOLDER))
    assert len(rows) == 1000
    assert [row.origin.row for row in rows if row.columns["In-Game Context"] is None] == [976]
    assert rows[0].columns["Localization Difficulty"] == "4"
