"""Anticipated failures of replays."""

from quanyu.kernel.errors import AppError, ErrorKind


class ReplayNotFound(AppError):
    """This journey has no such replay."""

    kind = ErrorKind.NOT_FOUND
    code = "journeys.replay_not_found"


class NothingToReplay(AppError):
    """People enter by request alone."""

    kind = ErrorKind.CONFLICT
    code = "journeys.nothing_to_replay"


class ReplayNotWanted(Exception):
    """Somebody cancelled it while it ran."""
