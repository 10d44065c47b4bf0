"""Codes of units and people in addresses. A code may hold any letter, a slash too; here it is one piece of
the path, readable where it can be.

Letters, digits, - and _ stand for themselves, every other byte of UTF-8 as ~ and two digits (`Đ/1` is
`~C4~90~2F1`). Each code has one spelling: another one of the same code is no address.
"""

from __future__ import annotations

import re

from werkzeug.routing import BaseConverter, ValidationError

_ESCAPED = re.compile("~([0-9A-F]{2})")
_PLAIN = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")


def spelled(code: str) -> str:
    """The code as a piece of an address."""
    return "".join(chr(byte) if byte in _PLAIN else f"~{byte:02X}" for byte in code.encode())


class CodeConverter(BaseConverter):
    """`<code:unit>` in a rule."""

    regex = "(?:[A-Za-z0-9_-]|~[0-9A-F]{2})+"
    part_isolating = True

    def to_python(self, value: str) -> str:
        """The code that is spelled so."""
        raw = _ESCAPED.sub(lambda found: chr(int(found[1], 16)), value).encode("latin-1")
        try:
            code = raw.decode()
        except UnicodeDecodeError:
            raise ValidationError from None
        if spelled(code) != value:
            raise ValidationError
        return code

    def to_url(self, value: str) -> str:
        """How the code is spelled."""
        return spelled(value)
