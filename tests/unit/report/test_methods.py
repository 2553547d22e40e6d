from __future__ import annotations

import json
import re

from dragoman.report.methods import methods_section
from dragoman.report.run import read_run

GAP = "\N{NO-BREAK SPACE}"


def tables(folder) -> list[list[list[str]]]:
    """The texts of the cells of each table of the section."""
    markup = str(methods_section(read_run(folder)))
    return [
        [
            [re.sub(r"<[^>]*>", "", cell) for cell in re.findall(r"<t[hd].*?</t[hd]>", row)]
            for row in re.findall(r"<tr>.*?</tr>", one)
        ]
        for one in re.findall(r"<table>.*?</table>", markup, re.DOTALL)
    ]  # fmt: skip


def test_one_method_is_one_row(make_run):
    (only,) = tables(make_run())
    assert only[0] == ["Method", "BLEU ↑", "chrF ↑", "TER ↓", "Parameters", "Trained", "Peak memory", "Training",
                       "Tokens/s", "On disk"]  # fmt: skip
    assert only[1][0].strip() == "full"
    assert re.fullmatch(r"[\d.]{4}[\d.]{4} – [\d.]{4}", only[1][1])
    assert only[1][5] == f"6.21{GAP}M"  # all of them: no share


def test_quality_cost_and_pairs_of_several(make_run):
    folder = make_run(methods=("full", "lora"), base=True)
    quality, cost, pairs = tables(folder)
    assert quality[0] == ["Method", "", "BLEU ↑", "chrF ↑", "TER ↓", "Against the base", "Against the best"]
    assert [row[0].strip() for row in quality[1:]] == ["base not trained", "full best", "lora"]
    assert quality[1][5] == quality[2][6] == "–"
    gain = read_run(folder).comparison.pair("test:held-out", "bleu", "full", "base")
    assert quality[2][5] == f"+{gain.difference:.1f}better, p{GAP}&lt;{GAP}0.001"
    assert quality[1][6] == f"\N{MINUS SIGN}{gain.difference:.1f}worse, p{GAP}&lt;{GAP}0.001"
    assert [row[2] for row in cost] == ["Trained", "–", f"6.21{GAP}M", f"344{GAP}k5.5{GAP}%"]
    assert len(pairs) == 1 + 2 * 3 * 3  # sets, metrics, pairs
    assert [row[2] for row in pairs[1:4]] == ["base against full", "base against lora", "full against lora"]


def test_bars_share_one_scale(make_run):
    folder = make_run(methods=("full", "lora"), base=True)
    spans = re.findall(r"left:([\d.]+)%;width:([\d.]+)%", str(methods_section(read_run(folder))))
    ends = [(float(left), float(left) + float(width)) for left, width in spans]
    assert len(ends) == 3
    assert min(left for left, _ in ends) == 0
    assert max(right for _, right in ends) == 100
    assert ends[0][1] < ends[1][0], "the base model's interval lies below the best one's"


def test_what_was_left_out_is_said(make_run):
    folder = make_run(methods=("full", "lora"))
    comparison = json.loads((folder / "comparison.json").read_text())
    comparison["sets"]["test:held-out"] |= {
        "left_out": {"full": 3, "lora": 1200}, "not_compared": {"ter": "why not"}, "rows": 87,
    }  # fmt: skip
    (folder / "comparison.json").write_text(json.dumps(comparison))
    said = str(methods_section(read_run(folder)))
    assert (
        "Only the 87 rows that every method has answered are compared: 3 of full and 1,200 of lora are left out."
        in said
    )
    assert "TER does not compare here: why not." in said


def test_before_anything_is_scored(make_run):
    folder = make_run(methods=("full", "lora"))
    for path in folder.glob("*/scores.json"):
        path.unlink()
    (only,) = tables(folder)
    assert only[0][:3] == ["Method", "Parameters", "Trained"]
    assert [row[0].strip() for row in only[1:]] == ["full trained", "lora trained"]


def test_utilisation_stands_below_the_speed(make_run):
    folder = make_run()
    with open(folder / "full/metrics.jsonl", "a") as file:
        file.write(json.dumps({"event": "end", "step": 9, "utilisation": 0.413}) + "\n")
    (only,) = tables(folder)
    assert only[1][only[0].index("Tokens/s")].endswith(f"41.3{GAP}% utilised")
