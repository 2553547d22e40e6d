"""The hub of the tests: its protocol, and its content as the libraries see it."""

from __future__ import annotations

import json
import textwrap
import urllib.error
import urllib.request
from email.message import Message
from pathlib import Path
from typing import Any

import pytest
from hub import sentences, tables
from hub.entities import as_iob1
from hub.fixtures import NOWHERE, TOKEN, Hub
from hub.models import GATED, LFM2, MT5, T5, TINYLLAMA


def ask(address: str, method: str = "GET", **headers: str) -> tuple[int, Message, bytes]:
    """Status, headers and content of what the server answers."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    try:
        with urllib.request.urlopen(urllib.request.Request(address, method=method, headers=named)) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, error.read()


def learn(hub: Hub, home: Path, code: str, token: str | None = None) -> Any:
    """What a script prints as JSON, run with the hub as its hub."""
    done = hub.run("-c", textwrap.dedent(code), home=home, folder=home.parent, token=token)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


# ---- the protocol ----


def test_the_head_of_a_file_says_all_that_a_client_needs(hub: Hub) -> None:
    address = f"{hub.url}/{TINYLLAMA}/resolve/main/model.safetensors"
    status, head, nothing = ask(address, "HEAD")
    _, _, content = ask(address)
    assert (status, nothing) == (200, b"")
    assert int(head["Content-Length"]) == len(content)
    assert content == (hub.tree / f"models/{TINYLLAMA}/model.safetensors").read_bytes()
    assert len(head["X-Repo-Commit"]) == 40
    assert len(head["ETag"].strip('"')) == 64
    assert head["X-Xet-Hash"] is None


@pytest.mark.parametrize(("asked", "part"), [("0-9", slice(0, 10)), ("5-", slice(5, None)), ("-7", slice(-7, None))])
def test_ranges(hub: Hub, asked: str, part: slice) -> None:
    address = f"{hub.url}/{T5}/resolve/main/tokenizer.json"
    _, _, whole = ask(address)
    status, head, content = ask(address, Range=f"bytes={asked}")
    assert status == 206
    assert content == whole[part]
    assert head["Content-Range"].endswith(f"/{len(whole)}")


def test_a_range_beyond_the_end(hub: Hub) -> None:
    assert ask(f"{hub.url}/{T5}/resolve/main/config.json", Range="bytes=9999999-")[0] == 416


@pytest.mark.parametrize(
    ("path", "token", "status", "code"),
    [
        (f"{T5}/resolve/main/no.json", None, 404, "EntryNotFound"),
        (f"{T5}/resolve/v9/config.json", None, 404, "RevisionNotFound"),
        (f"api/models/{T5}/revision/v9", None, 404, "RevisionNotFound"),
        ("api/models/google/mt5-smal", None, 401, "RepoNotFound"),
        ("api/models/google/mt5-smal", "hf_any", 404, "RepoNotFound"),
        (f"{GATED}/resolve/main/config.json", None, 401, "GatedRepo"),
        (f"{GATED}/resolve/main/config.json", "hf_any", 403, "GatedRepo"),
        (f"{GATED}/resolve/main/config.json", TOKEN, 200, None),
        (f"api/models/{GATED}", None, 200, None),
        ("api/nonsense", None, 404, None),
    ],
)
def test_errors_say_what_is_wrong(hub: Hub, path: str, token: str | None, status: int, code: str | None) -> None:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    answered, head, _ = ask(f"{hub.url}/{path}", **headers)
    assert (answered, head["X-Error-Code"]) == (status, code)


def test_a_commit_names_its_files_forever(hub: Hub) -> None:
    commit = json.loads(ask(f"{hub.url}/api/models/{MT5}")[2])["sha"]
    assert ask(f"{hub.url}/{MT5}/resolve/{commit}/config.json")[0] == 200
    assert json.loads(ask(f"{hub.url}/api/models/{MT5}/revision/{commit}")[2])["sha"] == commit


def test_trees(hub: Hub) -> None:
    tree = f"{hub.url}/api/datasets/cfilt/iitb-english-hindi/tree/main"
    first, whole = (json.loads(ask(tree + query)[2]) for query in ("", "?recursive=True"))
    assert {entry["path"]: entry["type"] for entry in first} == {
        "README.md": "file", "data": "directory", "dataset_infos.json": "file",
    }  # fmt: skip
    files = {entry["path"] for entry in whole if entry["type"] == "file"}
    assert files == {"README.md", "dataset_infos.json"} | {
        f"data/{split}-00000-of-00001.parquet" for split in tables.IITB_ROWS
    }
    assert {entry["path"] for entry in json.loads(ask(f"{tree}/data")[2])} == {path for path in files if "/" in path}


# ---- models, as the libraries read them ----

TEXTS = ["Where is the key of Asha?", "chai  kaise banaye? 27", "The lamp"]
READ_MODELS = f"""
    import json, torch
    from transformers import AutoModelForCausalLM, AutoModelForSeq2SeqLM, AutoTokenizer
    found = {{}}
    for name in ({MT5!r}, {T5!r}, {TINYLLAMA!r}, {LFM2!r}):
        kind = AutoModelForSeq2SeqLM if "t5" in name else AutoModelForCausalLM
        tokenizer, model = AutoTokenizer.from_pretrained(name), kind.from_pretrained(name)
        messages = [{{"role": "user", "content": "Namaste"}}, {{"role": "assistant", "content": "haan"}}]
        found[name] = {{
            "ids": [tokenizer(text)["input_ids"] for text in {TEXTS!r}],
            "back": [tokenizer.decode(tokenizer(text)["input_ids"], skip_special_tokens=True) for text in {TEXTS!r}],
            "special": [tokenizer.pad_token_id, tokenizer.eos_token_id, tokenizer.bos_token_id],
            "size": len(tokenizer), "rows": model.get_input_embeddings().weight.shape[0],
            "tied": model.get_output_embeddings().weight.data_ptr() == model.get_input_embeddings().weight.data_ptr(),
            "type": str(model.dtype), "kind": type(model).__name__, "parameters": model.num_parameters(),
            "sentinel": tokenizer.convert_tokens_to_ids("<extra_id_0>"),
            "chat": tokenizer.apply_chat_template(messages, tokenize=False) if tokenizer.chat_template else None,
            "asked": tokenizer.apply_chat_template(messages[:1], tokenize=False, add_generation_prompt=True)
                     if tokenizer.chat_template else None,
            "attention": sorted({{part for n, _ in model.named_modules() for part in [n.split(".")[-1]]
                                  if part in ("q", "v", "q_proj", "v_proj", "conv")}}),
        }}
    print(json.dumps(found))
