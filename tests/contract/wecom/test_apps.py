"""An app over the wire: itself, its menu, messages to members, pages, signing in."""

from typing import Any
from urllib.parse import parse_qsl, urlsplit

import aiohttp
import pytest

from contract.official_account.conftest import MemoryTokenStore
from contract.wecom.corp import Corp, listening
from quanyu.kernel.clock import SystemClock
from quanyu.wechat.errors import PlatformRefusal
from quanyu.wechat.wecom import agents, app_messages, message_parts, oauth, template_cards
from quanyu.wechat.wecom.client import WeComClient
from quanyu.wechat.wecom.events import apps
from quanyu.wechat.wecom.js_sdk import AgentConfig, CorpConfig, JsSdk


async def test_an_app_names_itself_and_keeps_its_menu(corp: Corp, app: WeComClient) -> None:
    own = agents.AgentId(agentid=corp.agent_id)
    button = agents.Button(type="click", name="今日任务", key="TASKS")
    more = agents.Button(
        name="更多", sub_button=(agents.Button(type="view", name="看板", url="https://a.example"),)
    )

    await app.call(agents.CREATE_MENU, agents.CreateMenuRequest(agentid=corp.agent_id, button=(button, more)))
    menu = await app.call(agents.GET_MENU, own)

    assert (await app.call(agents.GET, own)).name == "全域助手"
    assert [one.name for one in menu.button] == ["今日任务", "更多"]
    assert menu.button[1].sub_button[0].url == "https://a.example"
    await app.call(agents.DELETE_MENU, own)
    with pytest.raises(PlatformRefusal) as caught:
        await app.call(agents.GET, agents.AgentId(agentid=1000999))
    assert caught.value.errcode in (301002, 40056)


async def test_members_get_messages_and_lose_them_again(corp: Corp, app: WeComClient) -> None:
    first, *_ = await corp.staff()
    message = app_messages.TextCardMessage(
        agentid=corp.agent_id,
        touser=app_messages.joined(first, "nobody"),
        textcard=message_parts.TextCard(title="新客户", description="张三加了你", url="https://a.example"),
    )

    sent = await app.call(app_messages.SEND, message)

    got = (await corp.control("GET", f"/staff/{first}/messages"))["items"]
    assert sent.invaliduser == "nobody"
    assert [one["kind"] for one in got] == ["textcard"]
    await app.call(app_messages.RECALL, app_messages.MessageId(msgid=sent.msgid))
    assert (await corp.control("GET", f"/staff/{first}/messages"))["items"] == []
    unreachable = app_messages.TextMessage(
        agentid=corp.agent_id, touser="nobody", text=message_parts.Text("x")
    )
    with pytest.raises(PlatformRefusal) as caught:
        await app.call(app_messages.SEND, unreachable)
    assert caught.value.errcode == 81013


async def test_what_members_do_in_the_app_comes_back(corp: Corp, app: WeComClient) -> None:
    first, *_ = await corp.staff()
    button = agents.Button(type="click", name="今日任务", key="TASKS")
    await app.call(agents.CREATE_MENU, agents.CreateMenuRequest(agentid=corp.agent_id, button=(button,)))
    card = template_cards.TemplateCard(
        card_type="button_interaction",
        main_title=template_cards.Title(title="新客户"),
        task_id="task1",
        button_list=(template_cards.CardButton(text="跟进", key="FOLLOW"),),
    )

    async with listening(corp, "app") as heard:
        message = app_messages.TemplateCardMessage(agentid=corp.agent_id, touser=first, template_card=card)
        sent = await app.call(app_messages.SEND, message)
        await corp.control("POST", f"/staff/{first}/say", {"text": "在吗"})
        await corp.control("POST", f"/staff/{first}/menu", {"button": "TASKS"})
        await corp.control("POST", f"/staff/{first}/card", {"msgid": sent.msgid, "key": "FOLLOW"})
        await heard.until(3, apps.TextMessage, apps.AppEvent)

    said = heard.only(apps.TextMessage)
    tapped = heard.only(apps.CardEvent)
    (clicked,) = (one for one in heard.received if isinstance(one, apps.AppEvent) and one is not tapped)
    assert (said.FromUserName, said.Content, said.AgentID) == (first, "在吗", str(corp.agent_id))
    assert (clicked.Event, clicked.EventKey) == ("click", "TASKS")
    assert (tapped.EventKey, tapped.TaskId) == ("FOLLOW", "task1")
    done = app_messages.UpdateCardRequest(
        agentid=corp.agent_id,
        userids=(first,),
        response_code=tapped.ResponseCode,
        button=app_messages.ReplacedButton("已跟进"),
    )
    await app.call(app_messages.UPDATE_CARD, done)
    with pytest.raises(PlatformRefusal) as caught:
        await app.call(app_messages.UPDATE_CARD, done)
    assert caught.value.errcode == 60140


async def led_back(corp: Corp, url: str, **query: Any) -> dict[str, str]:
    """Open one of the platform's pages at the sandbox; return the query it leads back with."""
    asked = dict(parse_qsl(urlsplit(url).query)) | query
    async with (
        aiohttp.ClientSession() as session,
        session.get(
            f"{corp.url}/{urlsplit(url).netloc}{urlsplit(url).path}", params=asked, allow_redirects=False
        ) as response,
    ):
        assert response.status in (302, 303), await response.text()
        return dict(parse_qsl(urlsplit(response.headers["Location"]).query))


@pytest.mark.parametrize("page", [oauth.authorise_url, oauth.login_url])
async def test_a_member_signs_in_once(corp: Corp, app: WeComClient, page: Any) -> None:
    first, *_ = await corp.staff()
    domain = {"redirect_domain": "a.example"}
    await corp.control("PUT", f"/agents/{corp.agent_id}", domain)
    url = page(corp.id, "https://a.example/in", agent_id=corp.agent_id, state="S1")

    back = await led_back(corp, url, member=first)

    assert back["state"] == "S1"
    request = oauth.CodeRequest(code=back["code"])
    assert (await app.call(oauth.IDENTITY, request)).userid == first
    with pytest.raises(PlatformRefusal) as caught:
        await app.call(oauth.IDENTITY, request)
    assert caught.value.errcode in (40029, 42022)


async def test_a_page_is_signed_for_corp_and_app(corp: Corp, app: WeComClient) -> None:
    await corp.control("PUT", f"/agents/{corp.agent_id}", {"redirect_domain": "a.example"})
    pages = JsSdk(
        app,
        corp_tickets=MemoryTokenStore(),
        app_tickets=MemoryTokenStore(),
        clock=SystemClock(),
        holder="test",
    )
    url = "https://a.example/page?x=1"

    of_corp = await pages.corp_config(f"{url}#part")
    of_app = await pages.agent_config(url, agent_id=corp.agent_id)

    assert (of_corp.appId, of_app.corpid, of_app.agentid) == (corp.id, corp.id, corp.agent_id)
    assert len(of_corp.signature) == len(of_app.signature) == 40
    assert of_corp.signature != of_app.signature

    async def accepted(config: CorpConfig | AgentConfig, **agent: int) -> bool:
        signed = {"noncestr": config.nonceStr, "timestamp": str(config.timestamp), "url": url}
        body = {**signed, "signature": config.signature, **agent}
        return bool((await corp.control("POST", "/check-page", body))["accepted"])

    assert await accepted(of_corp)
    assert await accepted(of_app, agentid=corp.agent_id)
    assert not await accepted(of_app)
