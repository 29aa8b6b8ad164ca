"""Codes follow a member who gets another id: nobody drops out of a code for that."""

from dataclasses import replace
from typing import Any, Final

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.modules.channels.contracts import AccountId
from quanyu.modules.staff.codes.contracts import LiveCodeDraft
from quanyu.modules.staff.codes.plans import everybody
from quanyu.modules.staff.codes.queries import KeptCode, LiveCodeQueries
from quanyu.modules.staff.codes.routing import Router
from quanyu.modules.staff.codes.states import LiveCodeId

_COUNTED: Final = ("live_code_way", "live_code_add", "live_code_day", "live_code_note")


class CodeRenames:
    """``flows.staff_rename.FollowsMembers`` for live codes."""

    def __init__(self, router: Router) -> None:
        self._router = router

    async def follow_rename(self, uow: UnitOfWork, corp_id: AccountId, userid: str, new_userid: str) -> None:
        """Name the member by the new id in every code, with their turns and counts; idempotent."""
        queries = LiveCodeQueries(uow)
        codes = await queries.lock(await queries.of_members(corp_id, [userid]))
        followed = [
            await _follow(uow, code, userid, new_userid)
            for code in codes.values()
            if new_userid not in everybody(code.draft)
        ]
        await self._router.settle(uow, followed, cause="renamed")


async def _follow(uow: UnitOfWork, code: KeptCode, userid: str, new_userid: str) -> KeptCode:
    draft = renamed(code.draft, userid, new_userid)
    credits = {new_userid if one == userid else one: credit for one, credit in code.credits.items()}
    queries = LiveCodeQueries(uow)
    await queries.change(code, draft, credits=credits)
    await _move_counts(uow, code.code_id, userid, new_userid)
    await queries.note(code.code_id, "renamed", {"userid": userid, "new_userid": new_userid})
    return replace(code, draft=draft, credits=credits)


async def _move_counts(uow: UnitOfWork, code_id: LiveCodeId, userid: str, new_userid: str) -> None:
    for table in _COUNTED:
        await uow.execute(
            f"UPDATE {table} t SET userid = :new WHERE t.tenant_id = :tenant AND t.code_id = :code "  # noqa: S608 - the names above.
            f"AND t.userid = :old AND NOT EXISTS (SELECT FROM {table} o WHERE o.tenant_id = :tenant "
            "AND o.code_id = :code AND o.userid = :new)",
            {"tenant": uow.tenant_id, "code": code_id, "old": userid, "new": new_userid},
        )
    await uow.execute(
        "UPDATE live_code_state SET staff = :new "
        "WHERE tenant_id = :tenant AND code_id = :code AND staff = :old",
        {"tenant": uow.tenant_id, "code": code_id, "old": userid, "new": new_userid},
    )


def renamed(draft: LiveCodeDraft, userid: str, new_userid: str) -> LiveCodeDraft:
    """Return a draft that names a member by another id wherever it names them."""
    return LiveCodeDraft.model_validate(_walk(draft.model_dump(mode="json"), userid, new_userid))


def _walk(value: Any, userid: str, new_userid: str, name: str = "") -> Any:
    """Only what holds ids of members is touched: a tag or a store may be spelt the same."""
    if isinstance(value, dict):
        return {key: _walk(one, userid, new_userid, key) for key, one in value.items()}
    if isinstance(value, list):
        return [_walk(one, userid, new_userid, name) for one in value]
    return new_userid if name in ("userid", "userids", "otherwise", "keeper") and value == userid else value
