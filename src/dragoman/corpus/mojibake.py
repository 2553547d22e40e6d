"""UTF-8 that somebody has read as Windows-1252 ("fÃ¼r", "donâ€™t"), put right where it is sure.

Only what this mistake makes of the characters that Western text is full of is looked for: the letters and signs of
Latin-1, typographic quotes, dashes, the euro sign, emoji. Some of it can be genuine ("AMANHÃ”" ends a quotation in
Portuguese), so a text is touched only where it holds something that no text holds: such a letter beside a small one, or
the three characters that a quote or an emoji turns into.
"""

from __future__ import annotations

import re

MOST = 10  # rounds: text is not damaged so often, but text that is made to take one more a letter would never be done

# What the bytes 0x80-0xBF turn into: Windows-1252, or Latin-1 where that has no character or was meant in earnest.
_TAILS = {chr(byte): byte for byte in range(0x80, 0xC0)}
_TAILS |= {bytes([byte]).decode("cp1252", "ignore") or chr(byte): byte for byte in range(0x80, 0xA0)}
_BYTES = {**_TAILS, "Â": 0xC2, "Ã": 0xC3, "Å": 0xC5, "Æ": 0xC6, "Ë": 0xCB, "â": 0xE2, "ð": 0xF0}

_TAIL = f"[{''.join(_TAILS)}]"
_LETTER = f"(?:Â[\u00a0-\u00bf]|Ã{_TAIL})"  # U+00A0 to U+00FF
_SIGN = f"â[€\u0080]{_TAIL}|â[‚\u0082]¬|ð[Ÿ\u009f]{_TAIL}{_TAIL}"  # U+2000 to U+203F, €, emoji
_AGAIN = "Å[’“\u00a0¡½¾¸]|Æ’|Ë[†œ]"  # ŒœŠšŽžŸƒˆ˜: what damage that is damaged again is made of
_DAMAGE = re.compile(f"{_LETTER}|{_SIGN}|â{_TAIL}{_TAIL}|{_AGAIN}")
_SURE = re.compile(f"{_SIGN}|[a-z]{_LETTER}|{_LETTER}[a-z]")


def repair(text: str) -> str:
    """The text without this damage, however often it was done; as it was where MOST rounds do not put it right.

    Repairing twice changes nothing.
    """
    repaired = text
    for _ in range(MOST):
        if not (any(head in repaired for head in "ÂÃâð") and _SURE.search(repaired)):
            return repaired
        before, repaired = repaired, _DAMAGE.sub(_read_again, repaired)
        if repaired == before:
            return repaired
    return text


def _read_again(match: re.Match[str]) -> str:
    """The bytes of what was found, read as UTF-8; itself where they are none."""
    try:
        return bytes(_BYTES[character] for character in match[0]).decode("utf-8")
    except UnicodeDecodeError:
        return match[0]
