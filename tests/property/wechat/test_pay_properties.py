"""Whatever comes in: only what the platform signed and sealed is opened, and nothing crashes."""

import asyncio
import json
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quanyu.kernel.clock import FixedClock
from quanyu.wechat.errors import WechatError
from quanyu.wechat.pay.amounts import fen_of, yuan_of
from quanyu.wechat.pay.bill_files import TRADE_COLUMNS, MalformedBill, read_fund_flow_bill, read_trade_bill
from quanyu.wechat.pay.crypto import decrypt_field, encrypt_field
from quanyu.wechat.pay.events import CONTENTS, read_content
from quanyu.wechat.pay.keys import UnknownKey
from quanyu.wechat.pay.notifications import Notification, open_notification
from quanyu.wechat.pay.signing import is_signed
from support.pay_bills import TRADE_HEADER, TRADE_TOTALS
from support.pay_keys import API_V3_KEY, PUBLIC_KEY_ID, private_key
from support.pay_world import PayWorld

CLOCK = FixedClock(datetime(2026, 3, 4, 4, tzinfo=UTC))
WORLD = PayWorld(CLOCK)
_TEXTS = st.text(st.characters(blacklist_categories=("Cs", "Cc")), max_size=20)


class OneKey:
    async def key(self, serial: str) -> object:
        if serial != PUBLIC_KEY_ID:
            raise UnknownKey("unknown")
        return private_key("public_key").public_key()


def opened(headers: dict[str, str], body: bytes) -> Notification:
    return asyncio.run(
        open_notification(headers, body, keys=OneKey(), api_v3_key=API_V3_KEY, clock=CLOCK)  # type: ignore[arg-type]
    )


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=400), st.dictionaries(st.text(max_size=24), st.text(max_size=64), max_size=6))
def test_noise_is_never_taken(body: bytes, headers: dict[str, str]) -> None:
    with pytest.raises(WechatError):
        opened(headers, body)
    with pytest.raises(WechatError):
        opened(WORLD.signed_headers(body), body)  # Signed noise is noise.


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_no_changed_byte_passes(data: st.DataObject) -> None:
    sealed = WORLD.seal({"a": 1}, "transaction")
    body = json.dumps({"id": "1", "event_type": "X", "resource": sealed}).encode()
    headers = WORLD.signed_headers(body)
    at = data.draw(st.integers(0, len(body) - 1))
    bit = data.draw(st.integers(0, 7))
    changed = body[:at] + bytes([body[at] ^ (1 << bit)]) + body[at + 1 :]

    with pytest.raises(WechatError):
        opened(headers, changed)
    assert opened(headers, body).content == b'{"a": 1}'


@settings(max_examples=40, deadline=None)
@given(
    st.sampled_from(sorted(CONTENTS)),
    st.binary(max_size=200) | _TEXTS.map(lambda one: json.dumps(one).encode()),
)
def test_contents_are_read_or_refused(event: str, content: bytes) -> None:
    try:
        read_content(Notification("1", event, "transaction", "", "n", content))
    except WechatError:
        return


@settings(max_examples=30, deadline=None)
@given(st.text(max_size=40))
def test_fields_come_back_as_they_went(text: str) -> None:
    key = private_key("merchant")

    assert decrypt_field(encrypt_field(text, key.public_key()), key) == text


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=400), st.binary(max_size=100))
def test_no_text_is_a_signature(signature: str, body: bytes) -> None:
    key = private_key("public_key").public_key()

    assert not is_signed(key, signature, timestamp="1", nonce="n", body=body)


@given(st.integers(-(10**14), 10**14))
def test_amounts_come_back_to_the_fen(fen: int) -> None:
    assert fen_of(yuan_of(fen)) == fen


@settings(max_examples=100, deadline=None)
@given(st.lists(st.binary(max_size=80), max_size=12))
def test_noise_in_a_bill_is_named(lines: list[bytes]) -> None:
    for read in (read_trade_bill, read_fund_flow_bill):
        with pytest.raises(MalformedBill):
            list(read(lines))
        with pytest.raises(MalformedBill):
            list(read([TRADE_HEADER.encode() + b"\n", *(b"x" + one for one in lines)]))


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(_TEXTS, _TEXTS, st.integers(0, 10**9)), max_size=8))
def test_any_words_of_ours_in_a_bill_leave_the_amounts_alone(rows: list[tuple[str, str, int]]) -> None:
    texts = []
    for description, number, fen in rows:
        values = dict.fromkeys(TRADE_COLUMNS, "") | {
            "商品名称": description,
            "商户订单号": number.replace(",", "").replace("`", ""),
            "订单金额": yuan_of(fen),
        }
        texts.append(",".join(f"`{value}" for value in values.values()))
    totals = f"`{len(rows)},`0.00,`0.00,`0.00,`0.00000,`0.00,`0.00"
    lines = [f"{one}\r\n".encode() for one in (TRADE_HEADER, *texts, TRADE_TOTALS, totals)]

    *details, total = read_trade_bill(lines)

    assert [line.fen("订单金额") for line in details] == [fen for _, _, fen in rows]
    assert total.count("总交易单数") == len(rows)
