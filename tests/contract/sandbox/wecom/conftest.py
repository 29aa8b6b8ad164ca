from collections.abc import AsyncIterator

import pytest

from contract.sandbox.conftest import StartRig, product, start_rig
from contract.sandbox.wecom.corp import Company, Hooks

__all__ = ["product", "start_rig"]


@pytest.fixture
async def hooks() -> AsyncIterator[Hooks]:
    made = Hooks()
    await made.start()
    yield made
    await made.stop()


@pytest.fixture
async def company(start_rig: StartRig, hooks: Hooks) -> Company:
    return await Company.make(await start_rig(people=60, workers=1), hooks)
