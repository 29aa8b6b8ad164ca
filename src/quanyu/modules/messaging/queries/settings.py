"""What a brand sets: policy, opt-outs, templates, lanes."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, Final

import psycopg
from psycopg.types.json import Jsonb

from quanyu.kernel.ids import TenantId
from quanyu.modules.messaging.capabilities import capability_of
from quanyu.modules.messaging.contracts import (
    Allowance,
    Allowances,
    Channel,
    LaneView,
    MessageKind,
    MessagePolicy,
    TemplateRecord,
)

Connection = psycopg.AsyncConnection[Any]


async def load_policy(connection: Connection, tenant_id: TenantId) -> MessagePolicy:
    """Return the brand's policy; a brand that set nothing has the defaults."""
    cursor = await connection.execute(
        "SELECT rules::text FROM message_policy WHERE tenant_id = %s AND rules IS NOT NULL", (tenant_id,)
    )
    row = await cursor.fetchone()
    return MessagePolicy() if row is None else _read_policy(row[0])


@lru_cache(maxsize=256)
def _read_policy(text: str) -> MessagePolicy:
    return MessagePolicy.model_validate_json(text)


async def save_policy(
    connection: Connection, tenant_id: TenantId, policy: MessagePolicy, *, now: datetime
) -> None:
    """Write the brand's policy."""
    await connection.execute(
        """
        INSERT INTO message_policy (tenant_id, rules, duplicate_window_s, repeat_max, updated_at)
        VALUES (%s, %s::jsonb, %s, %s, %s)
        ON CONFLICT (tenant_id) DO UPDATE SET rules = excluded.rules,
            duplicate_window_s = excluded.duplicate_window_s, repeat_max = excluded.repeat_max,
            updated_at = excluded.updated_at
        """,
        (tenant_id, policy.model_dump_json(), policy.duplicate_window_s, policy.repeat_max, now),
    )


async def save_templates(
    connection: Connection,
    tenant_id: TenantId,
    account_id: int,
    templates: Sequence[TemplateRecord],
    *,
    now: datetime,
) -> None:
    """Make the registry equal to what the platform lists: others of the account are marked withdrawn."""
    await connection.execute(
        """
        UPDATE message_template SET withdrawn_at = %s, updated_at = %s
        WHERE tenant_id = %s AND account_id = %s AND template_id <> ALL(%s) AND withdrawn_at IS NULL
        """,
        (now, now, tenant_id, account_id, [template.template_id for template in templates]),
    )
    async with connection.cursor() as cursor:
        await cursor.executemany(
            """
            INSERT INTO message_template (tenant_id, account_id, template_id, title, fields, kind, names,
                choices, long_term, updated_at)
            VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
            ON CONFLICT (tenant_id, account_id, template_id) DO UPDATE SET
                title = excluded.title, fields = excluded.fields, kind = excluded.kind,
                names = excluded.names, choices = excluded.choices, long_term = excluded.long_term,
                withdrawn_at = NULL, updated_at = excluded.updated_at
            """,
            [_template_values(tenant_id, account_id, one, now) for one in templates],
        )
    # Who accepted before we knew the template did so for good.
    await connection.execute(
        """
        UPDATE message_credit c SET long_term = true
        FROM message_template t
        WHERE c.tenant_id = %s AND c.account_id = %s AND NOT c.long_term AND t.tenant_id = c.tenant_id
            AND t.account_id = c.account_id AND t.template_id = c.template_id AND t.long_term
        """,
        (tenant_id, account_id),
    )


def _template_values(
    tenant_id: TenantId, account_id: int, one: TemplateRecord, now: datetime
) -> tuple[Any, ...]:
    choices = {name: list(values) for name, values in one.choices.items()}
    return (
        tenant_id,
        account_id,
        one.template_id,
        one.title,
        list(one.fields),
        str(one.message_kind),
        Jsonb(dict(one.names)),
        Jsonb(choices),
        one.long_term,
        now,
    )


_TEMPLATE: Final = "account_id, template_id, title, fields, withdrawn_at, kind, names, choices, long_term"


async def find_templates(
    connection: Connection, tenant_id: TenantId, template_ids: Sequence[str]
) -> Mapping[tuple[int, str], TemplateRecord]:
    """Return the registered ones of some platform template ids, by account and id."""
    if not template_ids:
        return {}
    cursor = await connection.execute(
        f"""
        SELECT {_TEMPLATE} FROM message_template
        WHERE tenant_id = %s AND template_id = ANY(%s)
        """,  # noqa: S608 - the columns above.
        (tenant_id, list(template_ids)),
    )
    return {(row[0], row[1]): _template(row) for row in await cursor.fetchall()}


