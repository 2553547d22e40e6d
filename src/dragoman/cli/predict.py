"""`dragoman predict` and its name for translation, `dragoman translate`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
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
        Path | None, typer.Option("--input", "-i", help="A text file, one input a line (default: standard input).")
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Where to write (default: standard output).")
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
    """Answer with a trained model: one line out for each line in, empty lines included."""
    from dragoman.base.device import tune_allocator
    from dragoman.base.files import atomic_file
    from dragoman.generation.saved import load_generator
    from dragoman.job.folder import find_model

    sampling = {"temperature": temperature, "top_k": top_k, "top_p": top_p, "seed": seed}
    if not sample and any(value is not None for value in sampling.values()):
        named = ", ".join(f"--{key.replace('_', '-')}" for key, value in sampling.items() if value is not None)
        raise RequestError(f"{named} only matters with --sample", hint="add --sample")
    tune_allocator()
    changes: dict[str, Any] = {"beam": beam, "max_length": max_length, "sample": sample, "n_best": n_best, **sampling}
    if not sample and n_best > 1 and beam is None:
        changes["beam"] = max(n_best, 4)
    generator = load_generator(find_model(run), {key: value for key, value in changes.items() if value is not None})

    with ExitStack() as stack:
        target = stack.enter_context(atomic_file(output)) if output else sys.stdout
        lines = iter(texts) if texts else _lines(input)
        split = 0
        for number, answer in enumerate(generator.answer(lines, title=None if texts else "answering"), start=1):
            split += answer.pieces > 1
            if n_best == 1:
                target.write(answer.text + "\n")
                continue
            for candidate in answer.candidates:
                target.write(f"{number}\t{candidate.score:.4f}\t{candidate.text}\n")
    if split:
        limit = generator.source_limit
        what = "1 text was" if split == 1 else f"{split:,} texts were"
        say(f"{what} longer than {limit} tokens: split at sentence ends, answered in parts and joined", "dim")


def _lines(path: Path | None) -> Iterator[str]:
    """The lines of a file or of standard input, split at "\\n" alone. Raises RequestError where they are no UTF-8."""
    if path is not None and not path.is_file():
        raise RequestError("is a folder" if path.is_dir() else "there is no such file", where=str(path))
    with open(path, "rb") if path else sys.stdin.buffer as file:
        for number, line in enumerate(file, start=1):
            try:
                yield line.decode("utf-8-sig" if number == 1 else "utf-8").removesuffix("\n").removesuffix("\r")
            except UnicodeDecodeError as error:
                raise RequestError(
                    f"not UTF-8: byte 0x{line[error.start]:02x}", where=f"{path or 'standard input'}:{number}",
                    hint="convert it, for instance with iconv -f latin1 -t utf-8",
                ) from None  # fmt: skip
