"""The recipe's `generation` and `evaluation`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, PositiveInt

from dragoman.recipe.schema.section import Section, key

TextMetric = Literal["bleu", "chrf", "ter", "exact_match", "f1", "precision", "recall", "malformed"]
LossMetric = Literal["loss", "perplexity", "bits_per_byte"]
MetricName = Literal[TextMetric, LossMetric]


class Generation(Section):
    """How answers are searched for: at validation, at the end and by `dragoman predict`."""

    beam: PositiveInt = key(4, "Beam width; 1 is greedy.")
    length_penalty: Annotated[float, Field(ge=0)] = key(
        1.0, "Scores are divided by length ** this; 0 prefers short outputs."
    )
    max_length: PositiveInt = key(256, "The longest output, in tokens.")


class Evaluation(Section):
    """What is measured. The defaults follow from the task: translation: bleu, chrf and ter; text-to-text: exact_match
    and chrf; entities: f1, precision, recall and malformed; chat: perplexity and bits_per_byte; the first
    of them is the main one.
    """

    metrics: list[MetricName] = key([], "The scores; an empty list stands for those of the task.")
    main: MetricName = key("bleu", "The score that ranks methods (default: the first of the task's).")
    samples: PositiveInt = key(20, "Rows of the sample table.")
    questions: list[str] = key([], "Task chat: questions that every model answers, side by side in the report.")
