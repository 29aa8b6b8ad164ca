"""Tags and the black list of followers."""

from collections.abc import Mapping
from typing import Any

from wechat_sandbox.accounts import OFFICIAL
from wechat_sandbox.endpoints.paging import openid_page, read_openids
from wechat_sandbox.endpoints.registry import OK, REGISTRY, Call, read_number
from wechat_sandbox.relations import Relation
from wechat_sandbox.state.core import follow_order
from wechat_sandbox.state.tags import Tags
from wechat_sandbox.wire.errors import PlatformError

PAGE_MAX = 10_000
TAGGED_AT_ONCE_MAX = 50
BLACKED_AT_ONCE_MAX = 20


@REGISTRY.post("/cgi-bin/tags/create", kinds=OFFICIAL, certified_only=True, daily_limit=1000)
def create_tag(call: Call) -> Mapping[str, object]:
    tag = _tags(call).create(_name(_branch(call)))
    return {"tag": {"id": tag.id, "name": tag.name}}


@REGISTRY.get("/cgi-bin/tags/get", kinds=OFFICIAL, certified_only=True, daily_limit=1000)
def list_tags(call: Call) -> Mapping[str, object]:
    return {"tags": [{"id": tag.id, "name": tag.name, "count": count} for tag, count in _tags(call).all()]}


@REGISTRY.post("/cgi-bin/tags/update", kinds=OFFICIAL, certified_only=True, daily_limit=1000)
def update_tag(call: Call) -> Mapping[str, object]:
    branch = _branch(call)
    _tags(call).rename(read_number(branch.get("id")), _name(branch))
    return OK


@REGISTRY.post("/cgi-bin/tags/delete", kinds=OFFICIAL, certified_only=True, daily_limit=1000)
def delete_tag(call: Call) -> Mapping[str, object]:
    _tags(call).delete(read_number(_branch(call).get("id")))
    return OK


@REGISTRY.post("/cgi-bin/user/tag/get", kinds=OFFICIAL, certified_only=True, daily_limit=1000)
def tag_members(call: Call) -> Mapping[str, object]:
    """Page through the followers of a tag; some pages of the documentation say ``tag_id``."""
    tags, tag_id = _tags(call), _tag_id(call)
    tags.get(tag_id)
    return openid_page(call, tags.members(tag_id), after=call.text("next_openid"), page_max=PAGE_MAX)


@REGISTRY.post("/cgi-bin/tags/members/batchtagging", kinds=OFFICIAL, certified_only=True)
def tag_people(call: Call) -> Mapping[str, object]:
    tags, tag_id = _tags(call), _tag_id(call)
    tags.get(tag_id)
    tags.put_on(tag_id, _followers(call))
    return OK


@REGISTRY.post("/cgi-bin/tags/members/batchuntagging", kinds=OFFICIAL, certified_only=True)
def untag_people(call: Call) -> Mapping[str, object]:
    tags, tag_id = _tags(call), _tag_id(call)
    tags.get(tag_id)
    tags.take_off(tag_id, _followers(call))
    return OK


@REGISTRY.post("/cgi-bin/tags/getidlist", kinds=OFFICIAL, certified_only=True)
def tags_of_person(call: Call) -> Mapping[str, object]:
    return {"tagid_list": list(call.recipient(call.text("openid")).tagid_list)}


@REGISTRY.post("/cgi-bin/tags/members/getblacklist", kinds=OFFICIAL, certified_only=True)
def list_blacklist(call: Call) -> Mapping[str, object]:
    blocked = sorted((one for one in call.world.relations(call.account) if one.blacklisted), key=follow_order)
    page = openid_page(call, blocked, after=call.text("begin_openid"), page_max=PAGE_MAX)
    return {"total": len(blocked)} | page


@REGISTRY.post("/cgi-bin/tags/members/batchblacklist", kinds=OFFICIAL, certified_only=True)
def blacklist_people(call: Call) -> Mapping[str, object]:
    return _set_blacklisted(call, value=True)


@REGISTRY.post("/cgi-bin/tags/members/batchunblacklist", kinds=OFFICIAL, certified_only=True)
def unblacklist_people(call: Call) -> Mapping[str, object]:
    return _set_blacklisted(call, value=False)


def _set_blacklisted(call: Call, *, value: bool) -> Mapping[str, object]:
    for relation in read_openids(call, "openid_list", most=BLACKED_AT_ONCE_MAX):
        relation.blacklisted = value
        call.world.save_relation(relation)
    return OK


def _followers(call: Call) -> list[Relation]:
    people = read_openids(call, "openid_list", most=TAGGED_AT_ONCE_MAX)
    if not all(relation.following for relation in people):
        raise PlatformError(40003)
    return people


def _tags(call: Call) -> Tags:
    return Tags(call.world, call.account)


def _tag_id(call: Call) -> int:
    return read_number(call.body.get("tagid", call.body.get("tag_id")))


def _branch(call: Call) -> dict[str, Any]:
    branch = call.body.get("tag")
    if not isinstance(branch, dict):
        raise PlatformError(47001)
    return branch


def _name(branch: dict[str, Any]) -> str:
    name = branch.get("name")
    if not isinstance(name, str):
        raise PlatformError(47001)
    return name
