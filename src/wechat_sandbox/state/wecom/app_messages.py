"""Messages of apps to members: who gets them, recall, cards that members tap.

Source: official pages 90236, 94867, 94888 and 90312 (how many a member receives).
"""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from wechat_sandbox.state.core import Core
from wechat_sandbox.state.shelf import Shelf
from wechat_sandbox.state.wecom.corp import Agent, Corp
from wechat_sandbox.state.wecom.events import tell_agent
from wechat_sandbox.storage import Line
from wechat_sandbox.wire.errors import PlatformError
from wechat_sandbox.wire.xml import XmlValue

RECALL_S = 24 * 3600.0
CODE_S = 72 * 3600.0
INTERACTIVE = frozenset({"button_interaction", "vote_interaction", "multiple_interaction"})
PER_MINUTE, PER_HOUR = 30, 1000


@dataclass(slots=True, kw_only=True)
class Sent:
    """One message as it was sent."""

    msgid: str
    agentid: int
    kind: str
    body: dict[str, Any]
    sent_at: float
    members: list[str]
    dropped: list[str] = field(default_factory=list)  # Had their share of this app already.
    recalled: bool = False
    changed: dict[str, dict[str, Any]] = field(default_factory=dict)  # What a member's card shows instead.

    def body_of(self, userid: str) -> dict[str, Any]:
        """Return the message as one member sees it."""
        return self.body | self.changed.get(userid, {})


@dataclass(slots=True, kw_only=True)
class CardCode:
    """A code with which the app may change a card once."""

    agentid: int
    msgid: str
    issued_at: float
    used: bool = False


class AppMessages:
    """The messages of one company's apps."""

    def __init__(self, world: Core, corp: Corp) -> None:
        self._world = world
        self._corp = corp
        self._sent = Shelf(world.store, "corp_sent", Sent)
        self._codes = Shelf(world.store, "corp_card_code", CardCode)
        self._received = Shelf(world.store, "corp_received", list[float])  # ``<agentid>/<userid>``

    def send(self, agent: Agent, kind: str, body: dict[str, Any], members: Iterable[str], at: float) -> Sent:
        """Deliver a message; who has had their share of this app is left out without a word."""
        sent = Sent(
            msgid=str(self._world.new_id(at)),
            agentid=agent.agentid,
            kind=kind,
            body=body,
            sent_at=at,
            members=[],
        )
        for userid in members:
            if self._may_receive(agent, userid, at):
                sent.members.append(userid)
                self._write(sent, userid, at)
            else:
                sent.dropped.append(userid)
        self._keep(sent)
        return sent

    def find(self, msgid: str) -> Sent | None:
        return self._sent.find(self._corp.corpid, msgid)

    def of_member(self, userid: str, limit: int = 100) -> list[Sent]:
        """Return what a member sees, newest first."""
        found = (sent for _, sent in self._sent.page(self._corp.corpid, offset=0, count=5000))
        return [one for one in found if userid in one.members and not one.recalled][:limit]

    def recall(self, agent: Agent, msgid: str, at: float) -> None:
        """Take a message back (40059 not this app's, 42052 after a day)."""
        sent = self.find(msgid)
        if sent is None or sent.agentid != agent.agentid:
            raise PlatformError(40059)
        if at >= sent.sent_at + RECALL_S:
            raise PlatformError(42052)
        sent.recalled = True
        self._keep(sent)

    def new_code(self, agent: Agent, msgid: str, at: float) -> str:
        """Return a code with which a card can be changed once, within 72 hours."""
        code = secrets.token_urlsafe(32)
        self._codes.put(self._corp.corpid, code, CardCode(agentid=agent.agentid, msgid=msgid, issued_at=at))
        return code

    def change_card(
        self, agent: Agent, code: str, changes: dict[str, Any], at: float, *, members: set[str] | None = None
    ) -> None:
        """Change a card for some of those who got it, for all without ``members``.

        Raises:
            PlatformError: 60140 the code is unknown, used or too old.
        """
        found = self._codes.find(self._corp.corpid, code)
        sent = None if found is None else self.find(found.msgid)
        if found is None or sent is None or found.used or found.agentid != agent.agentid:
            raise PlatformError(60140)
        if at >= found.issued_at + CODE_S:
            raise PlatformError(60140)
        found.used = True
        self._codes.put(self._corp.corpid, code, found)
        for userid in sent.members:
            if members is None or userid in members:
                sent.changed[userid] = sent.changed.get(userid, {}) | changes
        self._keep(sent)

    def tap(
        self, agent: Agent, sent: Sent, userid: str, at: float, *, key: str, selected: dict[str, list[str]]
    ) -> None:
        """A member taps a card; the event brings a fresh code for it."""
        fields: dict[str, XmlValue] = {
            "EventKey": key,
            "TaskId": str(sent.body.get("task_id", "")),
            "CardType": str(sent.body.get("card_type", "")),
            "ResponseCode": self.new_code(agent, sent.msgid, at),
            "AgentID": agent.agentid,  # Not last, as for other events: the choices are.
        }
        if selected:
            items: list[XmlValue] = [
                {"QuestionKey": question, "OptionIds": {"OptionId": list(options)}}
                for question, options in selected.items()
            ]
            fields["SelectedItems"] = {"SelectedItem": items}
        tell_agent(self._world, self._corp, agent, "template_card_event", at, fields, sender=userid)

    def _may_receive(self, agent: Agent, userid: str, at: float) -> bool:
        """Count a message to a member: thirty a minute and a thousand an hour from one app."""
        key = f"{agent.agentid}/{userid}"
        recent = [one for one in self._received.find(self._corp.corpid, key) or [] if one > at - 3600]
        this_minute = sum(1 for one in recent if one > at - 60)
        if this_minute >= PER_MINUTE or len(recent) >= PER_HOUR:
            return False
        self._received.put(self._corp.corpid, key, [*recent, at])
        return True

    def _write(self, sent: Sent, userid: str, at: float) -> None:
        self._world.store.append_line(
            Line(
                appid=self._corp.corpid,
                person=-1,
                openid=userid,
                direction="to_staff",
                kind=f"app:{sent.kind}",
                at=at,
                body={"agentid": sent.agentid, "msgid": sent.msgid, "content": sent.body},
                msgid=int(sent.msgid),
            )
        )

    def _keep(self, sent: Sent) -> None:
        self._sent.put(self._corp.corpid, sent.msgid, sent)
