"""Calls: signed as documented, answered only by the platform, and each failure sorted by what it means."""

from datetime import timedelta
from typing import Any

import msgspec
import pytest

from quanyu.kernel.clock import FixedClock
from quanyu.wechat.calls import Done, File, Sensitive
from quanyu.wechat.errors import MalformedAnswer, OutcomeUnknown, TransportError
from quanyu.wechat.pay import complaints, favor, orders, refunds, smart_guide, transfers
from quanyu.wechat.pay.client import PayClient
from quanyu.wechat.pay.crypto import decrypt_field, encrypt_field
from quanyu.wechat.pay.errors import (
    PayLimited,
    PayRefusal,
    PayTrouble,
    UnverifiedAnswer,
    explain_pay,
    known_pay_codes,
    refusal_of,
)
from quanyu.wechat.pay.uploads import meta_of
from quanyu.wechat.refusals import Action
from quanyu.wechat.transport import Received
from support.pay_keys import MCH_ID, PUBLIC_KEY_ID, private_key
from support.pay_world import PayWorld

ORDER = orders.JsapiRequest(
    appid="wx1",
    mchid=MCH_ID,
    description="一杯茶",
    out_trade_no="tea-0001",
    notify_url="https://brand.example/callbacks/pay/k",
    amount=orders.OrderAmount(total=1990),
    payer=orders.JsapiPayer(openid="oAlice"),
)
QUERY = orders.ByOutTradeNo(out_trade_no="tea-0001", mchid=MCH_ID)


class Recorder:
    """Answers each call with one signed answer and keeps what was asked."""

    def __init__(self, world: PayWorld, fields: Any = None) -> None:
        self.clock, self._world, self.fields = world.clock, world, fields if fields is not None else {}
        self.asked: list[dict[str, Any]] = []

    async def exchange(self, method: str, base_url: str, path: str, **what: Any) -> Received:
        self.asked.append({"method": method, "base_url": base_url, "path": path, **what})
        content = msgspec.json.encode(self.fields)
        return Received(200, content, headers=self._world.signed_headers(content))


def recording(world: PayWorld, fields: Any = None) -> tuple[PayClient, Recorder]:
    from unit.wechat.pay.conftest import client_of

    recorder = Recorder(world, fields)
    return client_of(recorder), recorder


async def test_an_order_is_made_paid_and_found_by_both_numbers(client: PayClient, world: PayWorld) -> None:
    made = await client.call(orders.JSAPI, ORDER)
    unpaid = await client.call(orders.QUERY, QUERY)
    world.pay("tea-0001")
    paid = await client.call(orders.QUERY, QUERY)

    assert made.prepay_id.startswith("wx")
    assert (unpaid.trade_state, unpaid.transaction_id) == ("NOTPAY", "")
    assert (paid.trade_state, paid.payer) == ("SUCCESS", orders.Payer(openid="oAlice"))
    assert paid.amount is not None
    assert paid.amount.money.amount_minor == 1990


async def test_an_empty_answer_is_verified_too(client: PayClient, world: PayWorld) -> None:
    await client.call(orders.JSAPI, ORDER)

    assert await client.call(orders.CLOSE, QUERY) == Done()

    world.fault = lambda method, path: "unsigned"
    with pytest.raises(UnverifiedAnswer):
        await client.call(orders.CLOSE, QUERY)


