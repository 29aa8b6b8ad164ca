"""The facts gateways state."""

import hashlib
from datetime import datetime
from typing import Final

from quanyu.infra.unit_of_work import Fact, FactIdentifier

SMS_RECEIVED: Final = "channels.sms_received"


def sms_received(app_id: str, phone: str, content: str, *, at: datetime) -> Fact:
    """State that somebody answered a text message; idempotent on all of it."""
    stated = f"{app_id}:{phone}:{at.timestamp():.0f}:{content}"
    return Fact(
        name=SMS_RECEIVED,
        message_id=f"sms:{hashlib.blake2b(stated.encode(), digest_size=16).hexdigest()}",
        occurred_at=at,
        identifiers=(FactIdentifier(namespace="phone", scope="", value=phone),),
        properties={"content": content},
        context={"channel": "sms", "app": app_id},
    )
