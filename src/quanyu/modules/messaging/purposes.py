"""For which purpose a message is sent: the one it names, or that of its class."""

from typing import Final

from quanyu.modules.messaging.contracts import MessageClass
from quanyu.modules.people.consent.service import MARKETING, SERVICE

_OF_CLASS: Final = {MessageClass.MARKETING: MARKETING, MessageClass.TRANSACTIONAL: SERVICE}


def purpose_of(message_class: MessageClass, named: str) -> str:
    """Return the key of the purpose; ``named`` is empty where the message names none."""
    return named or _OF_CLASS[message_class]