async def test_a_refusal_says_what_it_means(client: PayClient, world: PayWorld) -> None:
    with pytest.raises(PayRefusal) as missing:
        await client.call(orders.QUERY, QUERY)
    await client.call(orders.JSAPI, ORDER)
    world.pay("tea-0001")
    with pytest.raises(PayRefusal) as paid:
        await client.call(orders.CLOSE, QUERY)

    assert missing.value.is_missing
    assert missing.value.message_zh == "微信支付拒绝：ORDER_NOT_EXIST 订单不存在"
    assert (paid.value.pay_code, paid.value.status, paid.value.is_missing) == ("ORDER_PAID", 400, False)


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ("lost", OutcomeUnknown),
        ("lost_after", OutcomeUnknown),
        ("trouble", PayTrouble),
        ("trouble_after", PayTrouble),
        ("unsigned", UnverifiedAnswer),
        ("limited", PayLimited),
    ],
)
async def test_failures_are_sorted_by_what_may_have_happened(
    client: PayClient, world: PayWorld, fault: str, kind: type[Exception]
) -> None:
    world.fault = lambda method, path: fault

    with pytest.raises(kind) as raised:
        await client.call(orders.JSAPI, ORDER)

    assert isinstance(raised.value, OutcomeUnknown) != isinstance(raised.value, PayRefusal)
    assert ("tea-0001" in world.orders) == (fault in ("lost_after", "trouble_after", "unsigned"))


async def test_an_answer_of_another_key_does_not_count(client: PayClient, world: PayWorld) -> None:
    honest = world.signed_headers
    world.signed_headers = lambda body, **what: honest(body, key="forger")  # type: ignore[method-assign]

    with pytest.raises(UnverifiedAnswer, match="signature is not the platform's"):
        await client.call(orders.JSAPI, ORDER)


@pytest.mark.parametrize("minutes", [-6, 6])
async def test_an_old_answer_does_not_count(client: PayClient, world: PayWorld, minutes: int) -> None:
    honest = world.signed_headers
    at = world.clock.now() + timedelta(minutes=minutes)
    world.signed_headers = lambda body, **what: honest(body, at=at)  # type: ignore[method-assign]

    with pytest.raises(UnverifiedAnswer, match="five minutes"):
        await client.call(orders.JSAPI, ORDER)


async def test_wrong_keys_are_refused_by_the_platform(world: PayWorld) -> None:
    from support.pay_keys import private_pem
    from unit.wechat.pay.conftest import client_of, merchant

    stranger = client_of(world, merchant(private_key=private_pem("stranger")))

    with pytest.raises(PayRefusal) as refused:
        await stranger.call(orders.JSAPI, ORDER)
    assert (refused.value.pay_code, refused.value.status) == ("SIGN_ERROR", 401)


async def test_fields_of_the_path_travel_there_alone(world: PayWorld) -> None:
    client, recorder = recording(world, {"coupon_id": "98"})

    await client.call(
        favor.SEND,
        favor.SendRequest(
            openid="o-1/ü", stock_id="9", out_request_no="r1", appid="wx1", stock_creator_mchid=MCH_ID
        ),
    )

    (asked,) = recorder.asked
    assert asked["path"] == "/v3/marketing/favor/users/o-1%2F%C3%BC/coupons"
    assert "openid" not in msgspec.json.decode(asked["body"])


async def test_what_only_the_platform_may_read_is_encrypted(world: PayWorld) -> None:
    client, recorder = recording(world, {"out_bill_no": "b1", "transfer_bill_no": "t", "state": "ACCEPTED"})
    request = transfers.TransferRequest(
        appid="wx1",
        out_bill_no="b1",
        transfer_scene_id="1000",
        openid="oA",
        transfer_amount=30,
        transfer_remark="奖励",
        transfer_scene_report_infos=(transfers.SceneReport(info_type="活动名称", info_content="茶会"),),
        user_name=Sensitive("张三"),
    )

    await client.call(transfers.TRANSFER, request)

    (asked,) = recorder.asked
    sent = msgspec.json.decode(asked["body"])
    assert decrypt_field(sent["user_name"], private_key("public_key")) == "张三"
    assert asked["headers"]["Wechatpay-Serial"] == PUBLIC_KEY_ID
    assert "张三" not in repr(request)


async def test_what_the_platform_encrypted_is_read(world: PayWorld) -> None:
    sealed = encrypt_field("13800000000", private_key("merchant").public_key())
    client, _ = recording(
        world, {"data": [{"guide_id": "g1", "mobile": sealed, "name": ""}], "total_count": 1}
    )

    answer = await client.call(smart_guide.GUIDES, smart_guide.GuidesRequest(store_id=7))

    assert answer.data[0].mobile == Sensitive("13800000000")


