"""Codes as pictures, schemes, URL links and short links, and people who open them."""

import io
from typing import Any

import pytest
from PIL import Image

from contract.sandbox.mini_program.mini import Mini
from wechat_sandbox.endpoints.mini_program import codes

DAY = 86400
CODE, UNLIMITED, QR = "/wxa/getwxacode", "/wxa/getwxacodeunlimit", "/cgi-bin/wxaapp/createwxaqrcode"


async def links(mini: Mini) -> list[dict[str, Any]]:
    return list((await mini.control("GET", "/links"))["items"])


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (CODE, {"path": "pages/a?x=1"}),
        (UNLIMITED, {"scene": "x=1", "page": "pages/a"}),
        (QR, {"path": "pages/a"}),
    ],
)
async def test_a_code_is_a_picture_that_leads_to_its_page(
    mini: Mini, path: str, body: dict[str, Any]
) -> None:
    content_type, content = await mini.raw(path, body)
    assert content_type == "image/jpeg"
    assert Image.open(io.BytesIO(content)).size == (430, 430)
    hyaline = {"width": 2000, "is_hyaline": True, "line_color": {"r": "200", "g": 0, "b": 0}}
    content_type, content = await mini.raw(path, body | hyaline)
    assert content_type == "image/png"
    picture = Image.open(io.BytesIO(content)).convert("RGBA")
    assert picture.size == (1280, 1280)
    assert picture.getpixel((0, 0))[3] == 0
    [first, _] = await links(mini)
    opened = await mini.rig.control("POST", "/people/5/open-link", {"link": first["text"]})
    assert opened["path"] == "pages/a"
    assert opened["query"] == {CODE: "x=1", UNLIMITED: "scene=x=1", QR: ""}[path]


@pytest.mark.parametrize(
    ("path", "body", "code"),
    [
        (CODE, {}, 40159),
        (CODE, {"path": "p" * 1025}, 40159),
        (CODE, {"path": "pages/a?scancode_time=1"}, 85096),
        (CODE, {"path": "pages/a", "env_version": "beta"}, 40097),
        (QR, {"path": "p" * 129}, 40159),
        (UNLIMITED, {}, 40129),
        (UNLIMITED, {"scene": "中文"}, 40129),
        (UNLIMITED, {"scene": "s" * 33}, 40169),
        (UNLIMITED, {"scene": "s", "page": "/pages/a"}, 41030),
        (UNLIMITED, {"scene": "s", "page": "pages/a?x=1"}, 41030),
        (UNLIMITED, {"scene": "s", "page": "pages/secret"}, 41030),
    ],
)
async def test_what_is_wrong_with_a_code_is_told_as_json(
    mini: Mini, path: str, body: dict[str, Any], code: int
) -> None:
    await mini.control("PUT", "/pages", {"pages": ["pages/a"]})
    content_type, content = await mini.raw(path, body)
    assert content_type.startswith("application/json")
    assert f'"errcode":{code}'.encode() in content
    assert await links(mini) == []


async def test_unpublished_pages_are_taken_on_demand(mini: Mini) -> None:
    await mini.control("PUT", "/pages", {"pages": ["pages/a"]})
    body = {"scene": "s", "page": "pages/secret", "check_path": False}
    assert (await mini.raw(UNLIMITED, body))[0] == "image/jpeg"


