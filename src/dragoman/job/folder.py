"""Where everything of a run stands, and which run a name on the command line means."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from dragoman.adapters.files import CONFIG as ADAPTER
from dragoman.base.errors import RequestError, did_you_mean
from dragoman.generation.saved import CARD
from dragoman.objectives.sets import EncodedSets
from dragoman.recipe.merging import PRETRAINING
from dragoman.report.run import read_run

RUNS = Path("runs")


@dataclass(frozen=True)
class RunFolder:
    """`runs/<name>`."""

    path: Path

    @property
    def recipe(self) -> Path:
        return self.path / "recipe.yaml"

    @property
    def receipt(self) -> Path:
        return self.path / "receipt.json"

    @property
    def quarantine(self) -> Path:
        return self.path / "quarantine.jsonl"

    @property
    def machine(self) -> Path:
        return self.path / "machine.json"

    @property
    def stages(self) -> Path:
        return self.path / "stages.json"

    @property
    def comparison(self) -> Path:
        return self.path / "comparison.json"

    @property
    def tokenizer(self) -> Path:
        return self.path / "tokenizer"

    @property
    def sets(self) -> EncodedSets:
        return EncodedSets(self.path / "encoded")

    @property
    def corpus(self) -> Path:
        """What clean_corpus makes."""
        return self.path / "corpus"

    @property
    def pretraining(self) -> Path:
        return self.path / PRETRAINING

    @property
    def windows(self) -> Path:
        """The shards of the text that is pretrained on."""
        return self.pretraining / "encoded"

    @property
    def pretrained(self) -> Path:
        """The model that pretraining has made."""
        return self.pretraining / "model"

    def method(self, name: str) -> Path:
        return self.path / name

    def picture(self, method: str) -> Path:
        return self.path / method / "architecture.svg"

    def model(self, method: str) -> Path:
        return self.path / method / "model"


def find_run(name: str) -> RunFolder:
    """The run that a name or a path means. Raises RequestError, with a suggestion, where there is none."""
    for path in (Path(name), RUNS / name):
        if (path / "stages.json").is_file() or (path / "recipe.yaml").is_file():
            return RunFolder(path)
    known = [p.parent.name for p in sorted(RUNS.glob("*/recipe.yaml"))]
    listed = f"runs here: {', '.join(known)}" if known else "there are no runs here yet: dragoman run RECIPE makes one"
    raise RequestError(f"there is no run '{name}'", hint=did_you_mean(name, known) or listed)


def find_model(name: str) -> Path:
    """The model folder that RUN, RUN/METHOD or the path of a model folder means: of a run, the best method's.

    Raises RequestError where there is no such run, or none of its methods has a model yet.
    """
    for path in (Path(name), RUNS / name):
        for folder in (path, path / "model"):
            if (folder / CARD).is_file():
                return folder
        if (path / ADAPTER).is_file():
            raise RequestError(
                "is an adapter for other programs", where=str(path), hint="name the run, or what --merge has written"
            )
    run = find_run(name)
    best = read_run(run.path).best
    methods = [best.name] if best is not None else []
    methods += sorted(p.parent.parent.name for p in run.path.glob(f"*/model/{CARD}"))
    for method in methods:
        if (run.model(method) / CARD).is_file():
            return run.model(method)
    raise RequestError(
        "none of its methods has a trained model yet", where=str(run.path), hint="dragoman run goes on with it"
    )
