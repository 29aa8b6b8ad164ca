"""Anticipated failures of staff."""

from quanyu.kernel.errors import NotFound


class UnknownMember(NotFound):
    """The brand has no such member."""

    code = "staff.unknown_member"


class UnknownAlert(NotFound):
    """The brand has no such alert."""

    code = "staff.unknown_alert"
