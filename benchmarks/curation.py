"""Gopher's rules for documents, quality and repetition together: ours against datatrove on white-space words.

- Both judge the same documents, which are in memory, on one core: ours from Arrow strings, datatrove from Python's.
  Both look at quality first, and at repetition only where a document has passed that.
- datatrove's own word splitters (NLTK, spaCy) are several times slower still; here it splits on white space, as ours.
- Whether the same documents stay is seen over the whole corpus for all rules together, and over a part of it for each
  rule alone, on documents that are long enough for Gopher.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from benchmarks.documents import read_documents, write_documents
from benchmarks.loss import forget_peak, resident
from benchmarks.process import measure
from benchmarks.tables import middle, ratio, table
from dragoman.base.progress import say
from dragoman.corpus.rules import Rule, Words, make_rules
from dragoman.corpus.rules.presets import ENGLISH_WORDS, GERMAN_WORDS
from dragoman.recipe.schema import Corpus

CONTESTANTS = {"ours": "dragoman", "datatrove": "datatrove"}
STOP_WORDS = [*ENGLISH_WORDS, *GERMAN_WORDS]  # for all documents
SHORTEST = 50  # words of a document on which each rule is tried alone
QUALITY: dict[str, dict[str, Any]] = {  # our rules, and datatrove's settings for them
    "word_count": {"min_doc_words": 50, "max_doc_words": 100_000},
    "mean_word_length": {"min_avg_word_length": 3, "max_avg_word_length": 10},
    "alphabetic_words": {"max_non_alpha_words_ratio": 0.8},
    "stop_words": {"min_stop_words": 2},
    "hash_ratio, ellipsis_ratio": {"max_symbol_word_ratio": 0.1},
    "bullet_lines": {"max_bullet_lines_ratio": 0.9},
    "ellipsis_lines": {"max_ellipsis_lines_ratio": 0.3},
}
REPETITION: dict[str, dict[str, Any]] = {
    "duplicate_lines": {"dup_line_frac": 0.3},
    "duplicate_line_characters": {"dup_line_char_frac": 0.2},
    "duplicate_paragraphs": {"dup_para_frac": 0.3},
    "duplicate_paragraph_characters": {"dup_para_char_frac": 0.2},
    **{f"top_{n}gram": {"top_n_grams": ((n, most),)} for n, most in ((2, 0.2), (3, 0.18), (4, 0.16))},
    **{f"duplicate_{n}grams": {"dup_n_grams": ((n, round(0.2 - n / 100, 2)),)} for n in range(5, 11)},
}


def run(quick: bool) -> dict[str, Any]:
    """Rounds of both, one after the other; then rule by rule."""
    size, rounds, part = (2_000_000, 1, 1) if quick else (100_000_000, 3, 20)
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "documents.arrow")
        corpus = write_documents(Path(path), size)
        results: dict[str, list[dict[str, Any]]] = {name: [] for name in CONTESTANTS}
        for r in range(rounds):
            for name in sorted(CONTESTANTS, reverse=r % 2 == 0):  # another one begins each round
                results[name].append(measure(f"benchmarks.curation:{name}", threads=1, path=path))
                rate = corpus["bytes"] / results[name][-1]["seconds"] / 1e6
                say(f"curation, round {r + 1} of {rounds}: {CONTESTANTS[name]}: {rate:.1f} MB/s")
        alone = measure("benchmarks.curation:rule_by_rule", threads=1, path=path, batches=part)
    return {"corpus": corpus, "rounds": rounds, "results": results, "alone": alone}


def report(found: dict[str, Any]) -> str:
    """Medians over the rounds, and where the two agree."""
    corpus, results, alone = found["corpus"], found["results"], found["alone"]
    rates = {name: [corpus["bytes"] / one["seconds"] / 1e6 for one in results[name]] for name in CONTESTANTS}
    rows = [
        [CONTESTANTS[name], middle(rates[name], ".1f"), ratio(rates[name], rates["datatrove"]),
         f"{results[name][0]['memory'] / 2**20:,.0f} MiB", f"{len(results[name][0]['kept']):,}"]
        for name in CONTESTANTS
    ]  # fmt: skip
    ours, theirs = (set(results[name][0]["kept"]) for name in CONTESTANTS)
    rules = [
        [rule, f"{one['ours']:,}", f"{one['theirs']:,}", f"{1 - one['differ'] / alone['documents']:.2%}"]
        for rule, one in alone["rules"].items()
    ]
    return "\n".join([
        f"Gopher's rules, quality and repetition, over {corpus['bytes'] / 1e6:,.0f} MB of text in "
        f"{corpus['documents']:,} documents on one core, words divided by white space; median of {found['rounds']} "
        "rounds (lowest-highest), growth of memory at its peak. Both decide the same of "
        f"{1 - len(ours ^ theirs) / corpus['documents']:.2%} of the documents.",
        "",
        table(["", "MB/s", "times datatrove", "memory", "documents kept"], rows),
        "",
        f"Each rule alone, on {alone['documents']:,} documents of at least {SHORTEST} words: how many it removes.",
        "",
        table(["rule", "dragoman", "datatrove", "decided alike"], rules),
    ])  # fmt: skip


def ours(path: str) -> dict[str, Any]:
    """Seconds, growth of memory in bytes, and the numbers of the documents that stay."""
    rules = gopher_rules()
    return timed(read_documents(path), lambda texts: kept(rules, texts))


def kept(rules: list[Rule], texts: pa.Array) -> Any:
    """Which documents all rules keep (D,), found as the product does: what is removed is measured no more."""
    batch = Words(texts, ["en"] * len(texts))
    stay = np.ones(len(batch), bool)
    for rule in rules:
        stay &= rule.verdict(rule.measure(batch, stay), batch)
    return stay


def gopher_rules() -> list[Rule]:
    rules = {"stop_words": {"words": {"en": STOP_WORDS}}}
    return make_rules(Corpus.model_validate({"sources": [{"path": "none"}], "presets": ["gopher"], "rules": rules}))


def datatrove(path: str) -> dict[str, Any]:
    """The same of datatrove."""
    quality, repetition = filters()
    batches = (texts.to_pylist() for texts in read_documents(path))
    return timed(batches, lambda texts: np.array([keeps(quality, text) and keeps(repetition, text) for text in texts]))


def filters() -> tuple[Any, Any]:
    """datatrove's filters for quality and for repetition, splitting words on white space."""
    from datatrove.pipeline.filters import GopherQualityFilter, GopherRepetitionFilter
    from datatrove.utils import word_tokenizers

    class WhiteSpace(word_tokenizers.WordTokenizer):
        def word_tokenize(self, text: str) -> list[str]:
            return text.split()

        def sent_tokenize(self, text: str) -> list[str]:
            return [text]

        def span_tokenize(self, text: str) -> list[tuple[int, int]]:
            return [(0, len(text))]

    splitter = WhiteSpace()
    word_tokenizers.load_word_tokenizer = lambda language: splitter
    return GopherQualityFilter(stop_words=STOP_WORDS), GopherRepetitionFilter()


