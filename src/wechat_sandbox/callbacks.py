"""Delivering callbacks: five seconds to answer, three attempts in total.

Attempts use real time, as the network does. Retries carry the same body; only timestamp, nonce and
signatures of the query are new. An answer may carry one passive reply, which goes into the
conversation.
"""

import asyncio
import random
import secrets
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any

import aiohttp

from wechat_sandbox.accounts import Account
from wechat_sandbox.clock import Clock
from wechat_sandbox.faults import NO_FAULT, CallbackFault, FaultPlan, drops
from wechat_sandbox.passive import take_corp_reply, take_reply
from wechat_sandbox.state.facts import FactKind
from wechat_sandbox.state.wecom.corp import Addressee
from wechat_sandbox.wire.codec import sign
from wechat_sandbox.wire.corp_envelope import CorpEnvelope
from wechat_sandbox.wire.envelope import BadReply, Envelope, Sealed
from wechat_sandbox.wire.xml import document
from wechat_sandbox.world import Callback, World

FAULT_NOTICE = "该公众号提供的服务出现故障，请稍后再试"
# Shorter than servers keep idle connections, or a call would go into one that is just being closed.
KEEP_ALIVE_S = 2.0
_ANSWER_BYTES_MAX = 1_000_000
_CORP_ECHO_S = 1.0  # How long the platform waits for an address of a company to echo.


AnyEnvelope = Envelope | CorpEnvelope


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryRules:
    """Limits of delivery, in real seconds."""

    answer_s: float = 5.0
    attempts: int = 3
    gap_s: float = 5.0  # From the start of one attempt to the start of the next.
    workers: int = 16
    pending_max: int = 20_000
    report_after_s: float = 0.3  # The end of a job is reported a moment after the call is answered.


@dataclass(slots=True, kw_only=True)
class _Errand:
    """One callback on its way."""

    seq: int
    callback: Callback
    fault: CallbackFault
    overtaken: asyncio.TimerHandle | None = None  # Set while it waits for a later one to go first.


