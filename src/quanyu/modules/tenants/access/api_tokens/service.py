"""Making, listing, revoking and recognising API tokens.

A token acts for the member who made it: it may do what it was given and what the member may do at that
moment, whichever is less, and ends with the member. It is no person: it has no account, no sessions, and
makes no tokens.
"""

from datetime import timedelta
from typing import Any, Final

from quanyu.infra.unit_of_work import UnitOfWork, UnitOfWorkFactory
from quanyu.infra.web import Caller
from quanyu.kernel.ids import encode_id, new_id
from quanyu.kernel.permissions import Permission
from quanyu.modules.tenants import tokens
from quanyu.modules.tenants.access.api_tokens.contracts import ApiTokenDraft, ApiTokenView, MadeApiToken
from quanyu.modules.tenants.access.api_tokens.queries import ApiTokenQueries
from quanyu.modules.tenants.access.errors import LimitReached, PersonOnly, UnknownToken
from quanyu.modules.tenants.access.members.rules import check_within
from quanyu.modules.tenants.access.rules import permissions_of

TOKENS_MAX: Final = 50
_LISTED_MAX: Final = 1_000
_USED_EVERY: Final = timedelta(minutes=5)  # A token that is used is not written at every request.
# No role: rules that ask for an owner never take a program for one.
PROGRAM_ROLE: Final = "api_token"


class ApiTokens:
    """The API tokens of a brand."""

    async def list_tokens(self, uow: UnitOfWork, caller: Caller) -> tuple[ApiTokenView, ...]:
        """Return one's valid tokens, newest first; to those who manage members, everybody's."""
        whose = None if caller.may(Permission.ACCESS_MANAGE) else caller.user_id
        rows = await ApiTokenQueries(uow).list_valid(whose, _LISTED_MAX)
        return tuple(_view(row, caller) for row in rows)

    async def make(self, uow: UnitOfWork, caller: Caller, draft: ApiTokenDraft) -> MadeApiToken:
        """Make a token; its secret cannot be shown again.

        Raises:
            OutOfReach: it would be allowed more than its maker is.
            PersonOnly: no member asks.
            LimitReached
        """
        wanted = frozenset(draft.permissions)
        check_within(caller, wanted, "you cannot give permissions that you lack", "不能授予您自己没有的权限")
        queries = ApiTokenQueries(uow)
        if not await queries.lock_member(caller.user_id):
            raise PersonOnly(
                "only somebody signed in to the console makes tokens",
                message_zh="只有登录控制台的成员可以创建令牌",
            )
        if await queries.count_valid_of(caller.user_id) >= TOKENS_MAX:
            raise LimitReached(
                f"a member has at most {TOKENS_MAX} tokens; revoke one first",
                message_zh=f"每位成员最多 {TOKENS_MAX} 个令牌，请先撤销不用的",
            )
        secret = tokens.make_token(tokens.API, uow.tenant_id)
        token_id, expires_at = new_id(), uow.clock.now() + timedelta(days=draft.days)
        await queries.add(
            id=token_id,
            user=caller.user_id,
            digest=tokens.digest_of(secret),
            name=draft.name.strip() or draft.name,
            hint=f"{secret[:6]}…{secret[-4:]}",
            permissions=sorted(wanted),
            expires=expires_at,
        )
        return MadeApiToken(id=encode_id("tok", token_id), token=secret, expires_at=expires_at)

    async def revoke(self, uow: UnitOfWork, caller: Caller, token_id: int) -> None:
        """End a token of one's own, or anybody's if one manages members; from the next request on.

        Raises:
            UnknownToken
        """
        whose = None if caller.may(Permission.ACCESS_MANAGE) else caller.user_id
        if not await ApiTokenQueries(uow).remove(token_id, whose):
            raise UnknownToken("there is no such token of yours", message_zh="您没有这个令牌，或它已被撤销")

    async def find_caller(self, uows: UnitOfWorkFactory, token: str) -> tuple[int, Caller] | None:
        """Return a token's id and whom it speaks for, or ``None`` if it is not valid."""
        tenant_id = tokens.tenant_of(tokens.API, token)
        if tenant_id is None:
            return None
        async with uows.app(tenant_id) as uow:
            queries, now = ApiTokenQueries(uow), uow.clock.now()
            row = await queries.find(tokens.digest_of(token))
            if row is None:
                return None
            if row.last_used_at is None or now - row.last_used_at >= _USED_EVERY:
                await queries.note_used(row.id, now)
        given = permissions_of(PROGRAM_ROLE, row.permissions)
        return row.id, Caller(
            tenant_id,
            row.user_id,
            f"{row.member_name} · {row.name}",
            role=PROGRAM_ROLE,
            permissions=given & permissions_of(row.role, row.role_permissions),
            is_program=True,
        )


def _view(row: Any, caller: Caller) -> ApiTokenView:
    allowed = permissions_of(PROGRAM_ROLE, row.permissions)
    return ApiTokenView(
        id=encode_id("tok", row.id),
        name=row.name,
        hint=row.hint,
        permissions=tuple(one for one in Permission if one in allowed),
        member=encode_id("usr", row.user_id),
        member_name=row.member_name,
        created_at=row.created_at,
        expires_at=row.expires_at,
        last_used_at=row.last_used_at,
        is_mine=row.user_id == caller.user_id,
    )
