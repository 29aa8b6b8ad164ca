"""A year of a real shop: published figures, and the same answers from pandas and DuckDB.

The file goes through the real import and pipeline into the warehouse once; every test reads from there.
"""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest

from integration.segments.world import Api, Brand, build_brand
from quanyu.flows.imports.contracts import ImportStatus, StartImport
from quanyu.flows.imports.jobs import ImportWorker
from quanyu.flows.imports.mapping import ImportKind
from quanyu.flows.imports.service import Imports
from quanyu.flows.intake import Intake
from quanyu.infra.crypto import KeyRing
from quanyu.infra.postgres import Database
from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.infra.warehouse import Warehouse
from quanyu.kernel.clock import FixedClock
from quanyu.kernel.ids import PersonId, TenantId, decode_id
from quanyu.modules.events.collector import Collector
from quanyu.modules.events.service import Log
from quanyu.modules.segments.tree import parse_definition

pytestmark = [pytest.mark.shared, pytest.mark.slow, pytest.mark.timeout(600)]

SNAPSHOT = datetime(2011, 12, 10, tzinfo=UTC)
MAPS = Path(__file__).parents[3] / "examples" / "maps"
POSITIVE = [
    {"field": "item.quantity", "op": "gt", "value": 0},
    {"field": "item.price", "op": "gt", "value": 0},
]


@pytest.fixture(scope="module")
def parquet(shared_data: Path) -> Path:
    path = shared_data / "data" / "online_retail" / "online_retail.parquet"
    if not path.exists():
        pytest.skip(f"needs the Online Retail data set; none at {path}")
    return path


@pytest.fixture(scope="module")
async def shop(
    parquet: Path,
    tmp_path_factory: pytest.TempPathFactory,
    database: Database,
    warehouse: Warehouse,
    key_ring: KeyRing,
) -> Brand:
    clock = FixedClock(datetime(2026, 3, 4, 4, tzinfo=UTC))
    uows = UnitOfWorkFactory(database, clock)
    log = Log()
    intake = Intake(log, Collector(log, database.connect_system, clock), key_ring)
    uows.write_facts_with(intake.write_facts)
    tenant = TenantId(7)
    async with uows.system(tenant) as uow:
        await uow.execute(
            "INSERT INTO brand (tenant_id, key, name, time_zone, currency, created_at) "
            "VALUES (:tenant, 'retail', 'Retail', 'Europe/London', 'GBP', :now)",
            {"tenant": tenant, "now": clock.now()},
        )
    brand = build_brand(
        tenant=tenant, uows=uows, clock=clock, database=database, warehouse=warehouse, keys=key_ring
    )
    worker = ImportWorker(
        uows, intake, connect=database.connect_system, directory=tmp_path_factory.mktemp("imports")
    )
    await _import(brand, worker, parquet)
    return brand


async def _import(brand: Brand, worker: ImportWorker, parquet: Path) -> None:
    imports = Imports(worker)
    command = StartImport(
        kind=ImportKind.ORDERS, path=str(parquet), map=(MAPS / "online_retail.toml").read_text()
    )
    async with brand.uows.app(brand.tenant) as uow:
        job = await imports.start(uow, command)
    assert await worker.run_once()
    async with brand.uows.app(brand.tenant) as uow:
        done = await imports.get(uow, job.id)
    assert (done.status, done.rows_read, done.rows_rejected) == (ImportStatus.COMPLETED, 541_909, 0)
    await brand.drain()


@pytest.fixture(scope="module")
def lines(parquet: Path) -> Any:
    """The source as an independent program reads it; times are local, as the import's map says."""
    frame = pd.read_parquet(parquet)
    local = pd.to_datetime(frame["InvoiceDate"])
    frame["at"] = local.dt.tz_localize("Europe/London").dt.tz_convert("UTC")
    return frame


async def test_published_figures(shop: Brand) -> None:
    status, figures = await Api(shop).call("GET", "/api/v1/insight/orders")
    assert (status, figures) == (
        200,
        {
            "currency": "GBP",
            "other_currencies": [],
            "all": {
                "invoices": 25_900,
                "customers": 4_372,
                "lines": 541_909,
                "cancelled_lines": 9_288,
                "net_revenue": "9747747.934",
            },
            "positive_known": {
                "invoices": 18_532,
                "customers": 4_338,
                "lines": 397_884,
                "revenue": "8911407.904",
            },
        },
    )


async def test_rfm_equals_pandas_person_by_person(shop: Brand, lines: Any) -> None:
    api = Api(shop)
    _, run = await api.call("POST", "/api/v1/rfm/run", {"as_of": SNAPSHOT.isoformat()})
    found: dict[str, tuple[Any, ...]] = {}
    cursor: str | None = ""
    while cursor is not None:
        more = {"cursor": cursor} if cursor else {}
        _, page = await api.call("GET", "/api/v1/rfm/people", limit="200", **more)
        for row in page["items"]:
            found[row["user_id"]] = (
                row["recency_days"], row["frequency"], Decimal(row["monetary"]), row["r"], row["f"], row["m"],
            )  # fmt: skip
        cursor = page["next_cursor"]
    expected = rfm_by_pandas(lines)

    assert run["people"] == len(expected) == 4_338
    assert found == expected
    figures = pd.DataFrame(found.values(), columns=["R", "F", "M", "r", "f", "m"]).astype(float)
    assert [round(figures[name].mean(), 2) for name in "RFM"] == [92.06, 4.27, 2054.27]
    assert [figures[name].median() for name in "RF"] == [50, 2]
    assert (figures["F"].max(), figures["M"].max()) == (209, 280206.02)


