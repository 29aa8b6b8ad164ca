"""Subscribe messages: an account's own templates, and what each person lets it send.

One accept of a one-time template pays for one message and is really used up; a long-term template stays
open until it is withdrawn. Shared by mini programs and service accounts. Source: official pages 订阅消息
(mirror read 2026-07-30).
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from wechat_sandbox.accounts import Account, short_code
from wechat_sandbox.relations import Relation
from wechat_sandbox.state.notice_library import Title
from wechat_sandbox.state.notice_values import accepts
from wechat_sandbox.state.shelf import Shelf
from wechat_sandbox.wire.errors import PlatformError
from wechat_sandbox.world import Unknown, World

TEMPLATES_MAX = 50
ASKED_AT_ONCE_MAX = 3
LONG_TERM = 3
ACCEPT, REJECT = "accept", "reject"
ANSWERS = (ACCEPT, REJECT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """One place of a template that a message fills."""

    key: str
    name: str
    rule: str
    example: str
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A template in an account's own list."""

    template_id: str
    tid: int
    title: str
    type: int
    scene_desc: str
    slots: tuple[Slot, ...]

    @property
    def content(self) -> str:
        return "".join(f"{slot.name}:{{{{{slot.key}.DATA}}}}\n" for slot in self.slots)

    @property
    def example(self) -> str:
        return "".join(f"{slot.name}:{slot.example}\n" for slot in self.slots)

    def render(self, values: Mapping[str, str]) -> str:
        return "\n".join(f"{slot.name}:{values[slot.key]}" for slot in self.slots)


@dataclass(slots=True, kw_only=True)
class Allowance:
    """What one person lets an account send by one template."""

    credits: int = 0
    is_open: bool = False  # A long-term template they accepted.
    remembered: str = ""  # ``accept`` or ``reject``, once they chose to be asked no more.
    accepted: int = 0
    rejected: int = 0
    sent: int = 0


