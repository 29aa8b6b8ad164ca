"""Codes, targets and the filter that tells people from programs."""

from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quanyu.kernel.ids import TenantId
from quanyu.modules.links import bots
from quanyu.modules.links.codes import ALPHABET, CODE_LENGTH, new_code, read_token, token_of
from quanyu.modules.links.contracts import BotReason
from quanyu.modules.links.errors import InvalidTarget
from quanyu.modules.links.targets import bare, check_target, with_utm

IPHONE = (
    b"Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    b"Mobile/15E148 MicroMessenger/8.0.49(0x18003137) NetType/WIFI Language/zh_CN"
)


@given(tenant=st.integers(1, 2**31 - 1), code=st.text(ALPHABET, min_size=CODE_LENGTH, max_size=CODE_LENGTH))
def test_an_address_names_its_brand_and_code(tenant: int, code: str) -> None:
    assert read_token(token_of(TenantId(tenant), code)) == (tenant, code)


@given(text=st.text(max_size=20))
def test_anything_else_is_none_of_ours_or_comes_back_as_it_was(text: str) -> None:
    found = read_token(text)
    assert found is None or token_of(*found) == text


def test_codes_are_not_counted_up() -> None:
    codes = {new_code() for _ in range(1_000)}
    assert len(codes) == 1_000
    assert {len(code) for code in codes} == {CODE_LENGTH}


@pytest.mark.parametrize(
    "target",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "ftp://shop.test/",
        "//shop.test/",
        "/sale",
        "https://",
        "https://user@shop.test/",
        "https://shop.test\\@evil.test/",
        "https://shop.test/a b",
        "https://shop.test/\r\nset-cookie: x=1",
        "https://shop.test:99999/",
        "https://shop.test/" + "x" * 2_000,
    ],
)
def test_links_lead_to_the_web_alone(target: str) -> None:
    with pytest.raises(InvalidTarget) as refused:
        check_target(target)
    assert "http" in refused.value.message_zh


def test_what_is_not_ascii_is_told_as_browsers_are_told_it() -> None:
    host = "商城.test".encode("idna").decode()
    assert check_target(" https://商城.test/茶?a=1%20b&c=茶#x ") == (
        f"https://{host}/%E8%8C%B6?a=1%20b&c=%E8%8C%B6#x"
    )


def test_marks_are_added_and_what_an_address_says_itself_stays() -> None:
    marks = {"utm_source": "wechat", "utm_campaign": "双十一", "utm_term": ""}
    target = with_utm("https://shop.test/p?id=3&utm_source=poster#top", marks)
    assert urlsplit(target).fragment == "top"
    assert parse_qs(urlsplit(target).query) == {
        "id": ["3"],
        "utm_source": ["poster"],
        "utm_campaign": ["双十一"],
    }
    assert target.isascii()
    assert with_utm("https://shop.test/", {}) == "https://shop.test/"
    assert bare("https://shop.test/p?id=3#top") == "https://shop.test/p"


@pytest.mark.parametrize(
    ("method", "headers", "reason"),
    [
        ("GET", {b"user-agent": IPHONE}, None),
        ("GET", {b"user-agent": b"Mozilla/5.0 (Linux; Android 14; CUBOT X70) Mobile Safari/537.36"}, None),
        ("HEAD", {b"user-agent": IPHONE}, BotReason.HEAD),
        ("GET", {b"user-agent": IPHONE, b"sec-purpose": b"prefetch;prerender"}, BotReason.PREFETCH),
        ("GET", {b"user-agent": IPHONE, b"x-purpose": b"preview"}, BotReason.PREFETCH),
        ("GET", {}, BotReason.NO_AGENT),
        ("GET", {b"user-agent": IPHONE + b" mpcrawler"}, BotReason.PREVIEW),
        ("GET", {b"user-agent": b"WeChatShareExtensionNew/8.0.49.33 CFNetwork/1410"}, BotReason.PREVIEW),
        ("GET", {b"user-agent": b"Mozilla/5.0 QQ-URL-Manager"}, BotReason.PREVIEW),
        ("GET", {b"user-agent": b"Mozilla/5.0 (compatible; Baiduspider/2.0)"}, BotReason.CRAWLER),
        ("GET", {b"user-agent": b"SomeNewBot/1.0 (+https://x.test)"}, BotReason.CRAWLER),
        ("GET", {b"user-agent": b"python-requests/2.32"}, BotReason.CRAWLER),
        ("GET", {b"user-agent": b"curl/8.5.0"}, BotReason.CRAWLER),
    ],
)
def test_programs_are_told_by_what_they_say(
    method: str, headers: dict[bytes, bytes], reason: BotReason | None
) -> None:
    assert bots.by_request(method, headers) == reason


def test_one_machine_with_many_peoples_links_is_no_person() -> None:
    seen = bots.Bursts()
    told = [seen.is_burst(b"scanner", f"code{number}", number * 0.1) for number in range(25)]
    assert told == [False] * bots.BURST_COPIES + [True] * 5
    # A minute later the machine is a phone like any other; others never were anything else.
    assert not seen.is_burst(b"scanner", "code1", 60.0)
    assert not seen.is_burst(b"phone", "code1", 2.5)


def test_the_same_link_over_and_over_is_no_person_and_twice_is() -> None:
    seen = bots.Bursts()
    told = [seen.is_burst(b"phone", "mine", number * 0.5) for number in range(12)]
    assert told == [False] * bots.BURST_AGAIN + [True] * 2
