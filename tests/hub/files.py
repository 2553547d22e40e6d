"""Files that recipes name by a path: a folder laid out as the one that DRAGOMAN_REALDATA names."""

from __future__ import annotations

import csv
from pathlib import Path

import xlsxwriter

from hub import entities, sentences

SAUDI_COLUMNS = [
    "Dialect", "Scenario", "Game Type", "Tone", "Age Rating", "English Text",
    "Modern Standard Arabic (MSA) Translation", "Dialect Translation", "Context and Rating", "Dialect Notes",
    "Localization Difficulty", "In-Game Context",
]  # fmt: skip
PAIRS, SAUDI_ROWS, NER_TRAINING, NER_VALIDATION = 200, 120, 160, 24
EMPTY_CONTEXT = 97  # the data row of the sheet whose In-Game Context is empty


def build_files(folder: Path) -> None:
    """Write en-hi/tatoeba.csv, ner/conll2003/eng.{train,testa} and saudi/SauDial.xlsx."""
    for name in ("en-hi", "ner/conll2003", "saudi"):
        (folder / name).mkdir(parents=True)
    with open(folder / "en-hi/tatoeba.csv", "w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(["english_text", "hindi_text"])
        table.writerows(sentences.english_hindi(PAIRS, seed=11))
    _write_conll(folder / "ner/conll2003/eng.train", entities.sentences(NER_TRAINING, seed=12))
    _write_conll(folder / "ner/conll2003/eng.testa", entities.sentences(NER_VALIDATION, seed=13))
    _write_saudi(folder / "saudi/SauDial.xlsx")


def _write_conll(path: Path, rows: list[entities.Sentence]) -> None:
    """Four columns, IOB1, a document line before every tenth sentence."""
    lines = []
    for i, sentence in enumerate(rows):
        if i % 10 == 0:
            lines.append("-DOCSTART- -X- -X- O\n\n")
        lines += [f"{word} NN I-NP {tag}\n" for word, tag in entities.as_iob1(sentence)]
        lines.append("\n")
    path.write_text("".join(lines), encoding="utf-8")


def _write_saudi(path: Path) -> None:
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("SADGLD")
        sheet.write_row(0, 0, SAUDI_COLUMNS)
        for number, (dialect, english, arabic, context) in enumerate(sentences.saudi(SAUDI_ROWS, seed=14), start=1):
            cells = {
                "Dialect": dialect, "English Text": english, "Dialect Translation": arabic, "Age Rating": "3+",
                "In-Game Context": None if number == EMPTY_CONTEXT else context,
            }  # fmt: skip
            sheet.write_row(number, 0, [cells.get(name, "-") for name in SAUDI_COLUMNS])
