"""Groups of followers, which tags have replaced: a group is a tag, a person's group their first tag."""

from collections.abc import Mapping
from typing import Any

from wechat_sandbox.accounts import OFFICIAL
from wechat_sandbox.endpoints.paging import read_openids
from wechat_sandbox.endpoints.registry import OK, REGISTRY, Call, read_number
from wechat_sandbox.relations import Relation
from wechat_sandbox.state.tags import Tags
from wechat_sandbox.wire.errors import PlatformError

MOVED_AT_ONCE_MAX = 50
_UNGROUPED = 0
_BLACKLIST = 1


@REGISTRY.post("/cgi-bin/groups/create", kinds=OFFICIAL, certified_only=True, daily_limit=1000)
def create_group(call: Call) -> Mapping[str, object]:
    tag = Tags(call.world, call.account).create(_name(_branch(call)))
    return {"group": {"id": tag.id, "name": tag.name}}


@REGISTRY.get("/cgi-bin/groups/get", kinds=OFFICIAL, certified_only=True, daily_limit=1000)
def list_groups(call: Call) -> Mapping[str, object]:
    people = call.world.followers(call.account)
    fixed = [
        {"id": _UNGROUPED, "name": "未分组", "count": sum(not one.tagid_list for one in people)},
        {"id": _BLACKLIST, "name": "黑名单", "count": sum(one.blacklisted for one in people)},
    ]
    tags = Tags(call.world, call.account).all()
    return {"groups": fixed + [{"id": tag.id, "name": tag.name, "count": count} for tag, count in tags]}


@REGISTRY.post("/cgi-bin/groups/getid", kinds=OFFICIAL, certified_only=True)
def group_of_person(call: Call) -> Mapping[str, object]:
    tags = call.recipient(call.text("openid")).tagid_list
    return {"groupid": tags[0] if tags else _UNGROUPED}


@REGISTRY.post("/cgi-bin/groups/update", kinds=OFFICIAL, certified_only=True, daily_limit=1000)
def rename_group(call: Call) -> Mapping[str, object]:
    branch = _branch(call)
    Tags(call.world, call.account).rename(read_number(branch.get("id")), _name(branch))
    return OK


@REGISTRY.post("/cgi-bin/groups/delete", kinds=OFFICIAL, certified_only=True, daily_limit=1000)
def delete_group(call: Call) -> Mapping[str, object]:
    Tags(call.world, call.account).delete(read_number(_branch(call).get("id")))
    return OK


@REGISTRY.post("/cgi-bin/groups/members/update", kinds=OFFICIAL, certified_only=True)
def move_person(call: Call) -> Mapping[str, object]:
    return _move(call, [call.recipient(call.text("openid"))])


@REGISTRY.post("/cgi-bin/groups/members/batchupdate", kinds=OFFICIAL, certified_only=True)
def move_people(call: Call) -> Mapping[str, object]:
    return _move(call, read_openids(call, "openid_list", most=MOVED_AT_ONCE_MAX))


def _move(call: Call, people: list[Relation]) -> Mapping[str, object]:
    group = call.number("to_groupid")
    if group not in (_UNGROUPED, _BLACKLIST):
        Tags(call.world, call.account).get(group)
    for relation in people:
        relation.tagid_list = [] if group == _UNGROUPED else [group]
        call.world.save_relation(relation)
    return OK


def _branch(call: Call) -> dict[str, Any]:
    branch = call.body.get("group")
    if not isinstance(branch, dict):
        raise PlatformError(40050)
    return branch


def _name(branch: dict[str, Any]) -> str:
    name = branch.get("name")
    if not isinstance(name, str) or not name:
        raise PlatformError(40051)
    return name
