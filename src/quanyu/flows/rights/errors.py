"""Anticipated failures of rights requests."""

from quanyu.kernel.errors import Conflict, NotFound


class RightsRequestNotFound(NotFound):
    """The brand has no such request."""

    code = "rights.request_not_found"


class RightsRequestClosed(Conflict):
    """The request is not in a state that allows this."""

    code = "rights.request_closed"


class NotAnErasure(Conflict):
    """Only erasures are confirmed, and only other requests are closed by hand."""

    code = "rights.not_an_erasure"
