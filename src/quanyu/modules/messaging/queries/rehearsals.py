"""What rehearsals read of the messages that really went out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from quanyu.kernel.ids import PersonId
from quanyu.modules.messaging.channels import Channel
from quanyu.modules.messaging.contracts import TEST_PREFIX, MessageClass
from quanyu.modules.messaging.purposes import purpose_of
from quanyu.modules.messaging.queries.ledgers import Connection


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """A message that was really handed over."""

    person_id: PersonId
    at: datetime
    journey_id: int | None
    campaign: str
    channel: Channel
    purpose: str
    is_marketing: bool


async def received(
    connection: Connection,
    tenant_id: int,
    people: Sequence[PersonId],
    *,
    since: datetime,
    until: datetime,
    but_of: int,
) -> list[Received]:
    """Return messages handed to people within a half-open time, the oldest first, but of one journey."""
    cursor = await connection.execute(
        "SELECT person_id, handed_at, journey_id, campaign_key, channel, class, purpose FROM message_intent "
        "WHERE tenant_id = %(tenant)s AND person_id = ANY(%(people)s) "
        "AND handed_at >= %(since)s AND handed_at < %(until)s AND journey_id IS DISTINCT FROM %(but_of)s "
        "AND NOT starts_with(origin_key, %(test)s) "
        "AND state IN ('handed', 'accepted', 'delivered', 'unknown') ORDER BY handed_at",
        {
            "tenant": tenant_id,
            "people": list(people),
            "since": since,
            "until": until,
            "test": TEST_PREFIX,
            "but_of": but_of,
        },
    )
    return [
        Received(
            person_id=PersonId(row[0]),
            at=row[1],
            journey_id=row[2],
            campaign=row[3],
            channel=Channel(row[4]),
            purpose=purpose_of(MessageClass(row[5]), row[6]),
            is_marketing=row[5] == MessageClass.MARKETING,
        )
        for row in await cursor.fetchall()
    ]
