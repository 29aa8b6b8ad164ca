"""Reading documents as far as tests need it."""

import re

_FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
_SHELLS = ("sh", "console", "bash")


def code_blocks(text: str) -> list[str]:
    """Return what the document tells to type."""
    return [body for language, body in _FENCE.findall(text) if language in _SHELLS]


def links_of(text: str) -> list[str]:
    """Return the targets of links and pictures, without those shown as code."""
    prose = re.sub(r"`[^`\n]*`", "", _FENCE.sub("", text))
    return re.findall(r"\]\(([^)\s]+)\)", prose)


def headings_of(text: str) -> list[tuple[int, str]]:
    """Return level and text of every heading."""
    found = re.findall(r"^(#+) (.+)$", _FENCE.sub("", text), re.MULTILINE)
    return [(len(signs), words) for signs, words in found]


def anchors_of(text: str) -> set[str]:
    """Return the anchors headings get: lower case, no punctuation, hyphens for blanks."""
    plain = (re.sub(r"[`*]|\[([^\]]*)\]\([^)]*\)", r"\1", words) for _, words in headings_of(text))
    return {re.sub(r"[^\w\- ]", "", words.lower()).replace(" ", "-") for words in plain}
