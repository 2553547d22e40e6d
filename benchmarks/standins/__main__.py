"""python -m benchmarks.standins [t5|mt5|llama|lfm2 ...] [--quick] [--check]

Train each stand-in, then run the recipe that starts from it, on the real data: runs/standin-* and runs/proof-*. All of
it is the product's command line; what is done is not done again.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from benchmarks.process import ROOT
from benchmarks.standins.tokenizers import make_llama_tokenizer

HERE = Path(__file__).resolve().parent
REAL = "${DRAGOMAN_REALDATA}"


@dataclass(frozen=True)
class Proof:
    """A recipe on a stand-in. settings: where its data is, and what a small model needs. small: to see that it runs."""

    recipe: str
    settings: tuple[str, ...]
    small_base: tuple[str, ...]
    small: tuple[str, ...]


PROOFS = {
    "t5": Proof(
        "ner-t5",
        (
            f"data.train=[{{path: '{REAL}/ner/wnut17/wnut17train.conll'}}]",
            f"data.validation={{path: '{REAL}/ner/wnut17/emerging.dev.conll'}}",
            "training.learning_rate=1e-3",
        ),
        ("data.train.0.rows=200", "data.train.1.rows=20", "data.validation.rows=20", "data.test.wnut17.rows=20",
         "tokenizer.vocabulary_size=1200", "pretraining.training={max_steps: 4, batch: {tokens: 2000}}"),
        ("data.train.0.rows=60", "data.validation.rows=20"),
    ),
    "mt5": Proof(
        "en-hi-csv",
        ("training.learning_rate=1e-3", "training.epochs=5"),
        ("data.train.0.rows=200", "data.validation_rows=10", "data.test.wikipedia.rows=10",
         "tokenizer.vocabulary_size=1200"),
        ("data.train.0.rows=100", "data.validation_rows=10"),
    ),
    "llama": Proof(
        "hinglish-tinyllama",
        (
            f"data.train=[{{path: '{REAL}/hinglish/qa.train.jsonl'}}]",
            f"data.validation={{path: '{REAL}/hinglish/qa.validation.jsonl'}}",
            "methods.full.training.optimizer=adamw", "training.learning_rate=1e-3", "training.epochs=2",
        ),
        ("data.train.0.rows=200", "data.validation.rows=20"),
        ("data.train.0.rows=100", "data.validation.rows=20", "generation.max_length=32"),
    ),
    "lfm2": Proof(
        "saudi-lfm2",
        ("methods.full.training.optimizer=adamw", "training.learning_rate=1e-3", "training.epochs=5"),
        ("data.train.0.rows=200", "data.validation_rows=20", "tokenizer.vocabulary_size=1200"),
        ("data.train.0.rows=100", "data.validation_rows=10"),
    ),
}  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.standins", description="Stand-ins, and what they prove."
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"{', '.join(PROOFS)} (default: all)")
    parser.add_argument("--quick", action="store_true", help="whether it runs; few rows and steps, in runs/quick")
    parser.add_argument("--check", action="store_true", help="`dragoman check` before each run")
    arguments = parser.parse_args()
    if unknown := set(arguments.names) - set(PROOFS):
        parser.error(f"no stand-in {', '.join(sorted(unknown))}: there are {', '.join(PROOFS)}")
    if "DRAGOMAN_REALDATA" not in os.environ:
        parser.error("set DRAGOMAN_REALDATA to the folder of the real data")
    os.environ["DRAGOMAN_REALDATA"] = str(Path(os.environ["DRAGOMAN_REALDATA"]).resolve())
    make_llama_tokenizer(ROOT / "runs/tokenizers/llama-32k")
    verbs = ["check", "run"] if arguments.check else ["run"]
    for name in arguments.names or PROOFS:
        prove(name, verbs, quick=arguments.quick)


def prove(name: str, verbs: Sequence[str], *, quick: bool) -> None:
    """Train the stand-in, then run the recipe that starts from it."""
    proof, prefix = PROOFS[name], "quick-" if quick else ""
    few = ("training.max_steps=4", "training.warmup_steps=0", "training.validate_every=2")
    base, recipe = f"{prefix}standin-{name}", ROOT / f"recipes/{proof.recipe}.yaml"
    settings = [f"name={base}", *((*proof.small_base, *few) if quick else ())]
    dragoman(verbs, HERE / f"{name}.yaml", settings)
    start = ROOT / "runs" / base / "full/model"
    settings = [f"name={prefix}proof-{name}", f"model.pretrained={start}", *other_methods(recipe), *proof.settings]
    dragoman(verbs, recipe, [*settings, *((*proof.small, *few) if quick else ())])


def other_methods(recipe: Path) -> list[str]:
    """Settings for those of the three ways of tuning that the recipe does not compare, with the adapter that it has."""
    methods = yaml.safe_load(recipe.read_text("utf-8"))["methods"]
    adapter = next(method["adapter"] for method in methods.values() if "adapter" in method)
    return [
        f"methods.{name}={json.dumps({'tuning': name} | ({} if name == 'full' else {'adapter': adapter}))}"
        for name in ("full", "lora", "qlora")
        if name not in methods
    ]


def dragoman(verbs: Sequence[str], recipe: Path, settings: Sequence[str]) -> None:
    """Each verb with a recipe. Ends this program where one fails."""
    words = [str(recipe), *(word for one in settings for word in ("--set", one))]
    for verb in verbs:
        print(f"\n$ dragoman {verb} {recipe.name}: {', '.join(settings)}", flush=True)
        began = time.monotonic()
        done = subprocess.run([sys.executable, "-m", "dragoman.cli.main", verb, *words], cwd=ROOT, check=False)
        print(f"({time.monotonic() - began:.0f} s)", flush=True)
        if done.returncode != 0:
            sys.exit(done.returncode)


if __name__ == "__main__":
    main()
