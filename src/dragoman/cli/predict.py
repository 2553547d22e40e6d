"""`dragoman predict` and its name for translation, `dragoman translate`."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated, Any

import typer

from dragoman.base.errors import RequestError
from dragoman.base.progress import say

Run = Annotated[str, typer.Argument(metavar="RUN", help="A run, RUN/METHOD, or a model folder.", show_default=False)]
Texts = Annotated[
    list[str] | None, typer.Argument(metavar="[TEXT]...", help="What to answer; without it, lines are read.")
]


def predict(
    run: Run,
    texts: Texts = None,
    input: Annotated[
        Path | None,
        typer.Option("--input", "-i", help="A text file with one input a line, or a table (default: standard input)."),
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Where to write (default: standard output).")
    ] = None,
    field: Annotated[
        list[str] | None,
        typer.Option("--field", metavar="NAME=VALUE", help="A column that every input has; may be repeated."),
    ] = None,
    beam: Annotated[int | None, typer.Option(min=1, help="Beam width; 1 is greedy.")] = None,
    n_best: Annotated[
        int, typer.Option("--n-best", min=1, help="Answers a line, as tab-separated line number, score and text.")
    ] = 1,
    sample: Annotated[
        bool, typer.Option("--sample", help="Draw answers at random instead of searching for the best.")
    ] = False,
    temperature: Annotated[float | None, typer.Option(help="Sampling: below 1 sharper, above 1 flatter.")] = None,
    top_k: Annotated[
        int | None, typer.Option("--top-k", min=0, help="Sampling: from the k most probable tokens.")
    ] = None,
    top_p: Annotated[
        float | None, typer.Option("--top-p", help="Sampling: from the tokens that make up this probability.")
    ] = None,
    seed: Annotated[int | None, typer.Option(min=0, help="Sampling: the same seed, the same answers.")] = None,
    max_length: Annotated[
        int | None, typer.Option("--max-length", min=1, help="The longest answer, in tokens.")
    ] = None,
) -> None:
    """Answer with a trained model: one line out for each line or row in, empty ones included."""
    from dragoman.base.device import tune_allocator
    from dragoman.base.files import atomic_file
    from dragoman.cli.talking import bare, coloured_entities, converse
    from dragoman.generation.inputs import parse_fields, questioner, read_inputs
    from dragoman.generation.saved import load_generator, read_card, template_of
    from dragoman.generation.texts import WINDOW
    from dragoman.job.folder import find_model

    sampling = {"temperature": temperature, "top_k": top_k, "top_p": top_p, "seed": seed}
    if not sample and (given := [_option(key) for key, value in sampling.items() if value is not None]):
        raise RequestError(f"{', '.join(given)} only matters with --sample", hint="add --sample")
    if sample and beam is not None:
        raise RequestError("--beam does not matter with --sample", hint="leave one of them out")
    if texts and input:
        raise RequestError("give texts or --input, not both")
    tune_allocator()
    changes: dict[str, Any] = {"beam": beam, "max_length": max_length, "sample": sample, "n_best": n_best, **sampling}
    model = find_model(run)
    card = read_card(model)
    if not sample and n_best > 1 and beam is None:
        changes["beam"] = max(n_best, card.generation["beam"])
    typing = not texts and input is None and sys.stdin.isatty()  # someone waits for each line's answer
    template, fields = template_of(card), parse_fields(field or [])
    words = card.entities["tokens"] if card.task == "entities" else None
    inputs: Any = read_inputs(template, texts or None, input, fields, words=words)
    asked: list[str] = []  # of the entities that are shown in their texts
    try:
        changed = {key: value for key, value in changes.items() if value is not None}
        generator = load_generator(model, changed, card=card)
    except RequestError as error:
        raise _in_options(error, changes) from None

    if card.task == "chat" and typing and n_best == 1 and output is None:
        converse(generator, questioner(template, fields))
        return
    if card.task == "entities" and output is None and n_best == 1 and sys.stdout.isatty():
        inputs = _noted(inputs, asked)
    with ExitStack() as stack:
        target = stack.enter_context(atomic_file(output)) if output else sys.stdout
        split = cut = trimmed = 0
        answers = generator.answer(
            inputs, title=None if texts or typing else "answering", window=1 if typing else WINDOW
        )
        for number, answer in enumerate(answers, start=1):
            split += answer.pieces > 1
            cut += not answer.candidates[0].finished
            trimmed += answer.trimmed
            if asked:
                coloured_entities(bare(asked[number - 1], card.template["source"]), answer.text, card.entities["none"])
                continue
            if n_best == 1:
                target.write(" ".join(answer.text.split()) + "\n")  # a chat's answer may have several lines
                continue
            for candidate in answer.candidates:
                said = " ".join(candidate.text.split())
                target.write(f"{number}\t{candidate.score:.4f}\t{said}\n")
    if split:
        limit = card.max_source_length
        what = "1 text was" if split == 1 else f"{split:,} texts were"
        say(f"{what} longer than {limit} tokens: split at sentence ends, answered in parts and joined", "dim")
    if trimmed:
        what = "1 input was" if trimmed == 1 else f"{trimmed:,} inputs were"
        left_out = "the oldest turns, or the beginning," if card.causal else "the end"
        say(f"{what} longer than the model's context of {generator.model.context:,} tokens: {left_out} left out", "dim")
    if cut:
        what = "1 answer was" if cut == 1 else f"{cut:,} answers were"
        say(f"{what} cut at the longest length allowed, before the model was done", "dim")


def _noted(inputs: Iterable[str], asked: list[str]) -> Iterator[str]:
    for text in inputs:
        asked.append(text)
        yield text


def _option(key: str) -> str:
    return f"--{key.replace('_', '-')}"


def _in_options(error: RequestError, changes: dict[str, Any]) -> RequestError:
    """The error with the option's name instead of the recipe's key, where it is about an option that was given."""
    key = (error.where or "").removeprefix("generation.")
    return RequestError(error.message, where=_option(key), hint=error.hint) if changes.get(key) is not None else error
