"""Customer-service staff of an account: who they are, invitations, who is at work."""

import re
from dataclasses import dataclass, replace

from wechat_sandbox.accounts import Account
from wechat_sandbox.state.core import Core, Unknown
from wechat_sandbox.state.identities import person_of, wechat_id_of
from wechat_sandbox.state.shelf import Shelf
from wechat_sandbox.wire.errors import PlatformError

STAFF_MAX = 100
NICKNAME_CHARS_MAX = 16
INVITATION_LASTS_S = 86_400
_PREFIX = re.compile(r"[A-Za-z0-9_]{1,10}\Z")
_FIRST_ID = 1001


@dataclass(frozen=True, slots=True, kw_only=True)
class Staff:
    """One member of the customer-service staff."""

    kf_account: str
    kf_id: str
    nickname: str
    picture_url: str = ""
    person: int = -1  # Who was invited and has accepted; -1: nobody yet.
    invited: int = -1
    invite_status: str = ""  # waiting, rejected or expired.
    invite_expires_at: float = 0.0
    online: bool = False
    is_admin: bool = False


class StaffList:
    """The staff of one account."""

    def __init__(self, world: Core, account: Account) -> None:
        self._world = world
        self._account = account
        self._shelf = Shelf(world.store, "kf_staff", Staff)

    def add(self, kf_account: str, nickname: str) -> None:
        """Take someone on.

        Raises:
            PlatformError: 65404 / 65401 not a valid name, 65403 nickname, 65406 exists, 65405 above 100.
        """
        self._check_name(kf_account)
        _check_nickname(nickname)
        if self._shelf.find(self._account.appid, kf_account) is not None:
            raise PlatformError(65406)
        if self._shelf.count(self._account.appid) >= STAFF_MAX:
            raise PlatformError(65405)
        key = f"last_kf:{self._account.appid}"
        number = int(self._world.store.read_meta(key) or _FIRST_ID - 1) + 1
        self._world.store.write_meta(key, number)
        self.save(Staff(kf_account=kf_account, kf_id=str(number), nickname=nickname))

    def rename(self, kf_account: str, nickname: str) -> None:
        _check_nickname(nickname)
        self.save(replace(self.get(kf_account), nickname=nickname))

    def remove(self, staff: Staff) -> None:
        self._shelf.drop(self._account.appid, staff.kf_account)

    def get(self, kf_account: str) -> Staff:
        """Return a member of the staff, or raise 65401."""
        staff = self._shelf.find(self._account.appid, kf_account)
        if staff is None:
            raise PlatformError(65401)
        return staff

    def get_by_openid(self, openid: str) -> Staff:
        """Return the member of the staff who is a person, or raise 65401."""
        for staff in self.all():
            if staff.person >= 0 and self.openid_of(staff) == openid:
                return staff
        raise PlatformError(65401)

    def all(self) -> list[Staff]:
        return self._shelf.values(self._account.appid)

    def save(self, staff: Staff) -> None:
        self._shelf.put(self._account.appid, staff.kf_account, staff)

    def openid_of(self, staff: Staff) -> str:
        return self._world.get_relation(self._account, staff.person).openid

    def invite(self, kf_account: str, wechat_id: str, at: float) -> None:
        """Invite a person to work under a name.

        Raises:
            PlatformError: 65409 no such person, 65412 the name is taken, 65411 an invitation is open,
                65407 the person works here already, 65408 they are invited already.
        """
        staff = self.get(kf_account)
        person = person_of(wechat_id)
        if person is None or person >= self._world.people:
            raise PlatformError(65409)
        if staff.person >= 0:
            raise PlatformError(65412)
        if invitation_status(staff, at) == "waiting":
            raise PlatformError(65411)
        for other in self.all():
            if other.person == person:
                raise PlatformError(65407)
            if other.invited == person and invitation_status(other, at) == "waiting":
                raise PlatformError(65408)
        expires_at = at + INVITATION_LASTS_S
        self.save(replace(staff, invited=person, invite_status="waiting", invite_expires_at=expires_at))

    def answer_invitation(self, person: int, at: float, *, accept: bool) -> Staff:
        """A person accepts or refuses the invitation they have."""
        for staff in self.all():
            if staff.invited == person and invitation_status(staff, at) == "waiting":
                changed = replace(
                    staff,
                    person=person if accept else -1,
                    invited=-1 if accept else person,
                    invite_status="" if accept else "rejected",
                )
                self.save(changed)
                return changed
        raise Unknown(f"person {person} has no invitation")

    def as_item(self, staff: Staff, at: float) -> dict[str, object]:
        """Return a member of the staff as ``getkflist`` tells."""
        item: dict[str, object] = {
            "kf_account": staff.kf_account,
            "kf_headimgurl": staff.picture_url,
            "kf_id": staff.kf_id,
            "kf_nick": staff.nickname,
        }
        if staff.person >= 0:
            return item | {"kf_wx": wechat_id_of(staff.person), "kf_openid": self.openid_of(staff)}
        if staff.invited >= 0:
            item |= {
                "invite_wx": wechat_id_of(staff.invited),
                "invite_expire_time": int(staff.invite_expires_at),
                "invite_status": invitation_status(staff, at),
            }
        return item

    def _check_name(self, kf_account: str) -> None:
        prefix, separator, alias = kf_account.partition("@")
        if not separator or not _PREFIX.match(prefix) or len(alias) > 30:
            raise PlatformError(65404)
        if alias != self._account.original_id:
            raise PlatformError(65401)


def invitation_status(staff: Staff, at: float) -> str:
    """Return ``waiting``, ``rejected``, ``expired`` or nothing."""
    late = staff.invite_status == "waiting" and at >= staff.invite_expires_at
    return "expired" if late else staff.invite_status


def _check_nickname(nickname: str) -> None:
    if not 1 <= len(nickname) <= NICKNAME_CHARS_MAX:
        raise PlatformError(65403)
