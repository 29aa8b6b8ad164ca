import pytest

from contract.sandbox.conftest import StartRig, product, start_rig
from contract.sandbox.mini_program.mini import Mini

__all__ = ["product", "start_rig"]


@pytest.fixture
async def mini(start_rig: StartRig) -> Mini:
    return await Mini.make(await start_rig(people=60))
