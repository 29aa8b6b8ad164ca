"""Sends per second through the official account's client, against a bare HTTP client to the same server.

The server is a process of its own (``bench.messages``): it answers every POST at once and counts what it was
sent. Both clients are aiohttp underneath, with as many connections, and send the same customer-service
messages; rounds alternate. Ours finds the token, encodes typed requests, sorts failures, and reads answers.
Afterwards the counts are checked: each message arrived once.

Run: ``python -m bench.client_sends [MESSAGES]``.
"""

import asyncio
import statistics
import sys
import time

import uvloop

from bench.messages import CONCURRENCY, Tokens, arrived, bare_client, openid, running_server, words
from bench.support import Aim, Result, report, require_equal
from quanyu.kernel.clock import SystemClock
from quanyu.wechat.common.custom_messages import CustomText, Text
from quanyu.wechat.official_account.client import Credentials, OfficialAccountClient
from quanyu.wechat.transport import Pool, open_transport

MESSAGES, ROUNDS = 10_000, 3
AIM = Aim(ratio_min=0.6)


async def our_client(base_url: str, messages: int) -> float:
    """Return messages per second of our client."""
    numbers = iter(range(messages))

    async def worker(client: OfficialAccountClient) -> None:
        for number in numbers:
            await client.send_custom(CustomText(touser=openid(number), text=Text(content=words(number))))

    async with open_transport(pool=Pool(connections_max=CONCURRENCY)) as transport:
        credentials = Credentials(app_id="wxbench", secret="s" * 32, base_url=base_url)
        client = OfficialAccountClient(transport, credentials, Tokens(), SystemClock(), holder="bench")
        began = time.perf_counter()
        await asyncio.gather(*(worker(client) for _ in range(CONCURRENCY)))
        return messages / (time.perf_counter() - began)


async def compare(messages: int) -> None:
    """Measure both in turns, check both, and print the line."""
    ours: list[float] = []
    bare: list[float] = []
    seen = []
    with running_server() as (base, pipe):
        for _ in range(ROUNDS):
            bare.append(await bare_client(base, messages))
            seen.append(arrived(pipe))
            ours.append(await our_client(base, messages))
            seen.append(arrived(pipe))
    expected = {openid(number): 1 for number in range(messages)}
    report(
        Result(
            name="sends through the client",
            figure=round(statistics.median(ours)),
            unit="messages/s",
            yardstick=round(statistics.median(bare)),
            yardstick_name="bare aiohttp client to the same server",
            aim=AIM,
            details={"rounds_per_s": [round(one) for one in ours], "connections": CONCURRENCY},
        ),
        lambda: require_equal("messages that arrived in each round", seen, [expected] * len(seen)),
    )


if __name__ == "__main__":
    uvloop.run(compare(int(sys.argv[1]) if len(sys.argv) > 1 else MESSAGES))
