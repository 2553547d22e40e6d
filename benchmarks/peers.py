"""The peer: transformers' T5, as deep, as wide and with as many parameters as a model of ours."""

from __future__ import annotations

from typing import Any

from dragoman.models.nmt.config import NmtConfig


def t5_like(config: NmtConfig, attention: str | None = None) -> Any:
    """A T5 with random weights and a gated feed-forward layer. attention: its kernel, by default transformers' choice.

    T5 has a key and a value head for each query head; what they take more than ours is taken from its feed-forward
    layers, so that the numbers of parameters agree to a fraction of a per cent.
    """
    import torch
    from transformers import T5Config, T5ForConditionalGeneration

    saved = config.d_model - config.n_kv_heads * config.head_dim  # rows that our key and value matrices lack, each
    attentions, feed_forwards = config.encoder_layers + 2 * config.decoder_layers, 3 * _layers(config)
    d_ff = config.d_ff - round(2 * attentions * saved / feed_forwards)
    if d_ff < 1:
        raise ValueError(f"no T5 is as small as {config}: its feed-forward layers cannot make up for its heads")
    torch.manual_seed(0)
    return T5ForConditionalGeneration(
        T5Config(
            vocab_size=config.vocabulary_size,
            d_model=config.d_model,
            d_kv=config.head_dim,
            d_ff=d_ff,
            num_layers=config.encoder_layers,
            num_decoder_layers=config.decoder_layers,
            num_heads=config.n_heads,
            feed_forward_proj="gated-silu",
            dropout_rate=config.dropout,
            pad_token_id=0,
            eos_token_id=1,
            decoder_start_token_id=0,
            attn_implementation=attention,
        )
    )


def _layers(config: NmtConfig) -> int:
    return config.encoder_layers + config.decoder_layers
