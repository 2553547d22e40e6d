"""Small models with random weights under their real names: the architectures, the special ids and the files are real.

- google/mt5-small: weights as a pickle (`pytorch_model.bin`), as there are no safetensors of it; a head of its own;
  sentinels are ordinary pieces; more rows in the embedding than the tokenizer has pieces
- google-t5/t5-small: tied, sentinels are added tokens, `tokenizer.json` beside `spiece.model`
- TinyLlama/TinyLlama-1.1B-Chat-v1.0: bfloat16, padded with its end token, chat template in tokenizer_config.json
- LiquidAI/LFM2-1.2B: bfloat16, convolutions and two attention layers, tied, chat template in a file of its own
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file

from hub import entities, sentences, vocabularies
from hub.vocabularies import SENTINELS, write_json

MT5, T5 = "google/mt5-small", "google-t5/t5-small"
TINYLLAMA, LFM2 = "TinyLlama/TinyLlama-1.1B-Chat-v1.0", "LiquidAI/LFM2-1.2B"
GATED = "meta-llama/Llama-3.2-1B"
SPARE_ROWS = 12  # of an embedding, beyond the tokenizer's pieces

T5_SHAPE = {
    "d_model": 64, "d_kv": 16, "d_ff": 128, "num_layers": 3, "num_decoder_layers": 3, "num_heads": 4,
    "relative_attention_num_buckets": 32, "dropout_rate": 0.1, "layer_norm_epsilon": 1e-6, "initializer_factor": 1.0,
    "is_encoder_decoder": True, "pad_token_id": 0, "eos_token_id": 1, "decoder_start_token_id": 0,
}  # fmt: skip
TINYLLAMA_TEMPLATE = (
    "{% for message in messages %}{{ '<|' + message['role'] + '|>\\n' + message['content'] + eos_token + '\\n' }}"
    "{% endfor %}{% if add_generation_prompt %}{{ '<|assistant|>\\n' }}{% endif %}"
)
LFM2_TEMPLATE = """\
{{- bos_token -}}
{%- for message in messages -%}
    {{- '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>\\n' -}}
{%- endfor -%}
{%- if add_generation_prompt -%}
    {{- '<|im_start|>assistant\\n' -}}
{%- endif -%}
"""


def build_models(folder: Path) -> None:
    """Write all models into `folder`, which is the tree's `models`."""
    hindi = [text for pair in sentences.english_hindi(400, seed=1) for text in pair]
    chat = [text for pair in sentences.hinglish(400, seed=2) for text in pair]
    news = [" ".join(word for word, _ in sentence) for sentence in entities.sentences(300, seed=4)]
    saudi = [text for row in sentences.saudi(300, seed=3) for text in row]
    torch.manual_seed(0)
    _mt5(folder / MT5, [*hindi, "translate English to Hindi: "])
    _t5(folder / T5, [*hindi[::2], *news, "ner: : PER | : ORG | : LOC | : MISC None", "0123456789"])
    _tinyllama(folder / TINYLLAMA, [*chat, "<|user|>", "<|assistant|>", "<|system|>"])
    _lfm2(folder / LFM2, [*saudi, *chat[:100], "### Instruction:\nContext:\n\n### Input:\n\n### Response:\n"])
    shutil.copytree(folder / TINYLLAMA, folder / GATED)


def _mt5(folder: Path, texts: Iterable[str]) -> None:
    pieces = vocabularies.with_sentinels(vocabularies.t5_pieces(texts, 600, byte_fallback=True))
    rows = vocabularies.count(pieces) + SPARE_ROWS
    _start(folder, T5_SHAPE | {
        "architectures": ["MT5ForConditionalGeneration"], "model_type": "mt5", "feed_forward_proj": "gated-gelu",
        "tie_word_embeddings": False, "tokenizer_class": "T5Tokenizer", "num_heads": 2, "d_kv": 48, "vocab_size": rows,
    })  # fmt: skip
    (folder / "spiece.model").write_bytes(pieces)
    named = {"eos_token": "</s>", "unk_token": "<unk>", "pad_token": "<pad>"}
    write_json(folder / "special_tokens_map.json", named)
    write_json(folder / "tokenizer_config.json", named | {
        "extra_ids": 0, "additional_special_tokens": None, "sp_model_kwargs": {}, "tokenizer_class": "T5Tokenizer",
    })  # fmt: skip
    weights = _weights(folder)
    embedding = weights["shared.weight"]
    weights |= {f"{stack}.embed_tokens.weight": embedding for stack in ("encoder", "decoder")}
    torch.save(weights | {"lm_head.weight": torch.randn_like(embedding) / 8}, folder / "pytorch_model.bin")
    for other in ("tf_model.h5", "flax_model.msgpack"):
        (folder / other).write_bytes(b"the same for another framework")


def _t5(folder: Path, texts: Iterable[str]) -> None:
    from transformers import AutoTokenizer

    pieces = vocabularies.t5_pieces(texts, 400, byte_fallback=False)
    rows = vocabularies.count(pieces) + len(SENTINELS) + SPARE_ROWS
    _start(folder, T5_SHAPE | {
        "architectures": ["T5ForConditionalGeneration"], "model_type": "t5", "n_positions": 512, "vocab_size": rows,
        "task_specific_params": {"translation_en_to_de": {"max_length": 300, "num_beams": 4, "early_stopping": True}},
    })  # fmt: skip
    (folder / "spiece.model").write_bytes(pieces)
    write_json(folder / "tokenizer_config.json", {
        "eos_token": "</s>", "unk_token": "<unk>", "pad_token": "<pad>", "extra_ids": 100, "model_max_length": 512,
        "additional_special_tokens": SENTINELS, "tokenizer_class": "T5Tokenizer",
    })  # fmt: skip
    AutoTokenizer.from_pretrained(folder).backend_tokenizer.save(str(folder / "tokenizer.json"))
    _save(folder)


