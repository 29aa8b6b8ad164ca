"""Sending to members, taking back, changing cards; group chats of apps.

Source: official pages 90236, 94867, 94888, 90244 to 90248.
"""

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field

import msgspec

from wechat_sandbox.endpoints.wecom.agents import own_agent
from wechat_sandbox.endpoints.wecom.message_kinds import read_message
from wechat_sandbox.endpoints.wecom.registry import WECOM, Answer, CorpCall, Right
from wechat_sandbox.state.shelf import Shelf
from wechat_sandbox.state.wecom.app_messages import INTERACTIVE, AppMessages
from wechat_sandbox.state.wecom.corp import Agent
from wechat_sandbox.state.wecom.directory import Member
from wechat_sandbox.wire.errors import PlatformError

USERS_MAX, GROUPS_MAX = 1000, 100
DUPLICATE_S, DUPLICATE_MAX_S = 1800, 4 * 3600
ACCOUNT_LIMIT = 1000  # Members the company has paid for; 200 messages a day for each.
PER_ACCOUNT = 200
CHAT_MEMBERS_MAX = 2000
EVERYBODY = "@all"


@dataclass(frozen=True, slots=True, kw_only=True)
class Audience:
    """Whom a message reaches, and what of it means nobody."""

    members: list[str]
    invalid_users: list[str] = field(default_factory=list)
    invalid_parties: list[str] = field(default_factory=list)
    invalid_tags: list[str] = field(default_factory=list)
    unlicensed: list[str] = field(default_factory=list)


@WECOM.post("/message/send", right=Right.AGENT)
def send(call: CorpCall) -> Answer:
    """Send to members, departments and tags; who is unknown or out of sight is listed."""
    agent = own_agent(call, call.body.get("agentid"))
    kind, content = read_message(call)
    call.number("safe", 0, high=2)
    audience = _audience(call, agent)
    if not audience.members:
        raise PlatformError(81013)
    _count_day(call, agent, len(audience.members))
    messages = AppMessages(call.world, call.corp)
    sent = (
        None
        if _is_repeated(call, agent, audience, kind)
        else messages.send(agent, kind, content, audience.members, call.at)
    )
    msgid = sent.msgid if sent else str(call.world.new_id(call.at))
    answer: dict[str, object] = {"msgid": msgid}
    answer |= _listed(audience)
    if sent and kind == "template_card" and content.get("card_type") in INTERACTIVE:
        answer["response_code"] = messages.new_code(agent, sent.msgid, call.at)
    return answer


@WECOM.post("/message/recall", right=Right.AGENT)
def recall(call: CorpCall) -> Answer:
    agent = call.agent
    assert agent is not None
    AppMessages(call.world, call.corp).recall(agent, call.text("msgid", missing=40059), call.at)
    return {}


@WECOM.post("/message/update_template_card", right=Right.AGENT)
def update_card(call: CorpCall) -> Answer:
    """Change a card, the label of its button or all of it, for members, departments, tags or everybody."""
    agent = own_agent(call, call.body.get("agentid"))
    button, card = call.object("button"), call.object("template_card")
    if not button and not card:
        raise PlatformError(40058, "button and template_card are both empty")
    users = call.texts("userids", most=USERS_MAX, invalid=82002)
    parties, tags = (call.numbers(name, most=GROUPS_MAX, invalid=82003) for name in ("partyids", "tagids"))
    everybody = call.number("atall", 0, high=1) == 1
    if not users and not parties and not tags and not everybody:
        raise PlatformError(82001)
    AppMessages(call.world, call.corp).change_card(
        agent,
        call.text("response_code", missing=60140),
        card or {"button": button},
        call.at,
        members=None if everybody else call.directory.expand(users, parties, tags),
    )
    strange = [one for one in users if call.directory.find(one) is None]
    return {"invaliduser": strange} if strange else {}


def _audience(call: CorpCall, agent: Agent) -> Audience:
    """Return who is meant.

    Raises:
        PlatformError: 82001 nobody is named, 82002 and 82003 too many are.
    """
    users, parties, tags = (_split(call, name) for name in ("touser", "toparty", "totag"))
    directory = call.directory
    if users == [EVERYBODY]:
        seen = [member for member in directory.members() if directory.sees(agent, member)]
        return _reach(seen, [], [], [])
    if not users and not parties and not tags:
        raise PlatformError(82001)
    if len(users) > USERS_MAX or len(parties) > GROUPS_MAX or len(tags) > GROUPS_MAX:
        raise PlatformError(82002 if len(users) > USERS_MAX else 82003)
    known = {one: member for one in users if (member := directory.find(one))}
    fine = {one: member for one, member in known.items() if directory.sees(agent, member)}
    real_parties = [one for one in parties if one.isdecimal() and directory.find_department(int(one))]
    real_tags = [one for one in tags if one.isdecimal() and directory.find_tag(int(one))]
    grouped = directory.expand([], map(int, real_parties), map(int, real_tags))
    members = list(fine.values()) + [
        member
        for userid in sorted(grouped)
        if (member := directory.find(userid)) and directory.sees(agent, member)
    ]
    return _reach(
        members,
        [one for one in users if one not in fine],
        [one for one in parties if one not in real_parties],
        [one for one in tags if one not in real_tags],
    )


def _reach(members: Iterable[Member], users: list[str], parties: list[str], tags: list[str]) -> Audience:
    once = {member.userid: member for member in members}
    return Audience(
        members=[userid for userid, member in once.items() if member.licensed],
        invalid_users=users,
        invalid_parties=parties,
        invalid_tags=tags,
        unlicensed=[userid for userid, member in once.items() if not member.licensed],
    )


