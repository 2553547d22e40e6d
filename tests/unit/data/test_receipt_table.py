import io

from rich.console import Console

from dragoman.data.receipt import Receipt
from dragoman.data.receipt_table import print_receipt


def printed(receipt, width=110):
    console = Console(file=io.StringIO(), width=width, color_system=None)
    print_receipt(receipt.to_json(), console)
    return console.file.getvalue()


def test_every_number_and_reason_is_on_the_screen():
    receipt = Receipt()
    for split, rows in (("train", 1200), ("test:flickr", 2)):
        for i in range(rows):
            receipt.split(split).read_row()
            receipt.split(split).keep(3 + i % 40, 5)
    receipt.split("train").read_row()
    receipt.split("train").quarantine("column '[de]' is empty")
    receipt.overlap = {
        "test:flickr": {"rows": 2, "sources_in_train": 1, "pairs_in_train": 0, "examples": [["a:1", "b:2"]]}
    }
    text = printed(receipt)
    for shown in ("1,201", "1,200", "column '[de]' is empty", "test:flickr", "6,000", "a:1 = b:2", "███"):
        assert shown in text
    assert max(map(len, text.split("\n"))) <= 110


def test_tables_without_rows_are_left_out():
    receipt = Receipt()
    receipt.split("train")
    assert printed(receipt).split("\n")[0].strip() == "Rows"
    assert "Why" not in printed(receipt)
