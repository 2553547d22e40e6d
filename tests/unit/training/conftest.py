from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from dragoman.base.device import Precision
from dragoman.data.encoded import EncodedSet, write_encoded
from dragoman.data.plan import batch_plan
from dragoman.data.rows import Origin
from dragoman.models.nmt.config import NmtConfig
from dragoman.models.nmt.model import NmtModel
from dragoman.recipe.schema import Training
from dragoman.training.loop import Job

MakeJob = Callable[..., Job]
FLOAT32 = Precision(torch.float32, "tests compare")


@pytest.fixture(scope="session")
def encoded(tmp_path_factory: pytest.TempPathFactory) -> EncodedSet:
    """40 rows of random ids of 2 to 8 tokens a side."""
    path = tmp_path_factory.mktemp("encoded") / "train.arrow"
    dice = torch.Generator().manual_seed(0)
    with write_encoded(path, 30) as writer:
        for i in range(40):
            n = int(torch.randint(1, 8, (1,), generator=dice))
            words = torch.randint(3, 30, (n,), generator=dice).tolist()
            writer.append([*words, 1], [*words[::-1], 1], Origin("made.tsv", i + 1))
    return EncodedSet(path)


@pytest.fixture
def job(encoded: EncodedSet, tmp_path: Path) -> MakeJob:
    """A job on a tiny model, always from the same weights. Its validation score is the negative norm of the weights."""

    def make(name: str = "run", *, micro: int = 2**62, dropout: float = 0.2, **training: Any) -> Job:
        keys = {"max_steps": 23, "batch": {"rows": 8}, "warmup_steps": 3, "learning_rate": 0.01, **training}
        settings = Training.model_validate(keys)
        torch.manual_seed(0)
        config = NmtConfig(30, d_model=8, n_heads=2, n_kv_heads=1, encoder_layers=1, decoder_layers=1, d_ff=8)
        plan = batch_plan(encoded, settings, 1, micro)

        def validate(model: Any) -> dict[str, float]:
            torch.rand(3)  # draws as it likes
            with torch.no_grad():
                return {"bleu": sum(float(p.norm()) for p in model.parameters()), "loss": 1.0}

        return Job(
            model=NmtModel(replace(config, dropout=dropout)), encoded=encoded, plan=plan,
            total_steps=plan.total_steps(settings), settings=settings, best_metric="bleu", precision=FLOAT32,
            device=torch.device("cpu"), seed=1, pad_id=0, start_id=0, validate=validate, folder=tmp_path / name,
            title="training",
        )  # fmt: skip

    return make
