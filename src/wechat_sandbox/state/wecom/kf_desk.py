"""微信客服 in motion: customers enter and write, servicers take them up and answer, the API does both.

Everything goes into the log of the account, and the corp is told to read it (``kf_msg_or_event``). What the
API itself changes is neither told nor logged as an event.

Source: official pages 接收消息和事件, 分配客服会话,
发送消息, 发送欢迎语等事件响应消息 (D 94670, 94669, 94677, 95122).
"""

from dataclasses import replace
from typing import Any

from wechat_sandbox.state.core import Core, Unknown
from wechat_sandbox.state.facts import FactKind
from wechat_sandbox.state.wecom.corp import Corp
from wechat_sandbox.state.wecom.directory import Directory
from wechat_sandbox.state.wecom.events import tell_kf
from wechat_sandbox.state.wecom.ids import new_key
from wechat_sandbox.state.wecom.kf_book import (
    API,
    CUSTOMER,
    SERVICER,
    SYNC_TOKEN_S,
    SYSTEM,
    Enter,
    KfAccount,
    KfBook,
    KfCode,
    KfMessage,
    KfSession,
    Servicer,
)
from wechat_sandbox.state.wecom.kf_rules import (
    ANSWERS_FOR_S,
    API_ANSWERS,
    END_CODE_S,
    HANDOVER_CODE_S,
    SESSION_LASTS_S,
    WELCOME_CODE_S,
    State,
    check_move,
    code_lasts_s,
)
from wechat_sandbox.wire.errors import PlatformError

EVENT = "kf_msg_or_event"
_FROM_POOL, _PASSED_ON, _ENDED, _AGAIN = 1, 2, 3, 4  # ``change_type``.
_REFUSED = 10  # ``fail_type``: the customer takes no messages.


