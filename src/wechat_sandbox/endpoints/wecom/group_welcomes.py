"""Welcomes for those who join a customer group. Source: official page 入群欢迎语素材管理 (D 92366)."""

from dataclasses import replace
from typing import Any

from wechat_sandbox.endpoints.wecom.materials import shelves_of
from wechat_sandbox.endpoints.wecom.registry import WECOM, Answer, CorpCall, Right
from wechat_sandbox.state.wecom.group_welcomes import GroupWelcome, GroupWelcomes, read_welcome
from wechat_sandbox.state.wecom.ids import new_key

_BASE = "/externalcontact/group_welcome_template"


@WECOM.post(f"{_BASE}/add", right=Right.CUSTOMERS)
def add_template(call: CorpCall) -> Answer:
    """Make a template; group owners find it in their app, and ``notify`` tells them so."""
    text, attached = read_welcome(call.body, shelves_of(call))
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
    text, attached = read_welcome(call.body, shelves_of(call))
    welcomes.save(replace(welcome, text=text, attached=attached))
    return {}


@WECOM.post(f"{_BASE}/get", right=Right.CUSTOMERS)
def get_template(call: CorpCall) -> Answer:
    """Return a template; its picture by address."""
    welcome = _welcomes(call).own(call.text("template_id", missing=40058), _maker(call))
    fields: dict[str, Any] = welcome.as_fields()
    image = fields.get("image", {})
    if "media_id" in image and "pic_url" not in image:
        fields["image"] = {"pic_url": f"{call.world.public_url}/corppic/{image['media_id']}"}
    return fields


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
