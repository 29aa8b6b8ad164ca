"""Statements that give passages back to people who came apart."""

from collections import Counter
from collections.abc import Sequence

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.modules.journeys.queries import counts
from quanyu.modules.journeys.rules import Exit

_LEFT = (
    "unnest(CAST(:own AS int[]), CAST(:from_ids AS int[]), CAST(:to_ids AS int[])) "
    "AS s (own_id, from_id, to_id)"
)


async def follow(uow: UnitOfWork, splits: Sequence[tuple[int, int, int]]) -> int:
    """Give (person id, from, to) the passages that were entered under that id; return how many.

    A passage that had stepped back behind another one of the same person goes on where it stood, once the
    two are different people's again.
    """
    people = {
        "tenant": uow.tenant_id,
        "own": [own for own, _, _ in splits],
        "from_ids": [from_id for _, from_id, _ in splits],
        "to_ids": [to_id for _, _, to_id in splits],
    }
    moving = await uow.execute(
        f"SELECT count(*) AS passages FROM {_LEFT} JOIN enrolment e "  # noqa: S608 - a constant.
        "ON e.tenant_id = :tenant AND e.person_id = s.from_id AND e.origin_person_id = s.own_id",
        people,
    )
    passages = int(moving.one().passages)
    await _rename(uow, people)
    await uow.execute(
        f"UPDATE awaited_event a SET person_id = s.to_id FROM {_LEFT} "  # noqa: S608 - a constant.
        "WHERE a.tenant_id = :tenant AND a.person_id = s.from_id AND a.origin_person_id = s.own_id",
        people,
    )
    await _go_on(uow, sorted({person for _, *ends in splits for person in ends}))
    return passages


async def _rename(uow: UnitOfWork, people: dict[str, object]) -> None:
    """Give passages to their people.

    Ordinals are counted anew for everybody concerned, and only causes used twice keep a mark. No row may
    meet another on the way there, so each first gets a number and a cause nothing else has.
    """
    await uow.execute(
        f"""
        UPDATE enrolment e SET person_id = coalesce(
                (SELECT s.to_id FROM {_LEFT} WHERE s.from_id = e.person_id AND s.own_id = e.origin_person_id),
                e.person_id),
            ordinal = -numbered.n, cause = e.cause || ':part:' || e.id
        FROM (
            SELECT o.id, row_number() OVER (ORDER BY o.id) AS n FROM enrolment o
            JOIN journey j ON j.tenant_id = o.tenant_id AND j.id = o.journey_id
            WHERE o.tenant_id = :tenant AND (o.person_id = ANY(:from_ids) OR o.person_id = ANY(:to_ids))
        ) numbered
        WHERE e.tenant_id = :tenant AND e.id = numbered.id
        """,  # noqa: S608 - a constant.
        people,
    )
    await uow.execute(
        """
        UPDATE enrolment e SET ordinal = c.place,
            cause = c.cause || CASE WHEN c.use > 1 THEN ':of:' || e.id ELSE '' END
        FROM (
            SELECT o.id, o.cause, row_number() OVER (
                    PARTITION BY o.journey_id, o.entry_key, o.person_id ORDER BY o.entered_at, o.id) AS place,
                row_number() OVER (PARTITION BY o.journey_id, o.cause, o.person_id ORDER BY o.id) AS use
            FROM (
                SELECT id, journey_id, entry_key, person_id, entered_at,
                    regexp_replace(cause, '(:of:' || id || ')*:part:' || id || '$', '') AS cause
                FROM enrolment
                WHERE tenant_id = :tenant AND (person_id = ANY(:from_ids) OR person_id = ANY(:to_ids))
            ) o
        ) c WHERE e.tenant_id = :tenant AND e.id = c.id
        """,
        people,
    )


async def _go_on(uow: UnitOfWork, people: Sequence[int]) -> None:
    """Let passages go on that stepped back behind one that is somebody else's now.

    Not where the journey was stopped meanwhile, nor where the same person is under way in it again. The step
    that said they were merged is taken out of the log and its sum: they never left.
    """
    rows = await uow.execute(
        """
        WITH candidate AS (
            SELECT e.id, row_number() OVER (
                PARTITION BY e.journey_id, e.entry_key, e.person_id ORDER BY e.seq DESC, e.id) AS place
            FROM enrolment e
            JOIN enrolment ahead ON ahead.tenant_id = e.tenant_id
                AND ahead.id = CAST(e.merged ->> 'behind' AS bigint) AND ahead.person_id <> e.person_id
            JOIN journey j ON j.tenant_id = e.tenant_id AND j.id = e.journey_id
                AND j.status IN ('active', 'paused')
            WHERE e.tenant_id = :tenant AND e.person_id = ANY(:people) AND e.merged IS NOT NULL
                AND e.exit_reason = 'merged' AND NOT EXISTS (
                    SELECT FROM enrolment o WHERE o.tenant_id = e.tenant_id
                    AND o.journey_id = e.journey_id AND o.entry_key = e.entry_key
                    AND o.person_id = e.person_id AND o.status = 'active')
        )
        UPDATE enrolment e SET status = 'active', exit_reason = NULL,
            wake_at = CAST(e.merged ->> 'wake_at' AS timestamptz),
            due_at = CAST(e.merged ->> 'due_at' AS timestamptz), awaits = e.merged ->> 'awaits',
            matched_at = CAST(e.merged ->> 'matched_at' AS timestamptz),
            matched_by = CAST(e.merged ->> 'matched_by' AS bigint),
            matched = CASE jsonb_typeof(e.merged -> 'matched') WHEN 'object' THEN e.merged -> 'matched' END,
            merged = NULL, seq = e.seq - 1
        FROM candidate c WHERE e.tenant_id = :tenant AND e.id = c.id AND c.place = 1
        RETURNING e.journey_id, e.node, e.id
        """,
        {"tenant": uow.tenant_id, "people": list(people)},
    )
    back = [(row.journey_id, row.node, row.id) for row in rows]
    await uow.execute(
        "DELETE FROM journey_step s USING enrolment e WHERE s.tenant_id = :tenant "
        "AND s.enrolment_id = ANY(:ids) AND e.tenant_id = s.tenant_id AND e.id = s.enrolment_id "
        "AND s.seq = e.seq",
        {"tenant": uow.tenant_id, "ids": [one for *_, one in back]},
    )
    stepped_back = Counter((journey_id, node, str(Exit.MERGED)) for journey_id, node, _ in back)
    await counts.add(uow, {key: -count for key, count in stepped_back.items()})
