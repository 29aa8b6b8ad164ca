"""What a dry run says a list would do to the people known today; it changes nothing."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from integration.segments.world import Brand, build_brand, happened
from quanyu.flows.imports import comparing
from quanyu.flows.imports.chunks import Runs, write_chunks
from quanyu.flows.imports.comparing import PeopleComparison
from quanyu.flows.imports.contracts import AttributeOutcome, ImportFindings
from quanyu.flows.imports.prepared import IDENTIFY, TRACK, PreparedEvent, row_event
from quanyu.flows.imports.rules import Name
from quanyu.infra.crypto import KeyRing
from quanyu.infra.postgres import Database
from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.infra.warehouse import Warehouse
from quanyu.kernel.clock import FixedClock
from quanyu.kernel.ids import TenantId
from quanyu.modules.people.profile.queries import ProfileQueries
from quanyu.modules.people.profile.winning import Policy

DAY = timedelta(days=1)


@pytest.fixture
def brand(
    database: Database,
    uows: UnitOfWorkFactory,
    clock: FixedClock,
    key_ring: KeyRing,
    warehouse: Warehouse,
    tenant_id: TenantId,
) -> Brand:
    return build_brand(
        tenant=tenant_id, uows=uows, clock=clock, database=database, warehouse=warehouse, keys=key_ring
    )


def row(at: datetime, *names: tuple[str, str], kind: str = IDENTIFY, **traits: Any) -> PreparedEvent:
    return row_event(
        kind=kind,
        name="Identify" if kind == IDENTIFY else "Visited",
        names=tuple(Name(namespace, "", value) for namespace, value in names),
        occurred_at=at,
        traits=traits,
        properties={},
        context={},
        message_id=None,
    )


async def compare(brand: Brand, key_ring: KeyRing, directory: Path, *rows: PreparedEvent) -> ImportFindings:
    runs = Runs(directory / "runs")
    runs.add(rows)
    count = write_chunks(runs.merged(), directory / "chunks")

    async def tell(share: float) -> None:
        assert 0 < share <= 1

    return await PeopleComparison(brand.uows, key_ring).compare(
        brand.tenant, directory / "chunks", count, source="import:crm", tell=tell
    )


async def test_rows_are_new_met_or_of_several(brand: Brand, key_ring: KeyRing, tmp_path: Path) -> None:
    now = brand.clock.now()
    await brand.tell(
        happened("A", "u1", now),
        happened("A", "u2", now),
        happened("A", "u3", now, also=[("phone", "13800138003")]),
    )

    found = await compare(
        brand,
        key_ring,
        tmp_path,
        row(now, ("user_id", "u1")),
        row(now, ("user_id", "u3"), ("phone", "+86 138 0013 8003")),  # One person, by two names.
        row(now, ("user_id", "u1"), ("member_no", "M2"), ("user_id", "u2")),
        row(now, ("user_id", "n1"), ("phone", "13800138009")),
        row(now, ("user_id", "n2"), phone="13800138009"),  # The same newcomer, by an attribute.
        row(now, ("user_id", "n3"), kind=TRACK),
        row(now, ("member_no", "M2")),  # Met by the third row: nobody new.
        row(now, ("email", "null")),  # Names nobody.
    )

    assert (found.rows_compared, found.is_whole) == (8, True)
    assert (found.people_new, found.people_known) == (2, 3)
    assert (found.rows_known, found.rows_joining) == (2, 1)


async def test_attributes_are_judged_by_time_and_by_policy(
    brand: Brand, key_ring: KeyRing, tmp_path: Path
) -> None:
    now = brand.clock.now()
    traits = {"level": "银卡", "city": "杭州", "name": "张三", "score": 5, "first": "a", "likes": ["茶"]}
    await brand.tell(happened("Identify", "u1", now, kind="identify", traits=traits))
    async with brand.uows.app(brand.tenant) as uow:
        queries = ProfileQueries(uow)
        for key, policy in (("score", Policy.MAX), ("first", Policy.FIRST), ("likes", Policy.UNION)):
            await queries.set_policy(key, policy, (), actor="小林")

    changed = {"level": "金卡", "name": "李四", "job": "店长", "score": 3, "first": "b", "likes": "咖啡"}
    later = await compare(
        brand,
        key_ring,
        tmp_path / "later",
        row(
            now + DAY,
            ("user_id", "u1"),
            **{**traits, **changed},
        ),
    )
    earlier = await compare(
        brand,
        key_ring,
        tmp_path / "earlier",
        row(now - DAY, ("user_id", "u1"), level="金卡", name="张三", score=9, first="b", likes="茶"),
    )

    assert {key: _only(one) for key, one in later.attributes.items()} == {
        "level": "changed", "city": "same", "name": "changed", "job": "added", "score": "kept",
        "first": "kept", "likes": "changed",
    }  # fmt: skip
    assert {key: _only(one) for key, one in earlier.attributes.items()} == {
        "level": "kept", "name": "same", "score": "changed", "first": "changed", "likes": "same",
    }  # fmt: skip
    async with brand.uows.system(brand.tenant) as uow:
        people = await uow.execute(
            "SELECT count(*) FROM person WHERE tenant_id = :tenant", {"tenant": brand.tenant}
        )
        assert people.scalar_one() == 1


async def test_a_very_long_list_is_compared_in_part_and_says_so(
    brand: Brand, key_ring: KeyRing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(comparing, "EVENTS_MAX", 1)
    at = datetime(2024, 1, 1, tzinfo=UTC)

    found = await compare(brand, key_ring, tmp_path, row(at, ("user_id", "a")), row(at, ("user_id", "b")))

    assert (found.is_whole, found.rows_compared, found.people_new) == (False, 0, 0)


def _only(outcome: AttributeOutcome) -> str:
    ((name, count),) = [(name, count) for name, count in outcome.model_dump().items() if count]
    assert count == 1
    return name
