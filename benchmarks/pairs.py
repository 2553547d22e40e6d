"""The rules for sentence pairs: what good human pairs they cost, and what they find of bad ones that were planted.

Good pairs are taken from DRAGOMAN_REALDATA where it is set, else from the built-in phrasebook. Each rule is asked about
every pair by itself, so that no rule hides behind another. Bad pairs are made of good ones, in kinds that are known to
occur; what all rules together remove of each kind is its share found.
"""

from __future__ import annotations

import os
import random
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from benchmarks.tables import table
from dragoman.base.progress import say
from dragoman.corpus.pairs.batch import PairBatch
from dragoman.corpus.pairs.gate import PairGate
from dragoman.corpus.pairs.memory import Memory
from dragoman.corpus.pairs.similar import EvaluationOverlap
from dragoman.data.readers import read_source
from dragoman.data.rows import Example, Row
from dragoman.data.templates import Template
from dragoman.recipe.schema import PairFilter, Phrasebook, Source
from dragoman.recipe.schema import Template as TemplateSettings

Pair = tuple[str, str]
BATCH = 1024
PLANTED, DRAWN = 2000, 30_000  # bad pairs of a kind, good ones to make them of
DE_EN, EN_HI = {"preset": "pairs-de-en"}, {"languages": {"source": "en", "target": "hi"}}

SETS: dict[str, tuple[dict[str, Any], dict[str, str], dict[str, Any]]] = {  # source, template, filter
    "Multi30k, de-en": (
        {"source_path": "de-en/multi30k/train.de", "target_path": "de-en/multi30k/train.en"},
        {"source": "{source}", "target": "{target}"}, DE_EN,
    ),
    "Tatoeba, de-en": ({"path": "de-en/tatoeba.train.tsv"}, {"source": "{de}", "target": "{en}"}, DE_EN),
    "Tatoeba, en-hi": (
        {"path": "en-hi/tatoeba.csv"}, {"source": "{english_text}", "target": "{hindi_text}"}, EN_HI,
    ),
    "Wikipedia, en-hi (by lay translators)": (
        {"path": "en-hi/wikipedia.train.jsonl"},
        {"source": "{translation.en}", "target": "{translation.hi}"}, EN_HI,
    ),
}  # fmt: skip
EVALUATION = {  # texts that no pair of the set may hold
    "Multi30k, de-en": {
        "source_path": "de-en/multi30k/test_2016_flickr.de", "target_path": "de-en/multi30k/test_2016_flickr.en",
    }
}  # fmt: skip


def run(quick: bool) -> dict[str, Any]:
    """Every set as it is, then with bad pairs planted."""
    folder = os.environ.get("DRAGOMAN_REALDATA")
    limit = 600 if quick else None
    if folder is None:
        sets = {"Phrasebook, de-en": (phrasebook(limit or 20_000), DE_EN)}
    else:
        sets = {name: (read(name, Path(folder), limit), rules) for name, (_, _, rules) in SETS.items()}
    good, planted = {}, {}
    for name, (pairs, rules) in sets.items():
        texts = evaluation_texts(name, Path(folder)) if folder is not None else []
        good[name] = cost(pairs, PairFilter.model_validate(rules), texts)
        planted[name] = found(pairs, PairFilter.model_validate(rules), 100 if quick else PLANTED)
        say(f"pairs, {name}: done")
    return {"good": good, "planted": planted}


def report(results: dict[str, Any]) -> str:
    """Two tables: rules by sets, and kinds of bad pairs by sets."""
    good, planted = results["good"], results["planted"]
    rules = list(dict.fromkeys(name for one in good.values() for name in one["alone"]))
    rows = [[rule, *(percent(one["alone"].get(rule), one["pairs"]) for one in good.values())] for rule in rules]
    rows.append(["**all rules for single pairs**", *(percent(one["removed"], one["pairs"]) for one in good.values())])
    rows += [
        [name, *(percent(one["memory"].get(name, 0), one["pairs"]) for one in good.values())]
        for name in ("evaluation", "duplicate", "near_duplicate")
    ]
    rows.append(["pairs", *(f"{one['pairs']:,}" for one in good.values())])
    rows.append(["pairs a second, all rules", *(f"{one['pairs'] / one['seconds']:,.0f}" for one in good.values())])
    kinds = list(dict.fromkeys(kind for one in planted.values() for kind in one))
    bad = [[kind, *(percent(*one[kind]) if kind in one else "-" for one in planted.values())] for kind in kinds]
    return "\n".join([
        "Good human pairs that each rule removes by itself, and of what is left, what is removed as a repetition:",
        "",
        table(["rule", *good], rows),
        "",
        f"Bad pairs of {PLANTED:,} planted of each kind (fewer where few can be made) that the rules remove:",
        "",
        table(["kind", *planted], bad),
    ])  # fmt: skip


def percent(part: int | None, whole: int) -> str:
    return "-" if part is None else f"{100 * part / whole:.2f} %"


# ---- good pairs ------------------------------------------------------------------------------------------------------


def read(name: str, folder: Path, limit: int | None = None) -> list[Pair]:
    source, template, _ = SETS[name]
    made = Template(TemplateSettings(**template))
    rows = (row for row in read_source(Source(**source), folder) if isinstance(row, Row))
    examples = (made.render(row) for row in islice(rows, limit))
    return [(one.source, one.target) for one in examples if isinstance(one, Example)]


def evaluation_texts(name: str, folder: Path) -> list[str]:
    if name not in EVALUATION:
        return []
    rows = read_source(Source(**EVALUATION[name]), folder)
    return [text for row in rows if isinstance(row, Row) for text in row.columns.values()]


