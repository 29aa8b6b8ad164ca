"""Addresses that people are sent to, and signatures for web pages."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from quanyu.kernel.clock import FixedClock
from quanyu.wechat.official_account import oauth, pages
from quanyu.wechat.official_account.client import OfficialAccountClient
from quanyu.wechat.official_account.js_sdk import JsSdk, sign_page
from quanyu.wechat.tokens import AccessToken
from unit.wechat.scripted import AT, answer, query_of, scripted

BACK = "https://brand.example/back?from=菜单&x=1"


def test_the_authorisation_page_has_its_parameters_in_order() -> None:
    url = oauth.authorise_url("wx1", BACK, scope="snsapi_userinfo", state="s1")

    assert url.startswith(
        "https://open.weixin.qq.com/connect/oauth2/authorize?appid=wx1&redirect_uri=https%3A"
    )
    assert url.endswith("&response_type=code&scope=snsapi_userinfo&state=s1#wechat_redirect")
    assert query_of(url)["redirect_uri"] == BACK


def test_a_person_can_be_asked_each_time() -> None:
    url = oauth.authorise_url("wx1", BACK, scope="snsapi_base", always_ask=True)

    assert query_of(url)["forcePopup"] == "true"


def test_the_website_login() -> None:
    url = oauth.website_login_url("wx1", BACK, state="s1")

    assert url.startswith("https://open.weixin.qq.com/connect/qrconnect?")
    assert query_of(url) == {
        "appid": "wx1",
        "redirect_uri": BACK,
        "response_type": "code",
        "scope": "snsapi_login",
        "state": "s1",
    }


def test_the_page_of_a_one_time_subscription() -> None:
    url = pages.one_time_subscription_url(
        "wx1", scene=1000, template_id="T", redirect_url=BACK, reserved="r&1"
    )

    assert url.endswith("#wechat_redirect")
    assert query_of(url) == {
        "action": "get_confirm",
        "appid": "wx1",
        "scene": "1000",
        "template_id": "T",
        "redirect_url": BACK,
        "reserved": "r&1",
    }


def test_the_ticket_of_a_code_is_escaped() -> None:
    assert pages.qr_code_url("gQ+/==").endswith("showqrcode?ticket=gQ%2B%2F%3D%3D")


VECTOR = {
    "jsapi_ticket": "sM4AOVdWfPE4DxkXGEs8VMCPGGVi4C3VM0P37wVUCFvkVAy_90u5h9nbSlYy3-Sl-HhTdfl2fzFy1AOcHKP7qg",
    "noncestr": "Wm3WZYTPz0wzccnW",
    "timestamp": 1414587457,
    "url": "http://mp.weixin.qq.com?params=value",
    "sha1": "0f9de62fce790f9a083d5c99e95740ceb90c27ed",
}


@pytest.mark.parametrize("fragment", ["", "#wechat_redirect", "#a#b"])
def test_the_published_signature_of_a_page(fragment: str) -> None:
    signed = sign_page(
        str(VECTOR["jsapi_ticket"]),
        nonce=str(VECTOR["noncestr"]),
        timestamp=int(VECTOR["timestamp"]),
        url=f"{VECTOR['url']}{fragment}",
    )

    assert signed == VECTOR["sha1"]


@pytest.mark.shared
def test_the_shared_vector_agrees(shared_data: Path) -> None:
    vectors = json.loads((shared_data / "data" / "wechat_known_answers" / "vectors.json").read_text())
    vector = vectors["jssdk_signature"]

    signed = sign_page(
        vector["jsapi_ticket"],
        nonce=vector["noncestr"],
        timestamp=int(vector["timestamp"]),
        url=vector["url"],
    )

    assert signed == vector["sha1"]


class TicketRow:
    """A store of one process."""

    def __init__(self) -> None:
        self.token: AccessToken | None = None

    async def find(self) -> AccessToken | None:
        return self.token

    async def take_lease(self, holder: str, *, seconds: float) -> bool:
        return True

    async def save(self, holder: str, token: AccessToken) -> None:
        self.token = token

    async def give_lease_back(self, holder: str) -> None: ...


async def test_pages_share_one_ticket_until_it_ends() -> None:
    clock = FixedClock(AT)
    client, transport = scripted(
        OfficialAccountClient,
        answer({"errcode": 0, "errmsg": "ok", "ticket": "T1", "expires_in": 7200}),
        answer({"errcode": 0, "errmsg": "ok", "ticket": "T2", "expires_in": 7200}),
        clock=clock,
    )
    sdk = JsSdk(client, TicketRow(), clock, holder="a")

    first = await sdk.config("https://brand.example/a")
    await sdk.config("https://brand.example/b")
    clock.advance(timedelta(hours=2))
    later = await sdk.config("https://brand.example/a")

    assert len(transport.asked) == 2
    assert transport.asked[0].query["type"] == "jsapi"
    assert first.appId == "wx1"
    for ticket, config in (("T1", first), ("T2", later)):
        assert config.signature == sign_page(
            ticket, nonce=config.nonceStr, timestamp=config.timestamp, url="https://brand.example/a"
        )
