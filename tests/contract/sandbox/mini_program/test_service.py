"""The service session of a mini program: windows, messages, hand-over."""

import json
from typing import Any

from aiohttp import web

from contract.sandbox.conftest import StartRig
from contract.sandbox.mini_program.mini import Mini
from contract.sandbox.rig import Received

SEND = "/cgi-bin/message/custom/send"


def text(mini: Mini) -> dict[str, Any]:
    return {"touser": mini.openid(1), "msgtype": "text", "text": {"content": "您好"}}


async def test_entering_the_session_opens_two_messages_for_a_minute(mini: Mini) -> None:
    assert await mini.code_of(SEND, text(mini)) == 45015
    await mini.act(1, "enter-session", session_from="pages/a")
    [event] = await mini.events("user_enter_tempsession")
    assert event["SessionFrom"] == "pages/a"
    assert [await mini.code_of(SEND, text(mini)) for _ in range(3)] == [0, 0, 45047]
    mini.rig.clock.advance(61)
    assert await mini.code_of(SEND, text(mini)) == 45015


async def test_a_message_opens_five_for_two_days_without_any_follow(mini: Mini) -> None:
    await mini.act(1, "say", text="有新品吗")
    assert [await mini.code_of(SEND, text(mini)) for _ in range(6)] == [0] * 5 + [45047]
    mini.rig.clock.advance(48 * 3600)
    assert await mini.code_of(SEND, text(mini)) == 45015


async def test_a_card_of_a_page_can_be_sent(mini: Mini) -> None:
    await mini.act(1, "card", title="明前龙井", page="pages/a?id=1")
    [message] = [one for one in await mini.events() if one["MsgType"] == "miniprogrampage"]
    assert (message["Title"], message["AppId"], message["PagePath"]) == (
        "明前龙井",
        mini.account.appid,
        "pages/a?id=1",
    )
    assert message["ThumbMediaId"]
    assert message["MsgId"]


async def test_a_plain_json_callback_can_hand_over_to_staff(start_rig: StartRig) -> None:
    mini = await Mini.make(await start_rig(), callback_format="json", callback_mode="plain")

    async def hand_over(received: Received) -> web.Response:
        message = json.loads(received.body)
        reply = {
            "ToUserName": message["FromUserName"],
            "FromUserName": message["ToUserName"],
            "CreateTime": message["CreateTime"],
            "MsgType": "transfer_customer_service",
        }
        return web.json_response(reply)

    mini.rig.product.answer = hand_over
    await mini.act(1, "say", text="找人工")
    [message] = await mini.events()
    assert (message["Content"], isinstance(message["MsgId"], int)) == ("找人工", True)
    assert mini.rig.sandbox.mailman.counts["replied"] == 1
