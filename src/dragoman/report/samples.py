"""Sample answers: source, reference and what each model made of them, with the words that differ marked."""

from __future__ import annotations

from dataclasses import dataclass

from dragoman.evaluation.comparison import RowIndex
from dragoman.evaluation.differences import Piece, word_differences
from dragoman.evaluation.metrics import Row
from dragoman.evaluation.samples import Sample, pick_samples
from dragoman.report.html import Child, Html, join, tag
from dragoman.report.layout import absent, legend_key, section, text
from dragoman.report.method import MethodRun
from dragoman.report.numbers import MISSING, decimal
from dragoman.report.run import Run, set_label

TEXT_SHOWN = 1500  # characters of one text
_HEADINGS = {"best": "Best", "typical": "Typical", "worst": "Worst"}


@dataclass(frozen=True)
class Answer:
    """What one model answered. chrf: of this answer, where it is known."""

    name: str
    colour: int
    output: str
    chrf: float | None


def samples_section(run: Run) -> Html | None:
    """Rows of the best method's outputs, answered by every other model too: side by side."""
    method = run.best or next((method for method in run.methods if method.answers), None)
    if method is None:
        return None
    name = run.headline_set
    answered = [(other, _rows(other, name)) for other in run.methods]
    answers = [(other, RowIndex(own)) for other, own in answered if own]
    rows = _rows(method, name)
    several = len(answers) > 1
    samples = pick_samples(rows, run.samples_wanted)
    if not samples:
        return section("samples", "Samples", absent("No outputs have been written yet."))
    parts: list[Child] = []
    heading = None
    for sample in samples:
        if heading != (heading := _HEADINGS.get(sample.kind, "By level")):
            parts.append(tag("h3", heading))
        if several:
            found = [(other, index.find(vars(sample))) for other, index in answers]
            parts.append(_side_by_side(sample, [_answer(run, other, row) for other, row in found if row is not None]))
        else:
            parts.append(_alone(sample))
    of = join("that the output of ", text(method.name), " lacks, ") if several else "that the output lacks, "
    intro = join(
        f"From the {set_label(name)}, chosen by sentence chrF", [" of ", text(method.name)] if several else None, ". ",
        tag("mark", "Words of the reference", class_="missed"), " ", of,
        tag("mark", "words of an output" if several else "words of the output", class_="added"),
        " that the reference lacks.",
    )  # fmt: skip
    return section("samples", "Samples", *parts, intro=intro)


def _rows(method: MethodRun, set_name: str) -> list[Row]:
    return [row for row in method.answers if row.get("set") == set_name]


def _answer(run: Run, method: MethodRun, row: Row) -> Answer:
    return Answer(method.name, run.colour(method), str(row["output"]), row.get("chrf"))


def _alone(sample: Sample) -> Html:
    missed, added = word_differences(_shorten(sample.target), _shorten(sample.output))
    lines = [
        _line("Source", join(_shorten(sample.source))), _line("Reference", _marked(missed, "missed")),
        _line("Output", _marked(added, "added")),
    ]  # fmt: skip
    return tag("article", _side(sample, with_chrf=True), tag("dl", lines), class_="sample")


def _side_by_side(sample: Sample, answers: list[Answer]) -> Html:
    """The reference is marked against the output that the sample was chosen by."""
    target = _shorten(sample.target)
    missed, _ = word_differences(target, _shorten(sample.output))
    shared = tag("dl", _line("Source", join(_shorten(sample.source))), _line("Reference", _marked(missed, "missed")))
    columns = []
    for answer in answers:
        _, added = word_differences(target, _shorten(answer.output))
        chrf = tag("small", f"{decimal(answer.chrf)} chrF") if answer.chrf is not None else None
        said = tag("dd", _marked(added, "added") or MISSING, dir="auto")
        columns.append(tag("div", tag("dt", legend_key(answer.name, answer.colour, "block"), chrf), said))
    both = tag("div", shared, tag("dl", columns, class_="answers"))
    return tag("article", _side(sample, with_chrf=False), both, class_="sample")


def _line(name: str, value: Html) -> Html:
    return tag("div", tag("dt", name), tag("dd", value or MISSING, dir="auto"))


def _side(sample: Sample, *, with_chrf: bool) -> Html:
    return tag(
        "div",
        tag("span", decimal(sample.chrf), tag("small", " chrF"), class_="chrf") if with_chrf else None,
        tag("span", text(sample.level), class_="badge quiet") if sample.level else None,
        tag("span", text(f"{sample.file.rsplit('/', 1)[-1]}:{sample.row}"), class_="origin") if sample.file else None,
        class_="side",
    )


def _shorten(value: str) -> str:
    return value if len(value) <= TEXT_SHOWN else f"{value[:TEXT_SHOWN]}… ({len(value):,} characters)"


def _marked(pieces: list[Piece], kind: str) -> Html:
    return join([tag("mark", piece.text, class_=kind) if piece.differs else piece.text for piece in pieces])
