"""Delivering callbacks in secure mode: five seconds to answer, three attempts in total.

Attempts use real time, as the network does. Retries carry the same body; only timestamp, nonce and
signatures of the query are new. An answer may carry one passive reply, which goes into the
conversation.
"""

import asyncio
import random
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import aiohttp

from wechat_sandbox.accounts import Account
from wechat_sandbox.clock import Clock
from wechat_sandbox.wire.codec import CallbackCodec, CodecError, sign
from wechat_sandbox.wire.xml import InvalidXml, document, parse
from wechat_sandbox.world import Callback, World

FAULT_NOTICE = "该公众号提供的服务出现故障，请稍后再试"
# Shorter than servers keep idle connections, or a call would go into one that is just being closed.
KEEP_ALIVE_S = 2.0
_ANSWER_BYTES_MAX = 1_000_000
_PASSIVE_KINDS = frozenset({"text", "image", "voice", "video", "music", "news", "transfer_customer_service"})


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryRules:
    """Limits of delivery, in real seconds."""

    answer_s: float = 5.0
    attempts: int = 3
    gap_s: float = 5.0  # From the start of one attempt to the start of the next.
    workers: int = 16
    pending_max: int = 20_000
    report_after_s: float = 0.3  # The end of a job is reported a moment after the call is answered.


