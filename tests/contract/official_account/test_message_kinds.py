"""Customer-service kinds as messaging makes them, over the wire: the sandbox checks and records each."""

from typing import Any
from zoneinfo import ZoneInfo

import pytest

from contract.official_account.sandbox_process import Sandbox
from contract.official_account.test_articles import add_picture
from quanyu.modules.messaging.adapters import OfficialAccountSender
from quanyu.modules.messaging.contracts import MessageKind
from quanyu.modules.messaging.kinds import kind_of
from quanyu.modules.messaging.kinds.base import Posting, Rendered
from quanyu.modules.messaging.ports import SendRefused
from quanyu.modules.messaging.rendering import render
from quanyu.wechat.official_account import linked_mini_programs as linked
from quanyu.wechat.official_account.client import OfficialAccountClient


async def _send(client: OfficialAccountClient, openid: str, kind: MessageKind, content: Any) -> None:
    rendered = render(kind, content, {}, ZoneInfo("Asia/Shanghai"))
    assert isinstance(rendered, Rendered)
    posting = Posting(openid, rendered.payload, "key")
    assert await kind_of(kind).call(OfficialAccountSender(client), posting) == ""


async def test_every_customer_service_kind_arrives(client: OfficialAccountClient, sandbox: Sandbox) -> None:
    openid = await sandbox.follow(1)
    await sandbox.say(1, "你好")
    picture = await add_picture(client)
    made = await sandbox.control("POST", "/accounts", {"kind": "mini_program", "name": "茶铺"})
    app_id = made["account"]["appid"]
    await client.call(linked.LINK, linked.LinkRequest(appid=app_id, notify_users=0, show_profile=1))
    page = {"title": "下单", "appid": app_id, "pagepath": "pages/order", "thumb_media_id": picture}
    menu = {"head": "满意吗", "items": [{"id": "y", "content": "满意"}], "tail": "谢谢"}

    await _send(client, openid, MessageKind.CUSTOMER_SERVICE_IMAGE, {"media_id": picture})
    await _send(client, openid, MessageKind.CUSTOMER_SERVICE_NEWS, {"title": "新茶", "url": "https://x.cn"})
    await _send(client, openid, MessageKind.CUSTOMER_SERVICE_MINI_PROGRAM, page)
    await _send(client, openid, MessageKind.CUSTOMER_SERVICE_MENU, menu)

    inbox = await sandbox.control("GET", "/messages")
    arrived = [(one["kind"], one["body"]) for one in inbox["items"] if one["kind"].startswith("custom:")]
    assert arrived == [
        ("custom:image", {"media_id": picture}),
        (
            "custom:news",
            {"articles": [{"title": "新茶", "description": "", "url": "https://x.cn", "picurl": ""}]},
        ),
        ("custom:miniprogrampage", page),
        (
            "custom:msgmenu",
            {"head_content": "满意吗", "list": [{"id": "y", "content": "满意"}], "tail_content": "谢谢"},
        ),
    ]


@pytest.mark.parametrize(
    ("kind", "content", "code"),
    [
        (MessageKind.CUSTOMER_SERVICE_IMAGE, {"media_id": "none"}, 40007),
        (
            MessageKind.CUSTOMER_SERVICE_MINI_PROGRAM,
            {"title": "t", "appid": "wx0", "pagepath": "p", "thumb_media_id": "none"},
            40007,
        ),
    ],
)
async def test_the_platforms_checks_are_refusals(
    client: OfficialAccountClient, sandbox: Sandbox, kind: MessageKind, content: Any, code: int
) -> None:
    openid = await sandbox.follow(1)
    await sandbox.say(1, "你好")
    with pytest.raises(SendRefused) as caught:
        await _send(client, openid, kind, content)
    assert caught.value.code == code
