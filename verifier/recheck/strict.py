"""JSON that reads one way only, and what of it may be repeated in a message.

Python's reader keeps the last of two equal keys, takes ``NaN`` for a number and stops at its own
recursion limit.  Two readers could then see two files in one text, so such a text is refused.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from stat import S_ISREG
from typing import Any, Final, NoReturn

from verifier.errors import BadInput
from verifier.recheck.errors import IllFormed

# No derivation comes near these; what is beyond them is refused, in one line, on every machine.
BYTES: Final = 64_000_000
NESTING: Final = 400
WHOLE_NUMBER_DIGITS: Final = 15
SHOWN: Final = 80

_TOKEN: Final = re.compile(r'"(?:[^"\\]|\\.)*"?|[\[\]{}]', re.DOTALL)


class NotJson(BadInput):
    """A file that is no JSON at all."""


def parse(text: bytes) -> Any:
    """The one value a JSON text stands for.

    Raises
    ------
    IllFormed
        If it has a key twice, a number that is not whole or is long, or nests deeper than 400.
    ValueError
        If it is not JSON, or not UTF-8.

    Examples
    --------
    >>> parse(b'{"a": [1, 2]}')
    {'a': [1, 2]}
    >>> parse(b'{"a": 1, "a": 2}')
    Traceback (most recent call last):
    verifier.recheck.errors.IllFormed: the key 'a' stands twice in one object
    """
    if len(text) > BYTES:
        raise IllFormed(f"longer than {BYTES} bytes")
    decoded = text.decode("utf-8")
    _check_nesting(decoded)
    return json.loads(
        decoded, object_pairs_hook=_object, parse_float=_no_float, parse_int=_whole,
        parse_constant=_no_float,
    )  # fmt: skip


def load(path: Path) -> Any:
    """The value of a JSON file.

    Raises
    ------
    IllFormed
        If it is JSON, but reads two ways or is out of bounds.
    NotJson
        If it is not JSON, or cannot be read.
    """
    try:
        # Opening a pipe would wait for whoever writes to it.
        if not S_ISREG(path.stat().st_mode):
            raise NotJson(str(path), "not a JSON file: not a file at all")
        return parse(path.read_bytes())
    except OSError as error:
        raise NotJson.unreadable(path, error) from error
    except (ValueError, RecursionError) as error:
        raise NotJson(str(path), f"not a JSON file: {error}") from error


def shown(value: object) -> str:
    """A value as a message may show it: on one line, and never long.

    Examples
    --------
    >>> shown("x"), shown("a\\nb"), shown([1, 2]), shown(10**5000)
    ('x', "'a\\\\nb'", 'a list', 'a number of about 5001 digits')
    """
    if isinstance(value, bool) or value is None:
        return str(value)
    if isinstance(value, int):
        digits = value.bit_length() * 30103 // 100000 + 1
        return str(value) if digits <= SHOWN else f"a number of about {digits} digits"
    if isinstance(value, str):
        plain = value.isascii() and value.isprintable() and value != ""
        if len(value) > SHOWN:
            return f"{value[:SHOWN]!r}… ({len(value)} characters)"
        return value if plain else ascii(value)
    if isinstance(value, (list, dict)):
        return "a list" if isinstance(value, list) else "an object"
    text = str(value)
    return text if len(text) <= 4 * SHOWN else f"{text[: 4 * SHOWN]}…"


def _check_nesting(text: str) -> None:
    depth = 0
    for token in _TOKEN.finditer(text):
        first = text[token.start()]
        if first in "[{":
            depth += 1
            if depth > NESTING:
                raise IllFormed(f"nested more than {NESTING} deep")
        elif first in "]}":
            depth -= 1


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise IllFormed(f"the key {ascii(key)[:SHOWN]} stands twice in one object")
        found[key] = value
    return found


def _whole(digits: str) -> int:
    if len(digits) > WHOLE_NUMBER_DIGITS:
        raise IllFormed(f"a whole number of {len(digits)} digits, outside quotation marks")
    return int(digits)


def _no_float(text: str) -> NoReturn:
    raise IllFormed(f"the number {shown(text)}, which is not whole")
