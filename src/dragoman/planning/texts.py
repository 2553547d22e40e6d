"""What `check` says of the sections that make text: `corpus`, `pairs` and `synthesis`; each is a command of its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table
from rich.text import Text

from dragoman.base.errors import CheckError, RequestError
from dragoman.corpus.pairs import reading
from dragoman.corpus.pairs.gate import make_rules
from dragoman.corpus.pairs.rule import PairRule
from dragoman.corpus.pairs.writing import output_columns
from dragoman.corpus.sources import absent_texts
from dragoman.data.readers import describe_source
from dragoman.recipe.loading import TEXT_VERBS, LoadedTexts, refusal
from dragoman.recipe.schema import PairFilter, Recipe, Synthesis, TextSource
from dragoman.recipe.tree import Problem
from dragoman.synthesis import problems as asking
from dragoman.synthesis.estimate import count
from dragoman.synthesis.server import Server

Rows = list[tuple[str, str]]


@dataclass(frozen=True)
class Faults:
    """impossible: what is wrong whatever files there are. absent: files that are not there, by the keys of their
    sections.
    """

    impossible: list[Problem]
    absent: list[Problem]

    @property
    def unchecked(self) -> list[str]:
        """The sections with absent files."""
        return list(dict.fromkeys(str(problem.path[0]) for problem in self.absent))


def find_faults(loaded: LoadedTexts) -> Faults:
    """All that is wrong with pairs and synthesis; and with corpus, where nothing else in the recipe reads it.

    What the recipe's own sets lack is said of `data`.
    """
    recipe = loaded.recipe
    absent: list[Problem] = []
    impossible: list[Problem] = []
    if recipe.corpus is not None and not isinstance(recipe, Recipe):
        absent += absent_texts(loaded, "corpus.sources", recipe.corpus.sources)
    if recipe.pairs is not None:
        away = reading.missing(loaded)
        absent += away
        impossible += reading.impossible(loaded, away)
    if recipe.synthesis is not None:
        absent += asking.missing(loaded)
        impossible += [*asking.impossible(loaded), *_server_faults(loaded)]
    return Faults(impossible, [problem for problem in absent if problem.path[0] != "data"])


def _server_faults(loaded: LoadedTexts) -> Iterator[Problem]:
    """An address that cannot be used, or prices that are not there. A key is only needed by what asks."""
    try:
        Server(asking.settings_of(loaded)).refuse_unpriced()
    except RequestError as error:
        yield reading.problem_of(loaded, () if error.where == "synthesis.prices" else ("synthesis",), error)


def check_texts(loaded: LoadedTexts, console: Console | None = None) -> None:
    """Print what a recipe without a model will do.

    Raises RequestError with all that is wrong with it; where only files are missing, CheckError after what can be said.
    """
    console = console or Console(highlight=False, emoji=False)
    faults = find_faults(loaded)
    if faults.impossible:
        raise refusal(faults.impossible + faults.absent, loaded.path)
    console.print(Text(loaded.recipe.name, "bold"))
    say_texts(loaded, console)
    console.print()
    if faults.absent:
        raise CheckError(f"not checked: {', '.join(faults.unchecked)}\n{refusal(faults.absent, loaded.path)}")
    commands = [f"dragoman corpus {verb}" for section, verb in TEXT_VERBS.items() if getattr(loaded.recipe, section)]
    said = Text("nothing is wrong.  ", "green")
    for command in commands:
        said.append(f"{'next' if command == commands[0] else 'and'}: {command} {loaded.arguments}  ", "default")
    console.print(said, soft_wrap=True)


def say_texts(loaded: LoadedTexts, console: Console) -> None:
    """Print a table for each section; no file is read for it."""
    recipe = loaded.recipe
    with loaded.located():
        if recipe.corpus is not None and not isinstance(recipe, Recipe):
            console.print(_table("corpus", [("reads", ", ".join(map(_text_source, recipe.corpus.sources)))]))
        if recipe.pairs is not None:
            console.print(_table("pairs", _pairs(loaded)))
        if recipe.synthesis is not None:
            console.print(_table("synthesis", _synthesis(loaded)))


def _table(section: str, rows: Rows) -> Table:
    table = Table(
        title=f"\n{section.capitalize()}: dragoman corpus {TEXT_VERBS[section]}", title_justify="left",
        title_style="bold", box=None, pad_edge=False, padding=(0, 2, 0, 0), show_header=False,
    )  # fmt: skip
    table.add_column(style="dim")
    table.add_column(overflow="fold")
    for row in rows:
        table.add_row(*map(Text, row))
    return table


def _pairs(loaded: LoadedTexts) -> Rows:
    pairs = reading.pairs_of(loaded)
    template = reading.template_of(pairs)
    columns = [" and ".join(names) for names in (template.source_columns, template.target_columns)]
    made = ", ".join(output_columns(pairs.languages))
    return [
        ("reads", ", ".join(map(describe_source, pairs.sources))),
        ("columns", " to ".join(columns)),
        *_rules(loaded, pairs, "pairs"),
        ("writes", f"runs/{loaded.recipe.name}/pairs/pairs.{pairs.output}: {made}"),
    ]


def _synthesis(loaded: LoadedTexts) -> Rows:
    settings = asking.settings_of(loaded)
    server = Server(settings)
    rows = [
        ("asks", f"{settings.model}, by {'Gemini' if settings.provider == 'gemini' else 'OpenAI'}'s protocol"),
        ("key", f"{server.key_names}: not set yet" if server.lacks_key else ""),
        ("makes", _makes(settings)),
    ]
    if settings.generate is not None:
        rows += count(loaded).rows()
    else:
        rows += [("server", server.url), ("cost", "dragoman corpus synthesize --dry-run counts it, from the corpus")]
    rows += [*_rules(loaded, settings, "synthesis"), ("writes", f"runs/{loaded.recipe.name}/synthesis/pairs.jsonl")]
    return [(name, value) for name, value in rows if value]


def _makes(settings: Synthesis) -> str:
    if settings.translate is not None:
        most = f"{settings.pairs:,} pairs: " if settings.pairs is not None else ""
        read = ", ".join(map(_text_source, settings.translate.sources))
        return f"{most}{settings.translate.unit}s of {read}, up to {settings.translate.sentences} a request"
    grid = settings.generate
    assert grid is not None
    axes = {name: len(getattr(grid, name)) for name in ("topics", "levels", "registers", "lengths", "directions")}
    return f"{settings.pairs:,} pairs over a grid of {', '.join(f'{size} {name}' for name, size in axes.items())}"


def _rules(loaded: LoadedTexts, pairs: PairFilter, section: reading.Making) -> Rows:
    """The rules that are on, with their limits, and what no pair may repeat."""
    said = [f"{rule.name.replace('_', ' ')}{_limits(rule)}" for rule in make_rules(pairs, section)]
    remembering = ("duplicate", "near_duplicate", "targets")
    said += [name.replace("_", " ") for name in remembering if getattr(pairs.rules, name) not in (None, "off")]
    sets = [describe_source(source) for source in reading.evaluation_sources(loaded, section).values()]
    codes = pairs.languages
    return [
        ("languages", f"{codes.source} and {codes.target}" if codes is not None else "not named"),
        ("rules", f"{pairs.preset}: {'; '.join(said) or 'none'}"),
        ("kept out", ", ".join(sets) if sets else "nothing: no evaluation set is named"),
    ]


def _limits(rule: PairRule) -> str:
    """The limits of a rule's numbers; those of both sides once."""
    if rule.scale is None:  # it counts faults
        return ""
    return " " + ", ".join(dict.fromkeys(_range(*limits) for limits in rule.limits().values()))


def _range(low: float | None, high: float | None) -> str:
    if low is None:
        return f"up to {high:g}"
    return f"from {low:g}" if high is None else f"{low:g} to {high:g}"


def _text_source(source: TextSource) -> str:
    return source.path or f"{source.hub} ({source.split})"
