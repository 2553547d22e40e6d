"""The Llama tokenizer as a folder: the real vocabulary, and what TinyLlama's own files say beside it."""

from __future__ import annotations

import os
from pathlib import Path

from dragoman.base.files import read_json, write_json

PIECES = 32_000
TEMPLATE = (  # TinyLlama's: "<|user|>\n...</s>\n<|assistant|>\n...</s>\n"
    "{% for message in messages %}{{ '<|' + message['role'] + '|>\\n' + message['content'] + eos_token + '\\n' }}"
    "{% endfor %}{% if add_generation_prompt %}{{ '<|assistant|>\\n' }}{% endif %}"
)


def make_llama_tokenizer(folder: Path) -> None:
    """Write tokenizer.json and tokenizer_config.json.

    The file of the real data names three pieces beyond Llama's own, and marks the specials as normalised: then a
    template's </s> is read as text.
    """
    found = read_json(Path(os.environ["DRAGOMAN_REALDATA"]) / "tokenizers/llama-32k.tokenizer.json")
    own = [token for token in found["added_tokens"] if token["id"] < PIECES]
    found["added_tokens"] = [{**token, "normalized": False} for token in own]
    folder.mkdir(parents=True, exist_ok=True)
    write_json(folder / "tokenizer.json", found)
    write_json(folder / "tokenizer_config.json", {
        "tokenizer_class": "PreTrainedTokenizerFast", "bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>",
        "clean_up_tokenization_spaces": False, "chat_template": TEMPLATE,
    })  # fmt: skip
