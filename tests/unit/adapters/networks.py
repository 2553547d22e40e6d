"""Networks of transformers: tiny ones with random weights, and the real shapes on the meta device."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

VOCABULARY = 60
SMALL = {"vocab_size": VOCABULARY, "pad_token_id": 0, "eos_token_id": 1}
T5 = {
    **SMALL, "d_model": 64, "d_kv": 16, "num_heads": 4, "d_ff": 128, "num_layers": 2, "num_decoder_layers": 3,
    "dropout_rate": 0.0, "decoder_start_token_id": 0,
}  # fmt: skip
BART = {
    **SMALL, "d_model": 64, "encoder_layers": 2, "decoder_layers": 2, "encoder_attention_heads": 4,
    "decoder_attention_heads": 4, "encoder_ffn_dim": 128, "decoder_ffn_dim": 128, "dropout": 0.0,
    "decoder_start_token_id": 1, "bos_token_id": 0, "forced_eos_token_id": None, "max_position_embeddings": 64,
}  # fmt: skip
LLAMA = {
    **SMALL, "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 3, "num_attention_heads": 4,
    "num_key_value_heads": 2, "bos_token_id": 2, "max_position_embeddings": 64,
}  # fmt: skip
LFM2 = {**LLAMA, "full_attn_idxs": [0, 2], "block_auto_adjust_ff_dim": False}
TINY = {
    "t5": T5, "mt5": {**T5, "feed_forward_proj": "gated-gelu"}, "bart": BART, "marian": BART, "llama": LLAMA,
    "qwen2": LLAMA, "lfm2": LFM2,
}  # fmt: skip
REAL = {
    "t5": {"d_model": 512, "d_kv": 64, "num_heads": 8, "d_ff": 2048, "num_layers": 6, "vocab_size": 32128},
    "mt5": {
        "d_model": 512, "d_kv": 64, "num_heads": 6, "d_ff": 1024, "num_layers": 8, "vocab_size": 250112,
        "feed_forward_proj": "gated-gelu",
    },
    "lfm2": {
        "hidden_size": 2048, "intermediate_size": 12288, "num_hidden_layers": 16, "num_attention_heads": 32,
        "num_key_value_heads": 8, "vocab_size": 65536, "full_attn_idxs": [2, 5, 8, 10, 12, 14],
    },
}  # fmt: skip


def _build(model_type: str, keys: dict[str, Any]) -> nn.Module:
    from transformers import AutoConfig, AutoModelForCausalLM, AutoModelForSeq2SeqLM

    config = AutoConfig.for_model(model_type, **keys)
    kind = AutoModelForSeq2SeqLM if config.is_encoder_decoder else AutoModelForCausalLM
    return kind.from_config(config)


def tiny(model_type: str, seed: int = 0) -> nn.Module:
    """A few thousand weights, large enough for every part to matter; not training."""
    torch.manual_seed(seed)
    network = _build(model_type, TINY[model_type]).eval()
    with torch.no_grad():
        for parameter in network.parameters():
            if parameter.dim() == 2:
                parameter.normal_(0.0, 0.7 * parameter.shape[1] ** -0.5)
    return network


def real(model_type: str) -> nn.Module:
    """T5-small, mT5-small or LFM2-1.2B on the meta device."""
    with torch.device("meta"):
        return _build(model_type, REAL[model_type])


def batch(network: nn.Module, seed: int, rows: int = 4, length: int = 7) -> dict[str, Tensor]:
    """Random ids in and out; a causal model's labels are its input."""
    dice = torch.Generator().manual_seed(seed)
    ids = torch.randint(3, VOCABULARY, (rows, length), generator=dice)
    if not network.config.is_encoder_decoder:
        return {"input_ids": ids, "labels": ids}
    return {"input_ids": ids, "labels": torch.randint(3, VOCABULARY, (rows, length - 2), generator=dice)}


def logits(network: nn.Module, seed: int = 5) -> Tensor:
    """What the network answers to one batch: (B, T, V)."""
    with torch.no_grad():
        return network(**batch(network, seed)).logits


def shake(parameters: Any, seed: int = 3, size: float = 0.1) -> None:
    """Give an adapter weights that change every answer: B is zero at the start."""
    dice = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in parameters:
            parameter.add_(torch.randn(parameter.shape, generator=dice) * size)
