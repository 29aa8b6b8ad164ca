"""Notifications: only the platform's own, only fresh ones, and read as their event says."""

import json
from datetime import timedelta
from typing import Any

import pytest

from quanyu.wechat.pay.client import PayClient
from quanyu.wechat.pay.combined import CombinedTransaction
from quanyu.wechat.pay.errors import NoticeRefusal, NoticeRefused
from quanyu.wechat.pay.events import Other, RefundNotice, SharingNotice, read_content
from quanyu.wechat.pay.notifications import Notification, open_notification
from quanyu.wechat.pay.orders import Transaction
from support.pay_keys import API_V3_KEY
from support.pay_world import PayWorld

PAID = {
    "appid": "wx1",
    "mchid": "1900000001",
    "out_trade_no": "tea-0001",
    "trade_state": "SUCCESS",
    "transaction_id": "4200",
    "amount": {"total": 1990, "payer_total": 1990, "currency": "CNY"},
}


def envelope(world: PayWorld, content: dict[str, Any] = PAID, **changes: Any) -> bytes:
    kind = changes.pop("kind", "transaction")
    said = {
        "id": "EV-1",
        "event_type": "TRANSACTION.SUCCESS",
        "resource_type": "encrypt-resource",
        "resource": world.seal(content, kind),
    }
    return json.dumps(said | changes).encode()


async def opened(
    client: PayClient, world: PayWorld, body: bytes, headers: dict[str, str] | None = None
) -> Notification:
    return await open_notification(
        headers or world.signed_headers(body),
        body,
        keys=client.keys,
        api_v3_key=API_V3_KEY,
        clock=world.clock,
    )


async def refused(
    client: PayClient, world: PayWorld, body: bytes, headers: dict[str, str] | None = None
) -> NoticeRefusal:
    with pytest.raises(NoticeRefused) as error:
        await opened(client, world, body, headers)
    return error.value.reason


async def test_a_payment_is_read(client: PayClient, world: PayWorld) -> None:
    notice = await opened(client, world, envelope(world))

    assert notice.id == "EV-1"
    assert isinstance(read_content(notice), Transaction)
    assert notice.fields == PAID


async def test_what_the_platform_did_not_sign_is_refused(client: PayClient, world: PayWorld) -> None:
    body = envelope(world)
    changed = body.replace(b"EV-1", b"EV-2")

    assert await refused(client, world, changed, world.signed_headers(body)) is NoticeRefusal.BAD_SIGNATURE
    assert (
        await refused(client, world, body, world.signed_headers(body, key="forger"))
        is NoticeRefusal.BAD_SIGNATURE
    )
    assert (
        await refused(client, world, body, world.signed_headers(body, serial="PUB_KEY_ID_9"))
        is NoticeRefusal.UNKNOWN_KEY
    )


@pytest.mark.parametrize("name", ["timestamp", "nonce", "signature", "serial"])
async def test_a_missing_header_is_refused(client: PayClient, world: PayWorld, name: str) -> None:
    body = envelope(world)
    headers = world.signed_headers(body)
    del headers[f"wechatpay-{name}"]

    assert await refused(client, world, body, headers) is NoticeRefusal.HEADERS_MISSING


async def test_the_platform_s_probe_is_refused(client: PayClient, world: PayWorld) -> None:
    body = envelope(world)
    headers = world.signed_headers(body) | {"wechatpay-signature": "WECHATPAY/SIGNTEST/abc"}

    assert await refused(client, world, body, headers) is NoticeRefusal.SIGNATURE_PROBE


@pytest.mark.parametrize("minutes", [-5.1, 5.1])
async def test_an_old_delivery_is_refused(client: PayClient, world: PayWorld, minutes: float) -> None:
    """A recorded delivery cannot be played again later, though its signature is right."""
    body = envelope(world)
    headers = world.signed_headers(body, at=world.clock.now() + timedelta(minutes=minutes))

    assert await refused(client, world, body, headers) is NoticeRefusal.BAD_TIMESTAMP


@pytest.mark.parametrize("minutes", [-4.9, 4.9])
async def test_inside_the_window_it_is_taken(client: PayClient, world: PayWorld, minutes: float) -> None:
    body = envelope(world)
    headers = world.signed_headers(body, at=world.clock.now() + timedelta(minutes=minutes))

    assert (await opened(client, world, body, headers)).id == "EV-1"


async def test_another_key_s_secret_is_refused(client: PayClient, world: PayWorld) -> None:
    sealed = world.seal(PAID, "transaction", key="y" * 32)

    reason = await refused(client, world, envelope(world, resource=sealed))

    assert reason is NoticeRefusal.CANNOT_DECRYPT


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"id": 1}', b"\xff", b"x" * 300_000, b"[" * 5000])
async def test_nonsense_is_refused(client: PayClient, world: PayWorld, body: bytes) -> None:
    assert await refused(client, world, body) is NoticeRefusal.MALFORMED


async def test_without_an_id_nothing_is_taken(client: PayClient, world: PayWorld) -> None:
    assert await refused(client, world, envelope(world, id="")) is NoticeRefusal.MALFORMED


async def test_the_content_is_read_as_its_event_says(client: PayClient, world: PayWorld) -> None:
    combined = {"combine_appid": "wx1", "combine_mchid": "1", "combine_out_trade_no": "c-1"}
    shared = {"mchid": "1", "transaction_id": "4", "order_id": "o", "out_order_no": "s"}
    refund = {
        "mchid": "1",
        "out_trade_no": "t",
        "transaction_id": "4",
        "out_refund_no": "r",
        "refund_id": "5",
        "refund_status": "SUCCESS",
    }

    kinds = [
        type(read_content(await opened(client, world, body)))
        for body in (
            envelope(world, combined),
            envelope(world, shared, kind="profitsharing"),
            envelope(world, refund, event_type="REFUND.SUCCESS", kind="refund"),
            envelope(world, {}, event_type="SOMETHING.NEW"),
        )
    ]

    assert kinds == [CombinedTransaction, SharingNotice, RefundNotice, Other]


async def test_a_content_that_is_not_its_event_s_is_refused(client: PayClient, world: PayWorld) -> None:
    notice = await opened(client, world, envelope(world, {"out_trade_no": 5}))

    with pytest.raises(NoticeRefused) as error:
        read_content(notice)
    assert error.value.reason is NoticeRefusal.MALFORMED
