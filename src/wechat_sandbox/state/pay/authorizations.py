"""Leave a person gives a merchant once to be paid without being asked each time. Source: pages of 2025-08."""

from dataclasses import dataclass
from typing import Any

from wechat_sandbox.clock import DAY_S, china_time
from wechat_sandbox.state.pay.agenda import when
from wechat_sandbox.state.pay.pay import Pay
from wechat_sandbox.state.shelf import Shelf

WAITING, IN_EFFECT, CLOSED = "WAIT_USER_CONFIRM", "TAKING_EFFECT", "CLOSED"
BY_MERCHANT, BY_PERSON, UNANSWERED = "CLOSE_VIA_MCH_API", "USER_CLOSE", "USER_OVERDUE_UNCONFIRMED"
_ANSWER_S = float(DAY_S)


@dataclass(slots=True, kw_only=True)
class Authorization:
    """One leave."""

    mchid: str
    out_authorization_no: str
    authorization_id: str
    appid: str
    openid: str
    scene_id: str
    display_name: str
    notify_url: str
    created_at: float
    digest: str
    perception: str = ""
    package_info: str = ""
    state: str = WAITING
    authorized_at: float = 0.0
    closed_at: float = 0.0
    close_reason: str = ""

    def whole(self) -> dict[str, Any]:
        """Return the leave as queries show it; callbacks leave out what was asked for."""
        asked = {"transfer_scene_id": self.scene_id, "create_time": china_time(self.created_at)}
        asked |= {"user_recv_perception": self.perception} if self.perception else {}
        return self.wire() | asked

    def wire(self) -> dict[str, Any]:
        shown: dict[str, Any] = {
            "out_authorization_no": self.out_authorization_no,
            "appid": self.appid,
            "openid": self.openid,
            "user_display_name": self.display_name,
            "state": self.state,
        }
        if self.authorized_at:
            shown["authorization_id"] = self.authorization_id
            shown["authorize_time"] = china_time(self.authorized_at)
        if self.state == CLOSED:
            shown["close_info"] = {
                "close_time": china_time(self.closed_at),
                "close_reason": self.close_reason,
            }
        return shown


class Authorizations:
    """All leaves. Cheap to make."""

    def __init__(self, pay: Pay) -> None:
        self.pay = pay
        self._shelf = Shelf(pay.store, "pay_authorization", Authorization)
        self._by_id = Shelf(pay.store, "pay_authorization_id", tuple[str, str])

    def find(self, mchid: str, number: str) -> Authorization | None:
        return self._shelf.find(mchid, number)

    def find_by_id(self, mark: str) -> Authorization | None:
        """Return a leave by its id, or by the package with which the person is asked."""
        place = self._by_id.find("", mark)
        return None if place is None else self.find(*place)

    def all(self, mchid: str) -> list[Authorization]:
        return self._shelf.values(mchid)

    def ask(self, made: Authorization) -> None:
        """Ask the person; without an answer within a day it is off."""
        made.package_info = self.pay.token("package", 64)
        self._save(made)
        place = (made.mchid, made.out_authorization_no)
        self._by_id.put("", made.authorization_id, place)
        self._by_id.put("", made.package_info, place)
        self.pay.agenda.plan(made.created_at + _ANSWER_S, "authorization_overdue", made.authorization_id)

    def allow(self, found: Authorization, at: float) -> None:
        """The person allows it."""
        if found.state != WAITING:
            raise ValueError("there is nothing to allow")
        found.state, found.authorized_at = IN_EFFECT, at
        self._save(found)
        self._tell(found, "MCHTRANSFER.AUTHORIZATION.CONFIRMED", "用户确认授权", at)

    def close(self, found: Authorization, reason: str, at: float) -> None:
        """End a leave; ending it again changes nothing."""
        if found.state == CLOSED:
            return
        found.state, found.closed_at, found.close_reason = CLOSED, at, reason
        self._save(found)
        self._tell(found, "MCHTRANSFER.AUTHORIZATION.CLOSED", "授权关闭", at)

    def _save(self, found: Authorization) -> None:
        self._shelf.put(found.mchid, found.out_authorization_no, found)
        self.pay.note(found.appid, found.openid)

    def _tell(self, found: Authorization, event: str, summary: str, at: float) -> None:
        self.pay.notices.post(
            self.pay.merchants.get(found.mchid),
            found.notify_url,
            event,
            found.wire(),
            at=at,
            original_type="mch_payment",
            summary=summary,
        )


@when("authorization_overdue")
def _overdue(pay: Pay, ref: str, at: float) -> None:
    authorizations = Authorizations(pay)
    found = authorizations.find_by_id(ref)
    if found is not None and found.state == WAITING:
        authorizations.close(found, UNANSWERED, at)
