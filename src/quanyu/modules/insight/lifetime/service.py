"""Customer lifetime: fit the brand's own orders, keep everybody's figures, say how far to trust them."""

import time
from collections.abc import Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from quanyu.infra.unit_of_work import UnitOfWork, UnitOfWorkFactory
from quanyu.infra.warehouse import Warehouse
from quanyu.infra.work_pool import WorkPool
from quanyu.kernel.ids import PersonId, TenantId, encode_id, new_id
from quanyu.kernel.paging import clamp_limit, decode_cursor, encode_cursor
from quanyu.modules.insight import warehouse_queries as sql
from quanyu.modules.insight.activity import count_events
from quanyu.modules.insight.currencies import Currency, choose_currency
from quanyu.modules.insight.lifetime.card import ModelCard
from quanyu.modules.insight.lifetime.contracts import (
    LifetimeBar,
    LifetimePeoplePage,
    LifetimePerson,
    LifetimeRun,
    LifetimeSummary,
)
from quanyu.modules.insight.lifetime.errors import UnknownBand
from quanyu.modules.insight.lifetime.limits import (
    EPOCH,
    HORIZON_DAYS,
    LEAST_REPEAT_BUYERS,
    SOON_DAYS,
    YEARLY_DISCOUNT,
    cut_of,
)
from quanyu.modules.insight.lifetime.queries import Bar, LifetimeQueries, Measure, Run, Score
from quanyu.modules.insight.lifetime.views import ATTRIBUTES, minor_per_unit, score_view, writes
from quanyu.modules.insight.orders import epoch_ms
from quanyu.modules.insight.runs import AGAIN_S, Publisher, Turns, still_holds, whole_ms
from quanyu.modules.people.contracts import LifetimeView
from quanyu.modules.people.service import People
from quanyu.modules.tenants.contracts import Brand
from quanyu.modules.tenants.service import Tenants

if TYPE_CHECKING:
    from quanyu.modules.insight.lifetime.compute import Computed

CHUNK: Final = 2_000  # People of one transaction: seven attributes each.
SOURCE: Final = "insight.lifetime"
BANDS: Final[dict[Measure, range]] = {"alive_band": range(6), "value_band": range(1, 6)}


