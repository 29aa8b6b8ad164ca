"""Web pages inside WeChat: signing in, the JS-SDK and one-time subscription, over the wire."""

from urllib.parse import parse_qsl, urlsplit

import aiohttp
import pytest

from contract.official_account.conftest import MemoryTokenStore
from contract.official_account.sandbox_process import Sandbox
from quanyu.kernel.clock import SystemClock
from quanyu.wechat.common import management
from quanyu.wechat.errors import PlatformRefusal
from quanyu.wechat.official_account import oauth, pages, template_messages
from quanyu.wechat.official_account.client import OfficialAccountClient
from quanyu.wechat.official_account.js_sdk import JsSdk

BACK = "https://shop.example/back?a=1"


async def visit(sandbox: Sandbox, url: str, **choice: str) -> dict[str, str]:
    """Open a page of the platform as a person's WeChat would; return the query it leads back with."""
    parts = urlsplit(url)
    query = {**dict(parse_qsl(parts.query, keep_blank_values=True)), **choice}
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"{sandbox.url}{parts.path}", params=query, allow_redirects=False) as answer,
    ):
        assert answer.status == 302, await answer.text()
        return dict(parse_qsl(urlsplit(answer.headers["Location"]).query))


async def test_a_silent_visit_tells_who_it_is(client: OfficialAccountClient, sandbox: Sandbox) -> None:
    openid = await sandbox.follow(3)
    url = oauth.authorise_url(client.app_id, BACK, scope="snsapi_base", state="S1")

    back = await visit(sandbox, url, person="3")
    token = await client.call(oauth.EXCHANGE, oauth.CodeRequest(code=back["code"]))

    assert (back["state"], back["a"]) == ("S1", "1")
    assert (token.openid, token.scope) == (openid, "snsapi_base")
    with pytest.raises(PlatformRefusal) as caught:
        await client.call(oauth.EXCHANGE, oauth.CodeRequest(code=back["code"]))
    assert caught.value.errcode == 40163


async def test_a_profile_is_read_with_the_person_s_own_token(
    client: OfficialAccountClient, sandbox: Sandbox
) -> None:
    url = oauth.authorise_url(client.app_id, BACK, scope="snsapi_userinfo")
    back = await visit(sandbox, url, person="3", confirm="1")
    token = await client.call(oauth.EXCHANGE, oauth.CodeRequest(code=back["code"]))

    renewed = await client.call(oauth.REFRESH, oauth.RefreshRequest(refresh_token=token.refresh_token))
    profile = await client.call(
        oauth.PROFILE,
        oauth.ProfileRequest(access_token=renewed.access_token, openid=token.openid, lang="zh_CN"),
    )
    await client.call(
        oauth.CHECK, oauth.UserTokenRequest(access_token=renewed.access_token, openid=token.openid)
    )

    assert profile.openid == renewed.openid == token.openid
    assert profile.unionid == token.unionid != ""
    assert profile.nickname
    with pytest.raises(PlatformRefusal) as caught:
        await client.call(oauth.CHECK, oauth.UserTokenRequest(access_token="none", openid=token.openid))
    assert caught.value.errcode == 40001


async def test_a_page_is_signed_as_the_platform_checks(
    client: OfficialAccountClient, sandbox: Sandbox
) -> None:
    sdk = JsSdk(client, MemoryTokenStore(), SystemClock(), holder="test")
    url = "https://shop.example/tea?id=1"

    config = await sdk.config(f"{url}#top")

    async def accepted(signature: str) -> bool:
        body = {"url": url, "noncestr": config.nonceStr, "timestamp": str(config.timestamp)}
        answer = await sandbox.control(
            "POST", f"/accounts/{client.app_id}/check-page", {**body, "signature": signature}
        )
        return bool(answer["accepted"])

    assert await accepted(config.signature)
    assert not await accepted("0" * 40)


async def test_tickets_of_both_kinds(client: OfficialAccountClient) -> None:
    jsapi = await client.call(management.TICKET, management.TicketRequest(type="jsapi"))
    card = await client.call(management.TICKET, management.TicketRequest(type="wx_card"))

    assert jsapi.ticket != card.ticket
    assert 0 < jsapi.expires_in <= 7200


async def test_a_person_agrees_to_one_message(client: OfficialAccountClient, sandbox: Sandbox) -> None:
    template = await sandbox.control("GET", f"/accounts/{client.app_id}/one-time-template")
    url = pages.one_time_subscription_url(
        client.app_id, scene=7, template_id=template["template_id"], redirect_url=BACK, reserved="r1"
    )
    back = await visit(sandbox, url, person="3", confirm="confirm")
    assert (back["action"], back["scene"], back["reserved"]) == ("confirm", "7", "r1")
    message = template_messages.OneTimeMessage(
        touser=back["openid"],
        template_id=back["template_id"],
        scene=back["scene"],
        title="开售提醒",
        data=template_messages.OneTimeData(template_messages.OneTimeValue("春茶今日开售")),
    )

    await client.call(template_messages.SEND_ONE_TIME, message)

    with pytest.raises(PlatformRefusal):
        await client.call(template_messages.SEND_ONE_TIME, message)
