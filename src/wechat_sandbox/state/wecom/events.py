"""Telling a company what happened: one place that knows which addresses hear of what.

Events of contacts go to the address of the contacts, those of customers to the address of customer contact
and to every app that may call its APIs, as on the platform. Source: official pages 92130 and 90930.
"""

from collections.abc import Iterable

from wechat_sandbox.state.core import Callback, Core
from wechat_sandbox.state.wecom.corp import CONTACTS, CUSTOMERS, KF, Addressee, Agent, Corp
from wechat_sandbox.wire.xml import XmlValue

Fields = dict[str, XmlValue]
SYSTEM = "sys"


def tell_contacts(world: Core, corp: Corp, change: str, at: float, fields: Fields, *, about: str) -> None:
    """Report a ``change_contact``; ``about`` names whom it concerns in the log."""
    whole: Fields = {"ChangeType": change, **fields}
    _tell(world, corp, [CONTACTS], "change_contact", at, whole, about=about)


def tell_customers(world: Core, corp: Corp, event: str, at: float, fields: Fields, *, about: str) -> None:
    """Report an event of customer contact: ``fields`` are what follows ``Event``, in their order."""
    apps = (agent.scope for agent in corp.agents if agent.calls_customers)
    _tell(world, corp, [CUSTOMERS, *apps], event, at, fields, about=about)


def tell_kf(world: Core, corp: Corp, event: str, at: float, fields: Fields, *, about: str) -> None:
    """Report an event of customer service; these name no sender."""
    apps = (agent.scope for agent in corp.agents if agent.calls_kf)
    _tell(world, corp, [KF, *apps], event, at, fields, about=about, sender="")


def tell_agent(
    world: Core, corp: Corp, agent: Agent, event: str, at: float, fields: Fields, *, sender: str
) -> None:
    """Report an event to one app; the number of the app comes last, unless ``fields`` place it."""
    whole: Fields = fields if "AgentID" in fields else {**fields, "AgentID": agent.agentid}
    _tell(world, corp, [agent.scope], event, at, whole, about=sender, sender=sender)


def tell_message(world: Core, corp: Corp, agent: Agent, at: float, fields: Fields, *, sender: str) -> None:
    """Hand a message of a member to an app; ``fields`` begin with ``MsgType``."""
    msgid = world.new_id(at)
    head: Fields = {"ToUserName": corp.corpid, "FromUserName": sender, "CreateTime": int(at)}
    whole: Fields = {**head, **fields, "MsgId": msgid, "AgentID": agent.agentid}
    event = f"message:{fields['MsgType']}"
    _post(world, corp, agent.scope, event, at, whole, about=sender, msgid=msgid)


def tell_scope(
    world: Core,
    corp: Corp,
    scope: str,
    event: str,
    at: float,
    fields: Fields,
    *,
    about: str = "",
    sender: str = SYSTEM,
) -> None:
    """Report an event to the address of one scope alone."""
    _tell(world, corp, [scope], event, at, fields, about=about, sender=sender)


def _tell(
    world: Core,
    corp: Corp,
    scopes: Iterable[str],
    event: str,
    at: float,
    fields: Fields,
    *,
    about: str,
    sender: str = SYSTEM,
) -> None:
    head: Fields = {"ToUserName": corp.corpid}
    head |= {"FromUserName": sender} if sender else {}
    head |= {"CreateTime": int(at), "MsgType": "event", "Event": event}
    for scope in scopes:
        _post(world, corp, scope, event, at, {**head, **fields}, about=about)


def _post(
    world: Core,
    corp: Corp,
    scope: str,
    event: str,
    at: float,
    fields: Fields,
    *,
    about: str,
    msgid: int | None = None,
) -> None:
    addressee = Addressee.of(corp, scope)
    if not addressee.callback_url:
        return
    world.on_callback(
        Callback(
            account=addressee,
            relation=None,
            openid=about,
            event=event,
            create_time=int(at),
            fields=fields,
            msgid=msgid,
        )
    )
