"""Anticipated failures of replays."""

from quanyu.kernel.errors import AppError, ErrorKind


class ReplayNotFound(AppError):
    """This journey has no such replay."""

    kind = ErrorKind.NOT_FOUND
    code = "journeys.replay_not_found"


class ReplayNotWanted(Exception):
    """Somebody cancelled it while it ran."""
