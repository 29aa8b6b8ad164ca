"""Custom menus: create, get, delete, conditional ones, and trying them out."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from wechat_sandbox.accounts import OFFICIAL
from wechat_sandbox.endpoints.registry import OK, REGISTRY, Call
from wechat_sandbox.relations import Relation
from wechat_sandbox.state.identities import person_of
from wechat_sandbox.state.linked import Linked
from wechat_sandbox.state.media import Media
from wechat_sandbox.state.menus import Button, Menu, Menus
from wechat_sandbox.state.publishing import Publications
from wechat_sandbox.wire.errors import PlatformError

KEY_BYTES_MAX = 128
URL_BYTES_MAX = 1024
_KEYED = frozenset(
    {
        "click", "scancode_push", "scancode_waitmsg", "pic_sysphoto", "pic_photo_or_album", "pic_weixin",
        "location_select",
    }
)  # fmt: skip
_PRIVATE = frozenset({"sex", "country", "province", "city", "language"})


@dataclass(frozen=True, slots=True)
class Level:
    """Limits and error codes of a level of buttons."""

    most: int
    name_bytes: int
    count: int
    type: int
    name: int
    key: int
    url: int
    domain: int


_TOP = Level(3, 16, 40016, 40017, 40018, 40019, 40020, 40054)
_SUB = Level(5, 60, 40023, 40024, 40025, 40026, 40027, 40055)


@REGISTRY.post("/cgi-bin/menu/create", kinds=OFFICIAL, utf8_only=True, daily_limit=1000)
def create_menu(call: Call) -> Mapping[str, object]:
    Menus(call.world, call.account).create(_read_buttons(call))
    return OK


@REGISTRY.get("/cgi-bin/menu/get", kinds=OFFICIAL, daily_limit=10_000)
def get_menu(call: Call) -> Mapping[str, object]:
    """Return menus made through the API; 46003 when there are none."""
    menus = Menus(call.world, call.account)
    made = menus.find_made()
    if made is None:
        raise PlatformError(46003)
    conditional = menus.conditional()
    answer: dict[str, object] = {"menu": {"button": _with_subs(made), "menuid": made.menuid}}
    if conditional:
        answer["conditionalmenu"] = [
            {"button": _with_subs(one), "matchrule": one.matchrule, "menuid": one.menuid}
            for one in conditional
        ]
    return answer


@REGISTRY.get("/cgi-bin/menu/delete", kinds=OFFICIAL, daily_limit=1000)
def delete_menu(call: Call) -> Mapping[str, object]:
    Menus(call.world, call.account).delete()
    return OK


@REGISTRY.get("/cgi-bin/get_current_selfmenu_info", kinds=OFFICIAL, daily_limit=10_000)
def current_menu(call: Call) -> Mapping[str, object]:
    """Return the menu in force, whoever made it."""
    menu = Menus(call.world, call.account).current()
    buttons = [_self_button(button) for button in menu.button]
    return {"is_menu_open": 1 if buttons else 0, "selfmenu_info": {"button": buttons}}


@REGISTRY.post("/cgi-bin/menu/addconditional", kinds=OFFICIAL, utf8_only=True, daily_limit=2000)
def add_conditional(call: Call) -> Mapping[str, object]:
    rule = call.body.get("matchrule")
    if not isinstance(rule, dict) or not any(value not in (None, "") for value in rule.values()):
        raise PlatformError(65304)
    if any(rule.get(name) not in (None, "") for name in _PRIVATE):
        raise PlatformError(65320)
    kept = {name: value for name, value in rule.items() if value not in (None, "")}
    if not all(str(value).isdecimal() for value in kept.values()):
        raise PlatformError(47001)
    menuid = Menus(call.world, call.account).add_conditional(_read_buttons(call), kept)
    return {"menuid": str(menuid)}


@REGISTRY.post("/cgi-bin/menu/delconditional", kinds=OFFICIAL, daily_limit=2000)
def delete_conditional(call: Call) -> Mapping[str, object]:
    Menus(call.world, call.account).delete_conditional(call.number("menuid"))
    return OK


@REGISTRY.post("/cgi-bin/menu/trymatch", kinds=OFFICIAL, daily_limit=20_000)
def try_match(call: Call) -> Mapping[str, object]:
    """Return the menu a person sees; named by openid or WeChat id."""
    menu = Menus(call.world, call.account).shown_to(_find_person(call, call.text("user_id")))
    if not menu.button:
        raise PlatformError(46003)
    return {"button": _with_subs(menu)}


def _find_person(call: Call, name: str) -> Relation:
    person = person_of(name)
    if person is not None and person < call.world.people:
        return call.world.get_relation(call.account, person)
    found = call.world.find_relation(call.account, name)
    if found is None:
        raise PlatformError(40028)
    return found


def _with_subs(menu: Menu) -> list[Button]:
    """Return buttons as the platform lists them: every one with its ``sub_button``, maybe empty."""
    return [
        {**button, "sub_button": [{**one, "sub_button": []} for one in button.get("sub_button") or ()]}
        for button in menu.button
    ]


def _self_button(button: Button) -> Button:
    if subs := button.get("sub_button"):
        return {"name": button["name"], "sub_button": {"list": [_self_button(one) for one in subs]}}
    value = {"value": button["media_id"]} if "media_id" in button else {}
    return {name: field for name, field in button.items() if name not in ("sub_button", "media_id")} | value


def _read_buttons(call: Call) -> list[Button]:
    return _read_level(call, call.body.get("button"), _TOP)


def _read_level(call: Call, given: object, level: Level) -> list[Button]:
    if not isinstance(given, list) or not 1 <= len(given) <= level.most:
        raise PlatformError(level.count)
    return [_read_button(call, one, level) for one in given]


def _read_button(call: Call, given: object, level: Level) -> Button:
    if not isinstance(given, dict):
        raise PlatformError(47001)
    name = given.get("name")
    if not isinstance(name, str) or not 1 <= len(name.encode()) <= level.name_bytes:
        raise PlatformError(level.name)
    subs = given.get("sub_button")
    if subs:
        if level is _SUB:
            raise PlatformError(40022)
        return {"name": name, "sub_button": _read_level(call, subs, _SUB)}
    kind = given.get("type")
    if not isinstance(kind, str):
        raise PlatformError(level.type)
    return {"type": kind, "name": name} | _read_action(call, kind, given, level)


def _read_action(call: Call, kind: str, given: dict[str, Any], level: Level) -> Button:
    if kind in _KEYED:
        return {"key": _text(given, "key", KEY_BYTES_MAX, level.key)}
    if kind == "view":
        return {"url": _address(given, level)}
    if kind in ("media_id", "view_limited"):
        media_id = _text(given, "media_id", 256, 40007)
        Media(call.world, call.account).get_permanent(media_id)
        return {"media_id": media_id}
    if kind in ("article_id", "article_view_limited"):
        article_id = _text(given, "article_id", 256, 53600)
        Publications(call.world, call.account).get_article(article_id)
        return {"article_id": article_id}
    if kind == "miniprogram":
        return _read_mini_program(call, given, level)
    raise PlatformError(level.type)


def _read_mini_program(call: Call, given: dict[str, Any], level: Level) -> Button:
    appid = _text(given, "appid", 64, 40013)
    if not Linked(call.world, call.account).has(appid):
        raise PlatformError(45064)
    path = _text(given, "pagepath", URL_BYTES_MAX, level.url)
    return {"url": _address(given, level), "appid": appid, "pagepath": path}


def _address(given: dict[str, Any], level: Level) -> str:
    url = _text(given, "url", URL_BYTES_MAX, level.url)
    if not url.startswith(("http://", "https://")):
        raise PlatformError(level.domain)
    return url


def _text(given: dict[str, Any], name: str, most: int, code: int) -> str:
    value = given.get(name)
    if not isinstance(value, str) or not 1 <= len(value.encode()) <= most:
        raise PlatformError(code)
    return value
