"""What can go wrong with gateways."""

from enum import StrEnum

from quanyu.kernel.errors import InvalidInput, NotFound


class UnknownGateway(NotFound):
    """The brand has no such gateway."""

    code = "channels.unknown_gateway"


class SecretNeeded(InvalidInput):
    """A gateway is connected for the first time, without its secret."""

    code = "channels.gateway_secret_needed"


class MailStep(StrEnum):
    """What a mail server was asked when it said no."""

    LOGIN = "login"
    SENDER = "sender"
    RECIPIENT = "recipient"
    CONTENT = "content"


class MailRefused(Exception):
    """A mail server answered with an error: nothing went out."""

    def __init__(self, step: MailStep, code: int, message: str = "") -> None:
        super().__init__(f"{step} {code} {message}".strip())
        self.step = step
        self.code = code
        self.message = message

    @property
    def is_for_now(self) -> bool:
        """Whether the server may say otherwise later."""
        return 400 <= self.code < 500


class SmsRefused(Exception):
    """The gateway of text messages answered with an error: nothing went out."""

    def __init__(self, code: str, message: str = "") -> None:
        super().__init__(f"{code} {message}".strip())
        self.code = code
        self.message = message
