"""Questions of the recipe's own that every model has answered: side by side, for people to judge."""

from __future__ import annotations

from dragoman.report.html import Html, tag
from dragoman.report.layout import legend_key, section
from dragoman.report.numbers import MISSING
from dragoman.report.run import Run


def questions_section(run: Run) -> Html | None:
    """One block a question, one column a model; None where no model was asked."""
    asked = dict.fromkeys(question for method in run.methods for question in method.questions)
    if not asked:
        return None
    blocks = []
    for question in asked:
        columns = [
            tag(
                "div",
                tag("dt", legend_key(method.name, run.colour(method), "block")),
                tag("dd", method.questions[question] or MISSING, dir="auto"),
            )
            for method in run.methods
            if question in method.questions
        ]
        blocks.append(
            tag("article", tag("p", question, class_="question", dir="auto"), tag("dl", columns, class_="answers"))
        )
    intro = "Answered by every model with the same settings. No score is computed from them."
    return section("questions", "Questions", *blocks, intro=intro)
