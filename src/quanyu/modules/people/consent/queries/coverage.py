"""Where everybody stands with one purpose, counted in one pass over the ledger."""

from typing import Any, Final

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.modules.people.consent.contracts import (
    Basis,
    ChannelCoverage,
    ConsentChannel,
    ConsentCoverage,
    ConsentState,
    VersionCoverage,
)
from quanyu.modules.people.consent.rules import allows, concrete_channels

# By how a line ends in its key: the newest key of a channel is what counts there, and of things said at one
# instant the stricter one. A grant whose time is over is as good as expired.
_STATES: Final = (ConsentState.GRANTED, ConsentState.EXPIRED, ConsentState.WITHDRAWN)
_KEY: Final = """
(extract(epoch FROM e.occurred_at) * 1000000)::bigint * 4 + CASE
    WHEN e.state = 'withdrawn' THEN 2
    WHEN e.state = 'expired' OR e.valid_until <= :now THEN 1
    ELSE 0 END
"""


async def of_purpose(uow: UnitOfWork, purpose: str, basis: Basis) -> ConsentCoverage:
    """Count people by channel and state, and who agrees by version of the text."""
    values = {"tenant": uow.tenant_id, "purpose": purpose, "now": uow.clock.now()}
    rows = (await uow.execute(_statement(), values)).all()
    people = await uow.execute(
        "SELECT count(*) FROM person WHERE tenant_id = :tenant AND canonical_id = id",
        {"tenant": uow.tenant_id},
    )
    total = int(people.scalar_one())
    return ConsentCoverage(
        purpose=purpose,
        people=total,
        channels=tuple(
            _channel(
                channel,
                [sum(row[1 + number * 3 + state] for row in rows) for state in range(3)],
                total,
                basis,
            )
            for number, channel in enumerate(concrete_channels())
        ),
        versions=tuple(VersionCoverage(version=row[0], people=row[-1]) for row in rows if row[-1]),
    )


def _statement() -> str:
    channels = concrete_channels()
    newest = ", ".join(
        f"max(k) FILTER (WHERE channel IN ('*', '{channel}')) % 4 AS c{number}"
        for number, channel in enumerate(channels)
    )
    counted = ", ".join(
        f"count(*) FILTER (WHERE c{number} = {state})"
        for number in range(len(channels))
        for state in range(3)
    )
    agreeing = " OR ".join(f"c{number} = 0" for number in range(len(channels)))
    return f"""
        WITH line AS (
            SELECT p.canonical_id AS person, e.channel, e.state, e.purpose, e.text_version, e.occurred_at,
                {_KEY} AS k
            FROM consent_entry e JOIN person p ON p.tenant_id = :tenant AND p.id = e.person_id
            WHERE e.tenant_id = :tenant AND e.purpose IN (:purpose, '*')
        ), said AS (
            SELECT person, {newest}, (array_agg(text_version ORDER BY occurred_at DESC)
                FILTER (WHERE state = 'granted' AND purpose = :purpose))[1] AS version
            FROM line GROUP BY person
        )
        SELECT version, {counted}, count(*) FILTER (WHERE {agreeing}) FROM said
        GROUP BY version ORDER BY version DESC NULLS LAST
    """  # noqa: S608 - made of constants.


def _channel(channel: ConsentChannel, counts: list[Any], total: int, basis: Basis) -> ChannelCoverage:
    said = dict(zip(_STATES, (int(count) for count in counts), strict=True))
    silent = total - sum(said.values())
    allowed = (silent if allows(basis, None) else 0) + sum(
        count for state, count in said.items() if allows(basis, state)
    )
    return ChannelCoverage(
        channel=channel,
        granted=said[ConsentState.GRANTED],
        withdrawn=said[ConsentState.WITHDRAWN],
        expired=said[ConsentState.EXPIRED],
        silent=silent,
        allowed=allowed,
    )