class KfDesk:
    """微信客服 of one corp."""

    def __init__(self, world: Core, corp: Corp) -> None:
        self._world = world
        self._corp = corp
        self.book = KfBook(world.store, corp.corpid)

    # What customers do

    def enter(self, open_kfid: str, external_userid: str, entered: Enter) -> str:
        """A customer opens the chat; return the code for a welcome, empty when none is due."""
        self.book.get(open_kfid)
        at, session = entered.at, self.session(open_kfid, external_userid, entered.at)
        welcomed = session.welcomed_at >= 0 and at - session.welcomed_at < ANSWERS_FOR_S
        wrote = session.window.heard_at >= 0 and at - session.window.heard_at < ANSWERS_FOR_S
        code = "" if welcomed or wrote else self._new_code("welcome", session, at, WELCOME_CODE_S)
        self.book.save_session(replace(session, entered=entered))
        event: dict[str, Any] = {"event_type": "enter_session", **_about(session), "scene": entered.scene}
        event |= {"scene_param": entered.scene_param} if entered.scene_param else {}
        event |= {"welcome_code": code} if code else {}
        event |= {"wechat_channels": entered.channels} if entered.channels else {}
        self._log_event(session, event, at)
        return code

    def hear(
        self, open_kfid: str, external_userid: str, msgtype: str, body: dict[str, Any], at: float
    ) -> str:
        """A customer writes; return the message's id. An ended session begins anew."""
        self.book.get(open_kfid)
        session = self.session(open_kfid, external_userid, at)
        if session.rejected:
            self._world.facts.record(self._corp.corpid, FactKind.KF_REFUSED, at, ref=_key(session))
        if session.state is State.ENDED:
            session = replace(session, state=State.NEW, servicer="", changed_at=at)
            self._world.facts.record(self._corp.corpid, FactKind.KF_SESSION, at, ref=_key(session))
        session = replace(session, window=session.window.heard(at))
        self.book.save_session(session)
        return self._log(session, CUSTOMER, msgtype, body, at)

    def recall(self, open_kfid: str, external_userid: str, msgid: str, at: float) -> None:
        """A customer takes a message back."""
        session = self.session(open_kfid, external_userid, at)
        event = {"event_type": "user_recall_msg", **_about(session), "recall_msgid": msgid}
        self._log_event(session, event, at)

    def refuse(self, open_kfid: str, external_userid: str, at: float, *, refuses: bool) -> None:
        """A customer lets no message of the account through, or lets them through again."""
        self.book.save_session(replace(self.session(open_kfid, external_userid, at), refuses=refuses))

    # What servicers do

    def set_receiving(
        self, open_kfid: str, userid: str, at: float, *, receiving: bool, stop_type: int = 0
    ) -> None:
        """A servicer goes to work, or stops: 0 by choice, 1 signed off."""
        account = self.book.get(open_kfid)
        changed = Servicer(userid=userid, stopped=not receiving, stop_type=0 if receiving else stop_type)
        if not self.serves(account, userid):
            raise Unknown(f"{userid} is no servicer of {open_kfid}")
        rest = tuple(one for one in account.servicers if one.userid != userid)
        self.book.save(replace(account, servicers=(*rest, changed)))
        event: dict[str, Any] = {
            "event_type": "servicer_status_change",
            "servicer_userid": userid,
            "status": 1 if receiving else 2,
            **({} if receiving else {"stop_type": stop_type}),
            "open_kfid": open_kfid,
        }
        self._log_event(KfSession(open_kfid=open_kfid, external_userid=""), event, at)

    def take(self, open_kfid: str, external_userid: str, userid: str, at: float) -> None:
        """A servicer takes up somebody who waits, or somebody whose session had ended."""
        session = self.session(open_kfid, external_userid, at)
        again = session.state is State.ENDED
        if session.state is State.HUMAN:
            raise Unknown(f"{external_userid} is being served")
        self._serve(session, userid, at)
        self._tell_change(session, _AGAIN if again else _FROM_POOL, at, new=userid, code=not again)

    def pass_on(self, open_kfid: str, external_userid: str, to: str, at: float) -> None:
        """A servicer gives a customer to a colleague."""
        session = self._served(open_kfid, external_userid, at)
        self._serve(session, to, at)
        self._tell_change(session, _PASSED_ON, at, old=session.servicer, new=to)

    def end(self, open_kfid: str, external_userid: str, at: float) -> None:
        """A servicer ends a session."""
        session = self._served(open_kfid, external_userid, at)
        self.book.save_session(replace(session, state=State.ENDED, servicer="", changed_at=at))
        self._tell_change(session, _ENDED, at, old=session.servicer, code=True)

    def answer(
        self, open_kfid: str, external_userid: str, msgtype: str, body: dict[str, Any], at: float
    ) -> str:
        """The servicer of a customer writes to them."""
        session = self._served(open_kfid, external_userid, at)
        self._world.facts.record(self._corp.corpid, FactKind.KF_ANSWER, at, ref=_key(session))
        return self._log(session, SERVICER, msgtype, body, at, servicer=session.servicer)

    def recall_answer(self, open_kfid: str, external_userid: str, msgid: str, at: float) -> None:
        session = self._served(open_kfid, external_userid, at)
        event = {
            "event_type": "servicer_recall_msg",
            **_about(session),
            "recall_msgid": msgid,
            "servicer_userid": session.servicer,
        }
        self._log_event(session, event, at)

    def reject(self, open_kfid: str, external_userid: str, at: float, *, rejected: bool) -> None:
        """A servicer switches a customer's messages off, or on again."""
        session = self._served(open_kfid, external_userid, at)
        self.book.save_session(replace(session, rejected=rejected))
        event = {
            "event_type": "reject_customer_msg_switch_change",
            "servicer_userid": session.servicer,
            **_about(session),
            "reject_switch": int(rejected),
        }
        self._log_event(session, event, at)

    def rate(self, open_kfid: str, external_userid: str, score: int, at: float) -> None:
        """A customer says how content they are: 1 satisfied, 2 middling, 3 not.

        Where the account has asked by a menu, they tap its entry of this number: the account reads the text
        with its ``menu_id``, and the session stays ended.
        """
        session = self.book.session(open_kfid, external_userid)
        tapped = self._menu_entry(session, score)
        if tapped is not None:
            body = {"content": tapped.get("content", ""), "menu_id": tapped.get("id", "")}
            self._log(session, CUSTOMER, "text", body, at)
        self._world.facts.record(self._corp.corpid, FactKind.KF_RATED, at, ref=_key(session), source=score)

    # What the API does

    def change_state(self, open_kfid: str, external_userid: str, after: State, userid: str, at: float) -> str:
        """Move a session; return the code for one more message, empty when the move gives none.

        Raises:
            PlatformError: 95013 it has ended, 95016 not from here, 95014 no servicer, 95019 one who stopped.
        """
        account = self.book.get(open_kfid)
        session = self.session(open_kfid, external_userid, at)
        check_move(session.state, after)
        if after is State.HUMAN:
            self._check_servicer(account, userid)
            self._serve(session, userid, at)
        else:
            self.book.save_session(replace(session, state=after, servicer="", changed_at=at))
        if after in (State.POOL, State.HUMAN):
            self._world.on_kf_wait(self._corp.corpid, open_kfid, external_userid, userid, at)
        lasts_s = code_lasts_s(after)
        if lasts_s is None:
            return ""
        return self._new_code("end" if after is State.ENDED else "handover", session, at, lasts_s)

    def send(
        self, open_kfid: str, external_userid: str, msgid: str, msgtype: str, body: dict[str, Any], at: float
    ) -> str:
        """Answer a customer through the API; return the message's id.

        Raises:
            PlatformError: 95002, 95018, 95001, 95033 (see :mod:`kf_rules`).
        """
        session = self.session(open_kfid, external_userid, at)
        window = session.window.spent(at) if session.state in API_ANSWERS else None
        if window is None:
            if session.window.heard_at < 0 or at - session.window.heard_at >= ANSWERS_FOR_S:
                raise PlatformError(95002)
            raise PlatformError(95018)
        self._check_own_id(open_kfid, msgid)
        self.book.save_session(replace(session, window=window))
        sent = self._log(session, API, msgtype, body, at, msgid=msgid)
        if session.refuses:
            event = {
                "event_type": "msg_send_fail",
                **_about(session),
                "fail_msgid": sent,
                "fail_type": _REFUSED,
            }
            self._world.defer(lambda: self._log_event(session, event, at))
        return sent

    def send_on_event(self, code: str, msgid: str, msgtype: str, body: dict[str, Any], at: float) -> str:
        """Spend a code on a message; return the message's id.

        Raises:
            PlatformError: 40058 no such code, or used, or too late; 95030 this kind is not for this code.
        """
        found = self.book.find_code(code)
        if found is None or found.used or at >= found.expires_at:
            raise PlatformError(40058, "code")
        if found.kind == "handover" and msgtype != "text":
            raise PlatformError(95030)
        self._check_own_id(found.open_kfid, msgid)
        self.book.save_code(replace(found, used=True))
        session = self.session(found.open_kfid, found.external_userid, at)
        if found.kind == "welcome":
            session = replace(session, welcomed_at=at)
            self.book.save_session(session)
        if found.kind == "end" and msgtype == "msgmenu":
            self._world.facts.record(self._corp.corpid, FactKind.KF_ASKED, at, ref=_key(session))
        return self._log(session, API, msgtype, body, at, msgid=msgid)

    # Looking

    def session(self, open_kfid: str, external_userid: str, at: float) -> KfSession:
        """Return a session as it stands now: two days after the customer's last word it is over."""
        session = self.book.session(open_kfid, external_userid)
        silent_s = at - max(session.window.heard_at, session.changed_at)
        if session.state is not State.ENDED and silent_s >= SESSION_LASTS_S:
            session = replace(session, state=State.ENDED, servicer="", changed_at=at)
            self.book.save_session(session)
        return session

    def serves(self, account: KfAccount, userid: str) -> bool:
        """Whether a member receives customers of an account, by name or by department."""
        if account.servicer(userid) is not None:
            return True
        directory = Directory(self._world.store, self._corp)
        departments = [one.department_id for one in account.servicers if one.department_id]
        return any(member.userid == userid for member in directory.members_in(departments))

    # Inside

    def _check_servicer(self, account: KfAccount, userid: str) -> None:
        if not userid:
            raise PlatformError(40058, "servicer_userid")
        if not self.serves(account, userid):
            raise PlatformError(95014)
        servicer = account.servicer(userid)
        if servicer is not None and servicer.stopped:
            raise PlatformError(95019)

    def _check_own_id(self, open_kfid: str, msgid: str) -> None:
        if msgid and self.book.log(open_kfid).has(msgid):
            raise PlatformError(95033)

    def _menu_entry(self, session: KfSession, number: int) -> dict[str, Any] | None:
        """Return an entry that can be tapped of the last menu a customer was sent."""
        for _, message in reversed(self.book.log(session.open_kfid).all()):
            if message.external_userid == session.external_userid and message.msgtype == "msgmenu":
                entries = [one["click"] for one in message.body.get("list", []) if one["type"] == "click"]
                return entries[number - 1] if number <= len(entries) else None
        return None

    def _served(self, open_kfid: str, external_userid: str, at: float) -> KfSession:
        session = self.session(open_kfid, external_userid, at)
        if session.state is not State.HUMAN:
            raise Unknown(f"nobody serves {external_userid}")
        return session

    def _serve(self, session: KfSession, userid: str, at: float) -> None:
        served = replace(session, state=State.HUMAN, servicer=userid, changed_at=at)
        self.book.save_session(served)
        self._world.facts.record(self._corp.corpid, FactKind.KF_SERVED, at, ref=f"{_key(session)}\0{userid}")

    def _tell_change(
        self, session: KfSession, change: int, at: float, *, old: str = "", new: str = "", code: bool = False
    ) -> None:
        event: dict[str, Any] = {
            "event_type": "session_status_change",
            **_about(session),
            "change_type": change,
            **({"old_servicer_userid": old} if old else {}),
            **({"new_servicer_userid": new} if new else {}),
        }
        if code:
            kind, lasts_s = ("end", END_CODE_S) if change == _ENDED else ("handover", HANDOVER_CODE_S)
            event["msg_code"] = self._new_code(kind, session, at, lasts_s)
        self._log_event(session, event, at)

    def _new_code(self, kind: str, session: KfSession, at: float, lasts_s: float) -> str:
        code = new_key(self._world, "", at, length=32)
        self.book.save_code(
            KfCode(
                code=code,
                kind=kind,
                open_kfid=session.open_kfid,
                external_userid=session.external_userid,
                expires_at=at + lasts_s,
            )
        )
        return code

    def _log_event(self, session: KfSession, event: dict[str, Any], at: float) -> None:
        self._log(session, SYSTEM, "event", event, at)

    def _log(
        self,
        session: KfSession,
        origin: int,
        msgtype: str,
        body: dict[str, Any],
        at: float,
        *,
        msgid: str = "",
        servicer: str = "",
    ) -> str:
        """Write into the account's log and tell the corp to read it; what the API sends it knows itself."""
        message = KfMessage(
            msgid=msgid or new_key(self._world, "", at, length=32),
            send_time=int(at),
            origin=origin,
            msgtype=msgtype,
            external_userid=session.external_userid,
            body=body,
            servicer=servicer,
        )
        self.book.log(session.open_kfid).append(message)
        self._world.store.on_change(self._corp.corpid, session.open_kfid)
        if origin == API:
            self._world.on_kf_answer(self._corp.corpid, session.open_kfid, message.external_userid, at)
        else:
            self._ask_to_read(session, at)
        return message.msgid

    def _ask_to_read(self, session: KfSession, at: float) -> None:
        token = new_key(self._world, "ENC", at, length=40)
        self.book.save_token(token, session.open_kfid, at + SYNC_TOKEN_S)
        tell_kf(
            self._world,
            self._corp,
            EVENT,
            at,
            {"Token": token, "OpenKfId": session.open_kfid},
            about=session.external_userid,
        )


def _about(session: KfSession) -> dict[str, str]:
    return {"open_kfid": session.open_kfid, "external_userid": session.external_userid}


def _key(session: KfSession) -> str:
    return f"{session.open_kfid}\0{session.external_userid}"
