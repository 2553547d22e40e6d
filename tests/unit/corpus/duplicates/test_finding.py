import itertools
import random
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from unit.corpus.duplicates.planted import document, edited, jaccard

from dragoman.corpus.duplicates import finding, key_files, spill
from dragoman.corpus.duplicates.finding import find_duplicates
from dragoman.corpus.duplicates.key_files import write_keys
from dragoman.corpus.duplicates.keys import document_numbers, keys_of
from dragoman.recipe.schema.duplicates import Duplicates, MinHash

DEFAULT = Duplicates()


def write(folder: Path, shards: list[list[str]], settings: Duplicates, *, batch: int = 1000) -> list[Path]:
    """Key files of shards of texts."""
    files = []
    for i, texts in enumerate(shards):
        columns = {"text": pa.array(texts, pa.large_string()), "document": document_numbers(i, 0, len(texts))}
        table = pa.table(columns)
        batches = (keys_of(table.slice(start, batch), settings) for start in range(0, max(1, len(texts)), batch))
        files.append(folder / f"{i}.arrow")
        write_keys(files[-1], batches, settings)
    return files


def found(folder: Path, shards: list[list[str]], settings: Duplicates = DEFAULT, **options) -> dict:
    """(shard, row) -> ((shard, row) that stays, kind)."""
    folder.mkdir(exist_ok=True)
    table = find_duplicates(write(folder, shards, settings, **options), folder, settings)
    assert [path.suffix for path in folder.iterdir()] == [".arrow"] * len(shards)  # nothing is left behind
    numbers = table["document"].to_pylist()
    assert numbers == sorted(set(numbers))
    return {divmod(row["document"], 2**32): (divmod(row["kept"], 2**32), row["kind"]) for row in table.to_pylist()}


LONG = (
    "Das Haus steht am Ende des langen Weges, und niemand kann mehr sagen, wer es gebaut hat oder wann das gewesen ist."
)


def test_the_first_of_the_same_documents_stays(tmp_path):
    shards = [["a", LONG, "b"], [LONG.upper(), "B", LONG], ["a "]]
    assert found(tmp_path, shards) == {
        (1, 0): ((0, 1), "exact"),
        (1, 1): ((0, 2), "exact"),
        (1, 2): ((0, 1), "exact"),
        (2, 0): ((0, 0), "exact"),
    }


def test_a_copy_of_a_near_duplicate_stands_for_what_stays(tmp_path):
    shards = [[f"{LONG} {LONG} {LONG} Eins."], [f"{LONG} {LONG} {LONG} Zwei.", "x", f"{LONG} {LONG} {LONG} ZWEI."]]
    assert found(tmp_path, shards) == {(1, 0): ((0, 0), "near"), (1, 2): ((0, 0), "exact")}
    without = Duplicates(minhash=None)
    assert found(tmp_path, shards, without) == {(1, 2): ((1, 0), "exact")}
    near_only = Duplicates(exact=False)
    assert found(tmp_path, shards, near_only) == {(1, 0): ((0, 0), "near"), (1, 2): ((0, 0), "near")}


@pytest.mark.parametrize("shards", [[], [[]], [[], ["a"], []], [["a", "b c d e f g"]]])
def test_nothing_to_find(tmp_path, shards):
    assert found(tmp_path, shards) == {}


@pytest.fixture(scope="module")
def planted() -> tuple[list[list[str]], list[tuple[int, int, float]]]:
    """Documents' words; and (place, place, exact similarity) of all pairs that have something in common."""
    rng = random.Random(11)
    documents, families = [], []
    for _ in range(300):
        first = document(rng, rng.randrange(80, 400))
        family = [first, *(edited(rng, first, rng.uniform(0, 0.06)) for _ in range(rng.choice([0, 1, 1, 1, 2])))]
        families.append(range(len(documents), len(documents) + len(family)))
        documents += family
    order = list(range(len(documents)))
    rng.shuffle(order)
    place = {old: new for new, old in enumerate(order)}
    pairs = [
        (place[a], place[b], jaccard(documents[a], documents[b], 5))
        for family in families
        for a, b in itertools.combinations(family, 2)
    ]
    return [documents[old] for old in order], pairs


