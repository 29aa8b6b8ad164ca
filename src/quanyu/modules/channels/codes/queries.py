"""Every statement on ``source_code``."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.kernel.ids import encode_id
from quanyu.modules.channels.codes.contracts import CODE_PREFIX, CodeDraft, CodeId, CodeKind, CodeState
from quanyu.modules.channels.contracts import AccountId
from quanyu.modules.channels.replies.rules import Answer

SHOWN_MAX: Final = 1_000
CODES_MAX: Final = 20_000  # Of one account: its book is read whole.
REDIRECTS_MAX: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptCode:
    """A row of ``source_code``."""

    code_id: CodeId
    account_id: AccountId
    scene: str
    kind: CodeKind
    days: int
    state: CodeState
    draft: CodeDraft
    ticket: str
    url: str
    expires_at: datetime | None
    redirect_id: CodeId | None
    reason: str
    attempts: int
    created_at: datetime
    updated_at: datetime

    @property
    def reference(self) -> str:
        """The code's id outside."""
        return encode_id(CODE_PREFIX, self.code_id)


class CodeQueries:
    """Source codes."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    async def list_codes(self, account_id: AccountId, *, search: str = "") -> tuple[KeptCode, ...]:
        """Return the account's newest codes whose name or scene holds ``search``."""
        rows = await self._uow.execute(
            "SELECT * FROM source_code WHERE tenant_id = :tenant AND account_id = :account "
            "AND (:search = '' OR scene = :search "
            "OR position(lower(:search) IN lower(draft ->> 'name')) > 0) "
            "ORDER BY id DESC LIMIT :limit",
            {"tenant": self._uow.tenant_id, "account": account_id, "search": search, "limit": SHOWN_MAX},
        )
        return tuple(_code(row) for row in rows)

    async def count(self, account_id: AccountId) -> int:
        rows = await self._uow.execute(
            "SELECT count(*) FROM source_code WHERE tenant_id = :tenant AND account_id = :account",
            {"tenant": self._uow.tenant_id, "account": account_id},
        )
        return int(rows.scalar_one())

    async def find(self, account_id: AccountId, code_id: CodeId) -> KeptCode | None:
        rows = await self._uow.execute(
            "SELECT * FROM source_code WHERE tenant_id = :tenant AND account_id = :account AND id = :id",
            {"tenant": self._uow.tenant_id, "account": account_id, "id": code_id},
        )
        row = rows.first()
        return None if row is None else _code(row)

    async def count_permanent(self, account_id: AccountId) -> int:
        rows = await self._uow.execute(
            "SELECT count(*) FROM source_code WHERE tenant_id = :tenant AND account_id = :account "
            "AND kind = 'permanent' AND ticket <> ''",
            {"tenant": self._uow.tenant_id, "account": account_id},
        )
        return int(rows.scalar_one())

    async def insert(self, code: KeptCode) -> bool:
        """Insert a code; return false if the account has one with its scene."""
        done = await self._uow.execute(
            "INSERT INTO source_code (tenant_id, id, account_id, scene, kind, days, state, draft, "
            "issue_due_at, created_at, updated_at) "
            "VALUES (:tenant, :id, :account, :scene, :kind, :days, 'issuing', "
            "CAST(:draft AS jsonb), :now, :now, :now) ON CONFLICT (tenant_id, account_id, scene) DO NOTHING",
            {
                **self._of(code),
                "account": code.account_id,
                "scene": code.scene,
                "kind": code.kind,
                "days": code.days,
                "draft": code.draft.model_dump_json(),
                "now": code.created_at,
            },
        )
        return done.rowcount == 1

    async def change(self, code: KeptCode, draft: CodeDraft) -> None:
        await self._uow.execute(
            "UPDATE source_code SET draft = CAST(:draft AS jsonb), updated_at = :now "
            "WHERE tenant_id = :tenant AND id = :id",
            {**self._of(code), "draft": draft.model_dump_json(), "now": self._uow.clock.now()},
        )

    async def archive(self, code: KeptCode, redirect_id: CodeId | None) -> None:
        await self._uow.execute(
            "UPDATE source_code SET state = 'archived', redirect_id = :redirect, issue_due_at = NULL, "
            "updated_at = :now WHERE tenant_id = :tenant AND id = :id",
            {**self._of(code), "redirect": redirect_id, "now": self._uow.clock.now()},
        )

    async def issue_again(self, code: KeptCode) -> None:
        await self._uow.execute(
            "UPDATE source_code SET state = 'issuing', issue_due_at = :now, attempts = 0, reason = '', "
            "redirect_id = NULL, updated_at = :now WHERE tenant_id = :tenant AND id = :id",
            {**self._of(code), "now": self._uow.clock.now()},
        )

    async def claim_issue(
        self, *, now: datetime, until: datetime, code_id: CodeId | None = None
    ) -> KeptCode | None:
        """Take a code that waits for its ticket (``code_id``: this one); nobody else takes it until then."""
        rows = await self._uow.execute(
            # Materialised, or the planner may run the choice again for each row and take several.
            "WITH due AS MATERIALIZED (SELECT id FROM source_code "
            "WHERE tenant_id = :tenant AND state = 'issuing' AND issue_due_at <= :now "
            "AND (CAST(:id AS bigint) IS NULL OR id = :id) "
            "ORDER BY issue_due_at LIMIT 1 FOR UPDATE SKIP LOCKED) "
            "UPDATE source_code s SET issue_due_at = :until, attempts = s.attempts + 1 FROM due "
            "WHERE s.tenant_id = :tenant AND s.id = due.id RETURNING s.*",
            {"tenant": self._uow.tenant_id, "now": now, "until": until, "id": code_id},
        )
        row = rows.first()
        return None if row is None else _code(row)

    async def issued(self, code: KeptCode, *, ticket: str, url: str, expires_at: datetime | None) -> None:
        await self._uow.execute(
            "UPDATE source_code SET state = 'ready', ticket = :ticket, url = :url, expires_at = :expires, "
            "issue_due_at = NULL, reason = '', updated_at = :now "
            "WHERE tenant_id = :tenant AND id = :id AND state = 'issuing'",
            {
                **self._of(code),
                "ticket": ticket,
                "url": url,
                "expires": expires_at,
                "now": self._uow.clock.now(),
            },
        )

    async def not_issued(self, code: KeptCode, reason: str, *, again_at: datetime | None) -> None:
        """Write why there is no ticket; without ``again_at`` for good."""
        await self._uow.execute(
            "UPDATE source_code SET state = :state, reason = :reason, issue_due_at = :again, "
            "updated_at = :now WHERE tenant_id = :tenant AND id = :id AND state = 'issuing'",
            {
                **self._of(code),
                "state": CodeState.FAILED if again_at is None else CodeState.ISSUING,
                "reason": reason,
                "again": again_at,
                "now": self._uow.clock.now(),
            },
        )

    async def answers(self, account_id: AccountId) -> Mapping[str, Answer]:
        """Return what answers each scene; an archived code answers as the one it leads to."""
        rows = await self._uow.execute(
            "SELECT *, state = 'archived' OR draft -> 'contents' <> '[]' AS speaks FROM source_code "
            "WHERE tenant_id = :tenant AND account_id = :account LIMIT :limit",
            {"tenant": self._uow.tenant_id, "account": account_id, "limit": CODES_MAX},
        )
        found = rows.all()
        # Most codes only tell where somebody came from: reading them all would take seconds.
        silent = {row.scene: _silent(row) for row in found if not row.speaks}
        by_id = {CodeId(row.id): row for row in found}
        return silent | {row.scene: _answer(_followed(_code(row), by_id)) for row in found if row.speaks}

    async def by_scenes(self, scenes: Sequence[tuple[str, str]]) -> Mapping[tuple[str, str], KeptCode]:
        """Return the codes of (app id, scene) pairs, each replaced by the one it leads to."""
        rows = await self._uow.execute(
            "SELECT c.*, a.app_id "
            "FROM unnest(CAST(:apps AS text[]), CAST(:scenes AS text[])) AS k (app_id, scene) "
            "JOIN official_account a ON a.tenant_id = :tenant AND a.app_id = k.app_id "
            "JOIN source_code c ON c.tenant_id = :tenant AND c.account_id = a.id AND c.scene = k.scene",
            {
                "tenant": self._uow.tenant_id,
                "apps": [app_id for app_id, _ in scenes],
                "scenes": [scene for _, scene in scenes],
            },
        )
        found: dict[tuple[str, str], KeptCode] = {}
        for row in rows.all():
            code = _code(row)
            for _ in range(REDIRECTS_MAX):
                if code.state is not CodeState.ARCHIVED or code.redirect_id is None:
                    break
                code = await self.find(code.account_id, code.redirect_id) or code
            found[row.app_id, row.scene] = code
        return found

    def _of(self, code: KeptCode) -> dict[str, Any]:
        return {"tenant": self._uow.tenant_id, "id": code.code_id}


def _followed(code: KeptCode, by_id: Mapping[CodeId, Any]) -> KeptCode:
    for _ in range(REDIRECTS_MAX):
        if code.state is not CodeState.ARCHIVED or code.redirect_id is None:
            break
        row = by_id.get(code.redirect_id)
        if row is None:
            break
        code = _code(row)
    return code


def _silent(row: Any) -> Answer:
    return Answer(reference=encode_id(CODE_PREFIX, row.id), contents=())


def _answer(code: KeptCode) -> Answer:
    # One that was archived in favour of the account's own reply says nothing itself.
    contents = () if code.state is CodeState.ARCHIVED else code.draft.contents
    return Answer(reference=code.reference, contents=contents, mode=code.draft.mode)


def _code(row: Any) -> KeptCode:
    return KeptCode(
        code_id=CodeId(row.id),
        account_id=AccountId(row.account_id),
        scene=row.scene,
        kind=CodeKind(row.kind),
        days=row.days,
        state=CodeState(row.state),
        draft=CodeDraft.model_validate(row.draft),
        ticket=row.ticket,
        url=row.url,
        expires_at=row.expires_at,
        redirect_id=row.redirect_id,
        reason=row.reason,
        attempts=row.attempts,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
