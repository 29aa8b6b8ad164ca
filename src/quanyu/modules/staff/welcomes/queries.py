"""Statements on rules, block-lists and the version they are kept in memory by."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.modules.channels.contracts import AccountId
from quanyu.modules.staff.welcomes.blocking import WelcomeBlockList
from quanyu.modules.staff.welcomes.contracts import WelcomeDraft, WelcomeRuleId
from quanyu.modules.staff.welcomes.rules import KeptRule


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredRule:
    """A rule with its times."""

    kept: KeptRule
    corp_id: AccountId
    created_at: datetime
    updated_at: datetime


class RuleQueries:
    """Every statement on ``welcome_rule``, ``welcome_block_list`` and ``welcome_version``."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    async def versions(self, corp_ids: Sequence[AccountId]) -> dict[AccountId, int]:
        """Return the corps' versions; 0 where nothing was ever set."""
        rows = await self._uow.execute(
            "SELECT corp_id, version FROM welcome_version "
            "WHERE tenant_id = :tenant AND corp_id = ANY(:corps)",
            self._params(corps=list(corp_ids)),
        )
        known = {AccountId(row.corp_id): row.version for row in rows}
        return {corp_id: known.get(corp_id, 0) for corp_id in corp_ids}

    async def bump(self, corp_id: AccountId) -> None:
        """Count the corp's version on, and hold it: changes of one corp wait for each other."""
        await self._uow.execute(_BUMP, self._params(corp=corp_id))

    async def list_rules(self, corp_id: AccountId | None = None) -> tuple[StoredRule, ...]:
        rows = await self._uow.execute(
            f"{_SELECT} AND (CAST(:corp AS bigint) IS NULL OR corp_id = :corp) ORDER BY id",
            self._params(corp=corp_id),
        )
        return tuple(_stored(row) for row in rows)

    async def find(self, rule_id: WelcomeRuleId) -> StoredRule | None:
        rows = await self._uow.execute(f"{_SELECT} AND id = :id", self._params(id=rule_id))
        row = rows.first()
        return None if row is None else _stored(row)

    async def save(self, rule: StoredRule) -> None:
        draft = rule.kept.draft
        await self._uow.execute(
            _SAVE,
            self._params(
                id=rule.kept.rule_id,
                corp=rule.corp_id,
                scope=draft.scope.value,
                enabled=draft.enabled,
                draft=draft.model_dump_json(),
                created=rule.created_at,
                updated=rule.updated_at,
            ),
        )

    async def delete(self, rule_id: WelcomeRuleId) -> None:
        await self._uow.execute(
            "DELETE FROM welcome_rule WHERE tenant_id = :tenant AND id = :id", self._params(id=rule_id)
        )

    async def block_list(self, corp_id: AccountId) -> WelcomeBlockList:
        rows = await self._uow.execute(
            "SELECT content FROM welcome_block_list WHERE tenant_id = :tenant AND corp_id = :corp",
            self._params(corp=corp_id),
        )
        content = rows.scalar()
        return WelcomeBlockList() if content is None else WelcomeBlockList.model_validate(content)

    async def save_block_list(self, corp_id: AccountId, block_list: WelcomeBlockList) -> None:
        await self._uow.execute(
            _SAVE_BLOCK_LIST,
            self._params(corp=corp_id, content=block_list.model_dump_json(), now=self._uow.clock.now()),
        )

    def _params(self, **more: Any) -> dict[str, Any]:
        return {"tenant": self._uow.tenant_id, **more}


def _stored(row: Any) -> StoredRule:
    return StoredRule(
        kept=KeptRule(WelcomeRuleId(row.id), WelcomeDraft.model_validate_json(row.draft)),
        corp_id=AccountId(row.corp_id),
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


_SELECT: Final = """
SELECT id, corp_id, draft::text AS draft, created_at, updated_at FROM welcome_rule WHERE tenant_id = :tenant
"""
_BUMP: Final = """
INSERT INTO welcome_version AS v (tenant_id, corp_id, version) VALUES (:tenant, :corp, 1)
ON CONFLICT (tenant_id, corp_id) DO UPDATE SET version = v.version + 1
"""
_SAVE: Final = """
INSERT INTO welcome_rule (tenant_id, id, corp_id, scope, enabled, draft, created_at, updated_at)
VALUES (:tenant, :id, :corp, :scope, :enabled, CAST(:draft AS jsonb), :created, :updated)
ON CONFLICT (tenant_id, id) DO UPDATE SET corp_id = excluded.corp_id, scope = excluded.scope,
    enabled = excluded.enabled, draft = excluded.draft, updated_at = excluded.updated_at
"""
_SAVE_BLOCK_LIST: Final = """
INSERT INTO welcome_block_list (tenant_id, corp_id, content, updated_at)
VALUES (:tenant, :corp, CAST(:content AS jsonb), :now)
ON CONFLICT (tenant_id, corp_id) DO UPDATE SET content = excluded.content, updated_at = excluded.updated_at
"""
