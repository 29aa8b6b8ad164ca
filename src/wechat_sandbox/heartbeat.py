"""What time alone brings about: reminders, receipts confirmed by themselves, payouts.

Calls bring their own subject up to now before they answer, so this beat only tells what nobody asked for.
"""

import asyncio

from wechat_sandbox.clock import Clock
from wechat_sandbox.state.core import Core
from wechat_sandbox.state.mini_program.trades import Trades
from wechat_sandbox.state.pay.pay import Pay
from wechat_sandbox.state.wecom.acquisition import Acquisition
from wechat_sandbox.state.wecom.contact_ways import ContactWays
from wechat_sandbox.state.wecom.moments import Moments
from wechat_sandbox.state.wecom.transfers import Transfers

BEAT_S = 1.0


async def beat(world: Core, pay: Pay, clock: Clock) -> None:
    """Look at the clock every second, for as long as the sandbox runs."""
    while True:
        await asyncio.sleep(BEAT_S)
        at = clock.now()
        catch_up(world, at)
        pay.advance(at)


def catch_up(world: Core, at: float) -> None:
    """Bring everything up to an instant."""
    for account in world.accounts.values():
        if account.is_mini_program:
            Trades(world, account).advance(at)
    for corp in world.corps:
        ContactWays(world, corp).advance(at)
        Transfers(world, corp).advance(at)
        Acquisition(world, corp).advance(at)
        Moments(world, corp).advance(at)
