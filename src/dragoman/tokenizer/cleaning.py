"""The text that a tokenizer sees, and gives back: `decode(encode(text)) == clean(text)` for every string.

- Unicode NFC. Not NFKC, which would turn m² into m2.
- Any run of white space (tabs, line ends, no-break and ideographic spaces) is one space; none at either end.
- Control characters and what only steers line breaking (soft hyphen, zero-width space, word joiner, byte order mark)
  are removed. Zero-width joiners stay: emoji and the scripts of India and Iran are spelt with them.
- A lone surrogate is U+FFFD, and ▁ (U+2581), which means a space inside a tokenizer, is an underscore.
- Text that reads like a special piece, such as </s>, <pad>, <extra_id_0> or <0x0A>, gets a space after its bracket
  ("< /s>"), so that nobody's text can end a sentence or plant a sentinel.
"""

from __future__ import annotations

import re
import unicodedata

from dragoman.tokenizer.specials import LITERALS, SPACE

_REMOVED = (*range(0x20), *range(0x7F, 0xA0), 0x00AD, 0x200B, 0x2060, 0xFEFF)
_CHARACTERS = {code: " " if chr(code).isspace() else None for code in _REMOVED}
_CHARACTERS |= dict.fromkeys(range(0xD800, 0xE000), "\ufffd")
_CHARACTERS[ord(SPACE)] = "_"

_BRACKETED = re.compile(r"<([^<> ]{1,16})>")  # every literal looks like this, and little else does


def _escape(match: re.Match[str]) -> str:
    return f"< {match[1]}>" if match[0] in LITERALS else match[0]


def clean(text: str) -> str:
    """Normalise one text as described above. Cleaning twice changes nothing."""
    # Printable means no control, format or surrogate character and no white space but U+0020: most lines are kept.
    tidy = text.isprintable() and "  " not in text and text == text.strip(" ") and SPACE not in text
    if not (tidy and unicodedata.is_normalized("NFC", text)):
        # Remove first, then compose: what goes may have kept a letter from its accent.
        text = unicodedata.normalize("NFC", text.translate(_CHARACTERS))
        text = " ".join(text.split())
    return _BRACKETED.sub(_escape, text) if "<" in text else text