def _tinyllama(folder: Path, texts: Iterable[str]) -> None:
    pieces = vocabularies.llama_pieces(texts, 600)
    _start(folder, {
        "architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_size": 64, "intermediate_size": 160,
        "num_hidden_layers": 3, "num_attention_heads": 4, "num_key_value_heads": 2, "max_position_embeddings": 2048,
        "rms_norm_eps": 1e-5, "rope_theta": 10000.0, "rope_scaling": None, "hidden_act": "silu",
        "vocab_size": vocabularies.count(pieces),
        "tie_word_embeddings": False, "bos_token_id": 1, "eos_token_id": 2, "torch_dtype": "bfloat16",
        "attention_bias": False, "initializer_range": 0.02, "use_cache": True,
    })  # fmt: skip
    write_json(folder / "generation_config.json", {
        "bos_token_id": 1, "eos_token_id": 2, "max_length": 2048, "pad_token_id": 0,
    })  # fmt: skip
    (folder / "tokenizer.model").write_bytes(pieces)
    write_json(folder / "tokenizer.json", vocabularies.llama_json(pieces))
    named = {"bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>", "pad_token": "</s>"}
    write_json(folder / "special_tokens_map.json", named)
    write_json(folder / "tokenizer_config.json", named | {
        "add_bos_token": True, "add_eos_token": False, "clean_up_tokenization_spaces": False, "legacy": False,
        "model_max_length": 2048, "padding_side": "right", "sp_model_kwargs": {}, "tokenizer_class": "LlamaTokenizer",
        "added_tokens_decoder": vocabularies.added_tokens(["<unk>", "<s>", "</s>"], 0),
        "use_default_system_prompt": False, "chat_template": TINYLLAMA_TEMPLATE,
    })  # fmt: skip
    _save(folder)


def _lfm2(folder: Path, texts: Iterable[str]) -> None:
    _start(folder, {
        "architectures": ["Lfm2ForCausalLM"], "model_type": "lfm2", "hidden_size": 64, "num_hidden_layers": 5,
        "full_attn_idxs": [2, 4], "num_attention_heads": 4, "num_key_value_heads": 2, "vocab_size": 720,
        "block_ff_dim": 192, "block_multiple_of": 32, "block_auto_adjust_ff_dim": True, "block_ffn_dim_multiplier": 1.0,
        "conv_L_cache": 3, "conv_bias": False, "max_position_embeddings": 128_000, "norm_eps": 1e-5,
        "rope_theta": 1_000_000.0, "tie_embedding": True, "bos_token_id": 1, "eos_token_id": 7, "pad_token_id": 0,
        "initializer_range": 0.02, "torch_dtype": "bfloat16", "use_cache": True,
    })  # fmt: skip
    write_json(folder / "generation_config.json", {"bos_token_id": 1, "eos_token_id": 7, "pad_token_id": 0})
    vocabularies.lfm2_tokenizer(texts, 700).save(str(folder / "tokenizer.json"))
    named = {"bos_token": "<|startoftext|>", "eos_token": "<|im_end|>", "pad_token": "<|pad|>"}
    write_json(folder / "special_tokens_map.json", named)
    write_json(folder / "tokenizer_config.json", named | {
        "add_bos_token": True, "add_eos_token": False, "clean_up_tokenization_spaces": True, "legacy": False,
        "added_tokens_decoder": vocabularies.added_tokens(vocabularies.LFM2_SPECIALS, 0),
        "model_max_length": 1000000000000000019884624838656, "model_input_names": ["input_ids", "attention_mask"],
        "tokenizer_class": "PreTrainedTokenizerFast", "use_default_system_prompt": False,
    })  # fmt: skip
    (folder / "chat_template.jinja").write_text(LFM2_TEMPLATE, encoding="utf-8")
    _save(folder)


def _start(folder: Path, config: Mapping[str, Any]) -> None:
    folder.mkdir(parents=True)
    write_json(folder / "config.json", config)
    (folder / "README.md").write_text("A small model with random weights.\n")


def _weights(folder: Path) -> dict[str, torch.Tensor]:
    """Random weights for the folder's configuration, each tensor under one name only."""
    import transformers

    config = transformers.AutoConfig.from_pretrained(folder)
    model = getattr(transformers, json.loads((folder / "config.json").read_text())["architectures"][0])(config)
    seen = dict[int, str]()
    for name, tensor in model.state_dict().items():
        seen.setdefault(tensor.data_ptr(), name)
    return {name: tensor.contiguous() for name, tensor in model.state_dict().items() if name in seen.values()}


def _save(folder: Path) -> None:
    half = json.loads((folder / "config.json").read_text()).get("torch_dtype") == "bfloat16"
    weights = {name: tensor.to(torch.bfloat16 if half else tensor.dtype) for name, tensor in _weights(folder).items()}
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
