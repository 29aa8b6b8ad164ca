"""Tags of customers: kept by the company or by a strategy, put on and taken off.

Source: official pages 92117 (corp tags), 94882 (strategy tags), 92118 (marking). An app edits and deletes
only tags it made.
"""

from collections.abc import Iterable
from typing import Any

from wechat_sandbox.endpoints.wecom.customers import link_of_call
from wechat_sandbox.endpoints.wecom.registry import WECOM, Answer, CorpCall, Right, read_text
from wechat_sandbox.endpoints.wecom.strategies import CUSTOMER_STRATEGY, get_strategy
from wechat_sandbox.state.wecom.corp import CUSTOMERS, agent_scope
from wechat_sandbox.state.wecom.corp_tags import NAME_MAX, CorpTag, CorpTags, TagGroup
from wechat_sandbox.state.wecom.customers import Customers
from wechat_sandbox.wire.errors import PlatformError

ORDER_MAX = 2**32 - 1
PER_CUSTOMER_MAX = 3000
_ANYTHING = 10_000


@WECOM.post("/externalcontact/get_corp_tag_list", right=Right.CUSTOMERS)
def list_tags(call: CorpCall) -> Answer:
    """Return groups with their tags; asked for by id, deleted ones too, marked so."""
    return {"tag_group": _listing(call, 0)}


@WECOM.post("/externalcontact/add_corp_tag", right=Right.CUSTOMERS)
def add_tags(call: CorpCall) -> Answer:
    return {"tag_group": _add(call, 0)}


@WECOM.post("/externalcontact/edit_corp_tag", right=Right.CUSTOMERS)
def edit_tag(call: CorpCall) -> Answer:
    return _edit(call, with_strategy=False)


@WECOM.post("/externalcontact/del_corp_tag", right=Right.CUSTOMERS)
def delete_tags(call: CorpCall) -> Answer:
    return _delete(call, with_strategy=False)


@WECOM.post("/externalcontact/get_strategy_tag_list", right=Right.CUSTOMERS)
def list_strategy_tags(call: CorpCall) -> Answer:
    return {"tag_group": _listing(call, call.number("strategy_id", 0))}


@WECOM.post("/externalcontact/add_strategy_tag", right=Right.CUSTOMERS)
def add_strategy_tags(call: CorpCall) -> Answer:
    strategy_id = get_strategy(call, CUSTOMER_STRATEGY, call.number("strategy_id")).strategy_id
    return {"tag_group": _add(call, strategy_id)}


@WECOM.post("/externalcontact/edit_strategy_tag", right=Right.CUSTOMERS)
def edit_strategy_tag(call: CorpCall) -> Answer:
    return _edit(call, with_strategy=True)


@WECOM.post("/externalcontact/del_strategy_tag", right=Right.CUSTOMERS)
def delete_strategy_tags(call: CorpCall) -> Answer:
    return _delete(call, with_strategy=True)


@WECOM.post("/externalcontact/mark_tag", right=Right.CUSTOMERS)
def mark(call: CorpCall) -> Answer:
    """Put tags on a customer and take others off, for one member."""
    added = call.texts("add_tag", most=_ANYTHING)
    removed = call.texts("remove_tag", most=_ANYTHING)
    if not added and not removed:
        raise PlatformError(40058, "add_tag and remove_tag are both empty")
    link, tags = link_of_call(call), CorpTags(call.world, call.corp)
    if any(tags.find(one) is None for one in added + removed):
        raise PlatformError(40068)
    kept = [one for one in dict.fromkeys([*link.tag_ids, *added]) if one not in removed]
    if len(kept) > PER_CUSTOMER_MAX:
        raise PlatformError(40144)
    link.tag_ids = kept
    Customers(call.world, call.corp).save(link)
    return {}


def _listing(call: CorpCall, strategy_id: int) -> list[dict[str, Any]]:
    tags = CorpTags(call.world, call.corp)
    wanted_tags, wanted_groups = (set(call.texts(name, most=_ANYTHING)) for name in ("tag_id", "group_id"))
    if wanted_groups:
        found = [(group, tags.tags_in(group.group_id)) for group in tags.groups(strategy_id)]
        chosen = [(group, inside) for group, inside in found if group.group_id in wanted_groups]
        return [_body(group, inside, filtered=True) for group, inside in chosen]
    rows = []
    for group in tags.groups(strategy_id):
        inside = tags.tags_in(group.group_id)
        if wanted_tags:
            inside = [tag for tag in inside if tag.id in wanted_tags]
        elif group.deleted:
            continue
        if inside:
            rows.append(_body(group, inside, filtered=bool(wanted_tags)))
    return rows


