"""Journeys survive anything: random graphs, people, deaths and moods of the channel, from a seed.

``make sim SEEDS=500`` plays more; ``make sim SEED=17`` one again.
"""

import itertools
import os

import pytest

from quanyu.infra.crypto import KeyRing
from quanyu.infra.postgres import Database
from quanyu.kernel.ids import TenantId
from simulation.journeys.world import Simulation

_TENANTS = itertools.count(800_000)
_SEED = os.environ.get("SEED")
SEEDS = [int(_SEED)] if _SEED else list(range(int(os.environ.get("SEEDS", "50"))))


async def _play(seed: int, database: Database, keys: KeyRing) -> Simulation:
    simulation = Simulation(seed, TenantId(next(_TENANTS)), database, keys)
    await simulation.play()
    await simulation.check()
    return simulation


@pytest.mark.timeout(3_600)
async def test_nobody_is_lost_and_nothing_doubled(database: Database, key_ring: KeyRing) -> None:
    """JN-6, JN-12, JN-14: nobody sent to twice, lost, or told more once they left; sums add up."""
    deaths, said, over = [0, 0], 0, 0
    for seed in SEEDS:
        try:
            simulation = await _play(seed, database, key_ring)
        except Exception as error:
            error.add_note(f"again: make sim SEED={seed}")
            raise
        deaths = [deaths[0] + simulation.uows.before, deaths[1] + simulation.uows.after]
        said += len(simulation.channel.effects)
        over += len(simulation.over)
    print(f"\n{len(SEEDS)} seeds: died {deaths} times (before, after a commit); {said} said, {over} ended")
    if len(SEEDS) >= 50:
        assert min(*deaths, said, over) > 50, "the simulation has become too kind"


@pytest.mark.parametrize("seed", SEEDS[:3])
async def test_the_same_seed_gives_the_same_trace(seed: int, database: Database, key_ring: KeyRing) -> None:
    first = await _play(seed, database, key_ring)
    second = await _play(seed, database, key_ring)
    assert first.trace.hexdigest() == second.trace.hexdigest()
    assert first.graph == second.graph
