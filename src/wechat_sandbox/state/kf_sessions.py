"""Sessions of people with customer-service staff, who waits for one, and what was said.

While a session is open the person's messages go to the staff and not to the callback address; half an
hour without a word ends that.
"""

from dataclasses import dataclass, replace

from wechat_sandbox.accounts import Account
from wechat_sandbox.relations import Relation
from wechat_sandbox.state.core import Core
from wechat_sandbox.state.kf import StaffList
from wechat_sandbox.state.shelf import Shelf
from wechat_sandbox.wire.errors import PlatformError
from wechat_sandbox.wire.xml import XmlValue

SILENCE_S = 1800
SENT, RECEIVED = 2002, 2003
RECORDS_MAX = 10_000
SPAN_MAX_S = 86_400
WAITING_MAX = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One open session."""

    kf_account: str
    openid: str
    createtime: int
    spoke_at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """Someone nobody has taken up yet."""

    openid: str
    latest_time: int


@dataclass(frozen=True, slots=True, kw_only=True)
class KfRecord:
    """One thing that was said."""

    openid: str
    opercode: int
    text: str
    time: int
    worker: str


class Sessions:
    """The sessions of one account."""

    def __init__(self, world: Core, account: Account) -> None:
        self._world = world
        self._account = account
        self._appid = account.appid
        self._open = Shelf(world.store, "kf_session", Session)
        self._waiting = Shelf(world.store, "kf_waiting", Waiting)
        self._records = Shelf(world.store, "kf_record", KfRecord)
        self._staff = StaffList(world, account)

    def create(self, relation: Relation, kf_account: str, at: float) -> None:
        """Open a session; one with the same staff is open already (65402, 65414)."""
        if self._staff.get(kf_account).person < 0:
            raise PlatformError(65402)
        current = self.find(relation.openid, at)
        if current is not None:
            if current.kf_account != kf_account:
                raise PlatformError(65414)
            return
        self._begin(relation, kf_account, at)
        self._report(relation, "kf_create_session", at, {"KfAccount": kf_account})

    def close(self, relation: Relation, kf_account: str, at: float) -> None:
        """End a session (65413 there is none, 65414 it is another's)."""
        current = self.find(relation.openid, at)
        if current is None:
            raise PlatformError(65413)
        if current.kf_account != kf_account:
            raise PlatformError(65414)
        self._open.drop(self._appid, relation.openid)
        self._report(relation, "kf_close_session", at, {"KfAccount": kf_account, "CloseType": "KF"})

    def switch(self, relation: Relation, to: str, at: float) -> None:
        """Hand a person over to a colleague."""
        self._staff.get(to)
        current = self.find(relation.openid, at)
        if current is None:
            raise PlatformError(65413)
        self._begin(relation, to, at)
        names: dict[str, XmlValue] = {"FromKfAccount": current.kf_account, "ToKfAccount": to}
        self._report(relation, "kf_switch_session", at, names)

    def transfer(self, relation: Relation, kf_account: str, at: float) -> None:
        """The account passes a person on: to one who is at work, else into the queue."""
        if self.find(relation.openid, at) is not None:
            return  # They are being served already.
        staff = next((one for one in self._staff.all() if one.kf_account == kf_account), None)
        if staff is not None and staff.online and staff.person >= 0:
            self.create(relation, kf_account, at)
            return
        waiting = Waiting(openid=relation.openid, latest_time=int(at))
        self._waiting.put(self._appid, relation.openid, waiting)

    def find(self, openid: str, at: float) -> Session | None:
        """Return the open session of a person."""
        session = self._open.find(self._appid, openid)
        if session is not None and at - session.spoke_at >= SILENCE_S:
            self._open.drop(self._appid, openid)
            return None
        return session

    def of_staff(self, kf_account: str, at: float) -> list[Session]:
        sessions = self._open.values(self._appid)
        return [
            one for one in sessions if one.kf_account == kf_account and self.find(one.openid, at) is not None
        ]

    def waiting(self) -> list[Waiting]:
        return self._waiting.values(self._appid)

    def hear(self, relation: Relation, text: str, at: float) -> bool:
        """Take what a person says to the staff; False when no session is open."""
        session = self.find(relation.openid, at)
        if session is None:
            return False
        self.note(relation.openid, RECEIVED, text, session.kf_account, at)
        self._open.put(self._appid, relation.openid, replace(session, spoke_at=at))
        return True

    def note(self, openid: str, opercode: int, text: str, worker: str, at: float) -> None:
        """Write down what was said."""
        number = self._records.count(self._appid) + 1
        record = KfRecord(openid=openid, opercode=opercode, text=text, time=int(at), worker=worker)
        self._records.put(self._appid, str(number), record)

    def records(self, *, since: int, until: int, first: int, most: int) -> list[tuple[int, KfRecord]]:
        """Return numbered records of a span, from a number on."""
        numbered = ((int(key), record) for key, record in self._records.items(self._appid))
        found = [
            (number, record)
            for number, record in numbered
            if number >= first and since <= record.time < until
        ]
        return found[:most]

    def _begin(self, relation: Relation, kf_account: str, at: float) -> None:
        self._waiting.drop(self._appid, relation.openid)
        session = Session(kf_account=kf_account, openid=relation.openid, createtime=int(at), spoke_at=at)
        self._open.put(self._appid, relation.openid, session)

    def _report(self, relation: Relation, event: str, at: float, names: dict[str, XmlValue]) -> None:
        fields: dict[str, XmlValue] = {"MsgType": "event", "Event": event, **names}
        self._world.emit(self._account, relation, event, at, fields)
