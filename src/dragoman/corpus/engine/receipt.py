"""What became of a corpus: all counts (receipt.json), histograms and samples (findings.json), quarantine.jsonl."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from dragoman.base.files import atomic_file, write_json
from dragoman.corpus.duplicates.keys import shard_and_row
from dragoman.corpus.engine.folder import CorpusFolder
from dragoman.corpus.engine.job import Job
from dragoman.corpus.engine.last_pass import DUPLICATE, SHARE
from dragoman.corpus.engine.pipeline import LANGUAGE, Pipeline, pipeline_of
from dragoman.corpus.engine.removing import EMPTY
from dragoman.corpus.engine.shards import Shard
from dragoman.corpus.engine.tally import Amount, Tally, add
from dragoman.corpus.engine.writing import read_groups
from dragoman.recipe.schema import Corpus, TextSource

Records = Sequence[Mapping[str, Any]]  # of all shards, in order


def write_results(job: Job, shards: Sequence[Shard], first: Records, last: Records) -> dict[str, Any]:
    """Write what the records of both passes say about the whole corpus. Returns the receipt."""
    folder, before, after = job.folder, _together(first), _together(last)
    receipt = _receipt(job.corpus, before, after)
    receipt["sources"] = _by_source(job.corpus, shards, first, last)
    receipt["shards"] = [
        {"file": str(folder.shard(shard.number).relative_to(folder.path)), **_amount(_total(record["tally"]["kept"]))}
        for shard, record in zip(shards, last, strict=True)
    ]
    write_json(folder.findings, _findings(job, before, after))
    _write_quarantine(folder, len(shards))
    write_json(folder.receipt, receipt)
    return receipt


def _together(records: Records) -> Tally:
    whole = Tally()
    for record in records:
        whole.merge(Tally(**record["tally"]))
    return whole


def _amount(amount: Amount, unit: str = "documents") -> dict[str, int]:
    return {unit: amount[0], "bytes": amount[1]}


def _total(amounts: Mapping[str, Amount]) -> Amount:
    whole = [0, 0]
    for amount in amounts.values():
        add(whole, *amount)
    return whole


def _receipt(corpus: Corpus, before: Tally, after: Tally) -> dict[str, Any]:
    removed = {**before.removed}
    for rule, by_language in after.removed.items():
        both = Tally(removed={rule: removed.get(rule, {})})
        both.merge(Tally(removed={rule: by_language}))
        removed[rule] = both.removed[rule]
    rules = [name for name in rule_names(corpus) if name not in removed]
    order = rule_names(corpus)
    known = sorted([*removed, *rules], key=lambda name: order.index(name) if name in order else len(order))
    return {
        "read": _amount(before.read),
        "kept": _amount(_total(after.kept)),
        "bad": dict(sorted(before.bad.items())),
        "failed": {reason: amount[0] for reason, amount in sorted(before.poisoned.items())},
        "normalised": _amount(before.changed),
        "lines": {
            step: {reason: _amount(amount, "lines") for reason, amount in by_reason.items()}
            for step, by_reason in {**before.lines, **after.lines}.items()
        },
        "rules": [
            {
                "rule": name,
                **_amount(_total(removed.get(name, {}))),
                "languages": {code: _amount(amount) for code, amount in sorted(removed.get(name, {}).items())},
            }
            for name in known
        ],
        "languages": {code: _amount(amount) for code, amount in sorted(after.kept.items())},
    }


def rule_names(corpus: Corpus) -> list[str]:
    """All that can remove a document, in the order in which it is asked."""
    names = [LANGUAGE] if corpus.languages else []
    names += [rule.name for rule in pipeline_of(corpus).rules]
    names += [DUPLICATE.format("exact")] if corpus.duplicates.exact else []
    names += [DUPLICATE.format("near")] if corpus.duplicates.minhash is not None else []
    names += [SHARE] if sum(source.share is not None for source in corpus.sources) > 1 else []
    return [*names, EMPTY]


def _by_source(corpus: Corpus, shards: Sequence[Shard], first: Records, last: Records) -> list[dict[str, Any]]:
    rows = []
    for number, source in enumerate(corpus.sources):
        own = [shard.number for shard in shards if shard.source == number]
        read, kept = [0, 0], [0, 0]
        for shard in own:
            add(read, *first[shard]["tally"]["read"])
            add(kept, *_total(last[shard]["tally"]["kept"]))
        rows.append({"source": described(source), "read": _amount(read), "kept": _amount(kept)})
    return rows


def described(source: TextSource) -> str:
    """A source in a few words."""
    if source.hub is None:
        return str(source.path)
    return f"{source.hub} ({source.config}, {source.split})" if source.config else f"{source.hub} ({source.split})"


def _findings(job: Job, before: Tally, after: Tally) -> dict[str, Any]:
    """Histograms with their thresholds, and samples of what was removed."""
    languages = sorted({code for tally in (before, after) for code in tally.kept} | {""})
    samples = {**before.samples, **after.samples}
    for rule in set(before.samples) & set(after.samples):
        both = Tally(samples={rule: before.samples[rule]})
        both.merge(Tally(samples={rule: after.samples[rule]}))
        samples[rule] = both.samples[rule]
    return {
        "measures": _measures(job.corpus, pipeline_of(job.corpus), before, languages),
        "samples": {rule: [_shown(job.folder, one) for one in own] for rule, own in sorted(samples.items())},
    }


def _measures(corpus: Corpus, pipeline: Pipeline, tally: Tally, languages: list[str]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    if corpus.languages:
        found.append(
            {
                "measure": "language_score", "rule": LANGUAGE, "description": "How sure the language is.",
                "thresholds": {"": [corpus.language_score, None]},
            }
        )  # fmt: skip
    for rule in pipeline.rules:
        common = rule.thresholds("")
        for measure, bounds in common.items():
            others = {code: rule.thresholds(code)[measure] for code in languages}
            own = {code: list(limits) for code, limits in others.items() if limits != bounds}
            thresholds = {"": list(bounds), **own}
            found.append(
                {"measure": measure, "rule": rule.name, "description": rule.description, "thresholds": thresholds}
            )
    return [{**one, "histogram": tally.histograms.get(one["measure"], [])} for one in found]


def _shown(folder: CorpusFolder, sample: Mapping[str, Any]) -> dict[str, Any]:
    """A sample as people read it: of a duplicate, where the document stands that stays."""
    shown = {name: value for name, value in sample.items() if name not in ("order", "kept")}
    if "kept" in sample:
        shown["kept"] = origin_of(folder, sample["kept"])
    return shown


def origin_of(folder: CorpusFolder, document: int) -> str:
    """The file and row of a document, by its number."""
    shards, rows = shard_and_row(np.array([document]))
    left = int(rows[0])
    for table in read_groups(folder.stage(int(shards[0])), ["file", "row"]):
        if left < table.num_rows:
            return f"{table['file'][left]}:{table['row'][left]}"
        left -= table.num_rows
    raise LookupError(document)


def _write_quarantine(folder: CorpusFolder, count: int) -> None:
    """All bad documents of all shards, in order, as one file."""
    with atomic_file(folder.quarantine, "wb") as whole:
        for number in range(count):
            with open(folder.bad(number), "rb") as part:
                shutil.copyfileobj(part, whole)