class Subscriptions:
    """Templates and allowances of one account."""

    def __init__(self, world: World, account: Account) -> None:
        self._world = world
        self._account = account
        self._notices = Shelf(world.store, "notice", Notice)
        self._allowances = Shelf(world.store, "notice_allowance", Allowance)

    # Templates

    def add(self, title: Title, kids: list[int], scene_desc: str) -> Notice:
        """Take a title with chosen keywords into the account's list; the same again is the same template.

        Raises:
            PlatformError: 200012 the list is full, 200020 a keyword the title does not have.
        """
        keywords = [title.keyword(kid) for kid in kids]
        slots = tuple(
            Slot(key=one.key, name=one.name, rule=one.rule, example=one.example, choices=one.choices)
            for one in keywords
            if one is not None
        )
        if len(slots) < len(kids):
            raise PlatformError(200020)
        digest = hashlib.sha256(f"{self._account.appid}:{title.tid}:{kids}".encode()).digest()
        template_id = short_code(digest, 43)
        if self._notices.find(self._account.appid, template_id) is None and self.count() >= TEMPLATES_MAX:
            raise PlatformError(200012)
        notice = Notice(
            template_id=template_id,
            tid=title.tid,
            title=title.title,
            type=title.type,
            scene_desc=scene_desc,
            slots=slots,
        )
        self._notices.put(self._account.appid, template_id, notice)
        return notice

    def count(self) -> int:
        return self._notices.count(self._account.appid)

    def all(self) -> list[Notice]:
        return self._notices.values(self._account.appid)

    def find(self, template_id: str) -> Notice | None:
        return self._notices.find(self._account.appid, template_id)

    def delete(self, template_id: str) -> bool:
        """Remove a template; what people accepted for it is worth nothing any more."""
        return self._notices.drop(self._account.appid, template_id)

    # What people do

    def answer(
        self, person: int, answers: Mapping[str, str], at: float, *, scene: int = 0, remember: bool = False
    ) -> dict[str, str]:
        """A person answers a request for one to three templates; return what the page is told.

        A remembered answer is given again without asking. Reports ``subscribe_msg_popup_event``.

        Raises:
            Unknown: no such template.
            ValueError: too many templates, or an answer that is none.
        """
        if not 1 <= len(answers) <= ASKED_AT_ONCE_MAX:
            raise ValueError(f"one to {ASKED_AT_ONCE_MAX} templates are asked for at once")
        if wrong := [answer for answer in answers.values() if answer not in ANSWERS]:
            raise ValueError(f"an answer is accept or reject, not {wrong[0]}")
        notices = {template_id: self._get(template_id) for template_id in answers}
        relation = self._world.get_relation(self._account, person)
        told = {}
        for template_id, given in answers.items():
            allowance = self.allowance(person, template_id)
            answer = told[template_id] = allowance.remembered or given
            if remember:
                allowance.remembered = answer
            self._count_answer(notices[template_id], allowance, answer)
            self._save(person, template_id, allowance)
        rows = [
            {"TemplateId": template_id, "SubscribeStatusString": answer, "PopupScene": scene}
            for template_id, answer in told.items()
        ]
        self._report(relation, "subscribe_msg_popup_event", "SubscribeMsgPopupEvent", rows, at)
        return told

    def withdraw(self, person: int, template_id: str, at: float) -> None:
        """A person switches a template off in the settings: nothing may be sent, and nothing asked."""
        self._get(template_id)
        allowance = self.allowance(person, template_id)
        allowance.credits, allowance.is_open, allowance.remembered = 0, False, REJECT
        self._save(person, template_id, allowance)
        relation = self._world.get_relation(self._account, person)
        rows = [{"TemplateId": template_id, "SubscribeStatusString": REJECT}]
        self._report(relation, "subscribe_msg_change_event", "SubscribeMsgChangeEvent", rows, at)

    def allowance(self, person: int, template_id: str) -> Allowance:
        found = self._allowances.find(self._account.appid, f"{person}:{template_id}")
        return found or Allowance()

    # Sending

    def send(self, relation: Relation, notice: Notice, values: Mapping[str, str], **shown: Any) -> int:
        """Deliver one message, use up one credit, and report the end of it a moment later.

        Raises:
            PlatformError: 43101 nothing accepted is left.
        """
        allowance = self.allowance(relation.person, notice.template_id)
        if relation.refuses_messages or not (allowance.is_open or allowance.credits > 0):
            raise PlatformError(43101)
        at = shown.pop("at")
        allowance.credits = max(0, allowance.credits - (0 if allowance.is_open else 1))
        allowance.sent += 1
        self._save(relation.person, notice.template_id, allowance)
        msgid = self._world.new_id(at)
        body = {
            "template_id": notice.template_id,
            "title": notice.title,
            "text": notice.render(values),
            "data": dict(values),
            **shown,
        }
        self._world.deliver(relation, "subscribe", body, at, msgid=msgid)
        row = {"TemplateId": notice.template_id, "MsgID": msgid, "ErrorCode": 0, "ErrorStatus": "success"}
        event = "subscribe_msg_sent_event"
        fields: dict[str, Any] = {
            "MsgType": "event",
            "Event": event,
            "SubscribeMsgSentEvent": {"List": [row]},
        }
        self._world.emit(self._account, relation, event, at, fields, is_report=True)
        return msgid

    # Inside

    def _get(self, template_id: str) -> Notice:
        notice = self.find(template_id)
        if notice is None:
            raise Unknown(f"no template {template_id}")
        return notice

    def _count_answer(self, notice: Notice, allowance: Allowance, answer: str) -> None:
        if answer == REJECT:
            allowance.rejected += 1
            return
        allowance.accepted += 1
        if notice.type == LONG_TERM:
            allowance.is_open = True
        else:
            allowance.credits += 1

    def _save(self, person: int, template_id: str, allowance: Allowance) -> None:
        self._allowances.put(self._account.appid, f"{person}:{template_id}", allowance)

    def _report(
        self, relation: Relation, event: str, wrapper: str, rows: list[dict[str, Any]], at: float
    ) -> None:
        self._world.report_event(self._account, relation, event, at, {wrapper: {"List": list(rows)}})


def read_values(notice: Notice, data: object) -> dict[str, str]:
    """Return the values for every place of a template.

    Raises:
        PlatformError: 47003 with the place that is missing or does not take its value.
    """
    if not isinstance(data, dict):
        raise PlatformError(47003, "data is missing")
    return {slot.key: _read_value(data, slot) for slot in notice.slots}


def _read_value(data: Mapping[str, object], slot: Slot) -> str:
    item = data.get(slot.key)
    value = item.get("value") if isinstance(item, dict) else None
    if isinstance(value, int | float) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str) or not value.strip():
        raise PlatformError(47003, f"data.{slot.key}.value is empty")
    if not accepts(slot.rule, value, slot.choices):
        raise PlatformError(47003, f"data.{slot.key}.value invalid")
    return value
