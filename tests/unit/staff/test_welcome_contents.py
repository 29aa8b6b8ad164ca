"""What a welcome may say, and to whom it says nothing (WM-5, WM-7)."""

import pytest
from pydantic import ValidationError

from quanyu.infra.crypto import KeyFile, KeyRing
from quanyu.modules.staff.welcomes.blocking import WelcomeBlockList, find_blocked
from quanyu.modules.staff.welcomes.contents import ImagePart, LinkPart, MiniProgramPart, WelcomeContent
from quanyu.modules.staff.welcomes.links import WelcomeLinks, with_token
from quanyu.modules.staff.welcomes.variables import fill

IMAGE = ImagePart(media="wmd_1")


def test_sizes_are_counted_in_bytes_as_the_platform_does() -> None:
    assert WelcomeContent(text="好" * 1_333).text
    with pytest.raises(ValidationError, match="at most 128 bytes, this has 129"):
        LinkPart(title="好" * 43, url="https://a.example")
    with pytest.raises(ValidationError, match="at most 64 bytes"):
        MiniProgramPart(title="好" * 22, app_id="wx0123456789", page="pages/a", media="wmd_1")
    with pytest.raises(ValidationError, match="at most 9"):
        WelcomeContent(parts=(IMAGE,) * 10, fallback="hi")


def test_what_can_fail_needs_plain_words_to_fall_back_on() -> None:
    """WM-3: the fallback is asked for when the rule is written, not missed when it is needed."""
    with pytest.raises(ValidationError, match="fallback"):
        WelcomeContent(text="{{ name }}")
    with pytest.raises(ValidationError, match="fallback"):
        WelcomeContent(text="hello", parts=(IMAGE,))
    assert not WelcomeContent(text="hello").can_fail


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{{ name", "expected"),
        ("{{ wallet }}", "unknown variable 'wallet'"),
        ("{{ name | shout }}", "unknown filter"),
        ("  ", "needs a text or an attachment"),
    ],
)
def test_a_text_that_could_not_be_rendered_is_refused_when_written(text: str, says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        WelcomeContent(text=text, fallback="hello")


def test_every_variable_has_a_default() -> None:
    """WM-5: the rule's own default before the built-in one, and blanks are no value."""
    filled = fill({"name": " ", "staff": "小张"}, {"name": "朋友", "store": "西湖店"})
    assert filled == {"name": "朋友", "staff": "小张", "store": "西湖店"}
    assert fill({}, {}) == {"name": "您", "staff": "您的专属顾问", "store": "我们的门店"}


@pytest.mark.parametrize(
    ("name", "companies", "word"),
    [
        ("加微信送 福利", (), "送福利"),
        ("ＡＤ代发", (), "ad"),
        ("兼\u200b职", (), "兼职"),
        ("王小明", ("某某引流科技",), "引流"),
        ("王小明", ("青山茶食",), None),
        ("", (), None),  # Not known in time: nobody is blocked for that.
    ],
)
def test_the_block_list_sees_through_width_case_and_invisible_signs(
    name: str, companies: tuple[str, ...], word: str | None
) -> None:
    """WM-7."""
    known = WelcomeBlockList(names=("送福利", "ad", "兼职"), companies=("引流",))
    assert find_blocked(known, name=name, companies=companies) == word


def test_a_link_carries_whom_it_was_sent_to() -> None:
    """WM-5: per-person links carry source tokens; nobody can make another's."""
    links = WelcomeLinks(KeyRing(KeyFile.new()))
    token = links.token(123_456_789)
    assert links.read(token) == 123_456_789
    number, _, digest = token.partition(".")
    assert links.read(f"{number[:-1]}0.{digest}") is None
    assert links.read(f"{number}.{digest[:-1]}") is None
    assert links.read("") is None
    assert links.read("á.ñ") is None
    assert WelcomeLinks(KeyRing(KeyFile.new())).read(token) is None


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("https://a.example/x", "https://a.example/x?qy_w=t.1"),
        ("https://a.example/x?b=%2F&c#top", "https://a.example/x?b=%2F&c&qy_w=t.1#top"),
        ("https://a.example/?qy_w=old&b=1", "https://a.example/?b=1&qy_w=t.1"),
        ("pages/gift/index?id=3", "pages/gift/index?id=3&qy_w=t.1"),
    ],
)
def test_the_token_joins_a_query_and_changes_nothing_else(address: str, expected: str) -> None:
    assert with_token(address, "t.1") == expected