def phrasebook(rows: int) -> list[Pair]:
    source = Source(phrasebook=Phrasebook(rows=rows))
    return [
        (row.columns["source"], row.columns["target"]) for row in read_source(source, Path()) if isinstance(row, Row)
    ]


def cost(pairs: list[Pair], rules: PairFilter, texts: list[str]) -> dict[str, Any]:
    """alone: how many each rule removes by itself. removed: all of them. memory: what repeats, of the rest."""
    gate = PairGate(rules)
    alone: Counter[str] = Counter({rule.name: 0 for rule in gate.rules})
    for batch in batched(pairs):
        made = PairBatch.of(*zip(*batch, strict=True))
        for rule in gate.rules:
            alone[rule.name] += int((~rule.verdict(rule.measure(made))).sum())
    memory, removed, repeated = Memory(rules.rules, EvaluationOverlap(texts) if texts else None), 0, Counter[str]()
    began = time.perf_counter()
    for batch in batched(pairs):
        verdicts = gate.judge(*zip(*batch, strict=True))
        left = [pair for pair, rule in zip(batch, verdicts, strict=True) if rule is None]
        removed += len(batch) - len(left)
        if left:
            repeated.update(one.rule for one in memory.judge(*zip(*left, strict=True)) if one.rule is not None)
    seconds = time.perf_counter() - began
    return {"pairs": len(pairs), "alone": alone, "removed": removed, "memory": repeated, "seconds": seconds}


def batched(pairs: list[Pair]) -> Iterator[list[Pair]]:
    return (pairs[start : start + BATCH] for start in range(0, len(pairs), BATCH))


# ---- bad pairs -------------------------------------------------------------------------------------------------------


def found(pairs: list[Pair], rules: PairFilter, most: int) -> dict[str, tuple[int, int]]:
    """Of each kind how many the rules remove, and how many there were."""
    gate = PairGate(rules)
    drawn = random.Random("pairs").sample(pairs, min(len(pairs), DRAWN))
    usable = [pair for pair, rule in zip(drawn, gate.judge(*zip(*drawn, strict=True)), strict=True) if rule is None]
    results = {}
    for kind, plant in KINDS.items():
        dice = random.Random(f"pairs {kind}")
        bad = list(islice(filter(None, (plant(dice, *dice.choice(usable), usable) for _ in range(20 * most))), most))
        if bad:
            results[kind] = (sum(rule is not None for rule in gate.judge(*zip(*bad, strict=True))), len(bad))
    return results


def shuffled(dice: random.Random, source: str, target: str, others: list[Pair]) -> Pair | None:
    """Another pair's target."""
    other = dice.choice(others)[1]
    return (source, other) if other != target else None


def copied(dice: random.Random, source: str, target: str, others: list[Pair]) -> Pair:
    """No translation at all."""
    return source, source


def nearly_copied(dice: random.Random, source: str, target: str, others: list[Pair]) -> Pair | None:
    """The source again with one word left out."""
    words = source.split()
    if len(words) < 8:
        return None
    del words[dice.randrange(len(words))]
    return source, " ".join(words)


def swapped(dice: random.Random, source: str, target: str, others: list[Pair]) -> Pair:
    """Each side in the other's language."""
    return target, source


def one_language(dice: random.Random, source: str, target: str, others: list[Pair]) -> Pair | None:
    """A source in the target's language, of another pair."""
    other = dice.choice(others)[1]
    return (other, target) if other != target else None


def truncated(dice: random.Random, source: str, target: str, others: list[Pair]) -> Pair | None:
    """A target that stops after its first third."""
    words = target.split()
    return (source, " ".join(words[: len(words) // 3])) if len(words) >= 6 else None


def halved(dice: random.Random, source: str, target: str, others: list[Pair]) -> Pair | None:
    """A target that stops in its middle."""
    words = target.split()
    return (source, " ".join(words[: len(words) // 2])) if len(words) >= 6 else None


def half_translated(dice: random.Random, source: str, target: str, others: list[Pair]) -> Pair | None:
    """A target whose second half is the source's."""
    words, rest = target.split(), source.split()
    if len(words) < 6 or len(rest) < 6:
        return None
    return source, " ".join([*words[: len(words) // 2], *rest[len(rest) // 2 :]])


def run_on(dice: random.Random, source: str, target: str, others: list[Pair]) -> Pair:
    """A target with another pair's after it."""
    return source, f"{target} {dice.choice(others)[1]}"


def wrong_number(dice: random.Random, source: str, target: str, others: list[Pair]) -> Pair | None:
    """A number of both sides, with another digit in the target."""
    both = sorted(set(re.findall(r"\d+", source)) & set(re.findall(r"\d+", target)))
    if not both:
        return None
    number = dice.choice(both)
    place = dice.randrange(len(number))
    digit = dice.choice([d for d in "123456789" if d != number[place]])
    return source, re.sub(rf"(?<!\d){number}(?!\d)", number[:place] + digit + number[place + 1 :], target)


def markup(dice: random.Random, source: str, target: str, others: list[Pair]) -> Pair:
    """A row of signs in the place of a target."""
    return source, " ".join(dice.choice(["|", "---", "===", "&&", "#", "0", "..."]) for _ in range(12))


Plant = Callable[[random.Random, str, str, list[Pair]], Pair | None]
KINDS: dict[str, Plant] = {
    "copied": copied, "nearly copied": nearly_copied, "sides swapped": swapped, "both in one language": one_language,
    "half translated": half_translated,
    "target cut to a third": truncated, "target cut in half": halved, "two targets run on": run_on,
    "wrong number": wrong_number, "signs for a target": markup, "target of another pair": shuffled,
}  # fmt: skip
