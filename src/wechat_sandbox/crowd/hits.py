"""The tracking calls a visit leaves behind, as a shop's script would write them."""

import hashlib
from dataclasses import dataclass
from typing import Any

from wechat_sandbox import __version__
from wechat_sandbox.accounts import Account
from wechat_sandbox.crowd.acts import Arrival, Track
from wechat_sandbox.crowd.people import Person
from wechat_sandbox.relations import Relation

_USER_AGENT = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_3 like Mac OS X) AppleWebKit/605.1.15 MicroMessenger/8.0.56"
)


@dataclass(frozen=True, slots=True)
class Stay:
    """A session being played: its person, its start and what its hits have in common."""

    person: Person
    account: Account
    arrival: Arrival
    started_at: float


def message_id_of(seed: int, stay: Stay, ordinal: int, act: Track) -> str:
    """Return the id of a hit: the same for the same act of the same run, so that runs can be compared."""
    identity = f"{seed}:{stay.person.index}:{stay.started_at:.3f}:{ordinal}:{act.type}:{act.event}"
    return "wsb-" + hashlib.sha256(identity.encode()).hexdigest()[:32]


def hit_body(stay: Stay, act: Track, *, relation: Relation, is_member: bool) -> dict[str, Any]:
    """Return the call without type, id and time."""
    body: dict[str, Any] = {
        "anonymousId": stay.person.anonymous_id,
        "context": _context(stay, act, relation),
    }
    if is_member:
        body["userId"] = stay.person.member_no
    if act.type == "identify":
        return body | {"traits": act.traits}
    if act.type == "page":
        page = {"url": act.url, "title": act.title, "path": _path(act.url)}
        return body | {"name": act.properties["name"], "properties": page}
    return body | {"event": act.event, "properties": act.properties}


def _context(stay: Stay, act: Track, relation: Relation) -> dict[str, Any]:
    arrival = stay.arrival
    url = arrival.url if arrival.url and act.type == "page" else act.url
    context: dict[str, Any] = {
        "channel": arrival.channel,
        "app": {"name": stay.account.name, "namespace": stay.account.appid},
        "page": {"url": url, "path": _path(url), "title": act.title, "referrer": arrival.referrer},
        "locale": "zh-CN",
        "timezone": "Asia/Shanghai",
        "userAgent": _USER_AGENT,
        "library": {"name": "wechat-sandbox", "version": __version__},
    }
    if arrival.scene:
        context["scene"] = arrival.scene
    if arrival.campaign:
        context["campaign"] = arrival.campaign
    if relation.following:
        # The shop learns the openid by OAuth inside the account's own browser.
        context["externalIds"] = [
            {
                "id": relation.openid,
                "type": "openid",
                "collection": "users",
                "encoding": "none",
                "scope": stay.account.appid,
            }
        ]
    return context


def _path(url: str) -> str:
    return "/" + url.partition("://")[2].partition("/")[2].partition("?")[0]
