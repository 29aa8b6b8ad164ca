"""What can go wrong while starting or stopping the embedded server, each with what to do about it."""

from quanyu.kernel.errors import Conflict, InvalidInput, Unavailable


class BinariesMissing(Unavailable):
    """The wheel that carries the PostgreSQL binaries is not installed or has none for this machine."""

    code = "postgres.binaries_missing"


class NoServerAccount(InvalidInput):
    """PostgreSQL refuses to run as root and no ordinary account could be had for it."""

    code = "postgres.no_server_account"


class NotTraversable(InvalidInput):
    """The server's account cannot reach the data directory."""

    code = "postgres.not_traversable"


class WrongOwner(InvalidInput):
    """The cluster belongs to another user."""

    code = "postgres.wrong_owner"


class WrongMajorVersion(Conflict):
    """The cluster on disk was made by another major version of PostgreSQL."""

    code = "postgres.wrong_major_version"


class InitFailed(Unavailable):
    """``initdb`` failed."""

    code = "postgres.init_failed"


class StartFailed(Unavailable):
    """The server ended while starting; the message carries the end of its log."""

    code = "postgres.start_failed"


class StartCancelled(Unavailable):
    """Somebody asked us to stop while the server was still starting."""

    code = "postgres.start_cancelled"


class StillStopping(Unavailable):
    """A server did not end within the time allowed."""

    code = "postgres.still_stopping"
