"""Callbacks of WeChat Pay on their way, kept with the state until they are taken or given up.

The schedule runs on the virtual clock: after the first attempt 15 s, 15 s, 30 s, 3 min, 10 min, 20 min,
three times 30 min, 60 min, three times 3 h, twice 6 h. Source: callback guide (2026-04).
"""

import secrets
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from wechat_sandbox.clock import china_time
from wechat_sandbox.state.pay.merchants import Merchant
from wechat_sandbox.state.shelf import Shelf
from wechat_sandbox.storage import Storage
from wechat_sandbox.wire.pay import crypto

RETRY_S = (
    15, 15, 30, 180, 600, 1200, 1800, 1800, 1800, 3600, 10_800, 10_800, 10_800, 21_600, 21_600,
)  # fmt: skip
WAITING, DELIVERED, LOST, DROPPED = "waiting", "delivered", "lost", "dropped"


@dataclass(slots=True, kw_only=True)
class Notice:
    """One callback; ``body`` stays the same over all attempts."""

    notice_id: str
    mchid: str
    url: str
    event_type: str
    content: dict[str, Any]  # What is encrypted, for those who look inside the sandbox.
    body: str
    created_at: float
    public_key: bool = False  # Which key signs it.
    state: str = WAITING
    attempts: list[dict[str, Any]] = field(default_factory=list)
    next_at: float = 0.0


class Notices:
    """All callbacks, and which are due."""

    def __init__(self, store: Storage) -> None:
        self._shelf = Shelf(store, "pay_notice", Notice)
        self._due = Shelf(store, "pay_notice_due", list[str])
        self.on_posted: Callable[[Notice], None] = lambda notice: None

    def post(
        self,
        merchant: Merchant,
        url: str,
        event_type: str,
        content: Mapping[str, Any],
        *,
        at: float,
        original_type: str,
        summary: str,
    ) -> Notice | None:
        """Queue a callback; None where the merchant named no address."""
        if not url:
            return None
        notice = Notice(
            notice_id=str(uuid.uuid4()),
            mchid=merchant.mchid,
            url=url,
            event_type=event_type,
            content=dict(content),
            body="",
            created_at=at,
            next_at=at,
            public_key=secrets.randbelow(10_000) < merchant.notify_public_key_bps,
        )
        notice.body = _envelope(merchant, notice, original_type, summary)
        self._save(notice)
        self.on_posted(notice)
        return notice

    def due(self, at: float) -> list[Notice]:
        """Return what is to be sent now, in the order of its time."""
        found = (self.find(mchid, one) for _, (mchid, one) in self._due.up_to("", f"{at:017.3f}~"))
        return [notice for notice in found if notice is not None]

    def next_due(self) -> float | None:
        """Return when the next callback is due."""
        first = self._due.first("")
        return None if first is None else float(first[0].partition(" ")[0])

    def find(self, mchid: str, notice_id: str) -> Notice | None:
        return self._shelf.find(mchid, notice_id)

    def all(self, mchid: str) -> list[Notice]:
        return self._shelf.values(mchid)

    def close(self, notice: Notice, state: str) -> None:
        """End a callback: it was taken, given up, or dropped by a fault."""
        self._forget_due(notice)
        notice.state = state
        self._shelf.put(notice.mchid, notice.notice_id, notice)

    def try_later(self, notice: Notice, at: float) -> None:
        """Plan the next attempt, or give up after the last."""
        done = sum(1 for attempt in notice.attempts if not attempt.get("extra"))
        if done > len(RETRY_S):
            self.close(notice, LOST)
            return
        self._forget_due(notice)
        notice.next_at = at + RETRY_S[done - 1]
        self._save(notice)

    def put_off(self, notice: Notice, until: float) -> None:
        """Let a callback wait, before it was ever sent."""
        self._forget_due(notice)
        notice.next_at = until
        self._save(notice)

    def _save(self, notice: Notice) -> None:
        self._shelf.put(notice.mchid, notice.notice_id, notice)
        self._due.put("", _key(notice), [notice.mchid, notice.notice_id])

    def _forget_due(self, notice: Notice) -> None:
        self._due.drop("", _key(notice))


def _key(notice: Notice) -> str:
    return f"{notice.next_at:017.3f} {notice.notice_id}"


def _envelope(merchant: Merchant, notice: Notice, original_type: str, summary: str) -> str:
    nonce = secrets.token_hex(6)
    plain = msgspec.json.encode(notice.content)
    sealed = crypto.seal(merchant.api_v3_key, plain, nonce=nonce, associated_data=original_type)
    envelope = {
        "id": notice.notice_id,
        "create_time": china_time(notice.created_at),
        "resource_type": "encrypt-resource",
        "event_type": notice.event_type,
        "summary": summary,
        "resource": {
            "original_type": original_type,
            "algorithm": crypto.ALGORITHM,
            "ciphertext": sealed,
            "associated_data": original_type,
            "nonce": nonce,
        },
    }
    return msgspec.json.encode(envelope).decode()