class Mailman:
    """Queues callbacks and carries them to the accounts' callback addresses."""

    def __init__(
        self,
        world: World,
        clock: Clock,
        rules: DeliveryRules | None = None,
        faults: FaultPlan | None = None,
    ) -> None:
        self.world = world
        self.clock = clock
        self.rules = rules or DeliveryRules()
        self.faults = faults or FaultPlan(0)
        self.counts: dict[str, int] = {}
        self._queue: asyncio.Queue[_Errand] = asyncio.Queue(self.rules.pending_max)
        self._busy = 0
        self._delayed = 0
        self._held: dict[str, list[_Errand]] = {}
        self._session: aiohttp.ClientSession | None = None
        self._workers: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=self.rules.workers * 2, keepalive_timeout=KEEP_ALIVE_S),
            timeout=aiohttp.ClientTimeout(total=self.rules.answer_s),
            auto_decompress=False,
        )
        self._workers = [asyncio.create_task(self._work()) for _ in range(self.rules.workers)]

    async def stop(self) -> None:
        for worker in self._workers:
            worker.cancel()
        await asyncio.gather(*self._workers, return_exceptions=True)
        if self._session is not None:
            await self._session.close()

    @property
    def pending(self) -> int:
        """Callbacks queued or under way."""
        held = sum(len(errands) for errands in self._held.values())
        return self._queue.qsize() + self._busy + self._delayed + held

    def post(self, callback: Callback) -> None:
        """Queue a callback; without a callback address, or with a full queue, it is not sent."""
        if not callback.account.callback_url:
            self._count("no_address")
            return
        seq = self.world.store.open_callback(
            callback.account.appid,
            callback.openid,
            callback.event,
            callback.create_time,
            callback.msgid,
            line=callback.line,
        )
        fault = NO_FAULT
        if self.faults.in_force:
            fault = self.faults.pick_callback(callback.event, callback.account.appid)
        errand = _Errand(seq=seq, callback=callback, fault=fault)
        after_s = fault.delay_s + (self.rules.report_after_s if callback.is_report else 0.0)
        if after_s:
            self.defer(lambda: self._enqueue(errand), after_s=after_s)
        else:
            self._enqueue(errand)

    def defer(self, act: Callable[[], None], *, after_s: float | None = None) -> None:
        """Run something a moment later; until then the sandbox is not idle."""
        self._delayed += 1

        def run() -> None:
            self._delayed -= 1
            act()

        wait_s = self.rules.report_after_s if after_s is None else after_s
        asyncio.get_running_loop().call_later(wait_s, run)

    def _enqueue(self, errand: _Errand) -> None:
        if errand.fault.drop:
            self._close(errand, state="dropped", attempts=0)
        elif errand.fault.reorder and errand.overtaken is None:
            self._hold(errand)
        else:
            self._put(errand)

    def _put(self, errand: _Errand) -> None:
        try:
            self._queue.put_nowait(errand)
        except asyncio.QueueFull:
            self._close(errand, state="lost", attempts=0)

    def _hold(self, errand: _Errand) -> None:
        """Let the account's next callback go first, or a little time pass."""
        appid = errand.callback.account.appid
        loop = asyncio.get_running_loop()
        errand.overtaken = loop.call_later(errand.fault.hold_s, self._release, appid, errand)
        self._held.setdefault(appid, []).append(errand)

    def _release(self, appid: str, errand: _Errand) -> None:
        held = self._held.get(appid, [])
        if errand in held:
            held.remove(errand)
            assert errand.overtaken is not None
            errand.overtaken.cancel()
            self._put(errand)

    async def verify(self, account: Account | Addressee) -> bool:
        """Ask the callback address to echo a string, as the platform does on configuration."""
        echo = str(secrets.randbelow(9 * 10**18) + 10**18)
        timestamp, nonce = self._stamp()
        wait_s = self.rules.answer_s
        if isinstance(account, Addressee):
            wait_s = min(wait_s, _CORP_ECHO_S)
            query = account.envelope.echo_query(echo, timestamp=timestamp, nonce=nonce)
        else:
            signature = sign(account.token, timestamp, nonce)
            query = {"signature": signature, "timestamp": timestamp, "nonce": nonce, "echostr": echo}
        timeout = aiohttp.ClientTimeout(total=wait_s)
        try:
            async with self._client().get(account.callback_url, params=query, timeout=timeout) as answer:
                body = await answer.content.read(_ANSWER_BYTES_MAX)
                return answer.status == 200 and body == echo.encode()
        except (aiohttp.ClientError, TimeoutError, OSError):
            return False

    async def _work(self) -> None:
        while True:
            errand = await self._queue.get()
            self._busy += 1
            try:
                await self._carry(errand)
            finally:
                self._busy -= 1
                if errand.overtaken is None:
                    for waiting in list(self._held.get(errand.callback.account.appid, ())):
                        self._release(errand.callback.account.appid, waiting)

    async def _carry(self, errand: _Errand) -> None:
        callback, fault = errand.callback, errand.fault
        envelope = _envelope(callback.account)
        sealed = envelope.seal(callback.fields)
        history: list[dict[str, Any]] = []
        if fault.wrong_signature:
            history.append(await self._send_forged(errand, envelope, sealed))
        for attempt in range(1, self.rules.attempts + 1):
            entry, answer = await self._attempt(errand, envelope, sealed)
            if fault.lose_first_answer and attempt == 1:
                entry["outcome"], answer = "answer_lost", None
                self._count("answer_lost")
            history.append(entry)
            if answer is not None:
                entry["reply"] = self._take_answer(callback, envelope, answer)
                for _ in range(fault.duplicate):
                    copy, _ignored = await self._attempt(errand, envelope, sealed)
                    history.append(copy | {"copy": True})
                    self._count("duplicated")
                self.world.store.note_attempts(errand.seq, history)
                self._close(errand, state="delivered", attempts=attempt)
                return
            self.world.store.note_attempts(errand.seq, history)
            if isinstance(callback.account, Addressee) and entry["outcome"].startswith("answered_"):
                # Companies get another attempt after silence alone, not after an answer of another status.
                self._close(errand, state="lost", attempts=attempt)
                return
            if attempt < self.rules.attempts:
                self._count("retried")
                await asyncio.sleep(max(0.0, self.rules.gap_s - entry["took_ms"] / 1000))
        self._close(errand, state="lost", attempts=self.rules.attempts)
        self._notice_fault(callback)

    async def _send_forged(self, errand: _Errand, envelope: AnyEnvelope, sealed: Sealed) -> dict[str, Any]:
        """Send a copy whose signatures are wrong; a product that takes it has a hole, and is counted."""
        entry, answer = await self._attempt(errand, envelope, sealed, forged=True)
        # Some refuse with status 200 and another text, so only ``success`` or a reply counts as taken.
        refused = answer is None or (answer.strip() != b"success" and not _is_reply(envelope, errand, answer))
        self._count("forged_refused" if refused else "forged_accepted")
        return entry | {"forged": True, "refused": refused}

    async def _attempt(
        self, errand: _Errand, envelope: AnyEnvelope, sealed: Sealed, *, forged: bool = False
    ) -> tuple[dict[str, Any], bytes | None]:
        """Return how it went and, for a 200 answer within the limit, its body."""
        started, at = asyncio.get_running_loop().time(), self.clock.now()
        outcome, answer = await self._send(errand, envelope, sealed, forged=forged)
        took_ms = round((asyncio.get_running_loop().time() - started) * 1000, 1)
        if not forged:
            self._note_cost(errand.callback, at, failed=answer is None, took_ms=took_ms)
        return {"at": at, "took_ms": took_ms, "outcome": outcome}, answer

    async def _send(
        self, errand: _Errand, envelope: AnyEnvelope, sealed: Sealed, *, forged: bool
    ) -> tuple[str, bytes | None]:
        callback = errand.callback
        timestamp, nonce = self._stamp()
        query = envelope.query(sealed, timestamp=timestamp, nonce=nonce, openid=callback.openid)
        if forged:
            query |= {name: _spoilt(query[name]) for name in ("signature", "msg_signature") if name in query}
        headers = {"Content-Type": sealed.content_type, "User-Agent": "Mozilla/4.0"}
        rate = errand.fault.drip_bytes_per_s
        data = _dripping(sealed.body, rate) if rate else sealed.body
        try:
            async with self._client().post(
                callback.account.callback_url, params=query, data=data, headers=headers
            ) as answer:
                content = await answer.content.read(_ANSWER_BYTES_MAX)
                outcome = f"answered_{answer.status}"
                if answer.status == 200:
                    return outcome, content
        except TimeoutError:
            outcome = "timed_out"
        except (aiohttp.ClientError, OSError):
            outcome = "not_connected"
        if not forged:
            self._count(outcome)
        return outcome, None

    def _take_answer(self, callback: Callback, envelope: AnyEnvelope, answer: bytes) -> str:
        """Deliver a passive reply, if the answer carries one; return what it was."""
        if answer.strip() in (b"", b"success"):
            return answer.strip().decode()
        try:
            reply = envelope.open_reply(answer, openid=callback.openid)
            kind = self._deliver_reply(callback, reply)
        except BadReply as error:
            self._count("bad_reply")
            self.world.store.write_meta("last_bad_reply", str(error))
            self._notice_fault(callback)
            return f"bad: {error}"
        self._count("replied")
        return kind

    def _deliver_reply(self, callback: Callback, reply: dict[str, Any]) -> str:
        if isinstance(callback.account, Addressee):
            return take_corp_reply(self.world, callback, reply, self.clock.now())
        return take_reply(self.world, callback, reply, self.clock.now())

    def _note_cost(self, callback: Callback, at: float, *, failed: bool, took_ms: float) -> None:
        self.world.facts.record(
            callback.account.appid,
            FactKind.CALLBACK,
            at,
            person=callback.person,
            source=int(failed),
            amount=round(took_ms),
        )

    def _notice_fault(self, callback: Callback) -> None:
        if callback.expects_reply and callback.relation is not None:
            self.world.note(callback.relation, FAULT_NOTICE, self.clock.now())

    def _stamp(self) -> tuple[str, str]:
        """Return the timestamp and nonce of one request."""
        return str(int(self.clock.now())), str(random.randrange(10**9))  # noqa: S311 - only has to differ.

    def _close(self, errand: _Errand, *, state: str, attempts: int) -> None:
        self._count(state)
        # What was lost is kept whole, so that a test can say exactly what the product never saw.
        body = document(errand.callback.fields) if state in ("lost", "dropped") else None
        self.world.store.close_callback(errand.seq, state, attempts, body)

    def _client(self) -> aiohttp.ClientSession:
        assert self._session is not None, "start() comes first"
        return self._session

    def _count(self, name: str) -> None:
        self.counts[name] = self.counts.get(name, 0) + 1


def _envelope(account: Account | Addressee) -> AnyEnvelope:
    return account.envelope if isinstance(account, Addressee) else Envelope(account)


def _is_reply(envelope: AnyEnvelope, errand: _Errand, answer: bytes) -> bool:
    try:
        envelope.open_reply(answer, openid=errand.callback.openid)
    except BadReply:
        return False
    return True


def _spoilt(signature: str) -> str:
    """Return a signature of the right shape that is another one."""
    return ("1" if signature[0] == "0" else "0") + signature[1:]


async def _dripping(body: bytes, bytes_per_s: float) -> AsyncIterator[bytes]:
    for piece, pause_s in drops(body, bytes_per_s):
        yield piece
        await asyncio.sleep(pause_s)
