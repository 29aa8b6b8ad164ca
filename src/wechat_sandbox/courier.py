"""Carrying the callbacks of WeChat Pay: signed, again and again on the virtual clock.

Taken is what is answered with 200 or 204 within five real seconds; everything else comes again until the
schedule ends.
"""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import aiohttp

from wechat_sandbox.callbacks import KEEP_ALIVE_S
from wechat_sandbox.clock import Clock
from wechat_sandbox.endpoints.pay.desk import JSON_TYPE, signature_headers
from wechat_sandbox.faults import NO_FAULT, CallbackFault, FaultPlan, drops
from wechat_sandbox.state.pay.notices import DELIVERED, DROPPED, Notice
from wechat_sandbox.state.pay.pay import Pay
from wechat_sandbox.wire.pay.errors import SUCCESS_REASON

PROBE = "WECHATPAY/SIGNTEST/"  # How the signature of a forged copy begins: a receiver must refuse it.
_TAKEN = (200, 204)
_ANSWER_BYTES_MAX = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class CourierRules:
    """Limits, in real seconds."""

    answer_s: float = 5.0
    in_flight_max: int = 32
    look_every_s: float = 0.2


class Courier:
    """Sends what is due, again and again."""

    def __init__(self, pay: Pay, clock: Clock, faults: FaultPlan, rules: CourierRules | None = None) -> None:
        self.pay = pay
        self.clock = clock
        self.faults = faults
        self.rules = rules or CourierRules()
        self.counts: dict[str, int] = {}
        self._woken = asyncio.Event()
        self._under_way: dict[str, asyncio.Task[None]] = {}
        self._faults: dict[str, CallbackFault] = {}
        self._passed: dict[str, asyncio.Event] = {}  # By merchant: set when another callback has gone.
        self._session: aiohttp.ClientSession | None = None
        self._loop_task: asyncio.Task[None] | None = None
        pay.notices.on_posted = self._on_posted

    async def start(self) -> None:
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                limit=self.rules.in_flight_max * 2, keepalive_timeout=KEEP_ALIVE_S
            ),
            timeout=aiohttp.ClientTimeout(total=self.rules.answer_s),
        )
        self._loop_task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        tasks = [task for task in (self._loop_task, *self._under_way.values()) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._session is not None:
            await self._session.close()

    @property
    def pending(self) -> int:
        """Callbacks under way or due now; one that waits for its next attempt is not counted."""
        due = {notice.notice_id for notice in self.pay.notices.due(self.clock.now())}
        return len(due | set(self._under_way))

    def _on_posted(self, notice: Notice) -> None:
        if self.faults.in_force:
            self._faults[notice.notice_id] = self.faults.pick_callback(notice.event_type, notice.mchid)
        self._woken.set()

    async def _run(self) -> None:
        while True:
            for notice in self.pay.notices.due(self.clock.now()):
                if len(self._under_way) >= self.rules.in_flight_max:
                    break
                if notice.notice_id not in self._under_way:
                    self._send_off(notice)
            await self._rest()

    def _send_off(self, notice: Notice) -> None:
        task = asyncio.create_task(self._carry(notice))
        self._under_way[notice.notice_id] = task

        def arrived(done: "asyncio.Task[None]") -> None:
            self._under_way.pop(notice.notice_id, None)
            self._woken.set()
            if not done.cancelled() and (error := done.exception()) is not None:
                raise error

        task.add_done_callback(arrived)

    async def _rest(self) -> None:
        try:
            async with asyncio.timeout(self.rules.look_every_s):
                await self._woken.wait()
        except TimeoutError:
            pass
        self._woken.clear()

    async def _carry(self, notice: Notice) -> None:
        fault = self._faults.pop(notice.notice_id, NO_FAULT)
        if fault.drop:
            self.pay.notices.close(notice, DROPPED)
            self._count("dropped")
            return
        await self._hold_back(notice, fault)
        if fault.wrong_signature:
            entry, taken = await self._attempt(notice, fault, forged=True)
            notice.attempts.append(entry | {"extra": "forged", "refused": not taken})
            self._count("forged_accepted" if taken else "forged_refused")
        entry, taken = await self._attempt(notice, fault)
        if taken and fault.lose_first_answer:
            entry, taken = entry | {"outcome": "answer_lost"}, False
        notice.attempts.append(entry)
        for _ in range(fault.duplicate if taken else 0):
            copy, _taken = await self._attempt(notice, fault)
            notice.attempts.append(copy | {"extra": "copy"})
            self._count("duplicated")
        self._close(notice, taken=taken)

    async def _hold_back(self, notice: Notice, fault: CallbackFault) -> None:
        """Come late, or let the merchant's next callback go first."""
        if fault.delay_s:
            await asyncio.sleep(fault.delay_s)
        if not fault.reorder:
            return
        passed = self._passed.setdefault(notice.mchid, asyncio.Event())
        try:
            async with asyncio.timeout(fault.hold_s):
                await passed.wait()
        except TimeoutError:
            pass
        self._passed.pop(notice.mchid, None)

    def _close(self, notice: Notice, *, taken: bool) -> None:
        if taken:
            self.pay.notices.close(notice, DELIVERED)
            self._count("delivered")
        else:
            self.pay.notices.try_later(notice, self.clock.now())
            self._count("lost" if notice.state == "lost" else "retried")
        if (passed := self._passed.get(notice.mchid)) is not None:
            passed.set()

    async def _attempt(
        self, notice: Notice, fault: CallbackFault, *, forged: bool = False
    ) -> tuple[dict[str, Any], bool]:
        """Return how it went, and whether it was taken."""
        started, at = asyncio.get_running_loop().time(), self.clock.now()
        outcome, taken = await self._send(notice, fault, at, forged=forged)
        took_ms = round((asyncio.get_running_loop().time() - started) * 1000, 1)
        return {"at": at, "took_ms": took_ms, "outcome": outcome}, taken

    async def _send(
        self, notice: Notice, fault: CallbackFault, at: float, *, forged: bool
    ) -> tuple[str, bool]:
        assert self._session is not None, "start() comes first"
        body = notice.body.encode()
        signer = self.pay.platform.signer(at, public_key=notice.public_key)
        headers = signature_headers(signer.serial, signer.private_key_pem, at, body)
        if forged:
            headers["Wechatpay-Signature"] = PROBE + headers["Wechatpay-Signature"]
        headers["Request-ID"] = f"08{notice.notice_id.replace('-', '').upper()}-{SUCCESS_REASON}"
        headers |= {"Content-Type": JSON_TYPE.partition(";")[0], "User-Agent": "Mozilla/4.0", "Accept": "*/*"}
        data = _dripping(body, fault.drip_bytes_per_s) if fault.drip_bytes_per_s else body
        try:
            async with self._session.post(
                notice.url, data=data, headers=headers, allow_redirects=False
            ) as answer:
                await answer.content.read(_ANSWER_BYTES_MAX)
                return f"answered_{answer.status}", answer.status in _TAKEN
        except TimeoutError:
            return "timed_out", False
        except (aiohttp.ClientError, OSError, ValueError):
            return "not_connected", False

    def _count(self, name: str) -> None:
        self.counts[name] = self.counts.get(name, 0) + 1


async def _dripping(body: bytes, bytes_per_s: float) -> AsyncIterator[bytes]:
    for piece, pause_s in drops(body, bytes_per_s):
        yield piece
        await asyncio.sleep(pause_s)
