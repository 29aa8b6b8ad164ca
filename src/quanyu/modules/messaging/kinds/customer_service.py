"""What customer-service messages share: the call, and how long they may be."""

from collections.abc import Mapping
from typing import Any, Final

from quanyu.modules.messaging.contracts import RefusalReason
from quanyu.modules.messaging.kinds.base import Kind, Posting, Unrenderable, wrong_account
from quanyu.modules.messaging.ports import SendsCustom

_TEXT_BYTES_MAX: Final = 2_048  # The platform answers 45002 beyond it.


class CustomerService(Kind):
    """Goes out by ``/cgi-bin/message/custom/send``; the platform tells no id for these."""

    async def call(self, client: object, posting: Posting) -> str:
        if not isinstance(client, SendsCustom):
            raise wrong_account(self.kind)
        return await client.send_custom(posting.address, posting.payload)


def too_long(parts: Mapping[str, Any]) -> Unrenderable | None:
    """Say which part is longer than the platform takes."""
    for name, value in parts.items():
        if len(value.encode()) > _TEXT_BYTES_MAX:
            return Unrenderable(RefusalReason.CONTENT_TOO_LONG, name)
    return None


def empty(parts: Mapping[str, str], *names: str) -> Unrenderable | None:
    """Say which of the parts a message cannot be without came out empty."""
    for name in names:
        if not parts[name].strip():
            return Unrenderable(RefusalReason.CONTENT_EMPTY, name)
    return None