async def test_limited_codes_share_one_number(mini: Mini, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(codes, "LIMITED_MAX", 2)
    for path in (CODE, QR):
        assert (await mini.raw(path, {"path": "pages/a"}))[0] == "image/jpeg"
    assert b'"errcode":45029' in (await mini.raw(CODE, {"path": "pages/a"}))[1]
    assert (await mini.raw(UNLIMITED, {"scene": "s"}))[0] == "image/jpeg"


async def test_a_scheme_is_made_queried_opened_and_ends(mini: Mini) -> None:
    made = await mini.post(
        "/wxa/generatescheme",
        {
            "jump_wxa": {"path": "pages/a", "query": "x=1"},
            "is_expire": True,
            "expire_type": 1,
            "expire_interval": 2,
        },
    )
    scheme = made["openlink"]
    assert scheme.startswith("weixin://dl/business/?t=")
    info = (await mini.post("/wxa/queryscheme", {"scheme": scheme}))["scheme_info"]
    assert (info["appid"], info["path"], info["query"]) == (mini.account.appid, "pages/a", "x=1")
    assert info["expire_time"] - info["create_time"] == 2 * DAY
    await mini.rig.control("POST", "/people/5/open-link", {"link": scheme})
    asked = {"scheme": scheme, "query_type": 1}
    assert (await mini.post("/wxa/queryscheme", asked))["quota_info"] == {"remain_visit_quota": 2_999_999}
    assert await mini.code_of("/wxa/queryscheme", {"scheme": "weixin://x"}) == 85403
    other = await Mini.make(mini.rig)
    assert await other.code_of("/wxa/queryscheme", {"scheme": scheme}) == 85407
    mini.rig.clock.advance(2 * DAY)
    status, answer = await mini.rig.request("POST", "/sandbox/people/5/open-link", json={"link": scheme})
    assert (status, answer["error"]) == (400, "the link has expired")


async def test_url_links_last_thirty_days_at_most(mini: Mini) -> None:
    path, now = "/wxa/generate_urllink", int(mini.rig.clock.now())
    made = await mini.post(path, {"path": "pages/a", "query": "x=1"})
    assert made["url_link"].startswith("https://wxaurl.cn/")
    info = (await mini.post("/wxa/query_urllink", {"url_link": made["url_link"]}))["url_link_info"]
    assert info["expire_time"] == now + 30 * DAY
    for body, code in (
        ({"expire_type": 0, "expire_time": now + 31 * DAY}, 85401),
        ({"expire_type": 0, "expire_time": now - 1}, 85401),
        ({"expire_type": 1, "expire_interval": 31}, 85401),
        ({"env_version": "beta"}, 85402),
        ({"query": "x" * 1025}, 40212),
        ({"query": "中文"}, 40212),
        ({"path": "pages/a?x=1"}, 40165),
    ):
        assert await mini.code_of(path, body) == code
    cloud = {"env": "e1", "path": "/x"}
    made = await mini.post(path, {"cloud_base": cloud})
    info = (await mini.post("/wxa/query_urllink", {"url_link": made["url_link"]}))["url_link_info"]
    assert info["cloud_base"] == cloud


async def test_links_have_a_pace(mini: Mini) -> None:
    token = await mini.token()
    codes = [
        (await mini.rig.post("/wxa/generatescheme", {}, access_token=token))["errcode"] for _ in range(101)
    ]
    assert codes == [0] * 100 + [44990]


async def test_short_links_and_device_schemes(mini: Mini) -> None:
    path = "/wxa/genwxashortlink"
    made = await mini.post(path, {"page_url": "pages/a?x=1", "page_title": "新品"})
    assert made["link"].startswith("#小程序://青山小程序/")
    opened = await mini.rig.control("POST", "/people/5/open-link", {"link": made["link"]})
    assert (opened["path"], opened["query"]) == ("pages/a", "x=1")
    assert await mini.code_of(path, {"page_title": "x"}) == 40066
    assert await mini.code_of(path, {"page_url": "pages/a", "is_permanent": True}) == 0
    nfc = {"jump_wxa": {"path": "pages/a"}, "model_id": "m1", "sn": "7"}
    made = await mini.post("/wxa/generatenfcscheme", nfc)
    info = (await mini.post("/wxa/queryscheme", {"scheme": made["openlink"]}))["scheme_info"]
    assert info["expire_time"] == 0
    assert await mini.code_of("/wxa/generatenfcscheme", {}) == 9800003
