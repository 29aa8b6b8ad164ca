"""Statements that carry a target's way from what is wanted to what is."""

from datetime import datetime
from typing import Any, Final

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.modules.community.codes.queries import COLUMNS, KeptTarget, read_target


class WayQueries:
    """The state of join ways."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    async def claim(self, *, now: datetime, until: datetime) -> KeptTarget | None:
        """Take the target that is due longest.

        One that was claimed before to be made, and whose outcome nobody wrote, may have been made: it counts
        as lost.
        """
        rows = await self._uow.execute(_CLAIM, {"tenant": self._uow.tenant_id, "now": now, "until": until})
        row = rows.first()
        return None if row is None else read_target(row)

    async def made(self, target: KeptTarget, config_id: str, actual: str) -> None:
        """Keep the id of a new way."""
        await self._uow.execute(
            "UPDATE group_code_target SET config_id = :config, actual = :actual, reason = '' "
            "WHERE tenant_id = :tenant AND id = :id",
            {**self._of(target), "config": config_id, "actual": actual},
        )

    async def settled(
        self, target: KeptTarget, *, qr_url: str, actual: str, reason: str, again_at: datetime
    ) -> None:
        """Write that a way is as it should be; it is looked at again later."""
        await self._uow.execute(
            "UPDATE group_code_target SET qr_url = CASE WHEN :qr = '' THEN qr_url ELSE :qr END, "
            "actual = CASE WHEN :actual = '' THEN actual ELSE :actual END, reason = :reason, attempts = 0, "
            "status = CASE WHEN is_removed THEN 'deleting' ELSE 'ready' END, "
            "due_at = CASE WHEN is_removed THEN CAST(:now AS timestamptz) WHEN due_at = :claimed THEN :again "
            "ELSE due_at END "
            "WHERE tenant_id = :tenant AND id = :id",
            {**self._of(target), "qr": qr_url, "actual": actual, "reason": reason, "again": again_at},
        )

    async def forget(self, target: KeptTarget) -> None:
        """Write that a way is gone from the platform, so that it is made anew."""
        await self._uow.execute(
            "UPDATE group_code_target SET config_id = '', qr_url = '', actual = '', status = 'wanted', "
            "reason = '', due_at = :now WHERE tenant_id = :tenant AND id = :id",
            self._of(target),
        )

    async def deleted(self, target: KeptTarget) -> None:
        """Write that a way was given back."""
        await self._uow.execute(
            "UPDATE group_code_target SET status = 'deleted', due_at = NULL, qr_url = '', reason = '' "
            "WHERE tenant_id = :tenant AND id = :id",
            self._of(target),
        )

    async def refused(
        self, target: KeptTarget, reason: str, *, again_at: datetime | None, is_lost: bool
    ) -> None:
        """Write why a way is not as it should be; without ``again_at`` for good."""
        await self._uow.execute(
            "UPDATE group_code_target SET reason = :reason, lost = lost + :lost, "
            "due_at = CASE WHEN due_at = :claimed THEN CAST(:again AS timestamptz) ELSE due_at END, "
            "status = CASE WHEN CAST(:again AS timestamptz) IS NULL AND NOT is_removed "
            "THEN 'failed' ELSE status END WHERE tenant_id = :tenant AND id = :id",
            {**self._of(target), "reason": reason, "again": again_at, "lost": int(is_lost)},
        )

    async def warned(self, target: KeptTarget) -> None:
        """Write that a picture's end was told."""
        await self._uow.execute(
            "UPDATE group_code_target SET warned_at = coalesce(warned_at, :now), due_at = NULL "
            "WHERE tenant_id = :tenant AND id = :id",
            self._of(target),
        )

    def _of(self, target: KeptTarget) -> dict[str, Any]:
        return {
            "tenant": self._uow.tenant_id,
            "id": target.target_id,
            "claimed": target.due_at,
            "now": self._uow.clock.now(),
        }


_CLAIM: Final = f"""
WITH due AS MATERIALIZED (
    SELECT id AS due_id FROM group_code_target WHERE tenant_id = :tenant AND due_at <= :now
    ORDER BY due_at LIMIT 1 FOR UPDATE SKIP LOCKED
)
UPDATE group_code_target t SET due_at = :until, attempts = t.attempts + 1,
    lost = t.lost + CASE WHEN t.reason = 'asking' AND t.config_id = '' THEN 1 ELSE 0 END,
    reason = CASE WHEN t.kind = 'way' AND t.config_id = '' THEN 'asking' ELSE t.reason END
FROM due WHERE t.tenant_id = :tenant AND t.id = due.due_id RETURNING {COLUMNS}
"""  # noqa: S608
