"""What a caller of this module may anticipate."""

from quanyu.kernel.errors import Conflict, NotFound


class UnknownAccount(NotFound):
    """No connected account has this id."""

    code = "channels.unknown_account"


class AppIdTaken(Conflict):
    """The app id is connected as an account of another product."""

    code = "channels.app_id_taken"


class NoSession(NotFound):
    """The person has not logged in to the mini program, or their session was not kept."""

    code = "channels.no_session"
