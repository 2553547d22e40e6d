import random
from collections import Counter
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from dragoman.corpus.duplicates import key_files, spill
from dragoman.corpus.duplicates.key_files import write_keys
from dragoman.corpus.duplicates.keys import document_numbers, keys_of
from dragoman.corpus.duplicates.lines import find_common_lines, remove_lines
from dragoman.recipe.schema.duplicates import Duplicates, RepeatedLines

NONE = np.zeros(0, np.int64)


def common(folder: Path, shards: list[list[str]], settings: RepeatedLines, dropped=NONE):
    files = []
    for i, texts in enumerate(shards):
        columns = {"text": pa.array(texts, pa.large_string()), "document": document_numbers(i, 0, len(texts))}
        files.append(folder / f"{i}.arrow")
        keys = Duplicates(lines=settings)
        write_keys(files[-1], [keys_of(pa.table(columns), keys)], keys)
    return find_common_lines(files, folder, settings, dropped)


@pytest.fixture(scope="module")
def pages() -> list[str]:
    """Documents of lines that are rare, common, and there twice in one document."""
    rng = random.Random(2)
    lines = [f"Eine Zeile Nummer {i} von vielen" for i in range(60)]
    return [
        "\n".join(rng.choice(lines[: rng.randrange(1, 60)]) for _ in range(rng.randrange(1, 9))) for _ in range(120)
    ]


@pytest.mark.parametrize(
    "settings", [RepeatedLines(), RepeatedLines(documents=4, within=False), RepeatedLines(characters=24)]
)
@pytest.mark.parametrize("small", [False, True])
def test_lines_go_that_many_documents_have(tmp_path, pages, settings, small, monkeypatch):
    if small:
        monkeypatch.setattr(key_files, "READ", 10)
        monkeypatch.setattr(spill.Spill.__init__, "__kwdefaults__", {"part_bytes": 256})
    hashes = common(tmp_path, [pages[:50], [], pages[50:]], settings)
    counts = Counter(line for page in pages for line in set(page.split("\n")))
    gone = {line for line, n in counts.items() if n > settings.documents and len(line) >= settings.characters}
    assert gone
    assert gone != set(counts)

    def by_hand(page: str) -> str:
        kept: list[str] = []
        for line in page.split("\n"):
            again = settings.within and line in kept and len(line) >= settings.characters
            if line not in gone and not again:
                kept.append(line)
        return "\n".join(kept)

    assert remove_lines(pa.array(pages), hashes, settings).texts.to_pylist() == [by_hand(page) for page in pages]


def test_duplicates_do_not_count(tmp_path):
    settings = RepeatedLines(documents=2)
    page = "Die erste lange Zeile\nDie zweite lange Zeile"
    shards = [[page, page, page, "Die erste lange Zeile", "DIE ERSTE LANGE ZEILE"]]
    assert len(common(tmp_path, shards, settings)) == 2
    hashes = common(tmp_path, shards, settings, document_numbers(0, 1, 2))
    stripped = remove_lines(pa.array([page]), hashes, settings)
    assert stripped.texts.to_pylist() == ["Die zweite lange Zeile"]
    assert stripped.counts() == {"in many documents": (1, 21)}


def test_a_document_may_say_short_things_again(tmp_path):
    stripped = remove_lines(
        pa.array(["Ja.\nJa.\n\nEine lange Zeile\n\nEINE LANGE ZEILE\n\nEnde"]), np.zeros(0, np.uint64), RepeatedLines()
    )
    assert stripped.texts.to_pylist() == ["Ja.\nJa.\n\nEine lange Zeile\n\nEnde"]
    assert stripped.counts() == {"again in the document": (1, 16)}
