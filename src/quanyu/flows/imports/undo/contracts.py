"""What crosses the boundary of taking imports back."""

from datetime import datetime
from enum import StrEnum
from typing import Final

from pydantic import BaseModel, ConfigDict

UNDO_DAYS: Final = 30
PREVIEW_PEOPLE_MAX: Final = 20_000


class UndoState(StrEnum):
    """Where the undo of an import stands."""

    RUNNING = "running"
    STOPPED = "stopped"  # What was taken back by then stays so; it can be resumed.
    DONE = "done"


class UndoPhase(StrEnum):
    """What a running undo is doing."""

    GATHERING = "gathering"  # Whom the import told of.
    PEOPLE = "people"
    LOG = "log"  # The import's events are emptied there,
    HISTORY = "history"  # and withdrawn from history.
    DONE = "done"


class UndoRefusal(StrEnum):
    """Why an import cannot be taken back."""

    NOT_PEOPLE = "not_people"
    DRY_RUN = "dry_run"
    RUNNING = "running"
    WROTE_NOTHING = "wrote_nothing"
    NOT_STORED = "not_stored"  # Its events are not in history yet, or what hears them has not heard all.
    TOO_OLD = "too_old"
    UNDONE = "undone"


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)


class UndoCounts(_Frozen):
    """What was taken back, and what was kept because something newer stands.

    ``removed``: people the import alone had made and who did nothing since. ``restored``: others of whom
    something counts again as before. ``untouched``: of whom nothing had to be done. ``gone``: people erased
    since. Statements count per person and attribute, tag, or purpose and channel.
    """

    removed: int = 0
    restored: int = 0
    untouched: int = 0
    gone: int = 0
    attributes: int = 0
    tags: int = 0
    consents: int = 0
    kept_newer: int = 0
    events: int = 0  # Of the import, withdrawn from history.

    def __add__(self, other: "UndoCounts") -> "UndoCounts":
        mine, theirs = self.model_dump(), other.model_dump()
        return UndoCounts(**{key: mine[key] + theirs[key] for key in mine})


class UndoPreview(_Frozen):
    """What taking an import back would do, of the first ``people`` people it told of.

    ``is_whole`` is false where there are more than are looked at.
    """

    refusal: UndoRefusal | None
    people: int = 0
    is_whole: bool = True
    removed: int = 0
    attributes: int = 0
    tags: int = 0
    consents: int = 0
    kept_newer: int = 0


class UndoView(_Frozen):
    """How far the undo of an import is."""

    state: UndoState
    phase: UndoPhase
    people: int
    done: int
    counts: UndoCounts
    actor: str
    created_at: datetime
    finished_at: datetime | None


class UndoAnswer(_Frozen):
    """The undo of an import, or why there is none yet."""

    undo: UndoView | None
    refusal: UndoRefusal | None
