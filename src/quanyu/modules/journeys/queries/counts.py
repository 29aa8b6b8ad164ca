"""Statements about steps passed, and their sums per node."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.modules.journeys.rules import Step

ARRIVED: Final = ""  # Stands where departures have their outcome.


async def append_steps(uow: UnitOfWork, steps: Sequence[tuple[int, int, Step]]) -> None:
    """Append (journey, enrolment, step) to the log of steps."""
    if not steps:
        return
    connection = await uow.raw()
    await connection.execute(
        """
        INSERT INTO journey_step (tenant_id, enrolment_id, seq, node, entered_at, left_at, outcome)
        SELECT %(tenant)s, * FROM unnest(%(ids)b::bigint[], %(seqs)b::int[], %(nodes)b::text[],
            %(entered)b::timestamptz[], %(left)b::timestamptz[], %(outcomes)b::text[])
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


async def count_rounds(uow: UnitOfWork, enrolment_ids: Sequence[int]) -> dict[int, dict[str, int]]:
    """Return by passage and node how often a repeating node led back."""
    found: dict[int, dict[str, int]] = {}
    if enrolment_ids:
        rows = await uow.execute(
            "SELECT enrolment_id, node, count(*) AS rounds FROM journey_step "
            "WHERE tenant_id = :tenant AND enrolment_id = ANY(:ids) AND outcome = 'again' GROUP BY 1, 2",
            {"tenant": uow.tenant_id, "ids": list(enrolment_ids)},
        )
        for row in rows:
            found.setdefault(row.enrolment_id, {})[row.node] = row.rounds
    return found


def departures(steps: Iterable[tuple[int, int, Step]]) -> Counter[tuple[int, str, str]]:
    """Count steps by journey, node and outcome."""
    return Counter((journey_id, step.node, str(step.outcome)) for journey_id, _, step in steps)


async def add(uow: UnitOfWork, passed: Mapping[tuple[int, str, str], int]) -> None:
    """Add to the sums by journey, node and outcome (or ``ARRIVED``), in the commit of what they sum up."""
    keys = sorted(key for key, count in passed.items() if count)  # Engines add at once: all in one order.
    if not keys:
        return
    connection = await uow.raw()
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


@dataclass(frozen=True, slots=True)
class NodeCounts:
    """How many people came to a node, and how they left it."""

    came: int
    outcomes: Mapping[str, int]

    @property
    def left(self) -> int:
        return sum(self.outcomes.values())

    @property
    def waiting(self) -> int:
        return self.came - self.left


async def count_nodes(uow: UnitOfWork, journey_ids: Sequence[int]) -> dict[int, dict[str, NodeCounts]]:
    """Return the counts of each journey's nodes where anybody was."""
    rows = await uow.execute(
        "SELECT journey_id, node, outcome, count FROM journey_node_count "
        "WHERE tenant_id = :tenant AND journey_id = ANY(:journeys) AND count <> 0",
        {"tenant": uow.tenant_id, "journeys": list(journey_ids)},
    )
    by_node: dict[tuple[int, str], dict[str, int]] = {}
    for journey_id, node, outcome, count in rows:
        by_node.setdefault((journey_id, node), {})[outcome] = count
    found: dict[int, dict[str, NodeCounts]] = {}
    for (journey_id, node), outcomes in by_node.items():
        came = outcomes.pop(ARRIVED, 0)
        found.setdefault(journey_id, {})[node] = NodeCounts(came, outcomes)
    return found


async def list_wrong_sums(uow: UnitOfWork, limit: int) -> list[tuple[int, str, str, int, int]]:
    """Return (journey, node, outcome, sum kept, people logged) wherever the last two differ."""
    rows = await uow.execute(
        """
        WITH passed AS (
            SELECT e.journey_id, s.node, s.outcome
            FROM journey_step s JOIN enrolment e ON e.tenant_id = s.tenant_id AND e.id = s.enrolment_id
            WHERE s.tenant_id = :tenant
        ), logged AS (
            SELECT journey_id, node, outcome, count(*) AS steps FROM passed GROUP BY 1, 2, 3
            UNION ALL
            SELECT journey_id, node, '', count(*) FROM (
                SELECT journey_id, node FROM passed
                UNION ALL
                SELECT journey_id, node FROM enrolment WHERE tenant_id = :tenant AND status = 'active'
            ) came GROUP BY 1, 2
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
