"""Writing the remark and description a code gives: rows first, then calls until the platform took them."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, TypeGuard

from quanyu.infra.telemetry import get_logger
from quanyu.infra.unit_of_work import UnitOfWork, UnitOfWorkFactory
from quanyu.infra.waiting import work_until
from quanyu.kernel.clock import business_span
from quanyu.kernel.errors import NotFound
from quanyu.kernel.ids import TenantId
from quanyu.modules.channels.contracts import AccountId
from quanyu.modules.channels.pacing import is_about_pace, retry_at
from quanyu.modules.staff.codes.contracts import REMARK_MAX
from quanyu.modules.staff.codes.ports import CallsOfCorps, CustomerAdded, Names
from quanyu.modules.staff.codes.queries import LiveCodeQueries
from quanyu.modules.staff.codes.states import LiveCodeId
from quanyu.wechat.errors import PlatformRefusal, WechatError
from quanyu.wechat.wecom import customers as calls

_log = get_logger("staff.codes")
_CLAIM: Final = timedelta(minutes=1)
_NAME_WAIT: Final = timedelta(seconds=10)  # Until the platform has been asked for a new customer's name.
_ATTEMPTS_MAX: Final = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A row of ``live_code_note``."""

    code_id: LiveCodeId
    corp_id: AccountId
    userid: str
    token: bytes
    attempts: int


class NoteQueries:
    """``live_code_note``."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    async def wish(self, code_id: LiveCodeId, added: Sequence[CustomerAdded]) -> None:
        """Have these customers noted; idempotent."""
        now = self._uow.clock.now()
        await self._uow.execute(
            "INSERT INTO live_code_note (tenant_id, code_id, corp_id, userid, customer_token, due_at, "
            "created_at) SELECT :tenant, :code, corp_id, userid, token, :due, :now FROM unnest("
            "CAST(:corps AS bigint[]), CAST(:userids AS text[]), CAST(:tokens AS bytea[])) "
            "AS n (corp_id, userid, token) ORDER BY userid, token ON CONFLICT DO NOTHING",
            {
                "tenant": self._uow.tenant_id,
                "code": code_id,
                "corps": [one.corp_id for one in added],
                "userids": [one.userid for one in added],
                "tokens": [one.token for one in added],
                "due": now,
                "now": now,
            },
        )

    async def claim(self, *, now: datetime, until: datetime) -> Note | None:
        """Take one note that is due; until ``until`` nobody else takes it."""
        rows = await self._uow.execute(
            "WITH due AS MATERIALIZED (SELECT code_id, userid, customer_token FROM live_code_note "
            "WHERE tenant_id = :tenant AND due_at <= :now ORDER BY due_at LIMIT 1 FOR UPDATE SKIP LOCKED) "
            "UPDATE live_code_note n SET due_at = :until, attempts = n.attempts + 1 FROM due "
            "WHERE n.tenant_id = :tenant AND n.code_id = due.code_id AND n.userid = due.userid "
            "AND n.customer_token = due.customer_token RETURNING n.*",
            {"tenant": self._uow.tenant_id, "now": now, "until": until},
        )
        row = rows.first()
        if row is None:
            return None
        return Note(
            code_id=LiveCodeId(row.code_id),
            corp_id=AccountId(row.corp_id),
            userid=row.userid,
            token=bytes(row.customer_token),
            attempts=row.attempts,
        )

    async def settle(self, note: Note, *, again_at: datetime | None = None) -> None:
        """Try again at ``again_at``; without one the note is done."""
        params = {
            "tenant": self._uow.tenant_id,
            "code": note.code_id,
            "userid": note.userid,
            "token": note.token,
            "again": again_at,
        }
        where = "tenant_id = :tenant AND code_id = :code AND userid = :userid AND customer_token = :token"
        if again_at is None:
            await self._uow.execute(f"DELETE FROM live_code_note WHERE {where}", params)  # noqa: S608
        else:
            await self._uow.execute("UPDATE live_code_note SET due_at = :again WHERE " + where, params)  # noqa: S608


class NoteWorker:
    """Carries notes to the platform. Writing one twice is writing it once."""

    def __init__(self, uows: UnitOfWorkFactory, clients: CallsOfCorps, customers: Names) -> None:
        self._uows = uows
        self._clients = clients
        self._customers = customers

    async def run(self, tenant_id: TenantId, stopping: asyncio.Event) -> None:
        """Work until ``stopping`` is set."""
        await work_until(stopping, lambda: self.run_once(tenant_id), failed="staff.codes.notes_failed")

    async def run_once(self, tenant_id: TenantId) -> int:
        """Write one due note; return how many were due."""
        async with self._uows.system(tenant_id) as uow:
            now = uow.clock.now()
            note = await NoteQueries(uow).claim(now=now, until=now + business_span(uow.clock, _CLAIM))
            if note is None:
                return 0
            code = await LiveCodeQueries(uow).find(note.code_id)
            named = await self._customers.of_customer(uow, note.corp_id, note.token)
        if code is None or named is None or (not named.name and note.attempts <= 3):
            await self._later(tenant_id, note)
            return 1
        suffix = code.draft.remark_suffix
        remark = f"{named.name[: REMARK_MAX - len(suffix)]}{suffix}" if suffix and named.name else None
        request = calls.RemarkRequest(
            userid=note.userid,
            external_userid=named.external_userid,
            remark=remark,
            description=code.draft.description or None,
        )
        await self._write(tenant_id, note, request)
        return 1

    async def _write(self, tenant_id: TenantId, note: Note, request: calls.RemarkRequest) -> None:
        again_at = None
        try:
            if request.remark is not None or request.description is not None:
                client = await self._clients.get(tenant_id, note.corp_id)
                await client.call(calls.REMARK, request)
        except (WechatError, NotFound) as error:
            _log.warning("staff.codes.note_not_written", code_id=note.code_id, error=str(error))
            if _may_pass(error) and note.attempts < _ATTEMPTS_MAX:
                again_at = retry_at(error, self._uows.clock.now(), attempts=note.attempts)
        async with self._uows.system(tenant_id) as uow:
            await NoteQueries(uow).settle(note, again_at=again_at)

    async def _later(self, tenant_id: TenantId, note: Note) -> None:
        """The customer's id or name is not known yet."""
        async with self._uows.system(tenant_id) as uow:
            is_hopeless = note.attempts >= _ATTEMPTS_MAX
            again_at = None if is_hopeless else uow.clock.now() + _NAME_WAIT * note.attempts
            await NoteQueries(uow).settle(note, again_at=again_at)


def _may_pass(error: WechatError | NotFound) -> TypeGuard[WechatError]:
    """Whether asking again later may help: the platform did not answer, or only refused the pace."""
    if not isinstance(error, WechatError):
        return False
    return is_about_pace(error) or not isinstance(error, PlatformRefusal)
