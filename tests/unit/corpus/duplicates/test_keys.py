import numpy as np
import pyarrow as pa
import pytest

from dragoman.corpus.duplicates.keys import document_numbers, key_schema, keys_of, shard_and_row
from dragoman.recipe.schema.duplicates import Duplicates, MinHash, RepeatedLines

ALL = Duplicates(lines=RepeatedLines())


def keys(texts: list[str], settings: Duplicates = ALL) -> pa.Table:
    columns = {"text": pa.array(texts, pa.large_string()), "document": document_numbers(3, 10, len(texts))}
    return keys_of(pa.table(columns), settings)


def test_numbers_order_documents_as_shards_and_rows_do():
    numbers = np.concatenate([document_numbers(0, 0, 3), document_numbers(0, 2**32 - 1, 1), document_numbers(1, 0, 2)])
    assert (np.diff(numbers) > 0).all()
    assert [part.tolist() for part in shard_and_row(numbers)] == [[0, 0, 0, 0, 1, 1], [0, 1, 2, 2**32 - 1, 0, 1]]


@pytest.mark.parametrize("place", [(-1, 0, 1), (2**31, 0, 1), (0, -1, 1), (0, 2**32, 1)])
def test_places_that_have_no_number_are_refused(place):
    with pytest.raises(ValueError, match="no document has"):
        document_numbers(*place)


def test_a_document_that_is_the_same_but_for_case_and_white_space():
    found = keys(["Ein Haus.\nEin Weg.", "ein  haus. ein\tWEG. ", "Ein Haus. Ein Weg!", ""])["exact"].to_pylist()
    assert found[0] == found[1]
    assert len(set(found)) == 3


def test_the_lines_of_a_document_are_a_set():
    text = "Zum Inhalt springen\nkurz\nZUM INHALT SPRINGEN\n\nEine zweite Zeile."
    [lines] = keys([text])["lines"].to_pylist()
    assert len(lines) == len(set(lines)) == 2
    [lower] = keys(["eine zweite zeile.\nzum inhalt springen"])["lines"].to_pylist()
    assert set(lines) == set(lower)


def test_too_short_for_a_group_of_words():
    found = keys(["eins zwei drei vier", "eins zwei drei vier fünf", ""])
    assert found["bands"].is_null().to_pylist() == found["signature"].is_null().to_pylist() == [True, False, True]


@pytest.mark.parametrize(
    "settings",
    [
        ALL,
        Duplicates(),
        Duplicates(exact=False),
        Duplicates(minhash=None),
        Duplicates(minhash=MinHash(bands=3, rows=2)),
    ],
)
@pytest.mark.parametrize("count", [0, 1, 3])
def test_tables_have_the_columns_of_the_settings(settings, count):
    found = keys(["Das ist ein Text mit Wörtern.", "b", "c"][:count], settings)
    assert found.schema == key_schema(settings)
    assert found["document"].to_pylist() == [3 * 2**32 + 10 + i for i in range(count)]


def test_keys_do_not_depend_on_the_batch():
    texts = [f"Der Text Nummer {i} hat {'viele ' * (i % 7)} Wörter\nund Zeilen\nund Zeilen." for i in range(50)]
    whole = keys(texts)
    for i, text in enumerate(texts):
        alone = keys([text])
        for name in ("exact", "bands", "signature", "lines"):
            assert alone[name].to_pylist() == whole[name].slice(i, 1).to_pylist()


def test_keys_are_the_same_on_every_machine():
    """Golden values: keys on disk outlive a process."""
    row = keys(["Das Haus steht am Ende der langen Straße."]).to_pylist()[0]
    assert row["exact"] == 17280596754391190714
    assert row["bands"].hex()[:16] == "4a6591f6e0fb6a98"
    assert row["signature"].hex()[:16] == "e75c0e1ba8d93723"
    assert row["lines"] == [17825088127333043877]
