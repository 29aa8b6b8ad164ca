"""Where messages go out."""

from enum import StrEnum
from typing import Final


class Channel(StrEnum):
    """Where a message goes out."""

    OFFICIAL_ACCOUNT = "official_account"
    MINI_PROGRAM = "mini_program"
    SMS = "sms"
    EMAIL = "email"
    WEBHOOK = "webhook"


# How the ids of a channel's accounts begin, outside.
ACCOUNT_PREFIXES: Final = {
    Channel.OFFICIAL_ACCOUNT: "oac",
    Channel.MINI_PROGRAM: "mpa",
    Channel.SMS: "sms",
    Channel.EMAIL: "eml",
    Channel.WEBHOOK: "whk",
}