class Mailman:
    """Queues callbacks and carries them to the accounts' callback addresses."""

    def __init__(self, world: World, clock: Clock, rules: DeliveryRules | None = None) -> None:
        self.world = world
        self.clock = clock
        self.rules = rules or DeliveryRules()
        self.counts: dict[str, int] = {}
        self._queue: asyncio.Queue[tuple[int, Callback]] = asyncio.Queue(self.rules.pending_max)
        self._busy = 0
        self._delayed = 0
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
        return self._queue.qsize() + self._busy + self._delayed

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
        if callback.is_report:
            self.defer(lambda: self._enqueue(seq, callback))
        else:
            self._enqueue(seq, callback)

    def defer(self, act: Callable[[], None]) -> None:
        """Run something a moment later; until then the sandbox is not idle."""
        self._delayed += 1

        def run() -> None:
            self._delayed -= 1
            act()

        asyncio.get_running_loop().call_later(self.rules.report_after_s, run)

    def _enqueue(self, seq: int, callback: Callback) -> None:
        try:
            self._queue.put_nowait((seq, callback))
        except asyncio.QueueFull:
            self._close(seq, callback, state="lost", attempts=0)

    async def verify(self, account: Account) -> bool:
        """Ask the callback address to echo a string, as the platform does on configuration."""
        echo = str(secrets.randbelow(9 * 10**18) + 10**18)
        query = self._signed_query(account) | {"echostr": echo}
        try:
            async with self._client().get(account.callback_url, params=query) as answer:
                body = await answer.content.read(_ANSWER_BYTES_MAX)
                return answer.status == 200 and body == echo.encode()
        except (aiohttp.ClientError, TimeoutError, OSError):
            return False

    async def _work(self) -> None:
        while True:
            seq, callback = await self._queue.get()
            self._busy += 1
            try:
                await self._carry(seq, callback)
            finally:
                self._busy -= 1

    async def _carry(self, seq: int, callback: Callback) -> None:
        codec = _codec(callback.account)
        encrypted = codec.encrypt(document(callback.fields).encode())
        history: list[dict[str, Any]] = []
        for attempt in range(1, self.rules.attempts + 1):
            started = asyncio.get_running_loop().time()
            outcome, answer = await self._attempt(callback, encrypted)
            spent = asyncio.get_running_loop().time() - started
            history.append({"at": self.clock.now(), "took_ms": round(spent * 1000, 1), "outcome": outcome})
            if answer is not None:
                history[-1]["reply"] = self._take_answer(callback, codec, answer)
                self.world.store.note_attempts(seq, history)
                self._close(seq, callback, state="delivered", attempts=attempt)
                return
            self.world.store.note_attempts(seq, history)
            if attempt < self.rules.attempts:
                self._count("retried")
                await asyncio.sleep(max(0.0, self.rules.gap_s - spent))
        self._close(seq, callback, state="lost", attempts=self.rules.attempts)
        self._notice_fault(callback)

    async def _attempt(self, callback: Callback, encrypted: str) -> tuple[str, bytes | None]:
        """Return how it went and, for a 200 answer within the limit, its body."""
        account = callback.account
        query = self._signed_query(account) | {
            "openid": callback.openid,
            "encrypt_type": "aes",
        }
        query["msg_signature"] = sign(account.token, query["timestamp"], query["nonce"], encrypted)
        body = document({"ToUserName": account.original_id, "Encrypt": encrypted})
        headers = {"Content-Type": "text/xml", "User-Agent": "Mozilla/4.0"}
        try:
            async with self._client().post(
                account.callback_url, params=query, data=body.encode(), headers=headers
            ) as answer:
                content = await answer.content.read(_ANSWER_BYTES_MAX)
                outcome = f"answered_{answer.status}"
                if answer.status == 200:
                    return outcome, content
        except TimeoutError:
            outcome = "timed_out"
        except (aiohttp.ClientError, OSError):
            outcome = "not_connected"
        self._count(outcome)
        return outcome, None

    def _take_answer(self, callback: Callback, codec: CallbackCodec, answer: bytes) -> str:
        """Deliver a passive reply, if the answer carries one; return what it was."""
        if answer.strip() in (b"", b"success"):
            return answer.strip().decode()
        try:
            reply = _open_reply(callback, codec, answer)
        except (CodecError, InvalidXml) as error:
            self._count("bad_reply")
            self.world.store.write_meta("last_bad_reply", str(error))
            self._notice_fault(callback)
            return f"bad: {error}"
        self._count("replied")
        kind = str(reply["MsgType"])
        if callback.relation is None:
            return f"ignored: {kind}"
        self.world.deliver(callback.relation, f"passive:{kind}", reply, self.clock.now())
        return kind

    def _notice_fault(self, callback: Callback) -> None:
        if callback.expects_reply and callback.relation is not None:
            self.world.note(callback.relation, FAULT_NOTICE, self.clock.now())

    def _signed_query(self, account: Account) -> dict[str, str]:
        timestamp = str(int(self.clock.now()))
        nonce = str(random.randrange(10**9))  # noqa: S311 - only has to differ.
        return {
            "signature": sign(account.token, timestamp, nonce),
            "timestamp": timestamp,
            "nonce": nonce,
        }

    def _close(self, seq: int, callback: Callback, *, state: str, attempts: int) -> None:
        self._count(state)
        # What was lost is kept whole, so that a test can say exactly what the product never saw.
        body = document(callback.fields) if state == "lost" else None
        self.world.store.close_callback(seq, state, attempts, body)

    def _client(self) -> aiohttp.ClientSession:
        assert self._session is not None, "start() comes first"
        return self._session

    def _count(self, name: str) -> None:
        self.counts[name] = self.counts.get(name, 0) + 1


def _codec(account: Account) -> CallbackCodec:
    return CallbackCodec(account.token, account.aes_key, account.appid)


def _open_reply(callback: Callback, codec: CallbackCodec, answer: bytes) -> dict[str, Any]:
    """Open a passive reply and check that it is one.

    Raises:
        CodecError: the envelope or its signature is wrong.
        InvalidXml: no message inside, or addressed to someone else.
    """
    envelope = parse(answer)
    encrypted = envelope.get("Encrypt")
    if not isinstance(encrypted, str) or not encrypted:
        raise CodecError("the answer carries no Encrypt")
    codec.verify(
        str(envelope.get("MsgSignature", "")),
        timestamp=str(envelope.get("TimeStamp", "")),
        nonce=str(envelope.get("Nonce", "")),
        encrypted=encrypted,
    )
    reply = parse(codec.decrypt(encrypted))
    if reply.get("MsgType") not in _PASSIVE_KINDS:
        raise InvalidXml("the reply has no known MsgType")
    if reply.get("ToUserName") != callback.openid:
        raise InvalidXml("the reply is addressed to another openid")
    if reply.get("FromUserName") != callback.account.original_id:
        raise InvalidXml("the reply comes from another account")
    return reply
