"""Statements about steps passed, and their sums per node."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.modules.journeys.rules import Step


async def append_steps(uow: UnitOfWork, steps: Sequence[tuple[int, int, Step]]) -> None:
    """Append (journey, enrolment, step) to the log of steps and add to the sums."""
    if not steps:
        return
    connection = await uow.raw()
    await connection.execute(
        """
        INSERT INTO journey_step (tenant_id, enrolment_id, seq, node, entered_at, left_at, outcome)
        SELECT %(tenant)s, * FROM unnest(%(ids)s::bigint[], %(seqs)s::int[], %(nodes)s::text[],
            %(entered)s::timestamptz[], %(left)s::timestamptz[], %(outcomes)s::text[])
        """,
        {
            "tenant": uow.tenant_id,
            "ids": [enrolment_id for _, enrolment_id, _ in steps],
            "seqs": [step.seq for *_, step in steps],
            "nodes": [step.node for *_, step in steps],
            "entered": [step.entered_at for *_, step in steps],
            "left": [step.left_at for *_, step in steps],
            "outcomes": [str(step.outcome) for *_, step in steps],
        },
    )
    passed = Counter((journey_id, step.node, str(step.outcome)) for journey_id, _, step in steps)
    keys = sorted(passed)  # Several engines add at once: all in the same order.
    await connection.execute(
        """
        INSERT INTO journey_node_count AS c (tenant_id, journey_id, node, outcome, count)
        SELECT %s, * FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::bigint[])
        ON CONFLICT (tenant_id, journey_id, node, outcome) DO UPDATE SET count = c.count + excluded.count
        """,
        (
            uow.tenant_id,
            [key[0] for key in keys],
            [key[1] for key in keys],
            [key[2] for key in keys],
            [passed[key] for key in keys],
        ),
    )


async def count_steps(uow: UnitOfWork, journey_ids: Sequence[int]) -> dict[int, dict[str, dict[str, int]]]:
    """Return counts by journey, node and outcome."""
    rows = await uow.execute(
        "SELECT journey_id, node, outcome, count FROM journey_node_count "
        "WHERE tenant_id = :tenant AND journey_id = ANY(:journeys)",
        {"tenant": uow.tenant_id, "journeys": list(journey_ids)},
    )
    found: dict[int, dict[str, dict[str, int]]] = {}
    for journey_id, node, outcome, count in rows:
        found.setdefault(journey_id, {}).setdefault(node, {})[outcome] = count
    return found


async def count_waiting(uow: UnitOfWork, journey_ids: Sequence[int]) -> dict[int, dict[str, int]]:
    """Return how many people are at each node now."""
    rows = await uow.execute(
        "SELECT journey_id, node, count(*) FROM enrolment "
        "WHERE tenant_id = :tenant AND journey_id = ANY(:journeys) AND status = 'active' GROUP BY 1, 2",
        {"tenant": uow.tenant_id, "journeys": list(journey_ids)},
    )
    found: dict[int, dict[str, int]] = {}
    for journey_id, node, count in rows:
        found.setdefault(journey_id, {})[node] = count
    return found


async def list_wrong_sums(uow: UnitOfWork, limit: int) -> list[tuple[int, str, str, int, int]]:
    """Return (journey, node, outcome, sum kept, steps logged) wherever the last two differ."""
    rows = await uow.execute(
        """
        WITH logged AS (
            SELECT e.journey_id, s.node, s.outcome, count(*) AS steps
            FROM journey_step s JOIN enrolment e ON e.tenant_id = s.tenant_id AND e.id = s.enrolment_id
            WHERE s.tenant_id = :tenant GROUP BY 1, 2, 3
        ), kept AS (
            SELECT journey_id, node, outcome, count FROM journey_node_count WHERE tenant_id = :tenant
        )
        SELECT journey_id, node, outcome, coalesce(kept.count, 0), coalesce(logged.steps, 0)
        FROM logged FULL JOIN kept USING (journey_id, node, outcome)
        WHERE coalesce(kept.count, 0) <> coalesce(logged.steps, 0)
        ORDER BY 1, 2, 3 LIMIT :limit
        """,
        {"tenant": uow.tenant_id, "limit": limit},
    )
    return [tuple(row) for row in rows]


async def list_wrong_passages(uow: UnitOfWork, limit: int) -> list[tuple[int, int, str, int, Any]]:
    """Return (journey, enrolment, status, seq, steps) of passages whose steps do not lead where they stand.

    Steps are numbered without gaps up to ``seq``; who completed left by ``end``, who exited by the reason.
    """
    rows = await uow.execute(
        """
        SELECT e.journey_id, e.id, e.status, e.seq, coalesce(s.steps, 0)
        FROM enrolment e LEFT JOIN LATERAL (
            SELECT count(*) AS steps, max(seq) AS last,
                (array_agg(outcome ORDER BY seq DESC))[1] AS outcome
            FROM journey_step s WHERE s.tenant_id = e.tenant_id AND s.enrolment_id = e.id
        ) s ON true
        WHERE e.tenant_id = :tenant AND (coalesce(s.steps, 0) <> e.seq OR coalesce(s.last + 1, 0) <> e.seq
            OR (e.status = 'completed') <> (s.outcome IS NOT DISTINCT FROM 'end')
            OR (e.status = 'exited' AND s.outcome IS DISTINCT FROM e.exit_reason))
        ORDER BY 1, 2 LIMIT :limit
        """,
        {"tenant": uow.tenant_id, "limit": limit},
    )
    return [tuple(row) for row in rows]
