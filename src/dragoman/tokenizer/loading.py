"""A tokenizer from its folder, whoever made it."""

from __future__ import annotations

from pathlib import Path

from dragoman.base.files import read_json
from dragoman.tokenizer.face import TextTokenizer
from dragoman.tokenizer.pretrained import PretrainedTokenizer
from dragoman.tokenizer.specials import SENTINELS
from dragoman.tokenizer.tokenizer import Tokenizer
from dragoman.tokenizer.unigram import CONFIG_FILE

OURS = {"tokenizer_class": "PreTrainedTokenizerFast", "extra_special_tokens": SENTINELS}  # T5's has the same sentinels


def load_tokenizer(folder: Path) -> TextTokenizer:
    """Our own tokenizer or a pretrained model's. Raises RequestError where the folder holds none, or a damaged one."""
    return Tokenizer.load(folder) if _is_ours(folder) else PretrainedTokenizer.load(folder)


def _is_ours(folder: Path) -> bool:
    """Whether `train_unigram` wrote this folder, by what it wrote beside the vocabulary."""
    try:
        config = read_json(folder / CONFIG_FILE)
    except (OSError, ValueError):
        return False
    return isinstance(config, dict) and {name: config.get(name) for name in OURS} == OURS
