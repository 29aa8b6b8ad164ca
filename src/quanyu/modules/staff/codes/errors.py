"""What may be wrong with live codes."""

from quanyu.kernel.errors import Conflict, InvalidInput, NotFound


class UnknownLiveCode(NotFound):
    """The brand has no such live code."""

    code = "staff.unknown_live_code"


class LiveCodeConflict(Conflict):
    """The request does not fit what the code is or where it leads."""

    code = "staff.live_code_conflict"


class CannotServe(InvalidInput):
    """Somebody on the code cannot be in it."""

    code = "staff.cannot_serve"


class QuotaUsedUp(Conflict):
    """The corp has no room for another code of the platform."""

    code = "staff.code_quota_used_up"
