"""Mass messages in motion: made through the API, confirmed by members, received by customers and groups.

A message only makes tasks. When a member confirms theirs, each receiver gets it unless they are a friend no
more or have had as many mass messages as the rhythm of the corp allows (D 92135).
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from wechat_sandbox.state.core import Core, Unknown
from wechat_sandbox.state.wecom.audience import Audience
from wechat_sandbox.state.wecom.content import Content
from wechat_sandbox.state.wecom.corp import Corp
from wechat_sandbox.state.wecom.group_chats import GroupChats
from wechat_sandbox.state.wecom.group_msgs import (
    DISPATCH_S,
    ChatType,
    GroupMsg,
    GroupMsgs,
    MsgTask,
    Receipts,
    SendStatus,
    TaskStatus,
    sent,
)
from wechat_sandbox.state.wecom.ids import new_key
from wechat_sandbox.state.wecom.settings import CorpSettings
from wechat_sandbox.wire.errors import PlatformError

RECEIVERS_MAX = 10_000
CHATS_MAX = 2000
TagFilter = Sequence[frozenset[str]]  # One of each group of tags.


class MassSending:
    """The mass messages of one corp."""

    def __init__(self, world: Core, corp: Corp) -> None:
        self._world = world
        self._corp = corp
        self.book = GroupMsgs(world.store, corp.corpid)
        self._groups = GroupChats(world, corp)
        self._audience = Audience(world, corp)

    # What the API asks

    def to_customers(
        self, content: Content, at: float, *, named: Sequence[str], sender: str, tags: TagFilter, select: bool
    ) -> tuple[list[str], str]:
        """Make a message to customers; return whom it cannot go to, and its id.

        Raises:
            PlatformError: 41048 there is nobody to send to.
        """
        receivers, failed = self._choose_customers(named, sender, tags)
        msg = self._keep(ChatType.SINGLE, content, receivers, at, select=select)
        return failed, msg.msgid

    def to_groups(
        self, content: Content, at: float, *, named: Sequence[str], sender: str, select: bool
    ) -> tuple[list[str], str]:
        """Make a message to groups of one owner; all of theirs when none is named."""
        mine = [group.chat_id for group in self._groups.owned_by(sender)]
        failed = [chat_id for chat_id in named if chat_id not in mine]
        chosen = [chat_id for chat_id in mine if not named or chat_id in named]
        msg = self._keep(ChatType.GROUP, content, {sender: chosen} if chosen else {}, at, select=select)
        return failed, msg.msgid

    def by_member(
        self, userid: str, chat_type: ChatType, content: Content, at: float, *, receivers: Sequence[str] = ()
    ) -> GroupMsg:
        """A member writes to many customers or groups of their own accord: sent as soon as made."""
        mine = (
            self._audience.customers_of(userid)
            if chat_type is ChatType.SINGLE
            else [group.chat_id for group in self._groups.owned_by(userid)]
        )
        chosen = [one for one in mine if not receivers or one in receivers]
        if not chosen:
            raise Unknown(f"{userid} has nobody to send this to")
        msg = self._made(chat_type, content, at, creator=userid)
        self.book.add(msg, {userid: chosen})
        self.confirm(userid, msg.msgid, at)
        return msg

    def remind(self, msgid: str, at: float) -> list[str]:
        """Remind the members who have not confirmed; return who they are."""
        msg = self.book.get(msgid).reminded(at)
        self.book.save(msg)
        tasks = self.book.tasks_of(msgid)
        late = [task.userid for task in tasks if task.status is TaskStatus.NOT_SENT]
        for userid in late:
            self._world.on_staff_task(self._corp.corpid, userid, "reminder", msgid, at)
        return late

    def cancel(self, msgid: str) -> None:
        """Stop what was not confirmed yet (41093 stopped before)."""
        msg = self.book.get(msgid)
        if msg.cancelled:
            raise PlatformError(41093)
        self.book.save(replace(msg, cancelled=True))

    # What members do

    def open_tasks(self, userid: str, at: float) -> list[tuple[GroupMsg, MsgTask]]:
        """Return what a member's client asks them to confirm now."""
        tasks = [task for task in self.book.tasks_for(userid) if task.status is TaskStatus.NOT_SENT]
        pairs = [(self.book.get(task.msgid), task) for task in tasks]
        return [(msg, task) for msg, task in pairs if not msg.cancelled and at >= msg.dispatched_at]

    def confirm(self, userid: str, msgid: str, at: float, *, skipped: Iterable[str] = ()) -> MsgTask:
        """A member sends what they were asked to; where they may choose, without some receivers.

        Raises:
            Unknown: no such task, sent before, or stopped.
        """
        msg, task = self.book.get(msgid), self.book.find_task(msgid, userid)
        if task is None or task.status is TaskStatus.SENT or msg.cancelled:
            raise Unknown(f"{userid} has no open task {msgid}")
        left_out = set(skipped) if msg.allow_select or msg.create_type else set()
        outcomes = [
            (receiver, self._send(msg, userid, receiver, at))
            for receiver in task.receivers
            if receiver not in left_out
        ]
        done = sent(task, outcomes, at)
        self.book.save_task(done)
        self._world.store.on_change(self._corp.corpid, userid)
        return done

    def _send(self, msg: GroupMsg, userid: str, receiver: str, at: float) -> SendStatus:
        if not self._reachable(msg.chat_type, userid, receiver):
            return SendStatus.NOT_A_FRIEND
        receipts = Receipts(
            self._world.store, self._corp.corpid, CorpSettings.of(self._world, self._corp).rhythm
        )
        if not receipts.take(receiver, at):
            return SendStatus.HAD_OTHERS
        body: dict[str, Any] = msg.content.as_fields() | {"msgid": msg.msgid}
        if msg.chat_type is ChatType.GROUP:
            self._groups.say(receiver, userid, "mass", body, at)
        else:
            self._audience.deliver(userid, receiver, "mass", body, at)
            self._world.on_mass(self._corp.corpid, userid, receiver, at)
        return SendStatus.SENT

    def _reachable(self, chat_type: ChatType, userid: str, receiver: str) -> bool:
        if chat_type is ChatType.SINGLE:
            return self._audience.are_friends(userid, receiver)
        return any(group.chat_id == receiver for group in self._groups.owned_by(userid))

    # Inside

    def _choose_customers(
        self, named: Sequence[str], sender: str, tags: TagFilter
    ) -> tuple[dict[str, list[str]], list[str]]:
        """Return the customers of each member's task, and those nobody can send to."""
        if not named and not sender and not tags:
            raise PlatformError(41048)
        known = named or (self._audience.customers_of(sender) if sender else self._audience.customers())
        receivers: dict[str, list[str]] = {}
        failed = []
        for customer in dict.fromkeys(known):
            userid = self._sender_for(customer, sender, () if named else tags)
            if userid:
                receivers.setdefault(userid, []).append(customer)
            elif named:
                failed.append(customer)
        return receivers, failed

    def _sender_for(self, customer: str, sender: str, tags: TagFilter) -> str:
        """Return who writes to a customer: of several, whoever talked to them last; nobody: empty."""
        followers = self._audience.followers_of(customer)
        if sender:
            followers = [userid for userid in followers if userid == sender]
        for userid in followers:
            worn = self._audience.tags_of(userid, customer) if tags else frozenset()
            if all(group & worn for group in tags):
                return userid
        return ""

    def _keep(
        self,
        chat_type: ChatType,
        content: Content,
        receivers: dict[str, list[str]],
        at: float,
        *,
        select: bool,
    ) -> GroupMsg:
        if not receivers:
            raise PlatformError(41048)
        msg = replace(self._made(chat_type, content, at), allow_select=select, dispatched_at=at + DISPATCH_S)
        self.book.add(msg, receivers)
        for userid in receivers:
            self._world.store.on_change(self._corp.corpid, userid)
            self._world.on_staff_task(self._corp.corpid, userid, "mass", msg.msgid, at + DISPATCH_S)
        return msg

    def _made(self, chat_type: ChatType, content: Content, at: float, *, creator: str = "") -> GroupMsg:
        return GroupMsg(
            msgid=new_key(self._world, "msg", at),
            chat_type=chat_type,
            create_time=int(at),
            content=content,
            creator=creator,
            create_type=1 if creator else 0,
        )
