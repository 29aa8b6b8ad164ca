"""The client against the platform's wire protocol, as the sandbox speaks it."""

import asyncio
import socket
from dataclasses import replace

import msgspec
import pytest

from contract.official_account.conftest import MemoryTokenStore
from contract.official_account.sandbox_process import Sandbox
from quanyu.kernel.clock import SystemClock
from quanyu.wechat.common import custom_messages
from quanyu.wechat.errors import (
    MalformedAnswer,
    NotSent,
    OutcomeUnknown,
    PlatformRefusal,
    QuotaExceeded,
    TokenUnavailable,
)
from quanyu.wechat.official_account import template_messages
from quanyu.wechat.official_account.client import OfficialAccountClient
from quanyu.wechat.refusals import Action
from quanyu.wechat.transport import Transport

CUSTOM = "/cgi-bin/message/custom/send"
TEMPLATE = "/cgi-bin/message/template/send"


async def messages_of(sandbox: Sandbox) -> list[dict[str, object]]:
    listed = await sandbox.control("GET", "/messages")
    items: list[dict[str, object]] = listed["items"]
    return items


async def test_user_info_of_a_follower(client: OfficialAccountClient, sandbox: Sandbox) -> None:
    openid = await sandbox.follow(3, qr_scene="shop_12")

    info = await client.user_info(openid)

    assert (info.openid, info.subscribe, info.qr_scene_str) == (openid, True, "shop_12")
    assert info.subscribe_scene == "ADD_SCENE_QR_CODE"
    assert info.subscribe_time > 1_600_000_000
    assert info.unionid


async def test_who_left_comes_with_subscribe_0(client: OfficialAccountClient, sandbox: Sandbox) -> None:
    openid = await sandbox.follow(3)
    await sandbox.control("POST", "/people/3/unfollow")

    info = await client.user_info(openid)

    assert (info.subscribe, info.subscribe_time) == (False, 0)


async def test_many_people_in_one_call(client: OfficialAccountClient, sandbox: Sandbox) -> None:
    openids = [await sandbox.follow(person) for person in range(5)]

    infos = await client.users_info(openids)

    assert {info.openid for info in infos} == set(openids)
    assert all(info.subscribe for info in infos)


async def test_followers_are_listed_to_the_end(client: OfficialAccountClient, sandbox: Sandbox) -> None:
    openids = {await sandbox.follow(person) for person in range(5)}

    first = await client.followers()
    last = await client.followers(first.next_openid)

    assert (first.total, first.count, set(first.data.openid)) == (5, 5, openids)
    assert (last.count, last.data.openid) == (0, ())


async def test_an_unknown_openid_is_refused(client: OfficialAccountClient) -> None:
    with pytest.raises(PlatformRefusal) as caught:
        await client.user_info("nobody")

    assert (caught.value.errcode, caught.value.action) == (40003, Action.GIVE_UP)


@pytest.mark.parametrize(
    "build",
    [
        lambda openid: custom_messages.CustomText(touser=openid, text=custom_messages.Text("你好 “茶”")),
        lambda openid: custom_messages.CustomNews(
            touser=openid,
            news=custom_messages.Articles((custom_messages.Article("标题", "描述", "https://example.com"),)),
        ),
        lambda openid: custom_messages.CustomMenu(
            touser=openid,
            msgmenu=custom_messages.Menu(
                (custom_messages.MenuItem("101", "满意"), custom_messages.MenuItem("102", "不满意")),
                head_content="评价",
            ),
        ),
    ],
)
async def test_customer_service_messages_arrive_as_written(
    build: "object", client: OfficialAccountClient, sandbox: Sandbox
) -> None:
    openid = await sandbox.follow(1)
    assert callable(build)
    message = build(openid)

    await client.send_custom(message)

    (arrived,) = await messages_of(sandbox)
    kind = message.__struct_config__.tag
    assert arrived["kind"] == f"custom:{kind}"
    assert arrived["body"] == msgspec.json.decode(msgspec.json.encode(getattr(message, kind)))


async def test_outside_the_window_is_refused(client: OfficialAccountClient, sandbox: Sandbox) -> None:
    openid = await sandbox.follow(1)
    await sandbox.control("POST", "/people/1/unfollow")

    with pytest.raises(PlatformRefusal) as caught:
        await client.send_custom(custom_messages.CustomText(touser=openid, text=custom_messages.Text("x")))

    assert caught.value.errcode == 45015
    assert await messages_of(sandbox) == []


async def test_the_budget_of_an_interaction_is_refused(
    client: OfficialAccountClient, sandbox: Sandbox
) -> None:
    openid = await sandbox.follow(1)
    await sandbox.say(1, "hi")
    message = custom_messages.CustomText(touser=openid, text=custom_messages.Text("x"))

    refusals = []
    for _ in range(12):
        try:
            await client.send_custom(message)
        except PlatformRefusal as error:
            refusals.append(error.errcode)

    assert set(refusals) == {45047}


async def test_a_template_message_is_sent_once_per_client_msg_id(
    client: OfficialAccountClient, sandbox: Sandbox
) -> None:
    openid = await sandbox.follow(1)
    template = (await client.templates())[0]
    values = {name: template_messages.TemplateValue("值") for name in _fields_of(template)}
    message = template_messages.TemplateMessage(
        touser=openid, template_id=template.template_id, data=values, client_msg_id="intent-1"
    )

    first = await client.send_template(message)
    second = await client.send_template(message)

    assert first > 0
    assert second == first
    assert len(await messages_of(sandbox)) == 1


