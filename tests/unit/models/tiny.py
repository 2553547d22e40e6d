"""Tiny models of every known kind, with random weights that are large enough for every part to matter."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import torch

from dragoman.models.face import Batch
from dragoman.models.pretrained import PretrainedModel

V = 41
T5 = {"d_model": 16, "d_kv": 4, "d_ff": 24, "num_layers": 2, "num_decoder_layers": 3, "num_heads": 4}
BART = {
    "d_model": 16, "encoder_layers": 2, "decoder_layers": 3, "encoder_attention_heads": 4, "decoder_attention_heads": 2,
    "encoder_ffn_dim": 24, "decoder_ffn_dim": 20, "max_position_embeddings": 64,
}  # fmt: skip
LLAMA = {
    "hidden_size": 16, "intermediate_size": 24, "num_hidden_layers": 3, "num_attention_heads": 4,
    "num_key_value_heads": 2, "max_position_embeddings": 64,
}  # fmt: skip
LFM2 = LLAMA | {"layer_types": ["conv", "full_attention", "conv"], "block_auto_adjust_ff_dim": False}
BERT = {
    "model_type": "bert", "hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 16,
    "max_position_embeddings": 32,
}  # fmt: skip
KINDS: dict[str, dict[str, Any]] = {
    "t5": {"model_type": "t5", **T5},
    "t5-1.1": {"model_type": "t5", "feed_forward_proj": "gated-gelu", "tie_word_embeddings": False, **T5},
    "mt5": {"model_type": "mt5", **T5},
    "bart": {"model_type": "bart", **BART},
    "marian": {"model_type": "marian", **BART},
    "llama": {"model_type": "llama", **LLAMA},
    "qwen2": {"model_type": "qwen2", **LLAMA},
    "qwen3": {"model_type": "qwen3", "head_dim": 4, **LLAMA},
    "lfm2": {"model_type": "lfm2", **LFM2},
    "granite": {"model_type": "granite", "logits_scaling": 4.0, **LLAMA},
    "cohere": {"model_type": "cohere", **LLAMA},
}
SEQ2SEQ = ["t5", "t5-1.1", "mt5", "bart", "marian"]
CAUSAL = ["llama", "qwen2", "qwen3", "lfm2"]


def tokenizer_of(pieces: int) -> Any:
    return SimpleNamespace(vocabulary_size=pieces, pad_id=0, eos_id=1, bos_id=None)


@torch.no_grad()
def shake(model: PretrainedModel) -> PretrainedModel:
    for name, parameter in model.network.named_parameters():
        if not parameter.requires_grad:  # Marian's table of positions
            continue
        drawn = torch.randn_like(parameter)
        if parameter.dim() == 1:
            parameter.copy_(("bias" not in name) + 0.3 * drawn)
        else:
            parameter.copy_(drawn * (1.0 if parameter.shape[0] == V else parameter.shape[-1] ** -0.5))
    if hasattr(model.network, "final_logits_bias"):
        model.network.final_logits_bias.normal_()
    return model


def make_tiny(kind: str, seed: int = 0, **changes: Any) -> PretrainedModel:
    torch.manual_seed(seed)
    return shake(PretrainedModel.random({**KINDS[kind], **changes}, tokenizer_of(V)))


SOURCES = [[5, 9, 12, 1], [7, 1], [30, 8, 8, 17, 22, 40, 1]]
TARGETS = [[11, 6, 1], [33, 2, 19, 5, 1], [1]]
SEQUENCES = [[3, 9, 14, 20, 6, 1], [12, 25, 1], [40, 8, 8, 17, 2, 31, 16, 5, 1]]
PLACES = [[3, 4, 5], [2], [2, 3, 7, 8]]  # of the labels in each sequence


def padded(rows: list[list[int]], fill: int) -> torch.Tensor:
    width = max(map(len, rows))
    return torch.tensor([row + [fill] * (width - len(row)) for row in rows])


def batch_for(model: PretrainedModel) -> Batch:
    """Ragged rows; what pads them is an id like any other, so that nothing can go by ids."""
    if model.causal:
        ids = padded(SEQUENCES, 7)
        positions = [b * ids.shape[1] + place - 1 for b, places in enumerate(PLACES) for place in places]
        labels = [row[place] for row, places in zip(SEQUENCES, PLACES, strict=True) for place in places]
        lengths = torch.tensor([len(row) for row in SEQUENCES])
        return Batch(ids, lengths, None, torch.tensor(positions), torch.tensor(labels))
    decoder = padded([[model.start_id, *row[:-1]] for row in TARGETS], 7)
    positions = [b * decoder.shape[1] + t for b, row in enumerate(TARGETS) for t in range(len(row))]
    lengths = torch.tensor([len(row) for row in SOURCES])
    labels = [id for row in TARGETS for id in row]
    return Batch(padded(SOURCES, 7), lengths, decoder, torch.tensor(positions), torch.tensor(labels))


def own_logits(model: PretrainedModel) -> torch.Tensor:
    """The network's logits at every label, each row alone and so without padding: (N, V)."""
    found = []
    if model.causal:
        for row, places in zip(SEQUENCES, PLACES, strict=True):
            found.append(model.network(input_ids=torch.tensor([row])).logits[0, [place - 1 for place in places]])
    else:
        for source, target in zip(SOURCES, TARGETS, strict=True):
            decoder = torch.tensor([[model.start_id, *target[:-1]]])
            found.append(model.network(input_ids=torch.tensor([source]), decoder_input_ids=decoder).logits[0])
    return torch.cat(found)