async def test_a_refund_names_its_sources_as_the_wire_does(world: PayWorld) -> None:
    client, recorder = recording(world, {"refund_id": "r", "out_refund_no": "back-1", "status": "PROCESSING"})

    await client.call(
        refunds.REFUND,
        refunds.RefundRequest(
            out_refund_no="back-1",
            out_trade_no="tea-0001",
            amount=refunds.RefundAmount(
                refund=10,
                total=1990,
                currency="CNY",
                sources=(refunds.RefundSource(account="AVAILABLE", amount=10),),
            ),
        ),
    )

    (asked,) = recorder.asked
    assert msgspec.json.decode(asked["body"])["amount"] == {
        "refund": 10,
        "total": 1990,
        "currency": "CNY",
        "from": [{"account": "AVAILABLE", "amount": 10}],
    }


async def test_an_upload_is_signed_by_its_meta(world: PayWorld) -> None:
    client, recorder = recording(world, {"media_id": "m1"})
    picture = File(b"\x89PNG", "a.png", "image/png")

    await client.call(complaints.UPLOAD_IMAGE, complaints.ImageRequest(meta=meta_of(picture), file=picture))

    (asked,) = recorder.asked
    assert asked["content_type"].startswith("multipart/form-data; boundary=")
    world._check_signature(
        "POST",
        "/v3/merchant-service/images/upload",
        msgspec.json.encode(meta_of(picture)),
        asked["headers"]["Authorization"],
    )


async def test_a_picture_of_a_complaint_is_not_signed(world: PayWorld, client: PayClient) -> None:
    class Pictures(Recorder):
        async def exchange(self, method: str, base_url: str, path: str, **what: Any) -> Received:
            return Received(200, b"\xff\xd8", "image/jpeg")

    from unit.wechat.pay.conftest import client_of

    answer = await client_of(Pictures(world)).call(complaints.IMAGE, complaints.MediaRequest(media_id="m/1"))

    assert answer.file is not None
    assert answer.file.content == b"\xff\xd8"


async def test_a_file_is_fetched_from_the_platform_alone(client: PayClient) -> None:
    with pytest.raises(MalformedAnswer, match="not its own"):
        await client.download("https://elsewhere.example/x", write=lambda piece: None, bytes_max=10)


def test_errors_that_are_no_errors_of_the_platform() -> None:
    proxy = refusal_of(502, b"<html>", path="/v3/x")
    limited = refusal_of(403, b'{"code":"NOTENOUGH","message":"m"}', path="/v3/x", request_id="A-268447840")

    assert isinstance(proxy, MalformedAnswer)
    assert isinstance(proxy, TransportError)
    assert isinstance(limited, PayLimited)
    assert (limited.pay_code, limited.reason_number) == ("NOT_ENOUGH", 268447840)


@pytest.mark.parametrize("code", known_pay_codes())
def test_each_code_has_words_in_both_languages(code: str) -> None:
    known = explain_pay(code)

    assert known.meaning.isascii()
    assert len(known.meaning) > 5
    assert not known.meaning_zh.isascii()


def test_old_spellings_mean_the_same() -> None:
    assert explain_pay("ORDERNOTEXIST") == explain_pay("ORDER_NOT_EXIST")
    assert explain_pay("BRAND_NEW").action is Action.GIVE_UP


async def test_the_clock_of_the_signature_is_the_business_clock(world: PayWorld, clock: FixedClock) -> None:
    client, recorder = recording(world, {"prepay_id": "wx"})
    clock.advance(timedelta(days=1))

    await client.call(orders.JSAPI, ORDER)

    assert f'timestamp="{int(clock.now().timestamp())}"' in recorder.asked[0]["headers"]["Authorization"]
