"""Who wrote a note in a draft, and when: said by the server, whatever the draft claims."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

_SIGNATURE: Final = ("author", "at")


def sign(
    draft: Mapping[str, Any], before: Mapping[str, Any], *, author: str, now: datetime
) -> dict[str, Any]:
    """Return a draft whose notes bear their author and time; a note that did not change keeps its own.

    A draft may hold anything: what does not look like a note is left to be refused by publishing.
    """
    if not isinstance(draft.get("notes"), list):
        return dict(draft)
    known = {_content(note): note for note in _notes(before)}
    signed = [
        _signed(note, known, author, now) if isinstance(note, dict) else note for note in draft["notes"]
    ]
    return {**draft, "notes": signed}


def _signed(
    note: Mapping[str, Any], known: Mapping[tuple[str, ...], Mapping[str, Any]], author: str, now: datetime
) -> dict[str, Any]:
    old = known.get(_content(note))
    signature = {"author": author, "at": now.isoformat()}
    if old is not None:
        signature = {name: old[name] for name in _SIGNATURE if name in old}
    return {**{name: value for name, value in note.items() if name not in _SIGNATURE}, **signature}


def _notes(draft: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    notes = draft.get("notes")
    return [note for note in notes if isinstance(note, dict)] if isinstance(notes, list) else []


def _content(note: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(str(note.get(name)) for name in ("id", "node", "text"))
