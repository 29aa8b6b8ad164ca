"""How a segment is shown."""

from typing import Any

from quanyu.kernel.ids import encode_id
from quanyu.modules.segments.compiler import Evaluation
from quanyu.modules.segments.contracts import SegmentKind, SegmentStatus, SegmentView
from quanyu.modules.segments.queries import SegmentRow
from quanyu.modules.segments.schedules import next_after, read_schedule


def is_list(definition: dict[str, Any]) -> bool:
    """Tell whether a stored definition is that of a list."""
    return definition.get("kind") == "list"


def view_of(row: SegmentRow, looked: Evaluation) -> SegmentView:
    """Return a segment as it is shown at an instant."""
    schedule = read_schedule(row.schedule)
    if row.error is not None:
        status = SegmentStatus.FAILED
    else:
        is_current = row.evaluated_revision == row.revision
        status = SegmentStatus.READY if is_current else SegmentStatus.BUILDING
    return SegmentView(
        id=encode_id("seg", row.id),
        name=row.name,
        description=row.description,
        kind=SegmentKind.LIST if is_list(row.definition) else SegmentKind.RULE,
        definition=row.definition,
        status=status,
        count=row.member_count,
        as_of=row.as_of,
        schedule=schedule,
        next_at=None if row.as_of is None else next_after(schedule, row.as_of, looked.zone),
        lag_s=None if row.as_of is None else max(0.0, (looked.as_of - row.as_of).total_seconds()),
        took_ms=row.took_ms,
        error=row.error,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
