"""python -m benchmarks [PART ...] [--quick] [--megabytes N,N,...] [--output FILE]"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from benchmarks import (
    boilerplate,
    compiling,
    curation,
    generation,
    loss,
    machine,
    pairs,
    streaming,
    synthesis,
    training,
    tuning,
    utilisation,
)
from dragoman.base.files import write_json

PARTS = {
    "training": training, "tuning": tuning, "generation": generation, "loss": loss, "pairs": pairs,
    "curation": curation, "synthesis": synthesis, "compile": compiling, "utilisation": utilisation,
    "streaming": streaming, "boilerplate": boilerplate,
}  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Side by side with the peers.")
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"{', '.join(PARTS)} (default: all)")
    parser.add_argument("--quick", action="store_true", help="whether it runs at all; its figures mean nothing")
    parser.add_argument("--megabytes", type=_sizes, help="of text for streaming (default: 10,100,500,2000)")
    parser.add_argument("--output", type=Path, help="write every single measurement into this JSON file")
    arguments = parser.parse_args()
    if unknown := set(arguments.parts) - set(PARTS):
        parser.error(f"no part {', '.join(sorted(unknown))}: there are {', '.join(PARTS)}")

    results: dict[str, Any] = {"machine": machine.describe(), "quick": arguments.quick}
    print(f"{machine.headline(results['machine'])}\n", flush=True)
    for name, part in PARTS.items():
        if not arguments.parts or name in arguments.parts:
            sizes = {"megabytes": arguments.megabytes} if part is streaming and arguments.megabytes else {}
            results[name] = part.run(arguments.quick, **sizes)
            print(f"{part.report(results[name])}\n", flush=True)
            if arguments.output:
                write_json(arguments.output, results)  # after each part: a later one may be interrupted


def _sizes(text: str) -> list[int]:
    """Whole numbers between commas. Raises ValueError for anything else."""
    return [int(word) for word in text.split(",")]


if __name__ == "__main__":
    main()
