"""Welcomes for those who join a customer group. Source: official page 入群欢迎语素材管理 (D 92366)."""

from dataclasses import replace
from typing import Any

from wechat_sandbox.endpoints.wecom.materials import keep_picture, shelves_of
from wechat_sandbox.endpoints.wecom.registry import WECOM, Answer, CorpCall, Right
from wechat_sandbox.state.wecom.group_welcomes import GroupWelcome, GroupWelcomes, read_welcome
from wechat_sandbox.state.wecom.ids import new_key

_BASE = "/externalcontact/group_welcome_template"


@WECOM.post(f"{_BASE}/add", right=Right.CUSTOMERS)
def add_template(call: CorpCall) -> Answer:
    """Make a template; group owners find it in their app, and ``notify`` tells them so."""
    text, attached = _read(call)
    call.number("notify", 1, high=1)
    template_id = new_key(call.world, "", call.at, length=32)
    welcome = GroupWelcome(template_id=template_id, scope=_maker(call), text=text, attached=attached)
    _welcomes(call).add(welcome)
    return {"template_id": template_id}


@WECOM.post(f"{_BASE}/edit", right=Right.CUSTOMERS)
def edit_template(call: CorpCall) -> Answer:
    """Write a template over."""
    welcomes = _welcomes(call)
    welcome = welcomes.own(call.text("template_id", missing=40058), _maker(call))
    text, attached = _read(call)
    welcomes.save(replace(welcome, text=text, attached=attached))
    return {}


@WECOM.post(f"{_BASE}/get", right=Right.CUSTOMERS)
def get_template(call: CorpCall) -> Answer:
    """Return a template of the same app."""
    welcome = _welcomes(call).own(call.text("template_id", missing=40058), _maker(call))
    return welcome.as_fields()


@WECOM.post(f"{_BASE}/del", right=Right.CUSTOMERS)
def delete_template(call: CorpCall) -> Answer:
    welcomes = _welcomes(call)
    welcomes.drop(welcomes.own(call.text("template_id", missing=40058), _maker(call)).template_id)
    return {}


def _welcomes(call: CorpCall) -> GroupWelcomes:
    return GroupWelcomes(call.world.store, call.corp.corpid)


def _maker(call: CorpCall) -> str:
    """Return who makes a template: an app, or the shared secret on behalf of ``agentid``."""
    agentid = call.number("agentid", 0)
    return f"agent:{agentid}" if agentid and call.agent is None else call.scope


def _read(call: CorpCall) -> tuple[str, dict[str, Any]]:
    """Return text and attachment; a picture is kept for good and told by its address."""
    text, attached = read_welcome(call.body, shelves_of(call))
    image = attached.get("image")
    if image is not None and "pic_url" not in image:
        attached["image"] = {"pic_url": keep_picture(call, image["media_id"])}
    return text, attached