async def test_a_missing_template_is_refused(client: OfficialAccountClient, sandbox: Sandbox) -> None:
    openid = await sandbox.follow(1)

    with pytest.raises(PlatformRefusal) as caught:
        await client.send_template(
            template_messages.TemplateMessage(touser=openid, template_id="none", data={})
        )

    assert caught.value.errcode == 40037


async def test_addresses_and_quota(client: OfficialAccountClient) -> None:
    assert len(await client.callback_addresses()) > 0

    quota = await client.quota(CUSTOM)

    assert quota.quota.daily_limit == 500_000
    assert quota.quota.remain == quota.quota.daily_limit - quota.quota.used


async def calls_of(sandbox: Sandbox, path: str) -> int:
    counters = await sandbox.control("GET", "/counters")
    return int(counters["calls"].get(path, 0))


async def test_concurrent_callers_share_one_token(
    client: OfficialAccountClient, sandbox: Sandbox, store: MemoryTokenStore
) -> None:
    openid = await sandbox.follow(1)
    before = await calls_of(sandbox, "/cgi-bin/stable_token")

    await asyncio.gather(*(client.user_info(openid) for _ in range(20)))

    assert await calls_of(sandbox, "/cgi-bin/stable_token") == before + 1
    assert store.token is not None


async def test_a_refused_token_is_replaced_once(
    client: OfficialAccountClient, sandbox: Sandbox, store: MemoryTokenStore
) -> None:
    openid = await sandbox.follow(1)
    await client.user_info(openid)
    before = store.token
    await sandbox.control("POST", f"/accounts/{sandbox.account['appid']}/void-tokens")

    info = await client.user_info(openid)

    assert info.openid == openid
    assert before is not None
    assert store.token is not None
    assert store.token.value != before.value


async def test_a_wrong_secret_is_told(
    sandbox: Sandbox, transport: Transport, store: MemoryTokenStore
) -> None:
    wrong = replace(sandbox.credentials, secret="0" * 32)
    client = OfficialAccountClient(transport, wrong, store, SystemClock(), holder="test")

    with pytest.raises(TokenUnavailable) as caught:
        await client.templates()

    assert isinstance(caught.value.__cause__, PlatformRefusal)
    assert caught.value.__cause__.errcode == 40125
    assert store.holder is None, "the lease is given back"


@pytest.mark.parametrize(
    ("code", "action"),
    [(-1, Action.RETRY), (45009, Action.QUOTA), (45011, Action.BACK_OFF), (48001, Action.GIVE_UP)],
)
async def test_refusals_say_what_helps(
    code: int, action: Action, client: OfficialAccountClient, sandbox: Sandbox
) -> None:
    await sandbox.fault("/cgi-bin/getcallbackip", errcode=code)

    with pytest.raises(PlatformRefusal) as caught:
        await client.callback_addresses()

    assert (caught.value.errcode, caught.value.action) == (code, action)
    assert isinstance(caught.value, QuotaExceeded) == (action in (Action.BACK_OFF, Action.QUOTA))
    assert caught.value.meaning_zh


async def test_no_connection_means_not_sent(transport: Transport, sandbox: Sandbox) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        nobody = f"http://127.0.0.1:{probe.getsockname()[1]}"
    credentials = replace(sandbox.credentials, base_url=nobody)
    client = OfficialAccountClient(transport, credentials, MemoryTokenStore(), SystemClock(), holder="test")

    with pytest.raises(NotSent):
        await client.templates()


@pytest.mark.parametrize("fault", [{"drop": True}, {"http_status": 503}, {"errcode": 45011}])
async def test_a_send_without_a_token_was_not_made(
    fault: dict[str, object], client: OfficialAccountClient, sandbox: Sandbox
) -> None:
    """Whatever became of fetching the token, the message itself did not leave."""
    openid = await sandbox.follow(1)
    await sandbox.fault("/cgi-bin/stable_token", times=1, **fault)
    message = custom_messages.CustomText(touser=openid, text=custom_messages.Text("x"))

    with pytest.raises(NotSent):
        await client.send_custom(message)
    assert await messages_of(sandbox) == []

    await client.send_custom(message)
    assert len(await messages_of(sandbox)) == 1


@pytest.mark.parametrize(
    ("fault", "arrives"),
    [
        ({"drop": True}, 0),
        ({"drop_after_effect": True}, 1),
        ({"timeout_after_effect": True, "hold_s": 3}, 1),
        ({"http_status": 502}, 0),
    ],
)
async def test_an_answer_that_does_not_come_leaves_the_outcome_unknown(
    fault: dict[str, object], arrives: int, client: OfficialAccountClient, sandbox: Sandbox
) -> None:
    openid = await sandbox.follow(1)
    await client.templates()  # So that no token is fetched on the way.
    await sandbox.fault(CUSTOM, times=1, **fault)

    with pytest.raises(OutcomeUnknown) as caught:
        await client.send_custom(custom_messages.CustomText(touser=openid, text=custom_messages.Text("x")))

    assert isinstance(caught.value, MalformedAnswer) == ("http_status" in fault)
    assert len(await messages_of(sandbox)) == arrives


def test_messages_given_as_data_are_read_exactly() -> None:
    message = custom_messages.read_custom_message("o1", {"msgtype": "text", "text": {"content": "你好"}})

    assert message == custom_messages.CustomText(touser="o1", text=custom_messages.Text("你好"))
    assert msgspec.json.decode(msgspec.json.encode(message)) == {
        "msgtype": "text",
        "touser": "o1",
        "text": {"content": "你好"},
    }
    with pytest.raises(msgspec.ValidationError, match="content"):
        custom_messages.read_custom_message("o1", {"msgtype": "text", "text": {}})


def _fields_of(template: template_messages.Template) -> list[str]:
    return [part.split(".DATA")[0] for part in template.content.split("{{")[1:]]
