"""Questions about how segments overlap and how their size went."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.modules.segments.history import SegmentHistory
from quanyu.modules.segments.insights.contracts import SizePoint

HOUR = timedelta(hours=1)
SIZES_MAX = 2_000
_MASKS = (
    "SELECT mask, count() FROM (SELECT toUInt32(dictGetOrDefault('person_canonical', 'canonical', "
    "toUInt64(person), person)) AS who, groupBitOr(bitShiftLeft(toUInt8(1), "
    "toUInt8(indexOf({segments:Array(UInt64)}, segment_id) - 1))) AS mask FROM segment_membership FINAL "
    "WHERE tenant_id = {tenant:UInt32} AND segment_id IN {segments:Array(UInt64)} AND member = 1 "
    "GROUP BY who) GROUP BY mask ORDER BY count() DESC, mask"
)


async def overlap_masks(history: SegmentHistory, segments: Sequence[int]) -> list[tuple[int, int]]:
    """Return (mask, people): bit n of the mask stands for the n-th segment."""
    rows = await history.rows(_MASKS, {"segments": list(segments)})
    return [(int(mask), int(count)) for mask, count in rows]


async def note_size(
    uow: UnitOfWork, segment_id: int, *, at: datetime, count: int, entered: int, left: int
) -> None:
    """Note an evaluation in the row of its hour."""
    await uow.execute(
        "INSERT INTO segment_size (tenant_id, segment_id, at, members, entered, departed) "
        "VALUES (:tenant, :id, :at, :count, :entered, :left) "
        "ON CONFLICT (tenant_id, segment_id, at) DO UPDATE SET members = :count, "
        "entered = segment_size.entered + :entered, departed = segment_size.departed + :left",
        {
            "tenant": uow.tenant_id,
            "id": segment_id,
            "at": at.replace(minute=0, second=0, microsecond=0),
            "count": count,
            "entered": entered,
            "left": left,
        },
    )


async def list_sizes(uow: UnitOfWork, segment_id: int, *, since: datetime) -> tuple[SizePoint, ...]:
    """Return the sizes noted since an instant, oldest first."""
    found = await uow.execute(
        "SELECT at, members, entered, departed FROM segment_size WHERE tenant_id = :tenant "
        "AND segment_id = :id AND at >= :since ORDER BY at DESC LIMIT :limit",
        {"tenant": uow.tenant_id, "id": segment_id, "since": since, "limit": SIZES_MAX},
    )
    rows = [SizePoint(at=row[0], count=row[1], entered=row[2], left=row[3]) for row in found]
    return tuple(reversed(rows))


async def drop_sizes(uow: UnitOfWork, segment_id: int) -> None:
    """Forget a deleted segment's sizes."""
    await uow.execute(
        "DELETE FROM segment_size WHERE tenant_id = :tenant AND segment_id = :id",
        {"tenant": uow.tenant_id, "id": segment_id},
    )
