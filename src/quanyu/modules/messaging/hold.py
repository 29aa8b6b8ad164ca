"""Holding a whole brand's sending: after a restore, or by hand. Messages are planned, wait, and expire."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from quanyu.infra.unit_of_work import UnitOfWork


class HoldReason(StrEnum):
    """Why sending is held."""

    RESTORED = "restored"
    MANUAL = "manual"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """A brand's held sending. ``made_at``: the moment of the backup that was restored."""

    reason: HoldReason
    since: datetime
    made_at: datetime | None


ADVICE_EN = (
    "A backup was restored. Messages that went out after it was made are not in it: the platform would plan "
    "and send them again. Check: 1. which journeys and sends were active since then — stop or pause those "
    "whose messages people already have; 2. the messages that wait — drop them if they went out; "
    "3. opt-outs, consent and tags changed since then — enter or import them again. Then release sending: "
    "`quanyu sending --release`, with --drop-waiting to drop what waited in the backup, or in the console "
    "under Messages."
)
ADVICE_ZH = (
    "已从备份恢复。备份之后发出的消息不在其中，平台会重新计划并再次发送。请检查："
    "1. 备份之后有哪些旅程和群发在运行，停用或暂停人们已收到消息的旅程；"
    "2. 等待发送的消息，若已发出请丢弃；"
    "3. 备份之后的退订、授权与标签变更，请重新录入或导入。"
    "然后解除暂停：`quanyu sending --release`（加 --drop-waiting 可丢弃备份中等待的消息），"
    "或在控制台“消息”页解除。"
)


async def find_hold(uow: UnitOfWork) -> Hold | None:
    """Return why the brand's sending is held; ``None`` when it is not."""
    rows = await uow.execute(
        "SELECT reason, since, made_at FROM message_hold WHERE tenant_id = :tenant AND released_at IS NULL",
        {"tenant": uow.tenant_id},
    )
    row = rows.first()
    return None if row is None else Hold(reason=HoldReason(row.reason), since=row.since, made_at=row.made_at)


async def place_hold(uow: UnitOfWork, reason: HoldReason, *, made_at: datetime | None = None) -> None:
    """Hold the brand's sending. A hold that is there stays as it is."""
    await uow.execute(
        """
        INSERT INTO message_hold AS h (tenant_id, reason, since, made_at)
        VALUES (:tenant, :reason, :now, :made)
        ON CONFLICT (tenant_id) DO UPDATE SET reason = excluded.reason, since = excluded.since,
            made_at = excluded.made_at, released_at = NULL
        WHERE h.released_at IS NOT NULL
        """,
        {"tenant": uow.tenant_id, "reason": str(reason), "now": uow.clock.now(), "made": made_at},
    )


async def lift_hold(uow: UnitOfWork, *, drop_waiting: bool) -> bool:
    """Let sending go on; tell whether it was held. ``drop_waiting``: what was planned before is refused."""
    rows = await uow.execute(
        """
        UPDATE message_hold SET released_at = :now,
            dropped_upto = CASE WHEN :drop THEN since ELSE dropped_upto END
        WHERE tenant_id = :tenant AND released_at IS NULL
        """,
        {"tenant": uow.tenant_id, "now": uow.clock.now(), "drop": drop_waiting},
    )
    return rows.rowcount == 1


async def count_waiting(uow: UnitOfWork) -> tuple[int, int]:
    """Return how many messages wait to be sent, and how many of them since before the hold."""
    rows = await uow.execute(
        """
        SELECT count(*), count(*) FILTER (WHERE i.planned_at <= h.since)
        FROM message_intent i
        LEFT JOIN message_hold h ON h.tenant_id = i.tenant_id AND h.released_at IS NULL
        WHERE i.tenant_id = :tenant AND i.wake_at IS NOT NULL
            AND i.state IN ('planned', 'reserved', 'unknown')
        """,
        {"tenant": uow.tenant_id},
    )
    waiting, before = rows.one()
    return int(waiting), int(before)
