"""Members: made, read, changed, deleted, found.

Source: official pages 90193 to 90205. What is changed here is not told to the contacts address.
"""

from wechat_sandbox.accounts import openid_of
from wechat_sandbox.endpoints.wecom.member_rules import (
    brief_body,
    check_userid,
    member_body,
    merged,
    open_userid,
    seen_in,
)
from wechat_sandbox.endpoints.wecom.paging import take_page
from wechat_sandbox.endpoints.wecom.registry import WECOM, Answer, CorpCall, Right
from wechat_sandbox.state.wecom.customers import made_id
from wechat_sandbox.state.wecom.directory import ROOT, Member, Status
from wechat_sandbox.state.wecom.renaming import rename_member
from wechat_sandbox.wire.errors import PlatformError

MEMBERS_MAX = 100_000
BATCH_MAX = 200


@WECOM.post("/user/create", right=Right.WRITE_CONTACTS)
def create(call: CorpCall) -> Answer:
    """Make a member, who still has to activate."""
    userid = check_userid(call.text("userid", missing=41009, invalid=60112))
    directory = call.directory
    if directory.find(userid) is not None:
        raise PlatformError(60102)
    if len(directory.members()) >= MEMBERS_MAX:
        raise PlatformError(45024)
    call.text("name", missing=60112, most=64, invalid=60112)
    if not call.text("mobile") and not call.text("email") and not call.text("biz_mail"):
        raise PlatformError(60129)
    blank = Member(
        userid=userid,
        name="",
        department=[ROOT],
        order=[0],
        is_leader_in_dept=[0],
        status=Status.NOT_ACTIVATED,
    )
    directory.save(merged(call, blank))
    directory.welcome_back(userid)
    # Departments are named by number here: none is made on the way.
    return {"errmsg": "created", "created_department_list": {"department_info": []}}


@WECOM.get("/user/get", right=Right.READ_CONTACTS)
def read(call: CorpCall) -> Answer:
    return member_body(call, call.member(call.query.get("userid", "")))


@WECOM.post("/user/update", right=Right.WRITE_CONTACTS)
def update(call: CorpCall) -> Answer:
    """Change what is given, the id too."""
    member = call.member(call.text("userid", missing=41009))
    changed = merged(call, member)
    renamed = call.text("new_userid")
    if renamed and renamed != member.userid:
        _rename(call, changed, check_userid(renamed))
    else:
        call.directory.save(changed)
    return {"errmsg": "updated"}


@WECOM.get("/user/delete", right=Right.WRITE_CONTACTS)
def delete(call: CorpCall) -> Answer:
    call.directory.resign(call.member(call.query.get("userid", "")), call.at)
    return {"errmsg": "deleted"}


@WECOM.post("/user/batchdelete", right=Right.WRITE_CONTACTS)
def delete_many(call: CorpCall) -> Answer:
    """Delete up to two hundred, all or none."""
    userids = call.texts("useridlist", most=BATCH_MAX, missing=40031, invalid=40032)
    members = [call.directory.find(userid) for userid in userids]
    if None in members:
        raise PlatformError(40031)
    for member in members:
        if member is not None:
            call.directory.resign(member, call.at)
    return {"errmsg": "deleted"}


@WECOM.get("/user/simplelist", right=Right.READ_CONTACTS)
def list_brief(call: CorpCall) -> Answer:
    return {"userlist": [brief_body(call, member) for member in _asked(call)]}


@WECOM.get("/user/list", right=Right.READ_CONTACTS)
def list_whole(call: CorpCall) -> Answer:
    return {"userlist": [member_body(call, member) for member in _asked(call)]}


@WECOM.post("/user/list_id", right=Right.READ_CONTACTS)
def list_ids(call: CorpCall) -> Answer:
    """Return each place of each member, page by page."""
    places = [
        {"userid": member.userid, "department": department}
        for member in call.directory.members()
        if call.directory.sees(call.agent, member)
        for department in member.department
    ]
    page, cursor = take_page(call, places, default=10_000, most=10_000)
    return {"dept_user": list(page), "next_cursor": cursor}


