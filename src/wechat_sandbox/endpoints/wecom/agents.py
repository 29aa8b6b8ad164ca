"""Apps: settings, menus, what they show on the workbench, and tickets for pages.

Source: official pages 90227 to 90233 (apps, menus), 92535 (workbench), 90506 and 94313 (tickets).
"""

import secrets
from dataclasses import dataclass, field
from typing import Any

from wechat_sandbox.endpoints.wecom.registry import WECOM, Answer, CorpCall, Right
from wechat_sandbox.state.shelf import Shelf
from wechat_sandbox.state.tickets import TICKET_LASTS_S, Ticket, tickets
from wechat_sandbox.state.wecom.corp import Agent
from wechat_sandbox.state.wecom.corp_menus import Button, CorpMenus
from wechat_sandbox.state.wecom.media import CorpMedia
from wechat_sandbox.wire.errors import PlatformError

TOP_MAX, SUB_MAX = 3, 5
HOUR_S = 3600
TICKETS_PER_CORP, TICKETS_PER_APP = 400, 100
_KEYED = frozenset(
    {
        "click", "scancode_push", "scancode_waitmsg", "pic_sysphoto", "pic_photo_or_album", "pic_weixin",
        "location_select",
    }
)  # fmt: skip
_CARDS = frozenset({"keydata", "image", "list", "webview", "normal"})


@WECOM.get("/agent/get", right=Right.AGENT)
def read(call: CorpCall) -> Answer:
    agent = own_agent(call, call.query.get("agentid", ""))
    return {
        "agentid": agent.agentid,
        "name": agent.name,
        "square_logo_url": agent.logo_url,
        "description": agent.description,
        "allow_userinfos": {"user": [{"userid": userid} for userid in agent.users]},
        "allow_partys": {"partyid": agent.parties},
        "allow_tags": {"tagid": agent.tags},
        "close": int(agent.closed),
        "redirect_domain": agent.redirect_domain,
        "report_location_flag": agent.report_location_flag,
        "isreportenter": agent.isreportenter,
        "home_url": agent.home_url,
        "customized_publish_status": 1,
    }


@WECOM.get("/agent/list", right=Right.AGENT)
def list_own(call: CorpCall) -> Answer:
    """Return the app whose token this is, and no other."""
    agent = _agent(call)
    row = {"agentid": agent.agentid, "name": agent.name, "square_logo_url": agent.logo_url}
    return {"agentlist": [row]}


@WECOM.post("/agent/set", right=Right.AGENT)
def change(call: CorpCall) -> Answer:
    agent = own_agent(call, call.body.get("agentid"))
    values: dict[str, Any] = {}
    for name, most in (("name", 32), ("description", 120), ("redirect_domain", 200), ("home_url", 1024)):
        if name in call.body:
            values[name] = call.text(name, most=most)
    for name in ("report_location_flag", "isreportenter"):
        values[name] = call.number(name, getattr(agent, name), high=2)
    if call.text("logo_mediaid"):
        CorpMedia(call.world, call.corp).get(call.text("logo_mediaid"), call.at, "image")
    for name, value in values.items():
        setattr(agent, name, value)
    call.world.corps.save(call.corp)
    return {}


@WECOM.post("/menu/create", right=Right.AGENT)
def create_menu(call: CorpCall) -> Answer:
    agent = own_agent(call, call.query.get("agentid", ""))
    CorpMenus(call.world, call.corp).publish(agent.agentid, _buttons(call.body.get("button"), top=True))
    return {}


@WECOM.get("/menu/get", right=Right.AGENT)
def read_menu(call: CorpCall) -> Answer:
    agent = own_agent(call, call.query.get("agentid", ""))
    buttons = CorpMenus(call.world, call.corp).find(agent.agentid)
    if not buttons:
        raise PlatformError(46003)
    return {"button": buttons}


@WECOM.get("/menu/delete", right=Right.AGENT)
def delete_menu(call: CorpCall) -> Answer:
    CorpMenus(call.world, call.corp).drop(own_agent(call, call.query.get("agentid", "")).agentid)
    return {}


# The workbench


@dataclass(slots=True, kw_only=True)
class Workbench:
    """What an app shows on the workbench: for everybody, and for some members something else."""

    type: str = "normal"
    content: dict[str, Any] = field(default_factory=dict)
    of_members: dict[str, dict[str, Any]] = field(default_factory=dict)


@WECOM.post("/agent/set_workbench_template", right=Right.AGENT)
def set_template(call: CorpCall) -> Answer:
    agent = own_agent(call, call.body.get("agentid"))
    kind, content = _card(call)
    board = _boards(call).find(call.corp.corpid, str(agent.agentid)) or Workbench()
    kept = {} if call.flag("replace_user_data", False) else board.of_members
    made = Workbench(type=kind, content=content, of_members=kept)
    _boards(call).put(call.corp.corpid, str(agent.agentid), made)
    return {}


