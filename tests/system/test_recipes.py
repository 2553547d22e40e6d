"""The recipes as they stand, from start to end, on small models and data under the real names; only sizes are set."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import pytest
from driving import Dragoman, refused
from hub import tables
from hub.files import SAUDI_ROWS
from hub.fixtures import NOWHERE, TOKEN, Hub
from hub.models import GATED
from jobs import JOBS, RECIPES, SHORT, lines, read, settings
from safetensors.torch import load_file

pytestmark = pytest.mark.slow

BASE = "base"  # the untouched model's row of the comparison


EVERY_METHOD = [(job.name, method) for job in JOBS.values() for method in job.methods]

# ---- from start to end ----


@pytest.mark.parametrize("name", JOBS)
def test_a_recipe_runs_and_reports(name: str, finished: Callable[[str], Path]) -> None:
    run = finished(name)
    page = (run / "report.html").read_text()
    assert all(method in page for method in JOBS[name].methods)
    assert not list(run.rglob(".tmp-*"))


@pytest.mark.parametrize(("name", "method"), [*EVERY_METHOD, *((name, BASE) for name in JOBS)])
def test_every_score_is_a_number(name: str, method: str, finished: Callable[[str], Path]) -> None:
    scores = read(finished(name) / method / "scores.json")["sets"]
    assert tuple(scores) == JOBS[name].sets
    for measured in scores.values():
        assert measured["rows"] > 0
        values = [score["value"] for score in measured["scores"].values()]
        assert values
        assert all(math.isfinite(value) for value in values), measured


@pytest.mark.parametrize(("name", "method"), EVERY_METHOD)
def test_training_loss_is_a_number(name: str, method: str, finished: Callable[[str], Path]) -> None:
    steps = lines(finished(name) / method / "metrics.jsonl")
    losses = [step["loss"] for step in steps if "loss" in step]
    assert losses
    assert all(math.isfinite(loss) and loss > 0 for loss in losses)


@pytest.mark.parametrize(("name", "method"), EVERY_METHOD)
def test_every_method_answers(name: str, method: str, finished: Callable[[str], Path], drive: Dragoman) -> None:
    finished(name)
    result = drive("predict", f"{name}/{method}", *JOBS[name].asks)
    assert result.code == 0, result.err
    assert result.out.endswith("\n")


# ---- what the recipes say is what is done ----


@pytest.mark.parametrize(
    ("name", "method", "modules", "rank"),
    [
        ("en-hi-mt5", "lora", 18, 8),  # three attentions in each of three pairs of blocks
        ("en-hi-mt5", "qlora", 18, 8),
        ("en-hi-csv", "lora", 18, 16),
        ("hinglish-tinyllama", "qlora", 12, 16),  # four layers in each of three blocks
        ("ner-t5", "lora", 4, 4),  # as with the real model: two layers in two blocks of the encoder
        ("saudi-lfm2", "qlora", 4, 8),  # two blocks have an attention
    ],
)
def test_the_adapter_sits_where_the_recipe_says(
    name: str, method: str, modules: int, rank: int, finished: Callable[[str], Path]
) -> None:
    model = finished(name) / method / "model"
    tensors = load_file(model / "adapter_model.safetensors")
    assert len(tensors) == 2 * modules
    assert all(rank in tensor.shape for tensor in tensors.values())
    assert any(tensor.any() for key, tensor in tensors.items() if "lora_B" in key), "nothing was learnt"
    assert len(read(model / "adapter_config.json")["target_modules"]) == modules


def test_ner_adapts_only_two_blocks_of_the_encoder(finished: Callable[[str], Path]) -> None:
    targets = read(finished("ner-t5") / "lora/model/adapter_config.json")["target_modules"]
    assert {".".join(target.split(".")[:3]) for target in targets} == {"encoder.block.1", "encoder.block.2"}


def test_failures_among_the_answers_are_dropped_and_counted(finished: Callable[[str], Path]) -> None:
    train = read(finished("hinglish-tinyllama") / "receipt.json")["splits"]["train"]
    assert train["read"] == tables.INDICVAULT_ROWS
    assert tables.INDICVAULT_FAILURES in train["reasons"]["dropped"].values()


def test_every_model_answers_the_questions(finished: Callable[[str], Path]) -> None:
    run = finished("hinglish-tinyllama")
    asked = [[line["question"] for line in lines(run / model / "questions.jsonl")] for model in (BASE, "qlora")]
    assert len(asked[0]) == 6
    assert asked[0] == asked[1]


def test_an_empty_cell_is_filled_in(finished: Callable[[str], Path]) -> None:
    splits = read(finished("saudi-lfm2") / "receipt.json")["splits"]
    assert splits["train"]["read"] == SAUDI_ROWS
    assert splits["train"]["quarantined"] == 0
    assert splits["train"]["held_out"] == SAUDI_ROWS // 10


def test_running_again_trains_nothing(finished: Callable[[str], Path], drive: Dragoman) -> None:
    run = finished("ner-t5")
    adapter = run / "lora/model/adapter_model.safetensors"
    before = adapter.stat().st_mtime_ns
    again = drive("run", RECIPES / "ner-t5.yaml", *settings(*JOBS["ner-t5"].sizes, *SHORT))
    assert again.code == 0, again.err
    assert "train lora: done before" in again.err
    assert adapter.stat().st_mtime_ns == before


# ---- the hub as it can be ----

NER_FROM_HUB = "{hub: eriktks/conll2003, revision: refs/convert/parquet, split: SPLIT, streaming: STREAM, rows: 16}"


@pytest.mark.parametrize("stream", ["false", "true"])
def test_tags_that_are_numbers_on_the_hub(stream: str, drive: Dragoman, tmp_path: Path) -> None:
    train, validation = (
        NER_FROM_HUB.replace("SPLIT", split).replace("STREAM", stream) for split in ("train", "validation")
    )
    options = settings(f"data.train=[{train}]", f"data.validation={validation}", *SHORT)
    result = drive("run", RECIPES / "ner-t5.yaml", *options, folder=tmp_path)
    assert result.code == 0, result.err
    targets = {line["target"] for line in lines(tmp_path / "runs/ner-t5/lora/outputs.jsonl")}
    assert any(": PER" in target for target in targets)
    assert not any(character.isdigit() for target in targets for character in target)


def test_checking_downloads_no_weights(hub: Hub, anew: Dragoman) -> None:
    hub.requests.clear()
    result = anew("check", RECIPES / "saudi-lfm2.yaml", home="checking")
    assert result.code == 0, result.err
    fetched = [request for request in hub.requests if request.startswith("GET") and "/resolve/" in request]
    assert fetched
    assert not [request for request in fetched if request.endswith((".safetensors", ".bin"))]


def test_what_is_in_the_cache_needs_no_network(finished: Callable[[str], Path], anew: Dragoman, tmp_path: Path) -> None:
    finished("en-hi-mt5")
    sizes = settings(*JOBS["en-hi-mt5"].sizes, *SHORT)
    result = anew("run", RECIPES / "en-hi-mt5.yaml", *sizes, "--method", "lora", folder=tmp_path, url=NOWHERE)
    assert result.code == 0, result.err


def test_no_network_and_nothing_in_the_cache(anew: Dragoman) -> None:
    """Nothing is wrong with the recipe, so it is no wrong request; but a check cannot look at what it has not."""
    run, check = (anew(verb, RECIPES / "en-hi-mt5.yaml", home="empty", url=NOWHERE) for verb in ("run", "check"))
    for result, code in ((run, 3), (check, 1)):
        refused(result, "cfilt/iitb-english-hindi", "google/mt5-small", "cannot be reached", code=code)
    assert "not checked" in check.err


def test_a_gated_model(drive: Dragoman) -> None:
    """To run it is a wrong request. A check says what is missing, as of any file."""
    words = (RECIPES / "hinglish-tinyllama.yaml", *settings(f"model.pretrained={GATED}"))
    refused(drive("run", *words), GATED, "HF_TOKEN")
    refused(drive("check", *words, token="hf_another"), GATED, f"https://huggingface.co/{GATED}", code=1)


def test_a_gated_model_with_its_token(drive: Dragoman, tmp_path: Path) -> None:
    options = settings(f"model.pretrained={GATED}", "data.train.0.rows=40", "evaluation.samples=2", *SHORT)
    result = drive("run", RECIPES / "hinglish-tinyllama.yaml", *options, token=TOKEN, folder=tmp_path)
    assert result.code == 0, result.err
    assert TOKEN not in "".join(path.read_text() for path in tmp_path.rglob("*.json"))


@pytest.mark.parametrize(
    ("option", "said"),
    [
        ("model.pretrained=google/mt5-smal", ("there is no model 'google/mt5-smal'",)),
        ("model.revision=v9", ("google/mt5-small", "v9")),
        ("data.train.0.hub=cfilt/iitb-english-hindu", ("cfilt/iitb-english-hindu", "no such data set")),
        ("data.train.0.split=trian", ("no split 'trian'", "did you mean 'train'?")),
        ("data.train.0.hub=eriktks/conll2003", ("eriktks/conll2003", "is a script", "revision: refs/convert/parquet")),
        ("data.train.0.hub=conll2003", ("conll2003", "is a script", "revision: refs/convert/parquet")),
        ("data.train.0.hub=maya-research/IndicVault", ("several configurations", "'Hinglish'")),
    ],
)
def test_names_that_lead_nowhere(option: str, said: tuple[str, ...], drive: Dragoman) -> None:
    refused(drive("run", RECIPES / "en-hi-mt5.yaml", *settings(option)), *said)
