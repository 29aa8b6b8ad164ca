"""The daily schedule: one thing after the other, and not in the middle of a rush."""

from dataclasses import dataclass, field
from typing import Any

import pytest

from integration.segments.world import Brand
from quanyu.kernel.errors import Unavailable
from quanyu.kernel.ids import TenantId
from quanyu.modules.insight import jobs
from quanyu.modules.insight.jobs import DailySchedule
from quanyu.modules.tenants.service import Tenants


@dataclass
class _Counted:
    name: str
    done: list[str]
    error: Exception | None = None

    async def run_if_older(self, tenant_id: TenantId, *, than_s: float) -> Any | None:
        self.done.append(self.name)
        if self.error is not None:
            raise self.error
        return 1


@dataclass
class _Rush:
    of: set[TenantId] = field(default_factory=set)

    async def __call__(self, tenant_id: TenantId) -> bool:
        return tenant_id in self.of


async def test_trouble_with_one_computation_holds_up_no_other(brand: Brand) -> None:
    done: list[str] = []
    steps = [
        _Counted("first", done, Unavailable("away")),
        _Counted("second", done, ZeroDivisionError()),
        _Counted("third", done),
    ]
    rush = _Rush()

    assert await DailySchedule(brand.uows, steps, Tenants(), rush).tick() >= 1
    assert done[:3] == ["first", "second", "third"]


async def test_a_brand_in_a_rush_waits_but_not_for_ever(
    brand: Brand, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 100.0
    monkeypatch.setattr(jobs.time, "monotonic", lambda: now)
    done: list[str] = []
    brands = {one.tenant_id for one in await Tenants().list_brands(brand.uows)}
    rush = _Rush(of=set(brands))
    schedule = DailySchedule(brand.uows, [_Counted("rfm", done)], Tenants(), rush)

    assert await schedule.tick() == 0
    now += jobs.RUSH_S_MAX - 1
    assert await schedule.tick() == 0
    now += 2
    assert await schedule.tick() == len(brands)
    rush.of.clear()
    assert await schedule.tick() == len(brands)
    rush.of |= brands
    assert await schedule.tick() == 0  # Another rush, counted anew.
    assert len(done) == 2 * len(brands)
