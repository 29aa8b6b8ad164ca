"""Template messages: the account's own list and sending."""

import re
from collections.abc import Mapping
from dataclasses import asdict

from wechat_sandbox.accounts import LIBRARY, Template, library_template
from wechat_sandbox.endpoints.registry import OK, REGISTRY, Call
from wechat_sandbox.relations import Relation
from wechat_sandbox.state.publishing import take_outcome
from wechat_sandbox.state.shelf import Shelf
from wechat_sandbox.wire.errors import PlatformError

TEMPLATES_MAX = 25
BLOCKED_SHELF = "blocked_template"
_PLACE = re.compile(r"\{\{(\w+)\.DATA\}\}")
# Longest value per keyword type (rules of 2023); types not named here are not limited.
_LENGTHS = {"thing": 20, "character_string": 32, "phrase": 5, "name": 10, "phone_number": 17, "car_number": 8}


@REGISTRY.get("/cgi-bin/template/get_all_private_template")
def list_templates(call: Call) -> Mapping[str, object]:
    return {"template_list": [asdict(template) for template in call.account.templates]}


@REGISTRY.post("/cgi-bin/template/api_add_template")
def add_template(call: Call) -> Mapping[str, object]:
    """Take a template of the library into the account's list."""
    short_id = call.text("template_id_short")
    names = call.body.get("keyword_name_list") or []
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise PlatformError(47001)
    if short_id not in LIBRARY:
        raise PlatformError(40246)
    if len(call.account.templates) >= TEMPLATES_MAX:
        raise PlatformError(45026)
    try:
        template = library_template(call.account.appid, short_id, tuple(names))
    except KeyError as error:
        raise PlatformError(40246) from error
    if template.template_id not in {known.template_id for known in call.account.templates}:
        call.account.templates.append(template)
        call.world.save_account(call.account)
    return OK | {"template_id": template.template_id}


@REGISTRY.post("/cgi-bin/template/del_private_template")
def delete_template(call: Call) -> Mapping[str, object]:
    template = _get_template(call)
    call.account.templates.remove(template)
    call.world.save_account(call.account)
    return OK


@REGISTRY.post("/cgi-bin/message/template/send", utf8_only=True)
def send_template(call: Call) -> Mapping[str, object]:
    """Deliver a template message once per ``client_msg_id`` within ten minutes.

    A repetition answers as the first did, with the same msgid, and delivers nothing. The outcome
    follows as ``TEMPLATESENDJOBFINISH``.
    """
    relation = call.recipient(call.text("touser"))
    template = _get_template(call)
    values = _read_values(call, template)
    key = call.text("client_msg_id") or None
    if key is not None and (earlier := call.world.find_intent(relation, key, call.at)) is not None:
        return OK | {"msgid": earlier}
    if not relation.following:
        raise PlatformError(43004)
    if relation.refuses_messages:
        raise PlatformError(43101)
    msgid = call.world.new_id(call.at)
    body = {
        "template_id": template.template_id,
        "title": template.title,
        "text": _PLACE.sub(lambda place: values[place[1]], template.content),
        "data": values,
        "url": call.text("url"),
        "miniprogram": call.body.get("miniprogram"),
    }
    failure = take_outcome(call.world, call.account, "template") or ""
    if failure:
        _hold_back(call, relation, template, msgid, str(body["text"]))
    else:
        call.world.deliver(relation, "template", body, call.at, msgid=msgid, client_msg_id=key)
    call.world.report_template_outcome(call.account, relation, call.at, msgid, failure=failure)
    return OK | {"msgid": msgid}


def _hold_back(call: Call, relation: Relation, template: Template, msgid: int, text: str) -> None:
    """The platform accepts a message and takes it away; ``queryblocktmplmsg`` lists it."""
    shelf = Shelf(call.world.store, BLOCKED_SHELF, dict)
    number = shelf.count(call.account.appid) + 1
    row = {
        "id": number,
        "tmpl_msg_id": template.template_id,
        "title": template.title,
        "content": text,
        "send_timestamp": int(call.at),
        "openid": relation.openid,
    }
    shelf.put(call.account.appid, str(msgid), row)


def _get_template(call: Call) -> Template:
    wanted = call.text("template_id")
    for template in call.account.templates:
        if template.template_id == wanted:
            return template
    raise PlatformError(40037)


def _read_values(call: Call, template: Template) -> dict[str, str]:
    data = call.body.get("data")
    if not isinstance(data, dict):
        raise PlatformError(47003, "data is missing")
    return {key: _read_value(data, key) for key in _PLACE.findall(template.content)}


def _read_value(data: Mapping[str, object], key: str) -> str:
    item = data.get(key)
    value = item.get("value") if isinstance(item, dict) else None
    if isinstance(value, int | float) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str) or not value.strip():
        raise PlatformError(47003, f"data.{key}.value is empty")
    if len(value) > _LENGTHS.get(key.rstrip("0123456789"), len(value)):
        raise PlatformError(47003, f"data.{key}.value invalid")
    return value
