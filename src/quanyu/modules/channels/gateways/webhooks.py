"""Posting to another system, signed, never to the inner network unless the operator allows it."""

import hmac
from collections.abc import Mapping
from typing import Any, Final

import msgspec

from quanyu.infra.outbound import Outbound
from quanyu.kernel.clock import Clock
from quanyu.modules.channels.gateways.contracts import WebhookSettings

SIGNATURE: Final = "Quanyu-Signature"
IDEMPOTENCY_KEY: Final = "Idempotency-Key"
CHECK_EVENT: Final = "quanyu.check"


class WebhookClient:
    """Posts to one address. ``post`` raises ``OutboundFailed``."""

    def __init__(self, outbound: Outbound, settings: WebhookSettings, secret: str, clock: Clock) -> None:
        self._outbound = outbound
        self._settings = settings
        self._secret = secret
        self._clock = clock

    async def post(self, body: Mapping[str, Any], *, key: str) -> int:
        """Post once and return the status. ``key`` is the same for each attempt; the signature is not."""
        content = msgspec.json.encode(body)
        timestamp = int(self._clock.now().timestamp())
        return await self._outbound.deliver(
            self._settings.url,
            content,
            headers={
                SIGNATURE: f"t={timestamp},v1={signature(self._secret, timestamp, content)}",
                IDEMPOTENCY_KEY: key,
                "User-Agent": "quanyu-webhooks/1",
            },
            timeout_s=self._settings.timeout_s,
        )


def signature(secret: str, timestamp: int, content: bytes) -> str:
    """Return HMAC-SHA256 over the time and the body, so that an old request cannot be played again."""
    return hmac.digest(secret.encode(), f"{timestamp}.".encode() + content, "sha256").hex()
