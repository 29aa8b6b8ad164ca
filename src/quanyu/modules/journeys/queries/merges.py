"""Statements that move passages to who their people are now."""

from collections.abc import Sequence

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.modules.journeys import crossing
from quanyu.modules.journeys.rules import Exit

_MOVED = "unnest(:from_ids ::int[], :to_ids ::int[]) AS m (from_id, to_id)"


async def follow(uow: UnitOfWork, merges: Sequence[tuple[int, int]]) -> None:
    """Move passages of people who turned out to be others (from, to).

    Where both are in the same journey the more advanced passage goes on and the other ends as
    ``merged``, so that nobody is told the same thing twice.
    """
    people = {"from_ids": [one for one, _ in merges], "to_ids": [other for _, other in merges]}
    less_advanced = await uow.execute(
        f"""
        WITH known AS (
            SELECT from_id AS person_id, to_id FROM {_MOVED}
            UNION SELECT to_id, to_id FROM {_MOVED}
        ), placed AS (
            SELECT e.id, row_number() OVER (
                PARTITION BY e.journey_id, e.entry_key, known.to_id
                ORDER BY e.seq DESC, e.entered_at, e.id) AS place,
                first_value(e.id) OVER (
                PARTITION BY e.journey_id, e.entry_key, known.to_id
                ORDER BY e.seq DESC, e.entered_at, e.id) AS winner
            FROM journey j CROSS JOIN known
            JOIN enrolment e ON e.tenant_id = j.tenant_id AND e.journey_id = j.id
                AND e.person_id = known.person_id AND e.status = 'active'
            WHERE j.tenant_id = :tenant AND j.version > 0
        )
        SELECT id, winner FROM placed WHERE place > 1 ORDER BY id
        """,  # noqa: S608 - a constant.
        {"tenant": uow.tenant_id, **people},
    )
    behind = {row.id: row.winner for row in less_advanced}
    ids = list(behind)
    if ids:
        await _remember(uow, ids, list(behind.values()))
        await crossing.let_out(uow, ids, Exit.MERGED)
    await _rename(uow, people)
    await uow.execute(
        "UPDATE awaited_event s SET person_id = m.to_id, "  # noqa: S608 - a constant.
        f"origin_person_id = coalesce(s.origin_person_id, s.person_id) FROM {_MOVED} "
        "WHERE s.tenant_id = :tenant AND s.person_id = m.from_id",
        {"tenant": uow.tenant_id, **people},
    )


async def _rename(uow: UnitOfWork, people: dict[str, list[int]]) -> None:
    """Give passages to their new person: ordinals go on after those used, a cause used twice is marked."""
    await uow.execute(
        f"""
        WITH moved AS (
            SELECT e.id, e.cause, m.from_id, m.to_id, row_number() OVER (
                PARTITION BY e.journey_id, e.entry_key, m.to_id ORDER BY e.entered_at, e.id) AS place,
                row_number() OVER (PARTITION BY e.journey_id, e.cause, m.to_id ORDER BY e.id) AS use,
                coalesce((SELECT max(o.ordinal) FROM enrolment o WHERE o.tenant_id = e.tenant_id
                    AND o.journey_id = e.journey_id AND o.entry_key = e.entry_key
                    AND o.person_id = m.to_id), 0) AS used,
                EXISTS (SELECT FROM enrolment o WHERE o.tenant_id = e.tenant_id
                    AND o.journey_id = e.journey_id AND o.person_id = m.to_id AND o.cause = e.cause) AS known
            FROM journey j CROSS JOIN {_MOVED}
            JOIN enrolment e ON e.tenant_id = j.tenant_id AND e.journey_id = j.id AND e.person_id = m.from_id
            WHERE j.tenant_id = :tenant AND j.version > 0
        )
        UPDATE enrolment e SET person_id = moved.to_id, ordinal = moved.used + moved.place,
            origin_person_id = coalesce(e.origin_person_id, e.person_id),
            cause = moved.cause || CASE WHEN moved.known OR moved.use > 1 THEN ':of:' || e.id ELSE '' END
        FROM moved WHERE e.tenant_id = :tenant AND e.id = moved.id
        """,  # noqa: S608 - a constant.
        {"tenant": uow.tenant_id, **people},
    )


async def _remember(uow: UnitOfWork, ids: Sequence[int], winners: Sequence[int]) -> None:
    """Keep where these stood, and behind whom they step back."""
    await uow.execute(
        """
        UPDATE enrolment e SET merged = jsonb_build_object('behind', w.winner::text, 'wake_at', e.wake_at,
            'due_at', e.due_at, 'awaits', e.awaits, 'matched_at', e.matched_at,
            'matched_by', e.matched_by::text, 'matched', e.matched)
        FROM unnest(CAST(:ids AS bigint[]), CAST(:winners AS bigint[])) AS w (id, winner)
        WHERE e.tenant_id = :tenant AND e.id = w.id
        """,
        {"tenant": uow.tenant_id, "ids": list(ids), "winners": list(winners)},
    )