@WECOM.post("/user/getuserid", right=Right.READ_CONTACTS)
def find_by_mobile(call: CorpCall) -> Answer:
    return _found(call, call.directory.find_by("mobile", call.text("mobile", missing=60103)))


@WECOM.post("/user/get_userid_by_email", right=Right.READ_CONTACTS)
def find_by_mail(call: CorpCall) -> Answer:
    """Find by the company's mail, or with ``email_type`` 2 by the personal one."""
    kind = "biz_mail" if call.number("email_type", 1, low=1, high=2) == 1 else "email"
    return _found(call, call.directory.find_by(kind, call.text("email", missing=60105)))


@WECOM.post("/user/convert_to_openid")
def to_openid(call: CorpCall) -> Answer:
    member = call.member(call.text("userid", missing=41009))
    return {"openid": _openid(call, member.userid)}


@WECOM.post("/user/convert_to_userid")
def to_userid(call: CorpCall) -> Answer:
    openid = call.text("openid", missing=40058)
    for member in call.directory.members():
        if _openid(call, member.userid) == openid:
            return {"userid": member.userid}
    raise PlatformError(46004)


@WECOM.post("/batch/openuserid_to_userid")
def from_open_userids(call: CorpCall) -> Answer:
    if call.corp.find_agent(call.number("source_agentid", missing=41011)) is None:
        raise PlatformError(40056)
    wanted = call.texts("open_userid_list", most=1000, missing=40063)
    known = {
        open_userid(call.corp.corpid, member.userid): member.userid for member in call.directory.members()
    }
    pairs = [{"userid": known[one], "open_userid": one} for one in wanted if one in known]
    return {"userid_list": pairs, "invalid_open_userid_list": [one for one in wanted if one not in known]}


@WECOM.get("/user/authsucc", right=Right.WRITE_CONTACTS)
def confirm_second_check(call: CorpCall) -> Answer:
    """Let a member in who has passed the company's own check: they are active from now on."""
    member = call.member(call.query.get("userid", ""))
    if member.status == Status.NOT_ACTIVATED:
        member.status = Status.ACTIVE
        call.directory.save(member)
    return {}


@WECOM.get("/corp/get_join_qrcode", right=Right.WRITE_CONTACTS)
def get_join_code(call: CorpCall) -> Answer:
    if call.query.get("size_type", "1") not in ("1", "2", "3", "4"):
        raise PlatformError(40058, "size_type")
    code = made_id("jq", call.corp.corpid, int(call.at // (7 * 86_400)))
    return {"join_qrcode": f"{call.world.public_url}/wwqrcode/{code}"}


@WECOM.post("/batch/invite", right=Right.WRITE_CONTACTS)
def invite(call: CorpCall) -> Answer:
    """Invite members to the app; who does not exist is listed."""
    users, parties = call.texts("user", most=1000), call.items("party", most=100)
    tags = call.items("tag", most=100)
    if not users and not parties and not tags:
        raise PlatformError(82001)
    directory = call.directory
    return {
        "invaliduser": [one for one in users if directory.find(one) is None],
        "invalidparty": [one for one in parties if directory.find_department(int(one)) is None],
        "invalidtag": [one for one in tags if directory.find_tag(int(one)) is None],
    }


def _asked(call: CorpCall) -> list[Member]:
    department = call.query.get("department_id", "")
    if not department.isdecimal():
        raise PlatformError(60123)
    return seen_in(call, int(department), with_children=call.query.get("fetch_child") == "1")


def _found(call: CorpCall, member: Member | None) -> Answer:
    if member is None:
        raise PlatformError(46004)
    if not call.directory.sees(call.agent, member):
        raise PlatformError(60011)
    return {"userid": member.userid}


def _rename(call: CorpCall, member: Member, userid: str) -> None:
    """Give a member another id; everything that is theirs comes along."""
    other = call.directory.find(userid)
    if other is not None and other.userid.lower() != member.userid.lower():
        raise PlatformError(60102)
    rename_member(call.world, call.corp, member, userid)


def _openid(call: CorpCall, userid: str) -> str:
    """Return the openid under which the company pays a member."""
    number = int.from_bytes(made_id("", userid.lower()).encode()[:6], "big")
    return openid_of(str(call.world.seed), f"{call.corp.corpid}:staff", number)