def _listed(audience: Audience) -> dict[str, str]:
    rows = {
        "invaliduser": audience.invalid_users,
        "invalidparty": audience.invalid_parties,
        "invalidtag": audience.invalid_tags,
        "unlicenseduser": audience.unlicensed,
    }
    return {name: "|".join(values) for name, values in rows.items() if values}


def _split(call: CorpCall, name: str) -> list[str]:
    value = call.body.get(name)
    text = "|".join(map(str, value)) if isinstance(value, list) else str(value or "")
    return list(dict.fromkeys(one for one in text.split("|") if one))


def _count_day(call: CorpCall, agent: Agent, members: int) -> None:
    key = f"sent:{call.corp.corpid}:{agent.agentid}"
    limit = ACCOUNT_LIMIT * PER_ACCOUNT
    call.desk.paces.count_day(key, at=call.at, limit=limit, code=45009, times=members)


def _is_repeated(call: CorpCall, agent: Agent, audience: Audience, kind: str) -> bool:
    """Whether the same was sent to the same a moment ago, where the call asks to look."""
    if not call.flag("enable_duplicate_check", False):
        return False
    within = call.number("duplicate_check_interval", DUPLICATE_S, high=DUPLICATE_MAX_S)
    whole = msgspec.json.encode([agent.agentid, sorted(audience.members), kind, call.body.get(kind)])
    key = hashlib.sha256(whole).hexdigest()
    shelf = Shelf(call.world.store, "corp_message_seen", float)
    before = shelf.find(call.corp.corpid, key)
    if before is not None and call.at < before + within:
        return True
    shelf.put(call.corp.corpid, key, call.at)
    return False


# Group chats of apps


@dataclass(slots=True, kw_only=True)
class AppChat:
    """A chat of members an app made."""

    chatid: str
    name: str
    owner: str
    userlist: list[str]
    maker: int


@WECOM.post("/appchat/create", right=Right.AGENT)
def create_chat(call: CorpCall) -> Answer:
    agent = _root_agent(call)
    users = call.texts("userlist", most=CHAT_MEMBERS_MAX, missing=86006, invalid=86006)
    if len(users) < 2:
        raise PlatformError(86006)
    _known(call, users)
    owner = call.text("owner") or users[0]
    if owner not in users:
        raise PlatformError(86007)
    chatid = call.text("chatid", most=32, invalid=86001) or secrets.token_hex(12)
    if _chats(call).find(call.corp.corpid, chatid) is not None:
        raise PlatformError(86214)
    call.desk.paces.count_day(f"appchat:{call.corp.corpid}", at=call.at, limit=1000, code=45009)
    chat = AppChat(
        chatid=chatid,
        name=call.text("name", most=50, invalid=86004) or "群聊",
        owner=owner,
        userlist=users,
        maker=agent.agentid,
    )
    _chats(call).put(call.corp.corpid, chatid, chat)
    return {"chatid": chatid}


@WECOM.post("/appchat/update", right=Right.AGENT)
def update_chat(call: CorpCall) -> Answer:
    _root_agent(call)
    chat = _chat(call, call.text("chatid", missing=86001))
    added = call.texts("add_user_list", most=CHAT_MEMBERS_MAX)
    removed = call.texts("del_user_list", most=CHAT_MEMBERS_MAX)
    _known(call, added)
    users = [one for one in dict.fromkeys([*chat.userlist, *added]) if one not in removed]
    owner = call.text("owner") or chat.owner
    if not 2 <= len(users) <= CHAT_MEMBERS_MAX:
        raise PlatformError(86006)
    if owner not in users:
        raise PlatformError(86007)
    chat.name = call.text("name", most=50, invalid=86004) or chat.name
    chat.userlist, chat.owner = users, owner
    _chats(call).put(call.corp.corpid, chat.chatid, chat)
    return {}


@WECOM.get("/appchat/get", right=Right.AGENT)
def read_chat(call: CorpCall) -> Answer:
    _root_agent(call)
    chat = _chat(call, call.query.get("chatid", ""))
    info = {"chatid": chat.chatid, "name": chat.name, "owner": chat.owner, "userlist": chat.userlist}
    return {"chat_info": info}


@WECOM.post("/appchat/send", right=Right.AGENT)
def send_to_chat(call: CorpCall) -> Answer:
    """Send to everybody in a chat."""
    agent = _root_agent(call)
    chat = _chat(call, call.text("chatid", missing=86001))
    kind, content = read_message(call)
    AppMessages(call.world, call.corp).send(agent, kind, content, chat.userlist, call.at)
    return {}


def _root_agent(call: CorpCall) -> Agent:
    """Return the app, which must be visible to the whole company (90001)."""
    agent = call.agent
    assert agent is not None
    if (agent.users or agent.parties or agent.tags) and 1 not in agent.parties:
        raise PlatformError(90001)
    return agent


def _known(call: CorpCall, users: list[str]) -> None:
    if any(call.directory.find(userid) is None for userid in users):
        raise PlatformError(60111)


def _chats(call: CorpCall) -> Shelf[AppChat]:
    return Shelf(call.world.store, "corp_appchat", AppChat)


def _chat(call: CorpCall, chatid: str) -> AppChat:
    chat = _chats(call).find(call.corp.corpid, chatid)
    if chat is None:
        raise PlatformError(86003)
    return chat
