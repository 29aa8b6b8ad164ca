"""Tags of members; an app changes only those it made. Source: official pages 90210 to 90216."""

from wechat_sandbox.endpoints.wecom.registry import WECOM, Answer, CorpCall, Right
from wechat_sandbox.state.wecom.corp import CONTACTS
from wechat_sandbox.state.wecom.directory import MemberTag
from wechat_sandbox.wire.errors import PlatformError

NAME_MAX = 32
TAGS_MAX = 3000
USERS_MAX, PARTIES_MAX = 1000, 100


@WECOM.post("/tag/create", right=Right.READ_CONTACTS)
def create(call: CorpCall) -> Answer:
    directory = call.directory
    name = call.text("tagname", missing=40072, most=NAME_MAX, invalid=40072)
    tags = directory.tags()
    if any(tag.tagname == name for tag in tags):
        raise PlatformError(40071)
    if len(tags) >= TAGS_MAX:
        raise PlatformError(40126)
    number = call.number("tagid", max((tag.tagid for tag in tags), default=0) + 1, low=1, invalid=40068)
    if directory.find_tag(number) is not None:
        raise PlatformError(40068, "tagid existed")
    directory.save_tag(MemberTag(tagid=number, tagname=name, maker=call.scope))
    return {"errmsg": "created", "tagid": number}


@WECOM.post("/tag/update", right=Right.READ_CONTACTS)
def rename(call: CorpCall) -> Answer:
    tag = _own(call, call.number("tagid", missing=40068, invalid=40068))
    name = call.text("tagname", missing=40072, most=NAME_MAX, invalid=40072)
    if any(other.tagname == name and other.tagid != tag.tagid for other in call.directory.tags()):
        raise PlatformError(40071)
    tag.tagname = name
    call.directory.save_tag(tag)
    return {"errmsg": "updated"}


@WECOM.get("/tag/delete", right=Right.READ_CONTACTS)
def delete(call: CorpCall) -> Answer:
    call.directory.drop_tag(_own(call, _asked(call)).tagid)
    return {"errmsg": "deleted"}


@WECOM.get("/tag/get", right=Right.READ_CONTACTS)
def read(call: CorpCall) -> Answer:
    tag, directory = _get(call, _asked(call)), call.directory
    members = [member for one in tag.users if (member := directory.find(one))]
    seen = [member for member in members if directory.sees(call.agent, member)]
    rows = [{"userid": member.userid, "name": member.name} for member in seen]
    return {"tagname": tag.tagname, "userlist": rows, "partylist": tag.parties}


@WECOM.post("/tag/addtagusers", right=Right.READ_CONTACTS)
def add_users(call: CorpCall) -> Answer:
    return _change(call, adds=True)


@WECOM.post("/tag/deltagusers", right=Right.READ_CONTACTS)
def drop_users(call: CorpCall) -> Answer:
    return _change(call, adds=False)


@WECOM.get("/tag/list", right=Right.READ_CONTACTS)
def list_all(call: CorpCall) -> Answer:
    return {"taglist": [{"tagid": tag.tagid, "tagname": tag.tagname} for tag in call.directory.tags()]}


def _change(call: CorpCall, *, adds: bool) -> Answer:
    """Put a tag on members and departments or take it off; who is unknown is listed."""
    tag = _own(call, call.number("tagid", missing=40068, invalid=40068))
    users = call.texts("userlist", most=USERS_MAX, invalid=40031)
    parties = call.numbers("partylist", most=PARTIES_MAX, invalid=40066)
    if not users and not parties:
        raise PlatformError(40031)
    directory = call.directory
    known = {one: member.userid for one in users if (member := directory.find(one))}
    real = [one for one in parties if directory.find_department(one)]
    if not known and not real:
        raise PlatformError(40031, "all userids and partys invalid")
    if adds:
        tag.users = list(dict.fromkeys([*tag.users, *known.values()]))
        tag.parties = list(dict.fromkeys([*tag.parties, *real]))
    else:
        tag.users = [one for one in tag.users if one not in known.values()]
        tag.parties = [one for one in tag.parties if one not in real]
    directory.save_tag(tag)
    answer: dict[str, object] = {}
    if strange := [one for one in users if one not in known]:
        answer["invalidlist"] = "|".join(strange)
    if unreal := [one for one in parties if one not in real]:
        answer["invalidparty"] = unreal
    return answer


def _asked(call: CorpCall) -> int:
    number = call.query.get("tagid", "")
    if not number.isdecimal():
        raise PlatformError(40068)
    return int(number)


def _get(call: CorpCall, number: int) -> MemberTag:
    found = call.directory.find_tag(number)
    if found is None:
        raise PlatformError(40068)
    return found


def _own(call: CorpCall, number: int) -> MemberTag:
    tag = _get(call, number)
    if call.scope not in (CONTACTS, tag.maker):
        raise PlatformError(81011)
    return tag
