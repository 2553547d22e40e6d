from __future__ import annotations

import json
import textwrap
from pathlib import Path
from typing import Any

import pytest
from hub.fixtures import NOWHERE, TOKEN, Hub
from hub.models import GATED, LFM2, MT5, T5, TINYLLAMA

from dragoman.base.errors import RequestError
from dragoman.models.hub import Snapshot, resolve_model

# ---- folders ----


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A model folder, as far as its files' names go."""
    folder = tmp_path / "models" / "mine"
    folder.mkdir(parents=True)
    (folder / "config.json").write_text('{"model_type": "t5"}')
    (folder / "model.safetensors").write_bytes(b"weights")
    return folder


@pytest.mark.parametrize("name", ["./models/mine", "../{0}/models/mine", "{1}/models/mine", "${{HERE}}/models/mine"])
def test_a_folder_is_named_from_the_recipes(folder, tmp_path, monkeypatch, name):
    monkeypatch.setenv("HERE", str(tmp_path))
    found = resolve_model(name.format(tmp_path.name, tmp_path), None, tmp_path)
    assert (found.folder, found.commit) == (folder, None)


def test_a_folder_is_known_by_what_is_in_it(folder, tmp_path):
    first = resolve_model("./models/mine", None, tmp_path)
    (folder / "README.md").write_text("says nothing")
    assert resolve_model("./models/mine", None, tmp_path).identity == first.identity
    assert len(first.identity) == 64
    for file in ("config.json", "model.safetensors"):
        (folder / file).write_bytes((folder / file).read_bytes() + b" ")
        changed = resolve_model("./models/mine", None, tmp_path)
        assert changed.identity != first.identity
        first = changed
    assert Snapshot(folder, "a/b", "c0ffee").identity == "a/b@c0ffee"


def test_folders_that_are_none(folder, tmp_path):
    for change, message in [
        (lambda: (folder / "model.safetensors").rename(folder / "tf_model.h5"), r"can be read \(there is TensorFlow\)"),
        (lambda: (folder / "model.safetensors.index.json").write_text('{"weight_map": {"a": "b.safetensors"}}'),
         "b.safetensors is missing"),
        (lambda: (folder / "config.json").rename(folder / "adapter_config.json"), "this is an adapter"),
        (lambda: (folder / "adapter_config.json").unlink(), r"there is no config\.json"),
    ]:  # fmt: skip
        change()
        with pytest.raises(RequestError, match=message):
            resolve_model("./models/mine", None, tmp_path)
    with pytest.raises(RequestError, match="there is no such folder"):
        resolve_model("./models/yours", None, tmp_path)
    with pytest.raises(RequestError, match="is a file"):
        resolve_model("./models/mine/tf_model.h5", None, tmp_path)


def test_a_folder_without_weights_can_be_described(folder, tmp_path):
    (folder / "model.safetensors").unlink()
    found = resolve_model("./models/mine", None, tmp_path, weights=False)
    assert (found.folder, found.causal, found.overflows) == (folder, False, True)


# ---- the hub ----

ASK = """
    import json, sys
    from pathlib import Path
    from dragoman.base.errors import DragomanError
    from dragoman.models.hub import resolve_model
    found = []
    for name, revision, weights in json.loads(sys.argv[1]):
        try:
            snapshot = resolve_model(name, revision, Path(), weights=weights)
            files = sorted(file.name for file in snapshot.folder.iterdir())
            found.append([snapshot.name, snapshot.commit, snapshot.identity, files])
        except DragomanError as error:
            found.append(f"{type(error).__name__}: {error}")
    print(json.dumps(found))
"""


def learn(hub: Hub, home: Path, asked: list[Any], **where: Any) -> list[Any]:
    """What `resolve_model` gives in a process of its own for each (name, revision, weights)."""
    done = hub.run("-c", textwrap.dedent(ASK), json.dumps(asked), home=home, folder=home.parent, **where)
    assert done.returncode == 0, done.stderr
    assert TOKEN not in done.stdout + done.stderr
    return list(json.loads(done.stdout.splitlines()[-1]))


def test_models_of_the_hub(hub: Hub, tmp_path: Path) -> None:
    home = tmp_path / "home"
    light, mt5, t5, llama = learn(
        hub, home, [(LFM2, None, False), (MT5, None, True), ("t5-small", "main", True), (TINYLLAMA, None, True)]
    )
    assert "config.json" in light[3]
    assert "tokenizer.json" in light[3]
    assert not any(name.endswith((".safetensors", ".bin")) for name in light[3])
    assert {"pytorch_model.bin", "spiece.model"} <= set(mt5[3])
    assert not {"tf_model.h5", "flax_model.msgpack"} & set(mt5[3])
    assert "model.safetensors" in t5[3]
    assert len(llama[1]) == 40
    assert llama[2] == f"{TINYLLAMA}@{llama[1]}"

    # The same from the cache, once the network is gone; what was only described has no weights to be used.
    asked = [(MT5, None, True), (MT5, mt5[1], True), (LFM2, None, False), (LFM2, None, True), ("google/t6", None, True)]
    first, by_commit, described, without, absent = learn(hub, home, asked, url=NOWHERE)
    assert first == by_commit == mt5
    assert described == light
    for problem in (without, absent):
        assert problem.startswith("UnreachableError")
        assert "is not in the cache, and the hub cannot be reached" in problem
        assert "HF_HUB_OFFLINE" in problem


def test_what_the_hub_refuses(hub: Hub, tmp_path: Path) -> None:
    asked = [(GATED, None, True), ("google/mt5-smal", None, True), (T5, "v9", True), ("a b", None, True)]
    gated, absent, revision, name = learn(hub, tmp_path / "home", asked)
    assert all(answer.startswith("RequestError") for answer in (gated, absent, revision, name))
    assert "open only to those who accepted its terms" in gated
    assert f"https://huggingface.co/{GATED}" in gated
    assert "HF_TOKEN" in gated
    assert "there is no model 'google/mt5-smal' on the hub, or it is private" in absent
    assert "has no branch, tag or commit 'v9'" in revision
    assert "'a b' cannot be a name on the hub" in name
    [opened] = learn(hub, tmp_path / "home", asked[:1], token=TOKEN)
    assert "model.safetensors" in opened[3]
    written = [file for file in (tmp_path / "home").rglob("*") if file.is_file()]
    assert not any(TOKEN.encode() in file.read_bytes() for file in written)