"""


@pytest.fixture(scope="module")
def models(hub: Hub, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return learn(hub, tmp_path_factory.mktemp("models") / "home", READ_MODELS)


def test_every_model_loads_with_its_tokenizer(models: dict[str, Any]) -> None:
    assert [models[name]["kind"] for name in (MT5, T5, TINYLLAMA, LFM2)] == [
        "MT5ForConditionalGeneration", "T5ForConditionalGeneration", "LlamaForCausalLM", "Lfm2ForCausalLM",
    ]  # fmt: skip
    assert {name: models[name]["type"].removeprefix("torch.") for name in models} == {
        MT5: "float32", T5: "float32", TINYLLAMA: "bfloat16", LFM2: "bfloat16",
    }  # fmt: skip
    assert all(model["parameters"] < 500_000 for model in models.values())


def test_special_ids_are_the_real_ones(models: dict[str, Any]) -> None:
    assert [models[name]["special"] for name in (MT5, T5, TINYLLAMA, LFM2)] == [
        [0, 1, None], [0, 1, None], [2, 2, 1], [0, 7, 1],
    ]  # fmt: skip
    assert all(ids[-1] == 1 for name in (MT5, T5) for ids in models[name]["ids"])
    assert all(ids[0] == 1 and ids[1] != 1 for name in (TINYLLAMA, LFM2) for ids in models[name]["ids"])
    assert models[T5]["sentinel"] == models[T5]["size"] - 1
    assert all(models[name]["rows"] >= models[name]["size"] for name in models)


def test_the_layers_have_the_real_names_and_ties(models: dict[str, Any]) -> None:
    assert models[T5]["attention"] == models[MT5]["attention"] == ["q", "v"]
    assert models[TINYLLAMA]["attention"] == ["q_proj", "v_proj"]
    assert models[LFM2]["attention"] == ["conv", "q_proj", "v_proj"]
    assert {name: models[name]["tied"] for name in (T5, TINYLLAMA, LFM2)} == {T5: True, TINYLLAMA: False, LFM2: True}


def test_text_survives_the_tokenizers_that_keep_it(models: dict[str, Any]) -> None:
    for name in (TINYLLAMA, LFM2):
        assert models[name]["back"] == TEXTS


def test_the_two_files_of_a_vocabulary_agree(hub: Hub, models: dict[str, Any]) -> None:
    import sentencepiece

    pieces = sentencepiece.SentencePieceProcessor(model_file=str(hub.tree / f"models/{TINYLLAMA}/tokenizer.model"))
    assert models[TINYLLAMA]["ids"] == [[1, *pieces.encode(text)] for text in TEXTS]


def test_chat_templates_have_the_real_markers(models: dict[str, Any]) -> None:
    assert models[TINYLLAMA]["chat"] == "<|user|>\nNamaste</s>\n<|assistant|>\nhaan</s>\n"
    assert models[TINYLLAMA]["asked"] == "<|user|>\nNamaste</s>\n<|assistant|>\n"
    turns = "<|startoftext|><|im_start|>user\nNamaste<|im_end|>\n<|im_start|>assistant\n"
    assert models[LFM2]["asked"] == turns
    assert models[LFM2]["chat"] == f"{turns}haan<|im_end|>\n"


# ---- data sets, as the library reads them ----

READ_DATASETS = """
    import json
    from datasets import load_dataset
    found, refused = {}, {}
    iitb, vault, conll = "cfilt/iitb-english-hindi", "maya-research/IndicVault", "eriktks/conll2003"
    for split in ("train", "validation", "test"):
        found[split] = load_dataset(iitb, split=split).to_list()
    found["streamed"] = list(load_dataset(iitb, split="train", streaming=True))
    found["vault"] = load_dataset(vault, "Hinglish", split="train").to_list()
    for name, options in (("lhoestq/conll2003", {}), (conll, {"revision": "refs/convert/parquet"})):
        rows = load_dataset(name, split="validation", streaming=True, **options)
        found[name] = [rows.features["ner_tags"].feature.names, list(rows)]
    for name, options in (("script", {"path": conll}), ("short", {"path": "conll2003"}),
                          ("config", {"path": vault}), ("absent", {"path": "cfilt/iitb-english-hindu"})):
        try:
            load_dataset(**options)
        except Exception as error:
            refused[name] = f"{type(error).__name__}: {error}"
    print(json.dumps({"found": found, "refused": refused}))
