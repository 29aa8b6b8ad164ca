"""Published limits that two processes share through PostgreSQL."""

import asyncio
from datetime import timedelta

import pytest

from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.kernel.clock import FixedClock
from quanyu.kernel.ids import TenantId
from quanyu.modules.channels.window_store import SharedWindows
from quanyu.wechat.errors import BudgetSpent
from quanyu.wechat.windows import PublishedLimits, Rule, Span, Window, end_of


class Process:
    """One process: counts by itself, exchanges when told."""

    def __init__(self, uows: UnitOfWorkFactory) -> None:
        self.limits = PublishedLimits(uows.clock)
        self.exchange = SharedWindows(uows, self.limits).exchange


class NoDatabase:
    """A database nobody reaches."""

    def system(self, tenant_id: TenantId) -> object:
        raise OSError("no route")


@pytest.fixture
def rule(tenant_id: TenantId) -> Rule:
    """Ten a minute and twenty an hour, of a corp no other test knows."""
    windows = (Window(10, Span.MINUTE), Window(20, Span.HOUR))
    return Rule(f"ww{tenant_id}", "/cgi-bin/externalcontact/get", windows)


def refused_until(process: Process, rule: Rule, count: int = 1) -> object:
    with pytest.raises(BudgetSpent) as caught:
        process.limits.take([rule], count=count)
    return caught.value.retry_at


async def test_what_one_process_called_the_other_holds_back(
    uows: UnitOfWorkFactory, clock: FixedClock, rule: Rule
) -> None:
    first, second = Process(uows), Process(uows)
    first.limits.take([rule], count=7)
    second.limits.take([rule], count=2)

    await asyncio.gather(first.exchange(), second.exchange())
    first.limits.take([rule])
    second.limits.take([rule])
    await first.exchange()
    await second.exchange()

    # 7 + 2 + 1 + 1: one more than the platform allows was made before they heard of each other.
    assert refused_until(second, rule) == end_of(Span.MINUTE, clock.now())
    assert refused_until(first, rule) == end_of(Span.MINUTE, clock.now())


async def test_a_new_window_begins_with_nothing_and_a_longer_one_goes_on(
    uows: UnitOfWorkFactory, clock: FixedClock, rule: Rule
) -> None:
    first, second = Process(uows), Process(uows)
    first.limits.take([rule], count=10)
    await first.exchange()
    clock.advance(timedelta(minutes=1))

    second.limits.take([rule], count=9)
    await second.exchange()
    second.limits.take([rule])

    assert refused_until(second, rule) == end_of(Span.HOUR, clock.now())


async def test_nothing_is_told_twice(uows: UnitOfWorkFactory, rule: Rule) -> None:
    first, second = Process(uows), Process(uows)
    first.limits.take([rule], count=4)
    for _ in range(3):
        await first.exchange()
    first.limits.take([rule])
    await first.exchange()
    assert first.limits.untold() == ()

    second.limits.take([rule])
    await second.exchange()

    second.limits.take([rule], count=4)
    assert refused_until(second, rule) is not None


async def test_what_could_not_be_told_is_told_later(uows: UnitOfWorkFactory, rule: Rule) -> None:
    first, second = Process(uows), Process(uows)
    first.limits.take([rule], count=9)
    with pytest.raises(OSError, match="no route"):
        await SharedWindows(NoDatabase(), first.limits).exchange()  # type: ignore[arg-type]
    await first.exchange()

    second.limits.take([rule])
    await second.exchange()

    assert refused_until(second, rule) is not None


async def test_the_loop_tells_before_it_ends(uows: UnitOfWorkFactory, rule: Rule) -> None:
    first, second = Process(uows), Process(uows)
    first.limits.take([rule], count=9)
    stopping = asyncio.Event()
    running = asyncio.create_task(SharedWindows(uows, first.limits).run(stopping))
    await asyncio.sleep(0)
    stopping.set()
    await running

    second.limits.take([rule])
    await second.exchange()

    assert refused_until(second, rule) is not None
