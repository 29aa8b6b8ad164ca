"""Mass messages (企业群发): a task for each member, who confirms it, and what became of each receiver.

Source: official pages 创建企业群发, 获取企业群发成员执行结果 (D 92135, 93338).
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from enum import IntEnum, StrEnum

from wechat_sandbox.state.shelf import Shelf
from wechat_sandbox.state.wecom.content import Content
from wechat_sandbox.state.wecom.rhythm import Rhythm, may_receive, still_counted
from wechat_sandbox.storage import Storage
from wechat_sandbox.wire.errors import PlatformError

DISPATCH_S = 2.0  # For so long after its creation the members' tasks are not there yet (41063).
REMINDERS_MAX = 3
REMINDERS_WITHIN_S = 86_400.0


class ChatType(StrEnum):
    """To whom a mass message goes."""

    SINGLE = "single"
    GROUP = "group"


class TaskStatus(IntEnum):
    """What a member did."""

    NOT_SENT = 0
    SENT = 2


class SendStatus(IntEnum):
    """What became of one receiver."""

    NOT_SENT = 0
    SENT = 1
    NOT_A_FRIEND = 2
    HAD_OTHERS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupMsg:
    """One mass message."""

    msgid: str
    chat_type: ChatType
    create_time: int
    content: Content
    creator: str = ""  # Empty when the API made it.
    create_type: int = 0  # 0 by the corp, 1 by a member.
    allow_select: bool = False
    dispatched_at: float = 0.0
    cancelled: bool = False
    reminders: tuple[float, ...] = ()

    def reminded(self, at: float) -> "GroupMsg":
        """Return it with one more reminder (41093 cancelled, 41094 the third of a day is past)."""
        if self.cancelled:
            raise PlatformError(41093)
        recent = tuple(moment for moment in self.reminders if at - moment < REMINDERS_WITHIN_S)
        if len(recent) >= REMINDERS_MAX:
            raise PlatformError(41094)
        return replace(self, reminders=(*recent, at))


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one receiver of a member's task."""

    status: SendStatus = SendStatus.NOT_SENT
    send_time: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class MsgTask:
    """The task of one member; ``receivers`` are external userids or chat ids, in order."""

    msgid: str
    userid: str
    receivers: dict[str, Outcome] = field(default_factory=dict)
    status: TaskStatus = TaskStatus.NOT_SENT
    send_time: int = 0


class GroupMsgs:
    """The mass messages of one corp."""

    def __init__(self, store: Storage, corpid: str) -> None:
        self._corpid = corpid
        self._msgs = Shelf(store, "wecom_group_msg", GroupMsg)
        self._tasks = Shelf(store, "wecom_group_msg_task", MsgTask)

    def get(self, msgid: str) -> GroupMsg:
        """Return a mass message (41046 no id given, 41047 no such one)."""
        if not msgid:
            raise PlatformError(41046)
        found = self._msgs.find(self._corpid, msgid)
        if found is None:
            raise PlatformError(41047)
        return found

    def dispatched(self, msgid: str, at: float) -> GroupMsg:
        """Return a mass message whose tasks have reached the members, or raise 41063."""
        found = self.get(msgid)
        if at < found.dispatched_at:
            raise PlatformError(41063)
        return found

    def all(self) -> list[GroupMsg]:
        return self._msgs.values(self._corpid)

    def save(self, msg: GroupMsg) -> None:
        self._msgs.put(self._corpid, msg.msgid, msg)

    def add(self, msg: GroupMsg, receivers: dict[str, list[str]]) -> None:
        """Keep a new mass message with a task for each member."""
        self.save(msg)
        for userid, ids in receivers.items():
            rows = {one: Outcome() for one in ids}
            self.save_task(MsgTask(msgid=msg.msgid, userid=userid, receivers=rows))

    def tasks_of(self, msgid: str) -> list[MsgTask]:
        return [task for key, task in self._tasks.items(self._corpid) if key.startswith(f"{msgid}\0")]

    def find_task(self, msgid: str, userid: str) -> MsgTask | None:
        return self._tasks.find(self._corpid, f"{msgid}\0{userid}")

    def tasks_for(self, userid: str) -> list[MsgTask]:
        """Return every task a member was given, oldest first."""
        return [task for task in self._tasks.values(self._corpid) if task.userid == userid]

    def save_task(self, task: MsgTask) -> None:
        self._tasks.put(self._corpid, f"{task.msgid}\0{task.userid}", task)


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """When someone got mass messages, as far as it still counts."""

    at: tuple[float, ...] = ()


class Receipts:
    """Who received mass messages when, of one corp."""

    def __init__(self, store: Storage, corpid: str, rhythm: Rhythm) -> None:
        self._corpid = corpid
        self._rhythm = rhythm
        self._shelf = Shelf(store, "wecom_mass_received", Received)

    def take(self, receiver: str, at: float) -> bool:
        """Count one more message for a receiver, and tell whether it was allowed."""
        received = self._shelf.find(self._corpid, receiver) or Received()
        if not may_receive(received.at, at, self._rhythm):
            return False
        kept = (*still_counted(received.at, at), at)
        self._shelf.put(self._corpid, receiver, Received(at=kept))
        return True


def sent(task: MsgTask, outcomes: Iterable[tuple[str, SendStatus]], at: float) -> MsgTask:
    """Return a task its member has confirmed."""
    rows = dict(task.receivers)
    for receiver, status in outcomes:
        rows[receiver] = Outcome(status=status, send_time=int(at) if status is SendStatus.SENT else 0)
    return replace(task, receivers=rows, status=TaskStatus.SENT, send_time=int(at))