async def list_templates(connection: Connection, tenant_id: TenantId) -> tuple[TemplateRecord, ...]:
    """Return the brand's templates; an account has at most a few dozen."""
    cursor = await connection.execute(
        f"""
        SELECT {_TEMPLATE} FROM message_template
        WHERE tenant_id = %s ORDER BY account_id, template_id LIMIT 1000
        """,  # noqa: S608 - the columns above.
        (tenant_id,),
    )
    return tuple(_template(row) for row in await cursor.fetchall())


async def set_paused(
    connection: Connection, tenant_id: TenantId, account_id: int, *, paused: bool, now: datetime
) -> bool:
    """Write whether an account's sending is held (the first instant is kept); tell if it has a lane."""
    cursor = await connection.execute(
        """
        UPDATE message_lane SET paused_at = CASE WHEN %s THEN coalesce(paused_at, %s) END, updated_at = %s
        WHERE tenant_id = %s AND account_id = %s
        """,
        (paused, now, now, tenant_id, account_id),
    )
    return cursor.rowcount == 1


async def set_rate(
    connection: Connection, tenant_id: TenantId, account_id: int, *, rate_per_s: float | None, now: datetime
) -> bool:
    """Write how fast an account may send; tell if it has a lane."""
    cursor = await connection.execute(
        """
        UPDATE message_lane SET rate_per_s = %s, updated_at = %s WHERE tenant_id = %s AND account_id = %s
        """,
        (rate_per_s, now, tenant_id, account_id),
    )
    return cursor.rowcount == 1


async def view_lanes(connection: Connection, tenant_id: TenantId) -> tuple[LaneView, ...]:
    """Return the brand's accounts with what waits and what is in hand."""
    cursor = await connection.execute(
        """
        SELECT l.account_id, l.paused_at IS NOT NULL, l.rate_per_s,
            count(i.id) FILTER (WHERE i.state IN ('planned', 'reserved')),
            count(i.id) FILTER (WHERE i.state = 'handed'), l.channel
        FROM message_lane l
        LEFT JOIN message_intent i ON i.tenant_id = l.tenant_id AND i.account_id = l.account_id
            AND i.wake_at IS NOT NULL
        WHERE l.tenant_id = %s
        GROUP BY l.account_id, l.paused_at, l.rate_per_s, l.channel
        ORDER BY l.account_id
        """,
        (tenant_id,),
    )
    return tuple(
        LaneView(
            account_id=row[0],
            paused=row[1],
            rate_per_s=row[2],
            waiting=row[3],
            in_flight=row[4],
            channel=Channel(row[5]),
        )
        for row in await cursor.fetchall()
    )


async def count_allowances(
    connection: Connection, tenant_id: TenantId, account_id: int, *, now: datetime
) -> Allowances:
    """Count the people of one account with an open window, and with a credit left, by template."""
    cursor = await connection.execute(
        """
        SELECT count(DISTINCT recipient) FROM message_window
        WHERE tenant_id = %s AND account_id = %s AND expires_at > %s AND used < granted
        """,
        (tenant_id, account_id, now),
    )
    row = await cursor.fetchone()
    cursor = await connection.execute(
        """
        SELECT template_id, count(*), sum(CASE WHEN long_term THEN 1 ELSE granted - used END)
        FROM message_credit
        WHERE tenant_id = %s AND account_id = %s AND granted > 0 AND (long_term OR used < granted)
        GROUP BY template_id ORDER BY template_id LIMIT 1000
        """,
        (tenant_id, account_id),
    )
    credits = tuple(
        Allowance(template_id=template_id, people=people, messages=messages)
        for template_id, people, messages in await cursor.fetchall()
    )
    return Allowances(window_people=row[0] if row else 0, credits=credits)


def _template(row: Sequence[Any]) -> TemplateRecord:
    return TemplateRecord(
        account_id=row[0],
        channel=capability_of(row[5]).channel,
        template_id=row[1],
        title=row[2],
        fields=tuple(row[3]),
        withdrawn_at=row[4],
        message_kind=MessageKind(row[5]),
        names=row[6],
        choices=row[7],
        long_term=row[8],
    )