"""


@pytest.fixture(scope="module")
def read(hub: Hub, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return learn(hub, tmp_path_factory.mktemp("datasets") / "home", READ_DATASETS)


def test_sentence_pairs_and_their_stream(read: dict[str, Any]) -> None:
    found = read["found"]
    assert {split: len(found[split]) for split in tables.IITB_ROWS} == tables.IITB_ROWS
    assert found["streamed"] == found["train"]
    assert set(found["train"][0]["translation"]) == {"en", "hi"}
    pairs = [row["translation"]["en"] for split in tables.IITB_ROWS for row in found[split]]
    assert len(set(pairs)) == len(pairs)


def test_answers_with_failures_among_them(read: dict[str, Any]) -> None:
    rows = read["found"]["vault"]
    assert len(rows) == tables.INDICVAULT_ROWS
    assert sum(row["response"] in sentences.FAILURES for row in rows) == tables.INDICVAULT_FAILURES


@pytest.mark.parametrize("name", ["lhoestq/conll2003", "eriktks/conll2003"])
def test_tags_are_numbers_with_names(read: dict[str, Any], name: str) -> None:
    names, rows = read["found"][name]
    assert names == tables.NER_TAGS
    assert len(rows) == tables.CONLL_ROWS["validation"]
    assert all(len(row["tokens"]) == len(row["ner_tags"]) for row in rows)


def test_what_the_library_refuses(read: dict[str, Any]) -> None:
    refused = read["refused"]
    assert "scripts are no longer supported" in refused["script"]
    assert "scripts are no longer supported" in refused["short"]
    assert "Hinglish" in refused["config"]
    assert refused["absent"].startswith("DatasetNotFoundError")


def test_iob1_marks_only_neighbours() -> None:
    sentence = [("A", "B-PER"), ("B", "I-PER"), ("C", "B-PER"), ("and", "O"), ("D", "B-LOC")]
    assert [tag for _, tag in as_iob1(sentence)] == ["I-PER", "I-PER", "B-PER", "O", "I-LOC"]


# ---- downloads, gates and no network ----

DOWNLOAD = f"""
    import json
    from pathlib import Path
    from huggingface_hub import HfApi, snapshot_download
    found = {{}}
    for name in ({MT5!r}, {GATED!r}, "google/absent", "t5-small"):
        try:
            folder = Path(snapshot_download(name, allow_patterns=["*.json", "*.bin", "*.model"]))
            found[name] = [folder.name, sorted(path.name for path in folder.iterdir())]
        except Exception as error:
            found[name] = type(error).__name__
    found["commit"] = HfApi().model_info({MT5!r}).sha
    found["paths"] = [file.path for file in HfApi().get_paths_info({MT5!r}, ["config.json", "no.json"])]
    found["gated"] = HfApi().model_info({GATED!r}).gated
    print(json.dumps(found))
