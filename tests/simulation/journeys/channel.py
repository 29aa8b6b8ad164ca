"""A platform with moods: slow, failing, or silent after it has done what was asked."""

import asyncio
from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from random import Random
from typing import Any

from quanyu.kernel.clock import Clock
from quanyu.kernel.ids import TenantId
from quanyu.modules.messaging.ports import SendNotMade, SendRefused, SendUnknown

# A person who no longer follows the account: nothing was sent, and nothing will be.
_NOT_FOLLOWING = 43004
KEY_LIFE = timedelta(minutes=10)  # How long the platform remembers a key.


class MoodyChannel:
    """``messaging.ports.SenderClients`` and ``SendClient`` in one.

    What it answers follows from the seed, the person and the number of their call. Like the platform, it does
    what one key asks for once, however often it is asked within ten minutes.
    """

    def __init__(self, seed: int, clock: Clock) -> None:
        self._seed = seed
        self._clock = clock
        self._done_at: dict[str, datetime] = {}
        self._calls: Counter[str] = Counter()
        self.moment = 0  # The simulation's; kept with what people got.
        self.effects: dict[str, list[int]] = {}  # By key: the moments at which somebody got it.

    async def client(self, tenant_id: TenantId, account_id: int) -> "MoodyChannel":
        return self

    async def send_custom(self, openid: str, payload: Mapping[str, Any]) -> str:
        raise AssertionError("the simulation writes by template")

    async def send_template(self, openid: str, payload: Mapping[str, Any], *, client_msg_id: str) -> str:
        self._calls[openid] += 1
        person = openid.rpartition("-")[2]
        mood = Random(f"{self._seed}:{person}:{self._calls[openid]}").random()
        if mood < 0.15:
            for _ in range(5):
                await asyncio.sleep(0)  # Slow: others get their turn meanwhile.
        elif mood < 0.22:
            raise SendNotMade("the line is busy")
        elif mood < 0.28 and client_msg_id not in self.effects:  # What one key did it does not take back.
            raise SendRefused(_NOT_FOLLOWING, "require subscribe")
        elif mood < 0.36:
            raise SendUnknown("no answer, and nothing done")
        self._do(client_msg_id)
        if 0.36 <= mood < 0.46:
            raise SendUnknown("no answer, though it was done")
        return client_msg_id

    def _do(self, key: str) -> None:
        now, before = self._clock.now(), self._done_at.get(key)
        if before is None or now - before > KEY_LIFE:
            self._done_at[key] = now
            self.effects.setdefault(key, []).append(self.moment)
