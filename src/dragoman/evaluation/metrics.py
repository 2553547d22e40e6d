"""The metrics: what each is called, which way is better, and what it adds up.

Every metric is computed in two steps. Its *row statistics* are an array (rows, k) of numbers that add up over rows:
n-gram counts, edits, entities found and missed, nats and tokens. Its value comes from their sums. So the score of a
set, of a level in it, of a thousand resamples of its rows and of two systems on the same rows are all made of one
array, and none is a mean of sentence scores.

- BLEU: 13a tokenisation, cased, exponential smoothing (Post 2018, "A Call for Clarity in Reporting BLEU Scores").
- chrF: characters up to 6-grams, beta 2 (Popović 2015). TER: tercom's edits, as a percentage (Snover et al. 2006).
- F1, precision, recall of entities: micro-averaged over entities whose text and type are both right, as percentages.
- Perplexity is exp(nats / labels), and depends on the vocabulary; bits per byte of the target does not.

This is the only module that touches the private functions of sacreBLEU.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sacrebleu.metrics import BLEU, CHRF, TER
from sacrebleu.metrics.base import Metric as SacreMetric

from dragoman.evaluation.entities import entity_counts, f1, malformed_answers, malformed_share, precision, recall
from dragoman.tokenizer.cleaning import clean

Row = Mapping[str, Any]  # of outputs.jsonl: target; output, nats, labels, bytes as far as a model was asked for them
Array = NDArray[np.float64]


@dataclass(frozen=True)
class Metric:
    """A metric, for people and for computing.

    said: a value in a sentence ("{} BLEU"). gap: a difference in a sentence ("{} points of recall"). decimals: that are
    worth showing. percent: counted in hundredths, so that such metrics share an axis. fields: what it needs of a row.
    statistics: rows -> (rows, k). values: sums (n, k) -> (n,). signature: what makes a value repeatable.
    """

    label: str
    higher_is_better: bool
    decimals: int
    said: str
    gap: str
    percent: bool
    fields: tuple[str, ...]
    statistics: Callable[[Sequence[Row]], Array]
    values: Callable[[Array], Array]
    signature: Callable[[], str]

    def in_words(self, value: float | None) -> str:
        """ "44.1 BLEU", "a perplexity of 12.30"."""
        return self.said.format(self.shown(value))

    def gap_in_words(self, difference: float) -> str:
        """The size of a difference: "2.5 BLEU", "1.2 points of recall"."""
        return self.gap.format(self.shown(abs(difference)))

    def shown(self, value: float | None) -> str:
        """A value alone, with as many decimals as say something."""
        return "–" if value is None or not math.isfinite(value) else f"{value:,.{self.decimals}f}"

    def value(self, sums: Array) -> float:
        """The value of the sums (k,) of row statistics."""
        return float(self.values(sums[None])[0])


def _sacre_statistics(build: Callable[[], SacreMetric], rows: Sequence[Row]) -> Array:
    outputs, targets = [row["output"] for row in rows], [row["target"] for row in rows]
    return np.array(build()._extract_corpus_statistics(outputs, [targets]), dtype=np.float64)


def _sacre_values(build: Callable[[], SacreMetric], sums: Array) -> Array:
    metric = build()
    return np.array([metric._compute_score_from_stats(one).score for one in sums.tolist()], dtype=np.float64)


def _sacre_signature(build: Callable[[], SacreMetric]) -> str:
    metric = build()
    metric.num_refs = 1
    return str(metric.get_signature())


def _sacre(label: str, higher_is_better: bool, build: Callable[[], SacreMetric]) -> Metric:
    return Metric(
        label, higher_is_better, decimals=1, said=f"{{}} {label}", gap=f"{{}} {label}", percent=True,
        fields=("output", "target"), statistics=partial(_sacre_statistics, build), values=partial(_sacre_values, build),
        signature=partial(_sacre_signature, build),
    )  # fmt: skip


def _ratio(above: Array, below: Array, scale: float = 1.0) -> Array:
    """scale * above / below; 0 where there is nothing to divide by, as seqeval and scikit-learn have it."""
    return np.divide(scale * above, below, out=np.zeros_like(above), where=below != 0)


def _matches(rows: Sequence[Row]) -> Array:
    """Rows answered exactly, rows."""
    return np.array([[clean(row["output"]) == clean(row["target"]), 1] for row in rows], dtype=np.float64)


def none_word(rows: Sequence[Row]) -> str:
    """What stands for a sentence without entities, where it is not the usual word."""
    return str(rows[0].get("none") or "None")


def _entities(rows: Sequence[Row]) -> Array:
    return entity_counts([row["output"] for row in rows], [row["target"] for row in rows], none_word(rows))


def _malformed(rows: Sequence[Row]) -> Array:
    return malformed_answers([row["output"] for row in rows], none_word(rows))


def _of_entities(label: str, said: str, gap: str, values: Callable[[Array], Array]) -> Metric:
    return Metric(
        label, True, 1, said, gap, percent=True, fields=("output", "target"), statistics=_entities, values=values,
        signature=lambda: "match:text and type|case:mixed|average:micro",
    )  # fmt: skip


def _columns(names: tuple[str, str], rows: Sequence[Row]) -> Array:
    return np.array([[row[name] for name in names] for row in rows], dtype=np.float64)


def _perplexities(sums: Array) -> Array:
    with np.errstate(over="ignore"):  # infinity says it well
        return np.exp(_ratio(sums[:, 0], sums[:, 1]))


def _of_losses(
    label: str, decimals: int, said: str, gap: str, per: str, values: Callable[[Array], Array], signature: str
) -> Metric:
    fields = ("nats", per)
    return Metric(
        label, False, decimals, said, gap, percent=False, fields=fields, statistics=partial(_columns, fields),
        values=values, signature=lambda: signature,
    )  # fmt: skip


# force: no warning about tokenised text on every validation; it changes neither score nor signature
METRICS: dict[str, Metric] = {
    "bleu": _sacre("BLEU", True, lambda: BLEU(force=True)),
    "chrf": _sacre("chrF", True, CHRF),
    "ter": _sacre("TER", False, TER),
    "exact_match": Metric(
        "Exact match", True, 1, "{}\N{NO-BREAK SPACE}% exact matches", "{} points of exact match", True,
        ("output", "target"), _matches, lambda sums: _ratio(sums[:, 0], sums[:, 1], 100),
        lambda: "case:mixed|text:cleaned",
    ),
    "f1": _of_entities("F1", "{} F1", "{} F1", f1),
    "precision": _of_entities("Precision", "a precision of {}", "{} points of precision", precision),
    "recall": _of_entities("Recall", "a recall of {}", "{} points of recall", recall),
    "malformed": Metric(
        "Malformed", False, 1, "{}\N{NO-BREAK SPACE}% malformed answers", "{} points of malformed answers", True,
        ("output",), _malformed, malformed_share, lambda: "any part that names no entity",
    ),
    "loss": _of_losses(
        "Loss", 3, "a loss of {} nats a token", "{} nats a token", "labels",
        lambda sums: _ratio(sums[:, 0], sums[:, 1]), "unit:nats|per:token|smoothing:none",
    ),
    "perplexity": _of_losses(
        "Perplexity", 2, "a perplexity of {}", "{} points of perplexity", "labels", _perplexities,
        "per:token|smoothing:none",
    ),
    "bits_per_byte": _of_losses(
        "Bits per byte", 3, "{} bits a byte", "{} bits a byte", "bytes",
        lambda sums: _ratio(sums[:, 0], sums[:, 1], 1 / math.log(2)), "per:byte of the target|smoothing:none",
    ),
}  # fmt: skip