@WECOM.post("/agent/get_workbench_template", right=Right.AGENT)
def read_template(call: CorpCall) -> Answer:
    agent = own_agent(call, call.body.get("agentid"))
    board = _boards(call).find(call.corp.corpid, str(agent.agentid)) or Workbench()
    return {"type": board.type} | ({board.type: board.content} if board.content else {})


@WECOM.post("/agent/set_workbench_data", right=Right.AGENT)
def set_data(call: CorpCall) -> Answer:
    """Show one member something of their own."""
    agent = own_agent(call, call.body.get("agentid"))
    member = call.member(call.text("userid"))
    kind, content = _card(call)
    board = _boards(call).find(call.corp.corpid, str(agent.agentid)) or Workbench()
    if board.type != kind:
        raise PlatformError(40058, "type is another than the template's")
    board.of_members[member.userid] = content
    _boards(call).put(call.corp.corpid, str(agent.agentid), board)
    return {}


def _boards(call: CorpCall) -> Shelf[Workbench]:
    return Shelf(call.world.store, "corp_workbench", Workbench)


def _card(call: CorpCall) -> tuple[str, dict[str, Any]]:
    kind = call.text("type", missing=40058)
    if kind not in _CARDS:
        raise PlatformError(40058, "type")
    content = call.object(kind)
    if kind != "normal" and not content:
        raise PlatformError(40058, kind)
    return kind, content


# Tickets


@WECOM.get("/get_jsapi_ticket")
def get_corp_ticket(call: CorpCall) -> Answer:
    """Return the ticket of the company: the same for two hours, asked for 400 times an hour."""
    return _ticket(call, "corp_jsapi", f"ticket:{call.corp.corpid}", TICKETS_PER_CORP)


@WECOM.get("/ticket/get", right=Right.AGENT)
def get_agent_ticket(call: CorpCall) -> Answer:
    """Return the ticket of the app, asked for a hundred times an hour."""
    if call.query.get("type") != "agent_config":
        raise PlatformError(40035, "type")
    return _ticket(call, f"{call.scope}_jsapi", f"ticket:{call.corp.corpid}:{call.scope}", TICKETS_PER_APP)


def _ticket(call: CorpCall, kind: str, key: str, limit: int) -> Answer:
    call.desk.paces.count(key, at=call.at, seconds=HOUR_S, limit=limit, code=45009)
    shelf = tickets(call.world)
    ticket = shelf.find(call.corp.corpid, kind)
    if ticket is None or call.at >= ticket.expires_at:
        ticket = Ticket(value=secrets.token_urlsafe(64), expires_at=call.at + TICKET_LASTS_S)
        shelf.put(call.corp.corpid, kind, ticket)
    return {"ticket": ticket.value, "expires_in": int(ticket.expires_at - call.at)}


def own_agent(call: CorpCall, named: object) -> Agent:
    """Return the app a call names, which must be the one whose token it bears.

    Raises:
        PlatformError: 41011 none named, 40056 no such app, 301002 another's token.
    """
    if named in (None, ""):
        raise PlatformError(41011)
    number = int(str(named)) if str(named).isdecimal() else 0
    if call.corp.find_agent(number) is None:
        raise PlatformError(40056)
    agent = _agent(call)
    if agent.agentid != number:
        raise PlatformError(301002)
    return agent


def _agent(call: CorpCall) -> Agent:
    agent = call.agent
    assert agent is not None  # The right of the endpoint says so.
    return agent


def _buttons(value: object, *, top: bool) -> list[Button]:
    if not isinstance(value, list) or not 1 <= len(value) <= (TOP_MAX if top else SUB_MAX):
        raise PlatformError(40055, "count")
    return [_button(one, top=top) for one in value]


def _button(value: object, *, top: bool) -> Button:
    """Check one button: a name, and either others below it or something to do."""
    name = value.get("name") if isinstance(value, dict) else None
    if not isinstance(value, dict) or not isinstance(name, str) or not name:
        raise PlatformError(40055, "name")
    if len(name.encode()) > (16 if top else 40):
        raise PlatformError(40055, "name is too long")
    if top and value.get("sub_button"):
        return {"name": name, "sub_button": _buttons(value["sub_button"], top=False)}
    kind = value.get("type")
    if kind in _KEYED:
        wanted: tuple[str, ...] = ("key",)
    elif kind == "view":
        wanted = ("url",)
    elif kind == "view_miniprogram":
        wanted = ("pagepath", "appid")
    else:
        raise PlatformError(40055, "type")
    if not all(isinstance(value.get(one), str) and value[one] for one in wanted):
        raise PlatformError(40055, " and ".join(wanted))
    return {"type": kind, "name": name} | {one: value[one] for one in wanted} | {"sub_button": []}
