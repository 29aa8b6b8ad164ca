"""Webhooks as ``messaging`` sends them, and what a receiver's status means."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from quanyu.infra.outbound import OutboundFailed
from quanyu.modules.channels.gateways.webhooks import WebhookClient
from quanyu.modules.messaging.contracts import RejectionReason
from quanyu.modules.messaging.ports import SendNotMade, SendPutOff, SendTurnedDown, SendUnknown

_LATER: Final = frozenset({408, 425, 429})
_WAIT: Final = timedelta(seconds=30)
_MEND: Final = timedelta(minutes=10)
_CONTENT: Final = frozenset({400, 413, 415, 422})


class WebhookSender:
    """Posts to one address."""

    def __init__(self, client: WebhookClient) -> None:
        self._client = client

    async def send_webhook(self, address: str, payload: Mapping[str, Any], *, key: str) -> str:
        """Post what a message says of a person. Repeating it is safe: the receiver knows the key."""
        body = {"id": key, "event": payload["event"], "person_id": address, "data": payload["data"]}
        try:
            status = await self._client.post(body, key=key)
        except OutboundFailed as error:
            if error.reason == "inner_network":  # Somebody must mend the address, or allow it.
                raise SendPutOff(_MEND, account_trouble=True) from error
            raise (SendUnknown if error.left else SendNotMade)(str(error)) from error
        if not 200 <= status < 300:
            raise _refused(status)
        return ""


def _refused(status: int) -> Exception:
    if status in _LATER:
        return SendPutOff(_WAIT, account_trouble=True)
    if status >= 500:  # It may have worked all the same.
        return SendUnknown(f"HTTP {status}")
    is_content = status in _CONTENT
    reason = RejectionReason.PLATFORM_CONTENT_INVALID if is_content else RejectionReason.PLATFORM_OTHER
    return SendTurnedDown(reason, f"HTTP {status}")