"""


def test_snapshots_and_gates(hub: Hub, tmp_path: Path) -> None:
    without = learn(hub, tmp_path / "one", DOWNLOAD)
    assert without[GATED] == "GatedRepoError"
    assert without["google/absent"] == "RepositoryNotFoundError"
    assert without[MT5][0] == without["commit"]
    assert (without["paths"], without["gated"]) == (["config.json"], "manual")
    assert without[MT5][1] == [
        "config.json", "pytorch_model.bin", "special_tokens_map.json", "spiece.model", "tokenizer_config.json",
    ]  # fmt: skip
    assert "tokenizer.json" in without["t5-small"][1]
    assert "tokenizer.json" in learn(hub, tmp_path / "two", DOWNLOAD, TOKEN)[GATED][1]
    assert learn(hub, tmp_path / "three", DOWNLOAD, "hf_another")[GATED] == "GatedRepoError"


def test_without_a_network_only_the_cache_answers(hub: Hub, tmp_path: Path) -> None:
    code = f"from huggingface_hub import snapshot_download; print(snapshot_download({T5!r}))"
    alone = hub.run("-c", code, home=tmp_path / "home", folder=tmp_path, url=NOWHERE)
    assert "LocalEntryNotFoundError" in alone.stderr
    first = hub.run("-c", code, home=tmp_path / "home", folder=tmp_path)
    assert first.returncode == 0, first.stderr
    again = hub.run("-c", code, home=tmp_path / "home", folder=tmp_path, url=NOWHERE)
    assert again.stdout == first.stdout


def test_requests_are_recorded(hub: Hub) -> None:
    hub.requests.clear()
    ask(f"{hub.url}/{T5}/resolve/main/config.json", "HEAD")
    assert hub.requests == [f"HEAD /{T5}/resolve/main/config.json"]