def keeps(one: Any, text: str) -> bool:
    """Whether a filter of datatrove keeps a text."""
    from datatrove.data import Document

    return one.filter(Document(text=text, id="")) is True


def timed(batches: Any, judge: Callable[[Any], Any]) -> dict[str, Any]:
    """Seconds for all batches after the first, which warms up and comes twice; making them does not count."""
    decisions: list[Any] = []
    seconds, before = 0.0, 0
    for batch in batches:
        if not decisions:
            judge(batch)
            before = resident("VmRSS")
            forget_peak()
        began = time.perf_counter()
        decisions.append(judge(batch))
        seconds += time.perf_counter() - began
    stay = np.flatnonzero(np.concatenate(decisions)).tolist()
    return {"seconds": seconds, "memory": resident("VmHWM") - before, "kept": stay}


def rule_by_rule(path: str, batches: int) -> dict[str, Any]:
    """How many of some documents each rule alone removes, and of how many the two decide differently."""
    texts = [text for batch in islice(read_documents(path), batches) for text in batch.to_pylist()]
    texts = [text for text in texts if len(text.split()) >= SHORTEST]
    batch = Words(pa.array(texts, pa.large_string()), ["en"] * len(texts))
    rules = {rule.name: rule for rule in gopher_rules()}
    quality, repetition = filters()
    for one in (quality, repetition):
        switch_off(one)
    found = {}
    for one, settings in ((quality, QUALITY), (repetition, REPETITION)):
        for names, values in settings.items():
            mine = [rules[name] for name in names.split(", ")]
            stays = np.all([rule.verdict(rule.measure(batch), batch) for rule in mine], axis=0)
            vars(one).update(values)
            theirs = np.array([keeps(one, text) for text in texts], bool)
            switch_off(one)
            differ = int((stays != theirs).sum())
            found[names] = {"ours": int((~stays).sum()), "theirs": int((~theirs).sum()), "differ": differ}
    return {"documents": len(texts), "rules": found}


def switch_off(one: Any) -> None:
    """Let a filter of datatrove keep everything."""
    for name in [name for settings in (QUALITY, REPETITION) for values in settings.values() for name in values]:
        if hasattr(one, name):
            setattr(one, name, () if name.endswith("grams") else None)