def _add(call: CorpCall, strategy_id: int) -> dict[str, Any]:
    """Add tags to a group, one of this name or a new one; the same name twice is one tag."""
    tags = CorpTags(call.world, call.corp)
    given = _given_tags(call)
    maker = _maker(call)
    group = _group_of_call(call, tags, strategy_id)
    if group is None:
        name = call.text("group_name", missing=40058, most=NAME_MAX)
        order = call.number("order", 0, high=ORDER_MAX)
        group = tags.make_group(name, call.at, order=order, strategy_id=strategy_id, maker=maker)
    made = {
        tag.id: tag
        for name, order in given
        if (tag := tags.make_tag(group, name, call.at, order=order, maker=maker))
    }
    return _body(group, made.values(), filtered=False)


def _given_tags(call: CorpCall) -> list[tuple[str, int]]:
    rows = call.items("tag", most=_ANYTHING, missing=40058)
    if not all(isinstance(row, dict) for row in rows):
        raise PlatformError(40058, "tag")
    given = []
    for row in rows:
        order = row.get("order", 0) or 0
        if isinstance(order, bool) or not isinstance(order, int) or not 0 <= order <= ORDER_MAX:
            raise PlatformError(40058, "order")
        given.append((read_text(row, "name", missing=40058, most=NAME_MAX), order))
    return given


def _group_of_call(call: CorpCall, tags: CorpTags, strategy_id: int) -> TagGroup | None:
    group_id = call.text("group_id")
    if not group_id:
        name = call.text("group_name", missing=40058, most=NAME_MAX)
        return tags.group_named(name, strategy_id)
    group = tags.find_group(group_id)
    if group is None or group.deleted or group.strategy_id != strategy_id:
        raise PlatformError(40068)
    return group


def _edit(call: CorpCall, *, with_strategy: bool) -> Answer:
    """Change the name or order of a tag or a group."""
    tags = CorpTags(call.world, call.corp)
    thing = _own(call, tags, call.text("id", missing=40068), with_strategy=with_strategy)
    name = call.text("name", most=NAME_MAX)
    if isinstance(thing, TagGroup):
        other = tags.group_named(name, thing.strategy_id) if name else None
        if other is not None and other.group_id != thing.group_id:
            raise PlatformError(40071)
        thing.group_name = name or thing.group_name
        thing.order = call.number("order", thing.order, high=ORDER_MAX)
        tags.save_group(thing)
        return {}
    siblings = (tag for tag in tags.tags_in(thing.group_id) if not tag.deleted and tag.id != thing.id)
    if name and any(tag.name == name for tag in siblings):
        raise PlatformError(40071)
    thing.name = name or thing.name
    thing.order = call.number("order", thing.order, high=ORDER_MAX)
    tags.save_tag(thing)
    return {}


def _delete(call: CorpCall, *, with_strategy: bool) -> Answer:
    """Delete tags and groups, all or none; a group goes with its last tag."""
    tags = CorpTags(call.world, call.corp)
    ids = call.texts("tag_id", most=_ANYTHING) + call.texts("group_id", most=_ANYTHING)
    if not ids:
        raise PlatformError(40058, "tag_id and group_id are both empty")
    things = [_own(call, tags, one, with_strategy=with_strategy) for one in ids]
    for thing in things:
        if isinstance(thing, TagGroup):
            tags.delete_group(thing)
        else:
            tags.delete_tag(thing)
    return {}


def _own(call: CorpCall, tags: CorpTags, key: str, *, with_strategy: bool) -> TagGroup | CorpTag:
    """Return a tag or group the token may change (40068 none, 81011 another app's)."""
    tag, group = tags.find(key), tags.find_group(key)
    if group is not None and group.deleted:
        group = None
    found: TagGroup | CorpTag | None = tag or group
    place = group or (tags.find_group(tag.group_id) if tag else None)
    if found is None or place is None or bool(place.strategy_id) is not with_strategy:
        raise PlatformError(40068)
    if call.scope != CUSTOMERS and found.maker != call.scope:
        raise PlatformError(81011)
    return found


def _maker(call: CorpCall) -> str:
    """Return whose the new tags are: the app's, or that of ``agentid`` with the shared secret."""
    agentid = call.number("agentid", 0)
    return agent_scope(agentid) if agentid and call.scope == CUSTOMERS else call.scope


def _body(group: TagGroup, inside: Iterable[CorpTag], *, filtered: bool) -> dict[str, Any]:
    rows = [tag for tag in inside if filtered or not tag.deleted]
    body: dict[str, Any] = {
        "group_id": group.group_id,
        "group_name": group.group_name,
        "create_time": group.create_time,
        "order": group.order,
        "tag": [_tag_body(tag, filtered=filtered) for tag in rows],
    }
    body |= {"strategy_id": group.strategy_id} if group.strategy_id else {}
    return body | ({"deleted": group.deleted} if filtered else {})


def _tag_body(tag: CorpTag, *, filtered: bool) -> dict[str, Any]:
    body = {"id": tag.id, "name": tag.name, "create_time": tag.create_time, "order": tag.order}
    return body | ({"deleted": tag.deleted} if filtered else {})
