"""Sub-merchants of a mini program, and the tie to 微信客服, over the wire."""

import pytest

from contract.mini_program.conftest import MiniProgram
from contract.official_account.pictures import jpeg
from quanyu.wechat.calls import Nothing
from quanyu.wechat.common import custom_messages, media
from quanyu.wechat.errors import PlatformRefusal
from quanyu.wechat.mini_program import customer_service


async def register(mini: MiniProgram) -> int:
    icon = await mini.client.call(media.UPLOAD, media.UploadRequest(type="image", media=jpeg()))
    made = await mini.client.call(
        customer_service.REGISTER,
        customer_service.RegisterRequest(account_name="tea-1", nickname="一店", icon_media_id=icon.id),
    )
    return made.business_id


async def test_a_sub_merchant_is_registered_renamed_and_listed(mini: MiniProgram) -> None:
    number = await register(mini)
    await mini.client.call(
        customer_service.UPDATE, customer_service.UpdateRequest(business_id=number, nickname="总店")
    )

    by_name = await mini.client.call(
        customer_service.BUSINESS, customer_service.BusinessRequest(account_name="tea-1")
    )
    listed = await mini.client.call(
        customer_service.BUSINESSES, customer_service.BusinessesRequest(offset=0, count=10)
    )

    assert (by_name.business_info.business_id, by_name.business_info.nickname) == (number, "总店")
    assert by_name.business_info.icon_url.startswith("http")
    assert listed.list == (by_name.business_info,)


async def test_messages_are_sent_for_a_sub_merchant(mini: MiniProgram) -> None:
    number = await register(mini)
    openid = (await mini.logged_in(3)).openid
    await mini.act(3, "enter-session")
    await mini.act(3, "say", text="在吗")

    await mini.client.call(
        customer_service.TYPING,
        custom_messages.TypingRequest(
            touser=openid, command=custom_messages.TypingCommand.SHOW, businessid=number
        ),
    )
    text = custom_messages.Text("您好")
    await mini.client.call(
        customer_service.SEND, custom_messages.CustomText(touser=openid, text=text, businessid=number)
    )
    with pytest.raises(PlatformRefusal) as caught:
        await mini.client.call(
            customer_service.SEND, custom_messages.CustomText(touser=openid, text=text, businessid=1)
        )

    assert caught.value.errcode == 40035
    listed = await mini.sandbox.control("GET", f"/messages?appid={mini.client.app_id}")
    assert [line["body"] for line in listed["items"]] == [{"content": "您好"}]


async def test_a_corporation_is_bound_and_unbound(mini: MiniProgram) -> None:
    corp = customer_service.CorpRequest(corpid="ww1234567890abcdef")

    await mini.client.call(customer_service.BIND_CORP, corp)
    bound = await mini.client.call(customer_service.BOUND_CORP, Nothing())
    assert (bound.corpid, bound.bindTime > 0) == (corp.corpid, True)

    await mini.client.call(customer_service.UNBIND_CORP, corp)
    assert (await mini.client.call(customer_service.BOUND_CORP, Nothing())).corpid == ""
