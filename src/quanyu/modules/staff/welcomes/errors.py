"""Failures a caller of welcomes may anticipate."""

from quanyu.kernel.errors import Conflict, NotFound


class UnknownWelcome(NotFound):
    """The brand has no such welcome."""

    code = "staff.unknown_welcome"


class WelcomeConflict(Conflict):
    """Two welcomes would greet for the same staff, store, code or corp; or there are too many."""

    code = "staff.welcome_conflict"


def unknown_welcome() -> UnknownWelcome:
    """Return the refusal of an id nobody has."""
    return UnknownWelcome("no such welcome", message_zh="没有这个欢迎语")