class Lifetime:
    """Figures of everybody who bought something; one computation at a time per brand."""

    def __init__(
        self,
        uows: UnitOfWorkFactory,
        warehouse: Warehouse,
        people: People,
        tenants: Tenants,
        pool: WorkPool,
    ) -> None:
        self._uows = uows
        self._warehouse = warehouse
        self._people = people
        self._tenants = tenants
        self._turns = Turns()
        self._pool = pool

    async def run(self, tenant_id: TenantId, *, as_of: datetime | None = None) -> LifetimeRun:
        """Fit on the orders up to an instant (default now), and set everybody's figures as attributes.

        Written in chunks and seen once all is there. Where the models refuse, nobody has figures, and
        whoever had them loses them: old forecasts look like new ones. Waits for a computation under way.

        Raises:
            WarehouseUnavailable: nothing has changed.
        """
        async with self._turns.of(tenant_id):
            return await self._run(tenant_id, as_of)

    async def run_if_older(self, tenant_id: TenantId, *, than_s: float) -> LifetimeRun | None:
        """Compute as of now unless the last computation is younger; the schedule calls this."""
        async with self._turns.of(tenant_id):
            async with self._uows.system(tenant_id) as uow:
                current = await LifetimeQueries(uow).find_current()
                now = uow.clock.now()
            if current is not None and await still_holds(
                self._warehouse.for_tenant(tenant_id),
                age_s=(now - current.started_at).total_seconds(),
                enough_s=than_s if current.people else min(than_s, AGAIN_S),
                history=current.history,
            ):
                return None
            return await self._run(tenant_id, None)

    async def _run(self, tenant_id: TenantId, as_of: datetime | None) -> LifetimeRun:
        started = time.perf_counter()
        run_id = new_id()
        async with self._uows.system(tenant_id) as uow:
            now = uow.clock.now()
            brand = await self._tenants.get_brand(uow)
        gate = self._warehouse.for_tenant(tenant_id)
        currency = await choose_currency(gate, brand_currency=brand.currency)
        instant = whole_ms(as_of or now)
        history = await count_events(gate)
        found = await self._compute(brand, instant, currency)
        publisher = Publisher(self._uows, self._people, SOURCE, ATTRIBUTES, CHUNK)
        await publisher.publish(
            tenant_id,
            LifetimeQueries,
            found.scores,
            run_id=run_id,
            at=now,
            start=lambda queries: queries.start(
                run_id,
                as_of=instant,
                people=len(found.scores),
                currency=currency.code,
                card=found.card.model_dump_json(),
                history=history,
            ),
            add=lambda queries, part: queries.add_scores(run_id, part),
            writes=lambda part: writes(part, currency.code),
            whose=lambda score: score.person_id,
        )
        return LifetimeRun(
            as_of=instant,
            people=len(found.scores),
            took_ms=round((time.perf_counter() - started) * 1000),
            refusal=found.card.refusal,
        )

    async def _compute(self, brand: Brand, instant: datetime, currency: Currency) -> "Computed":
        gate = self._warehouse.for_tenant(brand.tenant_id)
        today = _day_number(instant.astimezone(ZoneInfo(brand.time_zone)).date())
        asked = {
            "as_of_ms": epoch_ms(instant),
            "zone": brand.time_zone,
            "currencies": list(currency.stands_for),
            "events": [sql.COMPLETED],
        }
        lines, first_day = (await gate.query(sql.FIRST_DAY, asked))[0]
        cut = cut_of(int(first_day) if lines else today, today)
        found = await gate.query_columns(sql.PURCHASE_DAYS, {**asked, "cut": cut})
        columns = tuple(found[name] for name in sql.PURCHASE_DAYS_COLUMNS)
        # Fewer buyers than repeat buyers are needed: refused sooner than a process starts.
        run = self._pool.run_small if len(found) < LEAST_REPEAT_BUYERS else self._pool.run
        return await run(_fit_and_foretell, columns, today, cut, minor_per_unit(currency.code))

    async def summary(self, uow: UnitOfWork) -> LifetimeSummary:
        """Return the card and the bars of the last finished computation."""
        brand = await self._tenants.get_brand(uow)
        queries = LifetimeQueries(uow)
        run = await queries.find_current()
        alive = await queries.bars(run.id, "alive_band") if run else []
        value = await queries.bars(run.id, "value_band") if run else []
        return LifetimeSummary(
            as_of=run.as_of if run else None,
            computed_at=run.started_at if run else None,
            currency=run.currency if run else brand.currency,
            minor_per_unit=minor_per_unit(run.currency if run else brand.currency),
            people=run.people if run else 0,
            horizon_days=HORIZON_DAYS,
            soon_days=SOON_DAYS,
            yearly_discount=YEARLY_DISCOUNT,
            purchases=sum(bar.purchases for bar in alive),
            value_minor=sum(bar.value_minor or 0 for bar in value) if value else None,
            card=ModelCard.model_validate(run.card) if run else None,
            alive=_bars("alive_band", alive),
            value=_bars("value_band", value),
        )

    async def page(
        self,
        uow: UnitOfWork,
        *,
        alive: int | None = None,
        value: int | None = None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> LifetimePeoplePage:
        """Return people with their figures, those worth most first; optionally of one band or two.

        Raises:
            UnknownBand: there is no such band.
        """
        bands = _bands(alive, value)
        queries = LifetimeQueries(uow)
        run = await queries.find_current()
        if run is None:
            return LifetimePeoplePage(items=(), next_cursor=None, total=0)
        size = clamp_limit(limit)
        after = int(decode_cursor(cursor, int)[0]) if cursor else None
        found = await queries.page(run.id, bands=bands, after=after, limit=size + 1)
        more = len(found) > size
        return LifetimePeoplePage(
            items=await self._rows(uow, found[:size]),
            next_cursor=encode_cursor(found[size - 1].place) if more else None,
            total=await queries.count(run.id, bands) if bands else run.people,
        )

    async def _rows(self, uow: UnitOfWork, scores: Sequence[Score]) -> tuple[LifetimePerson, ...]:
        people = [PersonId(score.person_id) for score in scores]
        names = await self._people.display_names(uow, people)
        user_ids = await self._people.values_of(uow, people, namespace="user_id", scope="")
        return tuple(
            LifetimePerson(
                person_id=encode_id("per", score.person_id),
                display_name=names.get(PersonId(score.person_id), ""),
                user_id=user_ids.get(PersonId(score.person_id)),
                **score_view(score),
            )
            for score in scores
        )

    async def of_person(self, uow: UnitOfWork, person: PersonId) -> LifetimeView | None:
        """Return the current figures of one person, if the models speak of them."""
        queries = LifetimeQueries(uow)
        run: Run | None = await queries.find_current()
        if run is None or not run.people:
            return None
        found = (await queries.of_people(run.id, [person])).get(person)
        if found is None:
            return None
        return LifetimeView(
            **score_view(found),
            currency=run.currency,
            minor_per_unit=minor_per_unit(run.currency),
            computed_at=run.started_at,
            horizon_days=HORIZON_DAYS,
            soon_days=SOON_DAYS,
        )


def _fit_and_foretell(columns: tuple[Sequence[Any], ...], today: int, cut: int, unit: int) -> "Computed":
    # scipy takes half a second and 60 MB to load: only a brand's first computation pays for it.
    from quanyu.modules.insight.lifetime.compute import compute

    return compute(columns, as_of=today, cut=cut, minor_per_unit=unit)


def _day_number(day: date) -> int:
    return (day - EPOCH).days


def _bands(alive: int | None, value: int | None) -> dict[str, int]:
    asked: dict[Measure, int] = {}
    if alive is not None:
        asked["alive_band"] = alive
    if value is not None:
        asked["value_band"] = value
    for measure, band in asked.items():
        if band not in BANDS[measure]:
            known = f"{BANDS[measure].start} to {BANDS[measure].stop - 1}"
            raise UnknownBand(f"{measure} is {known}", message_zh=f"没有第 {band} 档")
    return {str(measure): band for measure, band in asked.items()}


def _bars(measure: Measure, found: Sequence[Bar]) -> tuple[LifetimeBar, ...]:
    """Return every band, also empty ones, unless there is nobody at all."""
    by_band = {bar.band: bar for bar in found}
    if not by_band:
        return ()
    return tuple(
        LifetimeBar(
            band=band,
            people=by_band[band].people if band in by_band else 0,
            purchases=by_band[band].purchases if band in by_band else 0.0,
            value_minor=by_band[band].value_minor if band in by_band else 0,
        )
        for band in BANDS[measure]
    )
