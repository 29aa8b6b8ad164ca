"""What a caller of this module may anticipate."""

from quanyu.kernel.errors import NotFound


class UnknownAccount(NotFound):
    """No connected account has this id."""

    code = "channels.unknown_account"