def rfm_by_pandas(lines: Any) -> dict[str, tuple[Any, ...]]:
    """Work out scores without any of our code."""
    bought = lines[lines["CustomerID"].notna() & (lines["Quantity"] > 0) & (lines["UnitPrice"] > 0)].copy()
    bought["amount"] = [
        Decimal(str(price)) * int(quantity)
        for price, quantity in zip(bought["UnitPrice"], bought["Quantity"], strict=True)
    ]
    by_person = bought.groupby("CustomerID").agg(
        last=("at", "max"), F=("InvoiceNo", "nunique"), M=("amount", "sum")
    )
    by_person["R"] = (pd.Timestamp(SNAPSHOT) - by_person["last"]).dt.days
    count = len(by_person)
    ranks = {
        "r": (-by_person["R"]).rank(method="min"),
        "f": by_person["F"].rank(method="min"),
        "m": by_person["M"].astype(float).rank(method="min"),
    }
    scores = {name: 1 + (5 * (rank.astype(int) - 1)) // count for name, rank in ranks.items()}
    return {
        str(int(person)): (
            int(row["R"]), int(row["F"]), row["M"],
            int(scores["r"][person]), int(scores["f"][person]), int(scores["m"][person]),
        )
        for person, row in by_person.iterrows()
    }  # fmt: skip


async def test_big_spenders_gone_quiet_equal_duckdb(shop: Brand, parquet: Path, lines: Any) -> None:
    last = lines["at"].max().to_pydatetime()
    border = last - timedelta(seconds=90 * 86_400)
    definition = parse_definition(
        {
            "kind": "all",
            "of": [
                {
                    "kind": "aggregate",
                    "name": "Order Completed",
                    "each": "items",
                    "where": POSITIVE,
                    "function": "sum",
                    "of": {"kind": "product", "of": ["item.price", "item.quantity"]},
                    "test": {"op": "gt", "value": 1000},
                },
                {
                    "kind": "recency",
                    "name": "Order Completed",
                    "each": "items",
                    "where": POSITIVE,
                    "when": {"kind": "at", "op": "at_most", "instant": border.isoformat()},
                },
            ],
        }
    )
    at = await shop.segments.evaluation(shop.uows, shop.tenant)
    selection = await shop.segments.select(shop.tenant, definition, at, limit=5_000)
    found = await _user_ids(shop, selection.people)

    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        rows = connection.execute(
            """
            SELECT CAST(CAST(CustomerID AS BIGINT) AS VARCHAR)
            FROM read_parquet(?)
            WHERE CustomerID IS NOT NULL AND Quantity > 0 AND UnitPrice > 0
            GROUP BY CustomerID
            HAVING max(timezone('Europe/London', CAST(InvoiceDate AS TIMESTAMP))) <= CAST(? AS TIMESTAMPTZ)
                AND sum(CAST(CAST(UnitPrice AS VARCHAR) AS DECIMAL(18, 4)) * CAST(Quantity AS DECIMAL(18, 0)))
                    > 1000
            """,
            [str(parquet), border],
        ).fetchall()
    expected = {row[0] for row in rows}

    assert selection.count == len(expected) > 100
    assert found == expected


async def _user_ids(shop: Brand, people: tuple[int, ...]) -> set[str]:
    async with shop.uows.app(shop.tenant) as uow:
        values = await shop.people.values_of(
            uow, [PersonId(person) for person in people], namespace="user_id", scope=""
        )
    assert len(values) == len(people)
    return set(values.values())


async def test_the_same_segment_kept_as_members(shop: Brand) -> None:
    """Members after a refresh are exactly those a preview counts, each entered once."""
    definition = {
        "kind": "aggregate",
        "name": ["Order Completed", "Order Refunded"],
        "function": "sum",
        "of": {"kind": "field", "field": "revenue"},
        "test": {"op": "gte", "value": 1000},
    }
    api = Api(shop)
    status, made = await api.call(
        "POST", "/api/v1/segments", {"name": "Net over 1000", "definition": definition}
    )
    assert status == 201
    segment = decode_id("seg", made["id"])
    refreshed = await shop.refresher.refresh(shop.tenant, segment)
    _, preview = await api.call("POST", "/api/v1/segments/preview", {"definition": definition})
    _, page = await api.call("GET", f"/api/v1/segments/{made['id']}/members", limit="1")

    assert refreshed.count == refreshed.entered == preview["count"] == page["total"] > 1_000
    assert page["items"][0]["id"] == preview["sample"][0]["id"]
