"""Patterns people write, run by an engine whose time grows with the text and nothing else."""

import unicodedata
from typing import Any, Final

import re2

PATTERN_MAX: Final = 300
_MEMORY_BYTES_MAX: Final = 1 << 20


class PatternRefused(ValueError):
    """The pattern cannot be used; the message says why."""


def compile_pattern(text: str) -> Any:
    """Compile ``text`` in RE2 syntax, without regard to case.

    Raises:
        PatternRefused: it is not valid, needs look-around or back references, or matches nothing at all.
    """
    options = re2.Options()
    options.case_sensitive = False
    options.log_errors = False
    options.max_mem = _MEMORY_BYTES_MAX
    try:
        pattern = re2.compile(text, options)
    except re2.error as error:
        reason = error.args[0] if error.args else "not valid"
        said = reason.decode() if isinstance(reason, bytes) else str(reason)
        raise PatternRefused(f"the pattern {text[:60]!r} cannot be used: {said}") from error
    if pattern.search("") is not None:
        raise PatternRefused(
            f"the pattern {text[:60]!r} matches every message; use the default reply instead"
        )
    return pattern


def plain(text: str) -> str:
    """Return ``text`` without the differences that do not matter: width, outer blanks."""
    return unicodedata.normalize("NFKC", text).strip()


def folded(text: str) -> str:
    """Return ``text`` as it is compared: ``plain``, and without case."""
    return plain(text).casefold()
