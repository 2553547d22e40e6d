"""`dragoman corpus pairs`: clean parallel text."""

from __future__ import annotations

from pathlib import Path

from rich.table import Table

from dragoman.base.progress import console, say
from dragoman.cli.options import Overrides, RecipeFile, Runs


def pairs(recipe: RecipeFile, overrides: Overrides = None, runs: Runs = Path("runs")) -> None:
    """Clean sentence pairs by the recipe's rules: what is kept, and of the rest why it is not.

    Killed, it leaves what was there before; run again, it begins anew and makes the same files.
    """
    from dragoman.corpus.pairs.cleaning import FOLDER, clean_pairs
    from dragoman.recipe.loading import load_texts
    from dragoman.report.pairs import write_pairs_report

    loaded = load_texts(recipe, overrides or [], section="pairs")
    receipt = clean_pairs(loaded, runs)
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column()
    table.add_column(justify="right")
    table.add_row("read", f"{receipt['read']:,}")
    table.add_row("in quarantine", f"{receipt['quarantined']:,}")
    for rule in receipt["rules"]:
        table.add_row(f"removed by {rule['name']}", f"{rule['removed']:,}", style=None if rule["removed"] else "dim")
    table.add_row("kept", f"{receipt['kept']:,}", style="bold")
    console.print(table)
    folder = runs / loaded.recipe.name / FOLDER
    (made,) = folder.glob("pairs.*")
    say(f"pairs   {made}")
    say(f"report  {write_pairs_report(folder)}")
    say(f"try     dragoman corpus explain {loaded.arguments} FILE:ROW")
