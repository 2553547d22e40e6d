"""Networks of known models without weights, on the meta device: their shapes from their published configurations."""

from functools import cache
from typing import Any

import torch
from torch import nn

T5 = {"feed_forward_proj": "relu", "tie_word_embeddings": True, "num_layers": 6, "num_heads": 8, "d_ff": 2048}
MT5 = {"feed_forward_proj": "gated-gelu", "num_layers": 8, "num_heads": 6, "d_ff": 1024}
CONFIGS: dict[str, dict[str, Any]] = {
    "t5-small": {"model_type": "t5", "d_model": 512, "d_kv": 64, "vocab_size": 32_128, **T5},
    "mt5-small": {"model_type": "mt5", "d_model": 512, "d_kv": 64, "vocab_size": 250_112, **MT5},
    "lfm2-1.2b": {
        "model_type": "lfm2", "vocab_size": 65_536, "hidden_size": 2048, "intermediate_size": 12_288,
        "num_hidden_layers": 16, "num_attention_heads": 32, "num_key_value_heads": 8,
        "full_attn_idxs": [2, 5, 8, 10, 12, 14],
    },
    "tinyllama": {
        "model_type": "llama", "vocab_size": 32_000, "hidden_size": 2048, "intermediate_size": 5632,
        "num_hidden_layers": 22, "num_attention_heads": 32, "num_key_value_heads": 4, "tie_word_embeddings": False,
    },
    "bart": {
        "model_type": "bart", "vocab_size": 1000, "d_model": 128, "encoder_layers": 2, "decoder_layers": 3,
        "encoder_attention_heads": 4, "decoder_attention_heads": 4, "encoder_ffn_dim": 256, "decoder_ffn_dim": 256,
    },
}  # fmt: skip


@cache
def skeleton(name: str) -> nn.Module:
    """The network that a configuration above describes. Shared between tests: to be read only."""
    return build(CONFIGS[name], torch.device("meta"))


def build(config: dict[str, Any], device: torch.device) -> nn.Module:
    """A network with random weights, or none on the meta device."""
    from transformers import AutoConfig, AutoModelForCausalLM, AutoModelForSeq2SeqLM

    config = dict(config)
    made = AutoConfig.for_model(config.pop("model_type"), **config)
    kind = AutoModelForSeq2SeqLM if made.is_encoder_decoder else AutoModelForCausalLM
    with device:
        network = kind.from_config(made)
        if made.model_type == "mt5":  # the library ties what the real model does not
            network.lm_head = nn.Linear(made.d_model, made.vocab_size, bias=False)
    return network
