"""Sample translations: source, reference and output under one another, with the words that differ marked."""

from __future__ import annotations

from dragoman.evaluation.differences import Piece, word_differences
from dragoman.evaluation.samples import Sample, pick_samples
from dragoman.report.html import Child, Html, join, tag
from dragoman.report.layout import absent, section, text
from dragoman.report.numbers import MISSING, decimal
from dragoman.report.run import Run, set_label
from dragoman.report.verdict import headline_set

TEXT_SHOWN = 1500  # characters of one text
_HEADINGS = {"best": "Best", "typical": "Typical", "worst": "Worst"}


def samples_section(run: Run) -> Html | None:
    """Rows of the best method's outputs; other methods' outputs for the same rows below."""
    method = run.best or next((method for method in run.methods if method.outputs), None)
    if method is None:
        return None
    name = headline_set(run)
    rows = [row for row in method.outputs if row.get("set") == name and {"source", "target", "output"} <= set(row)]
    samples = pick_samples(rows, run.samples_wanted)
    if not samples:
        return section("samples", "Samples", absent("No outputs have been written yet."))
    others = {
        other.name: {_origin(row): str(row.get("output", "")) for row in other.outputs if row.get("set") == name}
        for other in run.methods
        if other is not method and other.outputs
    }
    parts: list[Child] = []
    heading = None
    for sample in samples:
        if heading != (heading := _HEADINGS.get(sample.kind, "By level")):
            parts.append(tag("h3", heading))
        outputs = {method.name if len(run.methods) > 1 else "Output": sample.output}
        outputs |= {
            other: own[sample.file, sample.row] for other, own in others.items() if (sample.file, sample.row) in own
        }
        parts.append(_article(sample, outputs))
    intro = join(
        f"From the {set_label(name)}, chosen by sentence chrF. ",
        tag("mark", "Words of the reference", class_="missed"), " that the output lacks, ",
        tag("mark", "words of the output", class_="added"), " that the reference lacks.",
    )  # fmt: skip
    return section("samples", "Samples", *parts, intro=intro)


def _origin(row: dict[str, object]) -> tuple[object, object]:
    return row.get("file"), row.get("row")


def _article(sample: Sample, outputs: dict[str, str]) -> Html:
    """One sample. outputs: by the name to show; the reference is marked against the first."""
    target = _shorten(sample.target)
    compared = [(name, *word_differences(target, _shorten(output))) for name, output in outputs.items()]
    lines: list[tuple[str, Html]] = [
        ("Source", join(_shorten(sample.source))),
        ("Reference", _marked(compared[0][1], "missed")),
        *[(name, _marked(output, "added")) for name, _, output in compared],
    ]
    side = tag(
        "div",
        tag("span", decimal(sample.chrf), tag("small", " chrF"), class_="chrf"),
        tag("span", text(sample.level), class_="badge quiet") if sample.level else None,
        tag("span", text(f"{sample.file.rsplit('/', 1)[-1]}:{sample.row}"), class_="origin") if sample.file else None,
        class_="side",
    )
    body = [tag("div", tag("dt", text(name)), tag("dd", value or MISSING, dir="auto")) for name, value in lines]
    return tag("article", side, tag("dl", body), class_="sample")


def _shorten(value: str) -> str:
    return value if len(value) <= TEXT_SHOWN else f"{value[:TEXT_SHOWN]}… ({len(value):,} characters)"


def _marked(pieces: list[Piece], kind: str) -> Html:
    return join([tag("mark", piece.text, class_=kind) if piece.differs else piece.text for piece in pieces])
