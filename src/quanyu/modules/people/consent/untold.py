"""Lines of the ledger that history was never told: opt-outs of before there was a ledger."""

from typing import Final

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.kernel.ids import PersonId
from quanyu.modules.people.consent.contracts import ConsentChannel, ConsentSource, ConsentState, Saying
from quanyu.modules.people.consent.rules import consent_fact

AT_ONCE: Final = 500


async def tell_untold(uow: UnitOfWork) -> int:
    """State the next of them as facts, at the instant they were said; return how many.

    Each is stated once: its row goes in the same transaction, and the id derives from the operation.
    """
    rows = await uow.execute(
        """
        WITH next AS (
            SELECT operation_id, person_id FROM consent_untold WHERE tenant_id = :tenant
            ORDER BY operation_id, person_id LIMIT :limit FOR UPDATE SKIP LOCKED
        ), taken AS (
            DELETE FROM consent_untold u USING next n
            WHERE u.tenant_id = :tenant AND u.operation_id = n.operation_id AND u.person_id = n.person_id
            RETURNING u.operation_id, u.person_id
        )
        SELECT e.person_id, e.operation_id, e.purpose, e.channel, e.state, e.source, e.actor, e.occurred_at
        FROM taken t JOIN consent_entry e ON e.tenant_id = :tenant
            AND e.operation_id = t.operation_id AND e.person_id = t.person_id
        """,
        {"tenant": uow.tenant_id, "limit": AT_ONCE},
    )
    found = rows.all()
    for row in found:
        uow.publish(
            consent_fact(
                Saying(
                    person_id=PersonId(row.person_id),
                    operation_id=row.operation_id,
                    purpose=row.purpose,
                    channel=ConsentChannel(row.channel),
                    state=ConsentState(row.state),
                    text_version=None,
                    source=ConsentSource(row.source),
                    actor=row.actor,
                    occurred_at=row.occurred_at,
                )
            )
        )
    return len(found)
