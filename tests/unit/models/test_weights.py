from __future__ import annotations

import pytest
import torch
from safetensors.torch import save_file

from dragoman.models.weights import COMPARED, are_one, choose_weights, missing_shards


@pytest.mark.parametrize(
    ("names", "chosen"),
    [
        (["pytorch_model.bin", "model.safetensors", "tf_model.h5"], ["model.safetensors"]),
        (["pytorch_model.bin", "tf_model.h5", "onnx/model.onnx"], ["pytorch_model.bin"]),
        (
            ["model-00002-of-00002.safetensors", "model.safetensors.index.json", "model-00001-of-00002.safetensors",
             "model.fp16-00001-of-00002.safetensors", "consolidated.safetensors"],
            ["model.safetensors.index.json", "model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"],
        ),
        (["pytorch_model.bin.index.json", "pytorch_model-00001-of-00001.bin"],
         ["pytorch_model.bin.index.json", "pytorch_model-00001-of-00001.bin"]),
        (["model-00001-of-00002.safetensors"], []),
        (["original/model.safetensors", "adapter_model.safetensors"], []),
    ],
)  # fmt: skip
def test_a_model_is_taken_once_and_whole(names, chosen):
    assert choose_weights(names) == chosen


def test_two_matrices_or_one(tmp_path):
    matrix = torch.randn(2 * COMPARED, 3)
    other = matrix.clone()
    other[5, 1] += 1
    for stored, one in [
        ({"a": matrix, "b": other}, False),
        ({"a": matrix, "b": matrix.clone()}, True),
        ({"a": matrix}, True),
        ({"b": matrix}, True),
    ]:
        save_file(stored, tmp_path / "model.safetensors")
        assert are_one(tmp_path, "a", "b") is one
    (tmp_path / "model.safetensors").unlink()
    assert are_one(tmp_path, "a", "b") is None
    torch.save({"a": matrix, "b": other}, tmp_path / "pytorch_model.bin")
    assert are_one(tmp_path, "a", "b") is False


def test_shards(tmp_path):
    index = '{"weight_map": {"a": "model-00001-of-00002.safetensors", "b": "model-00002-of-00002.safetensors"}}'
    (tmp_path / "model.safetensors.index.json").write_text(index)
    save_file({"a": torch.zeros(2, 2)}, tmp_path / "model-00001-of-00002.safetensors")
    assert missing_shards(tmp_path) == ["model-00002-of-00002.safetensors"]
    save_file({"b": torch.ones(2, 2)}, tmp_path / "model-00002-of-00002.safetensors")
    assert missing_shards(tmp_path) == []
    assert are_one(tmp_path, "a", "b") is False
    assert are_one(tmp_path, "a", "c") is True