def shards_of(documents: list[list[str]], size: int) -> list[list[str]]:
    texts = [" ".join(words) for words in documents]
    return [texts[start : start + size] for start in range(0, len(texts), size)]


def test_recall_and_precision_on_planted_duplicates(tmp_path, planted):
    documents, pairs = planted
    duplicates = found(tmp_path, shards_of(documents, 10_000))
    stands = {row: kept for (_, row), ((_, kept), _) in duplicates.items()}
    together = {(a, b) for a, b, _ in pairs if stands.get(a, a) == stands.get(b, b)}
    alike = [(a, b) for a, b, similarity in pairs if similarity >= 0.8]
    assert len(alike) > 80
    assert sum(pair in together for pair in alike) / len(alike) >= 0.95
    similarity = {frozenset((a, b)): value for a, b, value in pairs}
    of_found = [similarity.get(frozenset(pair), 0.0) for pair in stands.items()]
    assert sum(value >= 0.68 for value in of_found) / len(of_found) >= 0.95
    assert min(of_found) > 0.55


def test_the_same_whatever_the_shards_batches_files_and_parts(tmp_path, planted, monkeypatch):
    documents, _ = planted
    settings = Duplicates(minhash=MinHash(similarity=0.6))
    documents = [*documents, *documents[::7]]
    flat = {
        row: (kept, kind)
        for (_, row), ((_, kept), kind) in found(tmp_path / "a", shards_of(documents, 10_000), settings).items()
    }
    monkeypatch.setattr(key_files, "READ", 50)
    monkeypatch.setattr(finding, "COMPARED", 7)
    monkeypatch.setattr(spill.Spill.__init__, "__kwdefaults__", {"part_bytes": 4000})
    (tmp_path / "b").mkdir()
    files = write(tmp_path / "b", shards_of(documents, 64), settings, batch=9)
    random.Random(1).shuffle(files)
    table = find_duplicates(files, tmp_path / "b", settings)
    rows = table["document"].to_numpy() // 2**32 * 64 + table["document"].to_numpy() % 2**32
    kept = table["kept"].to_numpy() // 2**32 * 64 + table["kept"].to_numpy() % 2**32
    assert dict(zip(rows.tolist(), zip(kept.tolist(), table["kind"].to_pylist(), strict=True), strict=True)) == flat
    assert {kind for _, kind in flat.values()} == {"exact", "near"}


def test_a_bucket_of_thousands_costs_its_size(tmp_path):
    """A page that is there four thousand times with another date: every pair of them would be eight million."""
    texts = [f"{LONG} {LONG} Stand: {i}." for i in range(4000)]
    duplicates = found(tmp_path, [texts])
    assert len(duplicates) == 3999
    assert {kept for kept, _ in duplicates.values()} == {(0, 0)}


def test_key_files_that_overlap_are_refused(tmp_path):
    settings = Duplicates()
    [path] = write(tmp_path, [["a", "b"]], settings)
    with pytest.raises(ValueError, match="not in order"):
        find_duplicates([path, *write(tmp_path, [["c"]], settings), path], tmp_path, settings)


def test_datasketch_finds_the_same(tmp_path, planted):
    datasketch = pytest.importorskip("datasketch")
    documents, pairs = planted
    index, sketches = datasketch.MinHashLSH(params=(14, 8), num_perm=112), []
    for i, words in enumerate(documents):
        sketch = datasketch.MinHash(num_perm=112)
        sketch.update_batch([" ".join(words[j : j + 5]).encode() for j in range(len(words) - 4)])
        index.insert(i, sketch)
        sketches.append(sketch)
    theirs = {
        frozenset((i, j)) for i, sketch in enumerate(sketches) for j in index.query(sketch)
        if i != j and sketch.jaccard(sketches[j]) >= 0.75
    }  # fmt: skip
    duplicates = found(tmp_path, shards_of(documents, 10_000))
    stands = {row: kept for (_, row), ((_, kept), _) in duplicates.items()}
    ours = {frozenset((a, b)) for a, b, _ in pairs if stands.get(a, a) == stands.get(b, b)}
    assert len(ours & theirs) / len(ours | theirs) > 0.75
    assert np.mean([value for a, b, value in pairs if frozenset((a, b)) in ours ^ theirs]) < 0.85  # all near the limit
