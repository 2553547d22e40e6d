"""Tokens a second in generation: our cache against none, and against transformers' generate.

- Random weights in float32, outputs of a fixed length (the end token is suppressed), ragged sources of 16 to 32 tokens.
- One fresh process a shape, a number of threads and a round; in it the contestants take turns, each warmed up first.
- With and without cache the texts have to be the same.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import torch

from benchmarks.peers import t5_like
from benchmarks.process import measure
from benchmarks.tables import middle, ratio, table
from dragoman.base.device import tune_allocator
from dragoman.base.progress import say
from dragoman.generation.speed import SHORTEST, SpecialIds, answer, rate
from dragoman.models.nmt.config import NmtConfig
from dragoman.models.nmt.model import NmtModel
from dragoman.objectives.batches import lengths_of, pad

SHAPES = {
    "small": NmtConfig(8000, d_model=256, n_heads=4, n_kv_heads=2, encoder_layers=3, decoder_layers=3, d_ff=512),
    "base": NmtConfig(16000, d_model=512, n_heads=8, n_kv_heads=2, encoder_layers=6, decoder_layers=6, d_ff=1536),
}
# Batch, beam, tokens of each output, and the fewest threads with which it is tried without a cache too: it takes long.
Cell = tuple[int, int, int, int | None]
CELLS: dict[str, list[Cell]] = {
    "small": [
        (1, 1, 32, 1), (8, 1, 32, 1), (32, 1, 32, 1), (32, 1, 64, 2), (1, 4, 32, 1), (8, 4, 32, 1), (32, 4, 32, None),
    ],
    "base": [(1, 1, 32, 1), (8, 1, 32, 1), (32, 1, 32, 1), (32, 1, 64, 2), (1, 4, 32, 1), (8, 4, 32, None)],
}  # fmt: skip
QUICK_CELLS: list[Cell] = [(2, 1, 6, 1), (2, 2, 6, 1)]
QUICK_SHAPE: dict[str, Any] = {"d_model": 32, "n_heads": 4, "d_ff": 32, "vocabulary_size": 500}
PAD, EOS, UNK = 0, 1, 2


def run(quick: bool) -> dict[str, Any]:
    """Every shape with one thread and with all, round by round."""
    rounds = 1 if quick else 3
    all_threads = torch.get_num_threads()
    cases = [(shape, threads) for shape in SHAPES for threads in sorted({1, all_threads})]
    if quick:
        cases = [("small", all_threads)]
    results: dict[str, list[Any]] = {f"{shape} {threads}": [] for shape, threads in cases}
    for r in range(rounds):
        for shape, threads in cases:
            arguments = {"shape": shape, "quick": quick}
            results[f"{shape} {threads}"].append(measure("benchmarks.generation:contest", threads=threads, **arguments))
            say(f"generation, round {r + 1} of {rounds}: {shape} model, {threads} threads: done")
    return {"rounds": rounds, "shapes": {name: describe(SHAPES[name]) for name in SHAPES}, "results": results}


def describe(config: NmtConfig) -> str:
    return (
        f"{config.encoder_layers}+{config.decoder_layers} layers, width {config.d_model}, feed-forward {config.d_ff}, "
        f"heads {config.n_heads}/{config.n_kv_heads}, vocabulary {config.vocabulary_size:,}"
    )


def report(found: dict[str, Any]) -> str:
    """A table for each shape and number of threads; medians over the rounds with the smallest and the largest."""
    parts = [
        f"Generated tokens a second (of the answers, not of every beam), float32; median of {found['rounds']} rounds "
        "(lowest-highest). With and without cache the texts are the same.",
    ]
    for case, rounds in found["results"].items():
        shape, threads = case.split()
        rows = []
        for cells in zip(*rounds, strict=True):
            ours, plain, peer = ([cell["rates"].get(name) for cell in cells] for name in ("cache", "no cache", "peer"))
            cell, tried = cells[0], plain[0] is not None
            rows.append([
                f"{cell['batch']}", "greedy" if cell["beam"] == 1 else f"beam {cell['beam']}", f"{cell['tokens']}",
                middle(ours), middle(plain) if tried else "", ratio(ours, plain) if tried else "",
                middle(peer), ratio(ours, peer),
            ])  # fmt: skip
        parts += [
            "",
            f"{found['shapes'][shape]}; {threads} thread{'s' if threads != '1' else ''}:",
            "",
            table(
                ["batch", "search", "length", "cache", "no cache", "gain", "transformers", "ours is faster"], rows
            ),
        ]  # fmt: skip
    return "\n".join(parts)


def contest(shape: str, quick: bool) -> list[dict[str, Any]]:
    """The rates of all contestants in each cell. Raises RuntimeError where the cache changes a text."""
    tune_allocator()
    config, cells, threads = SHAPES[shape], CELLS[shape], torch.get_num_threads()
    if quick:
        config, cells = replace(config, **QUICK_SHAPE), QUICK_CELLS
    ours, peer = random_model(config), t5_like(config).eval()
    return [
        contest_cell(
            ours,
            peer,
            batch,
            beam,
            tokens,
            without_cache=fewest is not None and threads >= fewest,
            shortest=0 if quick else SHORTEST,
        )
        for batch, beam, tokens, fewest in cells
    ]


def random_model(config: NmtConfig) -> NmtModel:
    """Our model, its layers loud enough that it does not just repeat the last token, as random tied models do."""
    torch.manual_seed(0)
    model = NmtModel(config)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if name.endswith((".o.weight", ".down.weight")):
                parameter.mul_(8)
    return model.eval()


def contest_cell(
    ours: NmtModel, peer: Any, batch: int, beam: int, tokens: int, *, without_cache: bool, shortest: float
) -> dict[str, Any]:
    """One batch of sources, answered by each contestant in turn, again and again for at least `shortest` seconds."""
    dice = torch.Generator().manual_seed(batch)
    lengths = torch.randint(15, 32, (batch,), generator=dice).tolist()
    V = ours.config.vocabulary_size
    sources = [[*torch.randint(3, V, (length,), generator=dice).tolist(), EOS] for length in lengths]
    ids = SpecialIds(EOS, PAD, [PAD, UNK])

    def answer_ours(length: int, use_cache: bool) -> list[list[int]]:
        return answer(ours, sources, length, ids, beam=beam, use_cache=use_cache)

    input_ids = pad(sources, PAD)
    mask = (torch.arange(input_ids.shape[1]) < lengths_of(sources)[:, None]).long()

    def answer_peer(length: int) -> list[list[int]]:
        with torch.no_grad():
            found = peer.generate(
                input_ids, attention_mask=mask, num_beams=beam, do_sample=False,
                min_new_tokens=length, max_new_tokens=length,
            )  # fmt: skip
        return found[:, 1:].tolist()  # without the decoder's start token

    contestants: dict[str, Callable[[int], list[list[int]]]] = {"cache": lambda length: answer_ours(length, True)}
    if without_cache:
        contestants["no cache"] = lambda length: answer_ours(length, False)
    contestants["peer"] = answer_peer
    rates, texts = {}, {}
    for name, work in contestants.items():
        rates[name], texts[name] = rate(work, tokens, shortest)
        if any(len(ids) != tokens for ids in texts[name]):
            raise RuntimeError(f"{name}: an answer is not {tokens} tokens long")
    if without_cache and texts["cache"] != texts["no cache"]:
        differ = sum(a != b for a, b in zip(texts["cache"], texts["no cache"], strict=True))
        raise RuntimeError(f"batch {batch}, beam {beam}: {differ} texts differ with and without cache")
    return {"batch": batch, "beam": beam, "tokens": tokens, "rates": rates}
