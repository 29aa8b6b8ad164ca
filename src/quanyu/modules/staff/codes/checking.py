"""What is refused before a code is saved, instead of by the platform afterwards (CW-6, CW-13)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.modules.channels.contracts import AccountId
from quanyu.modules.staff.codes.contracts import CodeStatus, LiveCodeDraft, Place, PlaceKind
from quanyu.modules.staff.codes.errors import CannotServe, LiveCodeConflict, QuotaUsedUp
from quanyu.modules.staff.codes.plans import everybody
from quanyu.modules.staff.codes.ports import Colleagues
from quanyu.modules.staff.codes.queries import LiveCodeQueries
from quanyu.modules.staff.codes.quotas import QuotaMeter
from quanyu.modules.staff.codes.references import read_code_id
from quanyu.modules.staff.codes.rules import USERS_MAX
from quanyu.modules.staff.codes.states import LiveCodeId

_STEPS_MAX: Final = 5


class Checker:
    """Says what is wrong with a draft."""

    def __init__(self, colleagues: Colleagues, meter: QuotaMeter, *, users_max: int = USERS_MAX) -> None:
        self._colleagues = colleagues
        self._meter = meter
        self._users_max = users_max

    async def check(
        self,
        uow: UnitOfWork,
        corp_id: AccountId,
        draft: LiveCodeDraft,
        *,
        code_id: LiveCodeId | None = None,
        known: Sequence[str] = (),
    ) -> None:
        """Refuse a draft that could not work. ``known`` are on the code already and may have left since.

        Raises:
            CannotServe: too many members, or some of them cannot have customers.
            LiveCodeConflict: it leads to a code that is not there, or to itself.
        """
        self._check_number(draft)
        await self._check_members(uow, corp_id, sorted(set(everybody(draft)) - set(known)))
        await self.check_place(uow, corp_id, draft.fallback, code_id=code_id)

    async def check_quota(self, uow: UnitOfWork, corp_id: AccountId) -> None:
        """Refuse another code when the corp has no room for one.

        Raises:
            QuotaUsedUp: all of the quota is used.
        """
        quota = await self._meter.read(uow, corp_id)
        if quota.used >= quota.limit:
            raise QuotaUsedUp(
                f"all {quota.limit} codes of the corp are used up: delete codes nobody needs",
                message_zh=f"企业「联系我」配额（{quota.limit} 个）已用完，请先删除不再使用的活码",
            )

    async def check_place(
        self, uow: UnitOfWork, corp_id: AccountId, place: Place, *, code_id: LiveCodeId | None
    ) -> None:
        """Refuse a place that is a code which does not exist, or leads back here.

        Raises:
            LiveCodeConflict: it does.
        """
        at, steps = place, 0
        while at.kind is PlaceKind.CODE:
            target = await LiveCodeQueries(uow).find(read_code_id(at.code))
            if target is None or target.corp_id != corp_id:
                raise LiveCodeConflict(
                    f"there is no code {at.code} in this corp", message_zh=f"没有活码 {at.code}，无法跳转"
                )
            steps += 1
            if target.code_id == code_id or steps > _STEPS_MAX:
                raise LiveCodeConflict(
                    "the code would lead to itself, or too far",
                    message_zh="活码不能跳转到自身，也不能跳转太多次",
                )
            is_live = target.status is CodeStatus.LIVE
            at = target.draft.fallback if is_live else target.redirect or Place()

    def _check_number(self, draft: LiveCodeDraft) -> None:
        for members in (draft.members, draft.backup):
            if len(members) > self._users_max:
                raise CannotServe(
                    f"{len(members)} members: the platform takes at most {self._users_max} in one code",
                    message_zh=f"共 {len(members)} 名员工：企业微信每个活码最多 {self._users_max} 名",
                )

    async def _check_members(self, uow: UnitOfWork, corp_id: AccountId, userids: Sequence[str]) -> None:
        standing = await self._colleagues.standing(uow, corp_id, userids)
        gone = [userid for userid in userids if userid not in standing or not standing[userid].is_active]
        if gone:
            names = ", ".join(gone)
            raise CannotServe(
                f"not active members of the corp: {names}", message_zh=f"不是在职且已激活的员工：{names}"
            )
        idle = [userid for userid in userids if not standing[userid].can_serve]
        if idle:
            names = ", ".join(standing[userid].name for userid in idle)
            raise CannotServe(
                f"may not have customers (客户联系 permission): {names}",
                message_zh=f"没有客户联系权限：{names}，请在企业微信后台开通",
            )


def check_end(ends_at: datetime | None, now: datetime) -> None:
    """Refuse a code whose time is over already.

    Raises:
        LiveCodeConflict: it is.
    """
    if ends_at is not None and ends_at <= now:
        raise LiveCodeConflict(
            f"the code would have ended at {ends_at.isoformat()}", message_zh="结束时间已经过去"
        )
