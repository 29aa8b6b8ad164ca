"""Counting refused answers by form, day and reason: nothing of who sent them, and nothing of what."""

from datetime import date
from typing import Final
from zoneinfo import ZoneInfo

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.modules.forms.contracts import FormId, FormRefusals, RefusalCount, RefusalDay, RefusalReason
from quanyu.modules.forms.queries import FormQueries
from quanyu.modules.tenants.service import Tenants

DAYS_MAX: Final = 90

_OF: Final = (
    "FROM form_refusal WHERE tenant_id = :tenant AND form_id = :form "
    "AND (CAST(:first AS date) IS NULL OR day >= CAST(:first AS date)) "
    "AND (CAST(:last AS date) IS NULL OR day <= CAST(:last AS date)) "
)


class Refusals:
    """Counts refusals, and tells them."""

    def __init__(self, tenants: Tenants) -> None:
        self._tenants = tenants

    async def note(self, uow: UnitOfWork, form_id: FormId, reason: RefusalReason) -> None:
        """Count one more, on this day of the brand."""
        zone = ZoneInfo((await self._tenants.get_brand(uow)).time_zone)
        await uow.execute(
            "INSERT INTO form_refusal AS r (tenant_id, form_id, day, reason, n) "
            "VALUES (:tenant, :form, :day, :reason, 1) "
            "ON CONFLICT (tenant_id, form_id, day, reason) DO UPDATE SET n = r.n + 1",
            {
                "tenant": uow.tenant_id,
                "form": form_id,
                "day": uow.clock.now().astimezone(zone).date(),
                "reason": reason.value,
            },
        )

    async def told(
        self, uow: UnitOfWork, form_id: FormId, *, first_day: date | None = None, last_day: date | None = None
    ) -> FormRefusals:
        """Return how often answers were refused from one day to another, both included.

        Raises:
            UnknownForm
        """
        await FormQueries(uow).get(form_id)
        params = {"tenant": uow.tenant_id, "form": form_id, "first": first_day, "last": last_day}
        rows = await uow.execute(
            f"SELECT reason, CAST(sum(n) AS bigint) AS n {_OF} GROUP BY 1 ORDER BY 2 DESC, 1",
            params,
        )
        reasons = tuple(RefusalCount(reason=RefusalReason(row.reason), count=row.n) for row in rows)
        rows = await uow.execute(
            f"SELECT day, reason, n {_OF} AND day IN (SELECT DISTINCT day {_OF} "
            "ORDER BY day DESC LIMIT :most) ORDER BY day, reason",
            {**params, "most": DAYS_MAX},
        )
        return FormRefusals(
            total=sum(one.count for one in reasons),
            reasons=reasons,
            days=tuple(
                RefusalDay(day=row.day, reason=RefusalReason(row.reason), count=row.n) for row in rows
            ),
        )
