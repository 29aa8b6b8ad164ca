"""EX: bandits give more people to what does better, in both directions, and leave nobody without a chance."""

import pytest

from integration.experiments.world import World
from integration.segments.world import order
from quanyu.modules.experiments.bandits import Bandits


@pytest.mark.parametrize("lower_is_better", [False, True])
async def test_the_better_arm_gets_more_and_who_was_exposed_stays(
    world: World, lower_is_better: bool
) -> None:
    """EX: at least 100 people an arm before anything moves, a floor of 1 %, both directions."""
    number = await world.start(
        kind="bandit", primary={"metric": "buyers", "lower_is_better": lower_is_better}
    )
    fixed = await world.start()
    keeper = Bandits(world.brand.uows, world.results)
    people = await world.meet(*(f"u{index}" for index in range(240)))
    arms = {one: ("control", "new")[index % 2] for index, one in enumerate(people)}
    await world.order("expose", number, dict(list(arms.items())[:100]))
    await world.brand.tell(
        *(order(f"u{index}", f"o{index}", world.now, [("10", "1")]) for index in range(1, 240, 2))
    )
    assert await keeper.run_once(world.brand.tenant) == 1
    assert await shares(world, number) == [5_000, 5_000]

    await world.order("expose", number, arms)
    await world.brand.drain()
    await keeper.run_once(world.brand.tenant)

    assert await shares(world, number) == ([9_900, 100] if lower_is_better else [100, 9_900])
    assert await world.order("assign", number, people) == arms
    assert await shares(world, fixed) == [5_000, 5_000]
    await world.order("stop", number)
    assert await keeper.run_once(world.brand.tenant) == 0


async def shares(world: World, number: int) -> list[int]:
    return [arm.weight_bps for arm in (await world.view(number)).plan.arms]
