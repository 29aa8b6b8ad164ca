from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from contract.sandbox.rig import Product, Rig

StartRig = Callable[..., Awaitable[Rig]]


@pytest.fixture
async def product() -> AsyncIterator[Product]:
    made = Product()
    await made.start()
    yield made
    await made.stop()


@pytest.fixture
async def start_rig(product: Product) -> AsyncIterator[StartRig]:
    """Start sandboxes with options of one's own; all are stopped in the end."""
    rigs: list[Rig] = []

    async def start(**options: Any) -> Rig:
        rate = options.pop("rate", 1.0)
        rig = Rig(product, **options)
        rig.clock.rate = rate
        rigs.append(rig)
        return await rig.start()

    yield start
    for rig in rigs:
        await rig.stop()


@pytest.fixture
async def rig(start_rig: StartRig) -> Rig:
    return await start_rig()
