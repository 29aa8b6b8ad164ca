"""Our credits against the sandbox's own accounting: random popups, exact answers."""

import random
from collections.abc import Iterator

import pytest

from contract.mini_program.conftest import make_mini_program
from contract.official_account.sandbox_process import Sandbox, running_sandbox
from integration.messaging.shop import Shop
from integration.messaging.world import World
from quanyu.infra.crypto import KeyRing
from quanyu.infra.postgres import Database
from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.kernel.clock import FixedClock
from quanyu.kernel.ids import TenantId
from quanyu.wechat.transport import Timeouts, open_transport

PEOPLE = range(1, 4)


@pytest.fixture
def world(
    uows: UnitOfWorkFactory, database: Database, tenant_id: TenantId, clock: FixedClock, key_ring: KeyRing
) -> World:
    return World(uows, database, tenant_id, clock, key_ring)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with running_sandbox() as running:
        yield running


@pytest.mark.parametrize("seed", range(4))
async def test_what_we_count_is_what_the_platform_counts(world: World, sandbox: Sandbox, seed: int) -> None:
    chance = random.Random(seed)
    async with open_transport(Timeouts(connect_s=1, read_s=2, total_s=3)) as transport:
        shop = await Shop(world, await make_mini_program(sandbox, transport)).open()
        for number in PEOPLE:
            await shop.guest(number)
        for turn in range(60):
            number = chance.choice(PEOPLE)
            world.later(seconds=chance.choice([1, 60, 90_000]))
            await _step(shop, number, f"{seed}:{turn}", chance)
            assert await shop.ours(number) == await shop.theirs(number)


async def _step(shop: Shop, number: int, key: str, chance: random.Random) -> None:
    left = await shop.theirs(number)
    match chance.choice(["accept", "accept", "reject", "withdraw", "elsewhere", "send", "send", "broken"]):
        case "accept" | "reject" as answer:
            await shop.answers(number, answer)
        case "withdraw":
            await shop.withdraws(number)
        case "elsewhere" if left:
            await shop.other_software_sends(number)
        case "broken" if left:
            await shop.turns_down_the_next()
            assert (await shop.sends(key, number))[0] == "rejected"
        case _:
            state, reason = await shop.sends(key, number)
            if left:
                assert state == "accepted"
            else:
                assert state == "refused"
                assert reason in ("credit_missing", "credit_spent")
