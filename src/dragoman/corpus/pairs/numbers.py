"""The numbers of a text, written in one way, so that those of a translation can be compared with them.

- Any script's digits are read. 1.234,5 and 1,234.5 and 1 234,5 are "1234.5", as 1,00,000 is "100000"; a mark before
  exactly three digits groups thousands, because nothing tells that from decimals.
- Dates and lists fall into their numbers: 24.12.2024 is "24", "12" and "2024", as 12/24/2024 is in another order.
- Times are read on a twelve-hour clock: 14:30, 14.30 Uhr and 2:30 p.m. are "2" and "30"; minutes of 0 are left out.
- Ordinals are their numbers (3. and 3rd). Numbers in words are not read.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator

_SPACES = "\N{NO-BREAK SPACE}\N{THIN SPACE}\N{NARROW NO-BREAK SPACE} "
_RUN = re.compile(rf"[0-9]+(?:[.,:'’][0-9]+|[{_SPACES}][0-9]{{3}}(?![0-9]))*")
_DIGITS, _MARKS = re.compile("[0-9]+"), re.compile("[^0-9]")
_NO_DIGIT_BEFORE, _MINUTES = "(?<![0-9])(?<![0-9][.,:])", "[0-5][0-9]"
_CLOCK = re.compile(
    rf"{_NO_DIGIT_BEFORE}(?P<hour>[01]?[0-9]|2[0-4]):(?P<minute>{_MINUTES})(?::(?P<second>{_MINUTES}))?(?![0-9]|:[0-9])"
    rf"|{_NO_DIGIT_BEFORE}(?P<uhr>[01]?[0-9]|2[0-4])(?:\.(?P<uhr_minute>{_MINUTES}))?(?=\s*Uhr\b)"
    rf"|{_NO_DIGIT_BEFORE}(?P<half_day>1[0-2]|0?[1-9])\.(?P<half_day_minute>{_MINUTES})(?=\s*[ap]\.?\s?m\b)",
    re.IGNORECASE,
)
_DAY_AND_MONTH = re.compile(r"(?<![0-9.,:])([0-2]?[0-9]|3[01])\.(0?[1-9]|1[0-2])\.(?=\s+[^\W\d_])")


def numbers(text: str) -> Counter[str]:
    """How often each number stands in the text."""
    text = _with_ascii_digits(text)
    found: list[str] = []

    def read_clock(match: re.Match[str]) -> str:
        hour, *rest = (part for part in match.groups() if part is not None)
        found.append(str(int(hour) % 12 or 12))
        found.extend(str(int(part)) for part in rest if int(part))
        return " "

    text = _CLOCK.sub(read_clock, text)
    text = _DAY_AND_MONTH.sub(r" \1 \2 ", text)
    for run in _RUN.findall(text):
        found.extend(_values(run))
    return Counter(found)


def unmatched(source: str, target: str, spelled: int) -> int:
    """How many numbers of one text have no counterpart in the other.

    Where only one of the two has any such, whole numbers up to `spelled` do not count: the other may have them in
    words.
    """
    here, there = numbers(source), numbers(target)
    left, right = here - there, there - here
    if left and right:
        return left.total() + right.total()
    return sum(1 for number in (left or right).elements() if not _is_up_to(number, spelled))


def _with_ascii_digits(text: str) -> str:
    if text.isascii():
        return text
    return "".join(str(unicodedata.decimal(c)) if not c.isascii() and c.isdecimal() else c for c in text)


def _values(run: str) -> Iterator[str]:
    """The numbers in digits that marks or spaces join."""
    groups, marks = _DIGITS.findall(run), _MARKS.findall(run)
    if marks:
        if _groups_thousands(groups, marks):
            groups = ["".join(groups)]
        elif marks[-1] in ".," and marks[-1] != marks[0] and _groups_thousands(groups[:-1], marks[:-1]):
            groups = [_decimal("".join(groups[:-1]), groups[-1])]
        elif len(groups) == 2 and marks[0] in ".,":
            groups = [_decimal(*groups)]
    return (group.lstrip("0") or "0" if "." not in group else group for group in groups)


def _groups_thousands(groups: list[str], marks: list[str]) -> bool:
    """Whether equal marks set groups of three digits apart; or, as in India, one of three after groups of two."""
    first, *middle, last = groups if len(groups) > 1 else ["", ""]
    if not marks or len({*marks}) > 1 or marks[0] == ":" or len(last) != 3 or first.startswith("0"):
        return False
    in_threes = len(first) <= 3 and _all_of_length(middle, 3)
    return in_threes or (marks[0] == "," and len(first) <= 2 and bool(middle) and _all_of_length(middle, 2))


def _all_of_length(groups: Iterable[str], length: int) -> bool:
    return all(len(group) == length for group in groups)


def _decimal(whole: str, fraction: str) -> str:
    fraction = fraction.rstrip("0")
    return f"{whole.lstrip('0') or '0'}.{fraction}" if fraction else whole


def _is_up_to(number: str, most: int) -> bool:
    return "." not in number and len(number) <= len(str(most)) and int(number) <= most
