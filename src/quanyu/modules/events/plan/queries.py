"""Every statement of the tracking plan."""

from datetime import timedelta
from typing import Final

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.modules.events.plan.contracts import (
    EventPlan,
    IssueDay,
    IssueSum,
    PropertyRule,
    SavePlan,
    SourceRule,
    TrackingPlan,
)

SHOWN: Final = timedelta(days=30)

_ADD_ISSUE: Final = """
INSERT INTO event_issue AS i (tenant_id, hour, source, name, outcome, problem, key, count, sample, last_at)
VALUES (:tenant, :hour, :source, :name, :outcome, :problem, :key, :count, :sample, :now)
ON CONFLICT (tenant_id, hour, source, name, outcome, problem, key) DO UPDATE
SET count = i.count + excluded.count, last_at = excluded.last_at,
    sample = CASE WHEN excluded.sample = '' THEN i.sample ELSE excluded.sample END
"""


async def whole(uow: UnitOfWork) -> TrackingPlan:
    """Return every plan and every source's rule."""
    return TrackingPlan(events=await list_plans(uow), sources=await list_source_rules(uow))


async def list_plans(uow: UnitOfWork) -> tuple[EventPlan, ...]:
    """Return every plan by name."""
    rows = await uow.execute(
        "SELECT name, mode, rules, updated_at FROM event_plan WHERE tenant_id = :tenant ORDER BY name",
        {"tenant": uow.tenant_id},
    )
    return tuple(
        EventPlan(
            name=row.name,
            mode=row.mode,
            properties=tuple(PropertyRule.model_validate(rule) for rule in row.rules),
            updated_at=row.updated_at,
        )
        for row in rows
    )


async def add_issue(
    uow: UnitOfWork,
    *,
    source: str,
    name: str,
    outcome: str,
    problem: str,
    key: str,
    count: int,
    sample: str,
) -> None:
    """Add to how often one thing was not as planned, in this hour."""
    now = uow.clock.now()
    await uow.execute(
        _ADD_ISSUE,
        {
            "tenant": uow.tenant_id,
            "hour": now.replace(minute=0, second=0, microsecond=0),
            "source": source,
            "name": name,
            "outcome": outcome,
            "problem": problem,
            "key": key,
            "count": count,
            "sample": sample,
            "now": now,
        },
    )


async def count_plans(uow: UnitOfWork) -> int:
    """Return how many event names have a plan."""
    found = await uow.execute(
        "SELECT count(*) FROM event_plan WHERE tenant_id = :tenant", {"tenant": uow.tenant_id}
    )
    return int(found.scalar_one())


async def save_plan(uow: UnitOfWork, name: str, plan: SavePlan) -> None:
    """Write the plan of one event name."""
    await uow.execute(
        "INSERT INTO event_plan (tenant_id, name, mode, rules, updated_at) "
        "VALUES (:tenant, :name, :mode, CAST(:rules AS json), :now) "
        "ON CONFLICT (tenant_id, name) DO UPDATE SET mode = excluded.mode, rules = excluded.rules, "
        "updated_at = excluded.updated_at",
        {
            "tenant": uow.tenant_id,
            "name": name,
            "mode": plan.mode.value,
            "rules": f"[{','.join(rule.model_dump_json() for rule in plan.properties)}]",
            "now": uow.clock.now(),
        },
    )


async def delete_plan(uow: UnitOfWork, name: str) -> None:
    """Forget the plan of one event name."""
    await uow.execute(
        "DELETE FROM event_plan WHERE tenant_id = :tenant AND name = :name",
        {"tenant": uow.tenant_id, "name": name},
    )


async def list_source_rules(uow: UnitOfWork) -> tuple[SourceRule, ...]:
    """Return every source's rule."""
    rows = await uow.execute(
        "SELECT source, unknown FROM event_source_rule WHERE tenant_id = :tenant ORDER BY source",
        {"tenant": uow.tenant_id},
    )
    return tuple(SourceRule(source=row.source, unknown=row.unknown) for row in rows)


async def save_source_rule(uow: UnitOfWork, rule: SourceRule) -> None:
    """Write one source's rule."""
    await uow.execute(
        "INSERT INTO event_source_rule (tenant_id, source, unknown) VALUES (:tenant, :source, :unknown) "
        "ON CONFLICT (tenant_id, source) DO UPDATE SET unknown = excluded.unknown",
        {"tenant": uow.tenant_id, "source": rule.source, "unknown": rule.unknown.value},
    )


async def list_issues(uow: UnitOfWork, *, name: str | None) -> tuple[IssueSum, ...]:
    """Return what was not as planned by kind, the latest first; at most 200 kinds."""
    rows = await uow.execute(
        """
        SELECT source, name, outcome, problem, key, CAST(sum(count) AS bigint) AS count,
            (array_agg(sample ORDER BY last_at DESC))[1] AS sample, max(last_at) AS last_at
        FROM event_issue
        WHERE tenant_id = :tenant AND hour >= :since AND (name = :name OR CAST(:name AS text) IS NULL)
        GROUP BY source, name, outcome, problem, key ORDER BY max(last_at) DESC, 1, 2, 3, 4, 5 LIMIT 200
        """,
        {"tenant": uow.tenant_id, "name": name, "since": uow.clock.now() - SHOWN},
    )
    return tuple(IssueSum(**row._mapping) for row in rows)


async def list_issue_days(uow: UnitOfWork, *, name: str | None) -> tuple[IssueDay, ...]:
    """Return how much was not as planned by day (UTC) and outcome."""
    rows = await uow.execute(
        """
        SELECT to_char(timezone('UTC', hour), 'YYYY-MM-DD') AS day, outcome,
            CAST(sum(count) AS bigint) AS count
        FROM event_issue
        WHERE tenant_id = :tenant AND hour >= :since AND (name = :name OR CAST(:name AS text) IS NULL)
        GROUP BY 1, 2 ORDER BY 1, 2
        """,
        {"tenant": uow.tenant_id, "name": name, "since": uow.clock.now() - SHOWN},
    )
    return tuple(IssueDay(**row._mapping) for row in rows)
