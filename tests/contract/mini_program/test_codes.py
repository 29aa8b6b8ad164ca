"""Codes and links of a mini program, over the wire."""

import time

import pytest

from contract.mini_program.conftest import MiniProgram
from quanyu.wechat.errors import PlatformRefusal
from quanyu.wechat.mini_program import codes, links


@pytest.mark.parametrize(
    "request_",
    [
        codes.LimitedRequest(path="pages/a?x=1"),
        codes.UnlimitedRequest(scene="x=1", page="pages/a", line_color=codes.Colour(200, 0, 0)),
        codes.QrCodeRequest(path="pages/a", width=280),
    ],
)
async def test_a_code_is_a_picture_that_opens_its_page(
    mini: MiniProgram, request_: codes.LimitedRequest | codes.UnlimitedRequest | codes.QrCodeRequest
) -> None:
    picture = await mini.client.code_image(request_)

    assert picture.content_type == "image/jpeg"
    assert picture.content.startswith(b"\xff\xd8\xff")
    made = await mini.sandbox.control("GET", f"/accounts/{mini.client.app_id}/links")
    opened = await mini.sandbox.control("POST", "/people/5/open-link", {"link": made["items"][-1]["text"]})
    assert opened["path"] == "pages/a"


async def test_a_transparent_code_is_a_png(mini: MiniProgram) -> None:
    picture = await mini.client.code_image(codes.UnlimitedRequest(scene="s", is_hyaline=True))

    assert picture.content_type == "image/png"


async def test_a_scene_that_does_not_fit_is_refused_instead(mini: MiniProgram) -> None:
    with pytest.raises(PlatformRefusal) as caught:
        await mini.client.code_image(codes.UnlimitedRequest(scene="中文"))
    assert caught.value.errcode == 40129


async def opened_page(mini: MiniProgram, link: str) -> tuple[str, str]:
    opened = await mini.sandbox.control("POST", "/people/5/open-link", {"link": link})
    return opened["path"], opened["query"]


async def test_a_scheme_is_made_asked_about_and_opened(mini: MiniProgram) -> None:
    expires_at = int(time.time()) + 86_400
    made = await mini.client.call(
        links.SCHEME,
        links.SchemeRequest(
            jump_wxa=links.Target("pages/a", "x=1", "release"), is_expire=True, expire_time=expires_at
        ),
    )

    info = await mini.client.call(links.QUERY_SCHEME, links.SchemeQuery(scheme=made.openlink))
    left = await mini.client.call(links.QUERY_SCHEME, links.SchemeQuery(scheme=made.openlink, query_type=1))

    assert made.openlink.startswith("weixin://dl/business/?t=")
    assert info.scheme_info is not None
    assert (info.scheme_info.path, info.scheme_info.query) == ("pages/a", "x=1")
    assert info.scheme_info.expire_time == expires_at
    assert left.quota_info is not None
    assert left.quota_info.remain_visit_quota > 0
    assert await opened_page(mini, made.openlink) == ("pages/a", "x=1")


async def test_a_url_link_is_made_asked_about_and_opened(mini: MiniProgram) -> None:
    made = await mini.client.call(
        links.URL_LINK,
        links.UrlLinkRequest(path="pages/a", query="x=1", expire_type=links.AFTER_DAYS, expire_interval=7),
    )

    info = await mini.client.call(links.QUERY_URL_LINK, links.UrlLinkQuery(url_link=made.url_link))
    left = await mini.client.call(
        links.QUERY_URL_LINK, links.UrlLinkQuery(url_link=made.url_link, query_type=1)
    )

    assert made.url_link.startswith("https://")
    assert info.url_link_info is not None
    assert (info.url_link_info.appid, info.url_link_info.path) == (mini.client.app_id, "pages/a")
    assert left.quota_info is not None
    assert await opened_page(mini, made.url_link) == ("pages/a", "x=1")


async def test_short_links_and_nfc_schemes(mini: MiniProgram) -> None:
    short = await mini.client.call(
        links.SHORT_LINK, links.ShortLinkRequest(page_url="pages/a?x=1", page_title="春茶")
    )
    assert short.link.startswith("#小程序://")
    assert await opened_page(mini, short.link) == ("pages/a", "x=1")

    nfc = await mini.client.call(
        links.NFC_SCHEME,
        links.NfcSchemeRequest(model_id="model-1", sn="sn-1", jump_wxa=links.Target("pages/a")),
    )
    assert nfc.openlink.startswith("weixin://dl/business/?t=")


async def test_a_link_that_lives_too_long_is_refused(mini: MiniProgram) -> None:
    with pytest.raises(PlatformRefusal) as caught:
        await mini.client.call(
            links.URL_LINK, links.UrlLinkRequest(expire_type=links.AFTER_DAYS, expire_interval=31)
        )
    assert caught.value.errcode == 85401
