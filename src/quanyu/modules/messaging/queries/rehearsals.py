"""What rehearsals read of the messages that really went out."""

from collections.abc import Sequence
from datetime import datetime

from quanyu.kernel.ids import PersonId
from quanyu.modules.messaging.queries.ledgers import Connection


async def received(
    connection: Connection,
    tenant_id: int,
    people: Sequence[PersonId],
    *,
    since: datetime,
    until: datetime,
    but_of: int,
) -> list[tuple[PersonId, datetime, int | None, bool]]:
    """Return messages handed to people within a half-open time, the oldest first, but of one journey."""
    cursor = await connection.execute(
        "SELECT person_id, handed_at, journey_id, class = 'marketing' FROM message_intent "
        "WHERE tenant_id = %(tenant)s AND person_id = ANY(%(people)s) "
        "AND handed_at >= %(since)s AND handed_at < %(until)s AND journey_id IS DISTINCT FROM %(but_of)s "
        "AND state IN ('handed', 'accepted', 'delivered', 'unknown') ORDER BY handed_at",
        {"tenant": tenant_id, "people": list(people), "since": since, "until": until, "but_of": but_of},
    )
    return [(PersonId(row[0]), row[1], row[2], row[3]) for row in await cursor.fetchall()]
