"""What a menu may be: every limit of the platform is told before anything is sent there."""

from typing import Any

import pytest
from pydantic import ValidationError

from quanyu.modules.channels.menus.contracts import FIELDS, ButtonType, MenuDraft, domains, keys

SAMPLES = {
    "key": "K",
    "url": "https://shop.example.com/",
    "media_id": "m",
    "article_id": "a",
    "appid": "wx0123456789",
    "pagepath": "pages/home",
}


def view(name: str = "商城", url: str = "https://shop.example.com/") -> dict[str, Any]:
    return {"name": name, "type": "view", "url": url}


def draft(*buttons: dict[str, Any], **more: Any) -> MenuDraft:
    return MenuDraft.model_validate({"name": "菜单", "buttons": buttons, **more})


@pytest.mark.parametrize("kind", list(ButtonType))
def test_every_type_of_the_document_can_be_drawn(kind: ButtonType) -> None:
    button = {"name": "按钮", "type": kind, **{field: SAMPLES[field] for field in FIELDS[kind]}}

    assert draft({"name": "更多", "sub_buttons": [button]}).buttons[0].sub_buttons[0].type is kind
    for field in FIELDS[kind]:
        with pytest.raises(ValidationError, match=f"needs {field}"):
            draft({**button, field: ""})
    strange = next(field for field in SAMPLES if field not in FIELDS[kind])
    with pytest.raises(ValidationError, match=f"has no {strange}"):
        draft({**button, strange: SAMPLES[strange]})


def test_a_full_menu_fits() -> None:
    bar = {"name": "一二三四五", "sub_buttons": [view(name="汉" * 20)] * 5}

    assert len(draft(bar, bar, bar).buttons) == 3


@pytest.mark.parametrize(
    "buttons",
    [
        [],
        [view()] * 4,
        [{"name": "a", "sub_buttons": [view()] * 6}],
        [view(name="一二三四五六")],
        [{"name": "a", "sub_buttons": [view(name="汉" * 21)]}],
        [{"name": "a"}],
        [{**view(), "sub_buttons": [view()]}],
        [{"name": "a", "sub_buttons": [{"name": "b", "sub_buttons": [view()]}]}],
        [view(url="shop.example.com")],
        [view(url="https://")],
        [view(url="https://shop.example.com/" + "x" * 1024)],
        [view(url="javascript:alert(1)")],
        [{"name": "a", "type": "click", "key": "汉" * 43}],
        [{"name": "a", "type": "miniprogram", "url": "https://x.cn", "appid": "gh_1", "pagepath": "p"}],
    ],
)
def test_what_the_platform_would_refuse_is_refused_when_drawn(buttons: list[dict[str, Any]]) -> None:
    with pytest.raises(ValidationError):
        draft(*buttons)


def test_a_conditional_menu_needs_a_condition() -> None:
    with pytest.raises(ValidationError):
        draft(view(), match={})
    assert draft(view(), match={"tag_id": 100}).match is not None


def test_links_and_keys_are_found_on_both_levels() -> None:
    menu = draft(
        view(),
        {
            "name": "a",
            "sub_buttons": [view(url="http://b.cn/x"), {"name": "c", "type": "click", "key": "SALE"}],
        },
        {"name": "d", "type": "scancode_waitmsg", "key": "SCAN"},
    )

    assert domains(menu.buttons) == {"shop.example.com", "b.cn"}
    assert keys(menu.buttons) == ("SALE", "SCAN")
