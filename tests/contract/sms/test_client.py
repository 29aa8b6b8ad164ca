"""Our client against the sandbox's gateway: signature, codes by number, reports, answers."""

from datetime import timedelta
from typing import Any

import pytest

from contract.sms.conftest import APP, PAID, SALE, Texting
from quanyu.modules.channels.gateways.errors import SmsRefused
from quanyu.modules.channels.gateways.sms import SmsClient
from quanyu.wechat.errors import MalformedAnswer, NotSent, OutcomeUnknown

PHONE = "+8613800138001"


async def send(client: SmsClient, phone: str = PHONE, **options: Any) -> str:
    what = {"template_id": PAID, "params": ["Q1", "12.00"], "context": "msg_1"} | options
    return await client.send(phone=phone, **what)


async def refusal(client: SmsClient, phone: str = PHONE, **options: Any) -> str:
    with pytest.raises(SmsRefused) as refused:
        await send(client, phone, **options)
    return refused.value.code


async def test_a_message_arrives_and_is_reported_once(texting: Texting) -> None:
    client = texting.client()

    serial_no = await send(client)

    assert await texting.arrived() == [(PHONE, "【青山茶食】您的订单Q1已付款12.00元。")]
    assert await client.pull_reports() == ()  # It has not arrived yet.
    texting.later(5)
    (report,) = await client.pull_reports()
    assert (report.SerialNo, report.ReportStatus) == (serial_no, "SUCCESS")
    assert await client.pull_reports() == ()


async def test_answers_are_told_once(texting: Texting) -> None:
    client = texting.client()
    await send(client)
    await texting.reply(PHONE, "R")

    (reply,) = await client.pull_replies()

    assert (reply.PhoneNumber, reply.ReplyContent) == (PHONE, "R")
    assert reply.ReplyTime == int(texting.platform_clock.now())
    assert await client.pull_replies() == ()


async def test_signatures_secrets_and_clocks_are_checked(texting: Texting) -> None:
    assert await refusal(texting.client(secret="another")) == "AuthFailure.SignatureFailure"
    assert await refusal(texting.client(secret_id="AKIDnobody")) == "AuthFailure.SecretIdNotFound"
    assert await refusal(texting.client(app_id="1400000099")) == "UnauthorizedOperation.SmsSdkAppIdVerifyFail"
    texting.clock.advance(timedelta(seconds=301))
    assert await refusal(texting.client()) == "AuthFailure.SignatureExpire"
    assert await texting.arrived() == []


async def test_each_number_has_a_code_of_its_own(texting: Texting) -> None:
    client = texting.client()
    texting.change(blacklist=("+8613800138009",))

    assert await refusal(client, "+8613800138009") == "FailedOperation.PhoneNumberInBlacklist"
    assert await refusal(client, "+8610086") == "InvalidParameterValue.IncorrectPhoneNumber"
    assert await refusal(client, params=["Q1"]) == "FailedOperation.TemplateParamSetNotMatchApprovedTemplate"
    assert await refusal(client, template_id="999") == "FailedOperation.TemplateUnapprovedOrNotExist"
    link = ["Q1", "https://a.cn"]
    assert await refusal(client, params=link) == "InvalidParameterValue.ProhibitedUseUrlInTemplateParameter"
    long = ["Q1", "很" * 30]
    assert await refusal(client, params=long) == "InvalidParameterValue.TemplateParameterLengthLimit"
    other = texting.client(sign_name="别家")
    assert await refusal(other) == "FailedOperation.SignatureIncorrectOrUnapproved"
    texting.change(balance=0)
    assert await refusal(client) == "FailedOperation.InsufficientBalanceInSmsPackage"
    assert await texting.arrived() == []


async def test_a_number_gets_so_many_and_no_more(texting: Texting) -> None:
    client = texting.client()
    await send(client)

    assert await refusal(client) == "LimitExceeded.PhoneNumberThirtySecondLimit"
    for _ in range(4):
        texting.later(31)
        await send(client)
    texting.later(31)
    assert await refusal(client) == "LimitExceeded.PhoneNumberOneHourLimit"
    await send(client, "+8613800138002")  # Limits are each number's own.


async def test_marketing_goes_out_between_eight_and_ten(texting: Texting) -> None:
    client = texting.client()
    texting.later(11 * 3600)  # 23:00 in China.

    night = await refusal(client, template_id=SALE, params=["小满"])
    await send(client)

    assert night == "FailedOperation.MarketingSendTimeConstraint"
    assert [text for _, text in await texting.arrived()] == ["【青山茶食】您的订单Q1已付款12.00元。"]


async def test_templates_are_told_with_their_state(texting: Texting) -> None:
    found = await texting.client().templates([PAID, "404"])

    assert [(one.TemplateId, one.StatusCode) for one in found] == [(int(PAID), 0)]


async def test_a_gateway_without_an_answer(texting: Texting) -> None:
    """What never left, what nobody can say, and what is no answer of the platform."""
    with pytest.raises(NotSent):
        await send(texting.client(base_url="http://127.0.0.1:1"))
    await texting.control("POST", "/faults", {"path": "/", "drop_after_effect": True, "times": 1})
    with pytest.raises(OutcomeUnknown):
        await send(texting.client())
    assert len(await texting.arrived()) == 1
    await texting.control("POST", "/faults", {"path": "/", "http_status": 503, "times": 1})
    with pytest.raises(MalformedAnswer):
        await send(texting.client(), "+8613800138003")
    await texting.control("POST", "/faults", {"path": "/", "errcode": -1, "times": 1})
    assert await refusal(texting.client()) == "InternalError"


async def test_the_endpoint_may_be_the_sandbox_itself(texting: Texting) -> None:
    """An SDK that can only be told another host finds the action in its header."""
    await send(texting.client(base_url=texting.sandbox.url))

    assert len(await texting.arrived()) == 1
    assert texting.sandbox.sms.sent(APP)[0].context == "msg_1"
