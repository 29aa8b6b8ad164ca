"""Customer service over the wire: pulling by cursor, welcoming, answering, handing over, ending."""

import pytest

from contract.wecom.corp import Corp, listening
from quanyu.wechat.calls import File
from quanyu.wechat.errors import PlatformRefusal
from quanyu.wechat.wecom import media
from quanyu.wechat.wecom.client import WeComClient
from quanyu.wechat.wecom.events.service import ServiceHasNews
from quanyu.wechat.wecom.kf import accounts, customers, messages, sessions

PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 64


async def account_of(kf: WeComClient) -> str:
    portrait = media.UploadRequest(type="image", media=File(PNG, "a.png", "image/png"))
    media_id = (await kf.call(media.UPLOAD, portrait)).media_id
    return (await kf.call(accounts.ADD, accounts.AddRequest(name="青山客服", media_id=media_id))).open_kfid


async def rows_of(kf: WeComClient, account: str, *, token: str = "") -> list[messages.KfRow]:
    pages = kf.kf_message_pages(account, cursor="", token=token)
    return [row async for page in pages for row in page.msg_list]


async def test_a_customer_is_welcomed_and_answered(corp: Corp, kf: WeComClient) -> None:
    account = await account_of(kf)
    link = await kf.call(accounts.LINK, accounts.LinkRequest(open_kfid=account, scene="shop"))
    assert link.url.startswith("http")

    async with listening(corp, "kf") as heard:
        await corp.control("POST", f"/kf/{account}/chats/1/enter", {"scene": "shop"})
        (news,) = await heard.until(1, ServiceHasNews)
    assert isinstance(news, ServiceHasNews)
    assert (news.OpenKfId, news.FromUserName) == (account, "")
    (entered,) = await rows_of(kf, account, token=news.Token)
    assert entered.event is not None
    assert (entered.event.event_type, entered.event.scene) == ("enter_session", "shop")
    greeting = messages.KfEventText(code=entered.event.welcome_code, text=messages.OutText("您好"))
    assert (await kf.call(messages.SEND_ON_EVENT, greeting)).msgid
    with pytest.raises(PlatformRefusal):
        await kf.call(messages.SEND_ON_EVENT, greeting)

    await corp.control("POST", f"/kf/{account}/chats/1/say", {"text": "有新茶吗"})
    said = (await rows_of(kf, account))[-1]
    assert said.text is not None
    assert (said.text.content, said.origin, said.customer) == ("有新茶吗", 3, entered.customer)
    reply = messages.KfTextMessage(
        touser=said.customer, open_kfid=account, msgid="own1", text=messages.OutText("有")
    )
    assert (await kf.call(messages.SEND, reply)).msgid == "own1"
    with pytest.raises(PlatformRefusal) as caught:
        await kf.call(messages.SEND, reply)
    assert caught.value.errcode == 95033
    known = await kf.call(customers.INFO, customers.InfoRequest(external_userid_list=(said.customer, "wmx")))
    assert [one.external_userid for one in known.customer_list] == [said.customer]
    assert known.invalid_external_userid == ("wmx",)


async def test_a_session_goes_to_a_human_and_ends(corp: Corp, kf: WeComClient) -> None:
    first, *_ = await corp.staff()
    account = await account_of(kf)
    servicers = accounts.ServicersRequest(open_kfid=account, userid_list=(first,))
    (added,) = (await kf.call(accounts.ADD_SERVICERS, servicers)).result_list
    assert (added.userid, added.errcode) == (first, 0)
    await corp.control("POST", f"/kf/{account}/chats/1/enter")
    await corp.control("POST", f"/kf/{account}/chats/1/say", {"text": "转人工"})
    customer = (await rows_of(kf, account))[-1].customer
    asked = sessions.StateRequest(open_kfid=account, external_userid=customer)

    async def move(state: sessions.State, servicer: str = "") -> sessions.Moved:
        request = sessions.MoveRequest(
            open_kfid=account, external_userid=customer, service_state=state, servicer_userid=servicer
        )
        return await kf.call(sessions.MOVE, request)

    assert (await move(sessions.State.HUMAN, first)).msg_code
    state = await kf.call(sessions.STATE, asked)
    assert (state.service_state, state.servicer_userid) == (sessions.State.HUMAN, first)
    assert (await move(sessions.State.ENDED)).msg_code
    with pytest.raises(PlatformRefusal) as caught:
        await move(sessions.State.POOL)
    assert caught.value.errcode == 95013


async def test_pages_go_on_from_their_cursor(corp: Corp, kf: WeComClient) -> None:
    account = await account_of(kf)
    await corp.control("POST", f"/kf/{account}/chats/1/enter")
    for number in range(5):
        await corp.control("POST", f"/kf/{account}/chats/1/say", {"text": str(number)})
    first = await kf.call(messages.SYNC, messages.SyncRequest(open_kfid=account, limit=4))

    rest = [
        row async for page in kf.kf_message_pages(account, cursor=first.next_cursor) for row in page.msg_list
    ]

    assert (len(first.msg_list), first.has_more) == (4, 1)
    assert [one.text.content for one in rest if one.text] == ["3", "4"]
    assert not {one.msgid for one in first.msg_list} & {one.msgid for one in rest}
