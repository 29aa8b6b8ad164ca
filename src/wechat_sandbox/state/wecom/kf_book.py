"""微信客服 as it is kept: accounts, servicers, sessions, links, codes, and the log that ``sync_msg`` reads.

Source: official pages 客服账号管理, 接待人员管理, 接收消息和事件 (D 94661, 94646, 94670).
"""

from dataclasses import dataclass, field, replace
from typing import Any

from wechat_sandbox.state.shelf import Shelf
from wechat_sandbox.state.wecom.kf_rules import State, Window
from wechat_sandbox.storage import Storage
from wechat_sandbox.wire.errors import PlatformError

CUSTOMER, SYSTEM, SERVICER = 3, 4, 5  # ``origin``; what the API sends is 0 and never told.
API = 0
KEPT_S = 3 * 86_400.0
SYNC_TOKEN_S = 600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Servicer:
    """One member, or a whole department, that receives customers."""

    userid: str = ""
    department_id: int = 0
    stopped: bool = False
    stop_type: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class KfAccount:
    """One service account."""

    open_kfid: str
    name: str
    avatar: str = ""
    managed: bool = True  # Whether the API may change its sessions.
    servicers: tuple[Servicer, ...] = ()
    deleted: bool = False

    def servicer(self, userid: str) -> Servicer | None:
        return next((one for one in self.servicers if one.userid == userid), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Enter:
    """How a customer opened the chat."""

    at: float
    scene: str = ""
    scene_param: str = ""
    channels: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class KfSession:
    """A customer with an account."""

    open_kfid: str
    external_userid: str
    state: State = State.ENDED
    servicer: str = ""
    window: Window = field(default_factory=Window)
    changed_at: float = 0.0
    welcomed_at: float = -1.0  # The last welcome message, below zero: none.
    entered: Enter | None = None
    refuses: bool = False  # The customer takes no messages of this account.
    rejected: bool = False  # A servicer has switched the customer's messages off.


@dataclass(frozen=True, slots=True, kw_only=True)
class KfCode:
    """A code that pays for one ``send_msg_on_event``."""

    code: str
    kind: str  # welcome, handover or end.
    open_kfid: str
    external_userid: str
    expires_at: float
    used: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class KfMessage:
    """One entry of an account's log."""

    msgid: str
    send_time: int
    origin: int
    msgtype: str
    external_userid: str
    body: dict[str, Any]
    servicer: str = ""

    def as_row(self, open_kfid: str) -> dict[str, Any]:
        """Return it as ``sync_msg`` tells it; an event names its account and customer inside."""
        row: dict[str, Any] = {
            "msgid": self.msgid,
            "send_time": self.send_time,
            "origin": self.origin,
            "msgtype": self.msgtype,
            self.msgtype: self.body,
        }
        if self.msgtype != "event":
            row |= {"open_kfid": open_kfid, "external_userid": self.external_userid}
        if self.origin == SERVICER and self.servicer:
            row["servicer_userid"] = self.servicer
        return row


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncToken:
    """A token a callback brought; reading with it is free for ten minutes."""

    open_kfid: str
    expires_at: float


class KfBook:
    """Everything about 微信客服 of one corp."""

    def __init__(self, store: Storage, corpid: str) -> None:
        self._store = store
        self._corpid = corpid
        self._accounts = Shelf(store, "wecom_kf", KfAccount)
        self._sessions = Shelf(store, "wecom_kf_session", KfSession)
        self._codes = Shelf(store, "wecom_kf_code", KfCode)
        self._tokens = Shelf(store, "wecom_kf_token", SyncToken)

    # Accounts

    def get(self, open_kfid: str) -> KfAccount:
        """Return an account (95000 no such one)."""
        found = self._accounts.find(self._corpid, open_kfid)
        if found is None or found.deleted:
            raise PlatformError(95000)
        return found

    def accounts(self) -> list[KfAccount]:
        return [one for one in self._accounts.values(self._corpid) if not one.deleted]

    def save(self, account: KfAccount) -> None:
        self._accounts.put(self._corpid, account.open_kfid, account)

    # Sessions

    def session(self, open_kfid: str, external_userid: str) -> KfSession:
        """Return a customer's session, one that never began when they never wrote."""
        found = self._sessions.find(self._corpid, f"{open_kfid}\0{external_userid}")
        return found or KfSession(open_kfid=open_kfid, external_userid=external_userid)

    def sessions(self) -> list[KfSession]:
        return self._sessions.values(self._corpid)

    def save_session(self, session: KfSession) -> None:
        self._sessions.put(self._corpid, f"{session.open_kfid}\0{session.external_userid}", session)

    # Codes and tokens

    def save_code(self, code: KfCode) -> None:
        self._codes.put(self._corpid, code.code, code)

    def find_code(self, code: str) -> KfCode | None:
        return self._codes.find(self._corpid, code)

    def save_token(self, token: str, open_kfid: str, expires_at: float) -> None:
        self._tokens.put(self._corpid, token, SyncToken(open_kfid=open_kfid, expires_at=expires_at))

    def check_token(self, token: str, at: float) -> None:
        """Accept a token of a callback, or raise 95007."""
        found = self._tokens.find(self._corpid, token)
        if found is None or at >= found.expires_at:
            raise PlatformError(95007)

    # The log

    def log(self, open_kfid: str) -> "KfLog":
        return KfLog(self._store, self._corpid, open_kfid)


class KfLog:
    """The messages of one account, in order; numbers rise and are what cursors are made of."""

    def __init__(self, store: Storage, corpid: str, open_kfid: str) -> None:
        self._shelf = Shelf(store, f"wecom_kf_log:{open_kfid}", KfMessage)
        self._own_ids = Shelf(store, f"wecom_kf_own_id:{open_kfid}", bool)
        self._corpid = corpid

    def append(self, message: KfMessage) -> int:
        number = self._shelf.count(self._corpid) + 1
        self._shelf.put(self._corpid, f"{number:012d}", message)
        if message.origin == API:
            self._own_ids.put(self._corpid, message.msgid, True)
        return number

    def has(self, msgid: str) -> bool:
        """Whether the API has sent a message under this id."""
        return self._own_ids.find(self._corpid, msgid) is not None

    def take_back(self, msgid: str) -> bool:
        """Take a message of the API out of the chat; False when it sent none under this id."""
        for number, message in self.all() if self.has(msgid) else ():
            if message.msgid == msgid and message.origin == API:
                gone = replace(message, msgtype="recalled", body={})
                self._shelf.put(self._corpid, f"{number:012d}", gone)
                return True
        return False

    def all(self) -> list[tuple[int, KfMessage]]:
        return self.after(0)

    def after(self, number: int) -> list[tuple[int, KfMessage]]:
        found = self._shelf.after(self._corpid, f"{number:012d}")
        return [(int(key), message) for key, message in found]

    def told(self, after: int, at: float) -> list[tuple[int, KfMessage]]:
        """Return what ``sync_msg`` tells: three days back, without what the API itself sent."""
        return [
            (number, message)
            for number, message in self.after(after)
            if message.origin != API and at - message.send_time < KEPT_S
        ]
