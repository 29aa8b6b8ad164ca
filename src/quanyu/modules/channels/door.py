"""The callback door: what the platform sends, verified, opened, durable in the log, then answered.

A bare ASGI application, because this path carries every act of every follower. What is refused leaves
nothing behind but a counter.
"""

import hashlib
import re
import time
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, Generic, Protocol, TypeVar
from urllib.parse import parse_qsl

from prometheus_client import Counter

from quanyu.infra.crypto import KeyRing
from quanyu.infra.telemetry import get_logger
from quanyu.infra.unit_of_work import FactIdentifier, UnitOfWorkFactory
from quanyu.kernel.clock import Clock
from quanyu.kernel.errors import Unavailable
from quanyu.kernel.ids import TenantId
from quanyu.modules.channels.accounts import Account, AccountKind, AccountQueries, MessageMode
from quanyu.modules.channels.callback_log import CallbackRow, Kept
from quanyu.modules.channels.contracts import AccountId, NewEvent
from quanyu.modules.channels.mini_programs.responder import HandOver
from quanyu.modules.channels.products import OFFICIAL_ACCOUNT, PRODUCTS, Product
from quanyu.modules.channels.rules import epoch
from quanyu.wechat.callbacks.errors import (
    BadSignature,
    CallbackRefusal,
    CallbackRefused,
    MalformedCallback,
)
from quanyu.wechat.official_account.messages import Callback
from quanyu.wechat.official_account.opening import CallbackOpener, Delivery
from quanyu.wechat.official_account.replies import NO_REPLY, Reply

_log = get_logger("channels.door")

PATH: Final = OFFICIAL_ACCOUNT.path
BODY_BYTES_MAX: Final = 128 * 1024
# The platform hangs up after five seconds and delivers again; what is not durable by then must not be
# answered as if it were.
COMMIT_TIMEOUT_S: Final = 4.0
_ECHO_CHARACTERS_MAX: Final = 256
_PARAMETER: Final = re.compile(r"([^=&]+)=([^&]*)")
_ACCOUNT_CACHE_S: Final = 30.0
_ACCOUNT_CACHE_MAX: Final = 10_000

_TAKEN: Final = Counter(
    "quanyu_official_account_callbacks_total", "Callbacks of official accounts by outcome", ["outcome"]
)
_REFUSED: Final = Counter(
    "quanyu_official_account_callbacks_refused_total", "Callbacks not taken, by reason", ["reason"]
)

EventT = TypeVar("EventT")
KeptT = TypeVar("KeptT", contravariant=True)


class DoorRefusal(StrEnum):
    """The reasons of the door itself, beside those of ``CallbackRefusal``."""

    UNKNOWN_ACCOUNT = "unknown_account"
    TOO_LARGE = "too_large"
    METHOD_NOT_ALLOWED = "method_not_allowed"
    CUT_SHORT = "cut_short"  # The connection ended before the body did.
    NOT_COMMITTED = "not_committed"


class Decision(Protocol):
    """What is said to a callback: decided before the commit, and committed with it."""

    @property
    def reference(self) -> str:
        """The rule or code that answers."""
        ...

    @property
    def record(self) -> bytes:
        """JSON from which the same answer can be made again."""
        ...

    @property
    def late(self) -> tuple[bytes, ...]:
        """JSON contents that go out after the answer."""
        ...


class Responder(Protocol):
    """Decides passive replies from memory: nothing here may wait while a callback does."""

    async def prepare(self, account: Account) -> None:
        """Have the account's rules in memory; called when the door looks the account up."""
        ...

    def decide(self, account_id: AccountId, callback: Callback) -> Decision | None:
        """Return what to say, or ``None`` to say nothing."""
        ...

    def read(self, record: bytes) -> Reply:
        """Return the reply of a ``Decision.record``."""
        ...


class Notes(Protocol):
    """Counts what is refused; ``RefusalNotes`` does."""

    def add(self, account: Account, reason: str) -> None:
        """Note one refused delivery to an account."""
        ...


class Keeper(Protocol[KeptT]):
    """Makes callbacks durable; ``CallbackLog`` does."""

    def knows(self, account_id: AccountId, openid_token: bytes) -> bool:
        """Whether this openid has a row already, so that sealing it again would be for nothing."""
        ...

    async def keep(self, row: CallbackRow, event: KeptT, *, timeout_s: float) -> Kept:
        """Commit both; return what became of them, and what is answered.

        Raises:
            Unavailable: not durable in time; delivering again is safe.
        """
        ...


@dataclass(frozen=True, slots=True)
class _Entrance:
    """An account as the door needs it."""

    account: Account
    product: Product
    opener: CallbackOpener
    responder: Responder | None


class _Refused(Exception):
    def __init__(self, status: int, reason: StrEnum, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.reason = reason


class CallbackDoor(Generic[EventT]):
    """Serves ``GET`` and ``POST`` of ``/callbacks/{official-account,mini-program}/{account_key}``."""

    def __init__(
        self,
        *,
        uows: UnitOfWorkFactory,
        keyring: KeyRing,
        clock: Clock,
        new_event: NewEvent[EventT],
        keeper: Keeper[EventT],
        responder: Responder | None = None,
        notes: Notes | None = None,
    ) -> None:
        self._uows = uows
        self._keyring = keyring
        self._clock = clock
        self._new_event = new_event
        self._keeper = keeper
        self._responders: dict[AccountKind, Responder | None] = {
            AccountKind.OFFICIAL_ACCOUNT: responder,
            AccountKind.MINI_PROGRAM: HandOver(),
        }
        self._notes = notes
        self._entrances: dict[str, tuple[float, _Entrance | None]] = {}
        self._taken = {
            outcome: _TAKEN.labels(outcome) for outcome in ("accepted", "duplicate", "duplicate_differs")
        }

    def forget_accounts(self) -> None:
        """Look accounts up anew; after one was connected or changed in this process."""
        self._entrances.clear()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer one request."""
        try:
            status, body = 200, await self._serve(scope, receive)
        except CallbackRefused as error:
            status, body = (403 if isinstance(error, BadSignature) else 400), error.message.encode()
            _REFUSED.labels(error.reason.value).inc()
        except _Refused as error:
            status, body = error.status, str(error).encode()
            _REFUSED.labels(error.reason.value).inc()
        await _send(send, status, body)

    async def _serve(self, scope: Any, receive: Any) -> bytes:
        method = scope["method"]
        if method not in ("GET", "POST"):
            raise _Refused(405, DoorRefusal.METHOD_NOT_ALLOWED, "GET or POST")
        path, _, account_key = scope["path"].rpartition("/")
        entrance = await self._enter(account_key)
        if path != entrance.product.path:
            raise _unknown()
        try:
            return await self._take(entrance, scope, receive)
        except (CallbackRefused, _Refused) as error:
            if self._notes is not None:
                self._notes.add(entrance.account, error.reason.value)
            raise

    async def _take(self, entrance: _Entrance, scope: Any, receive: Any) -> bytes:
        query = _read_query(scope["query_string"])
        if scope["method"] == "GET":
            return _verify(entrance.opener, query)
        body = await _read_body(receive, scope["headers"])
        document = entrance.opener.open(Delivery.of(query), body)
        callback = entrance.product.parse(document)
        record = await self._keep(entrance, callback, document)
        return self._answer(entrance, callback, record)

    async def _enter(self, account_key: str) -> _Entrance:
        now_s = time.monotonic()
        known = self._entrances.get(account_key)
        if known is None or now_s - known[0] >= _ACCOUNT_CACHE_S:
            known = (now_s, await self._find_entrance(account_key))
            if len(self._entrances) >= _ACCOUNT_CACHE_MAX:  # Only wrong guesses could ever fill it.
                self._entrances.clear()
            self._entrances[account_key] = known
        if known[1] is None:
            raise _unknown()
        return known[1]

    async def _find_entrance(self, account_key: str) -> _Entrance | None:
        if not 1 <= len(account_key) <= 64:
            return None
        # The brand is known only by the account, so the look-up comes before any.
        async with self._uows.system(TenantId(0)) as uow:
            account = await AccountQueries(uow, self._keyring).find_anywhere(account_key)
        if account is None:
            return None
        responder = self._responders[account.kind]
        if responder is not None:
            await responder.prepare(account)
        is_plain = account.mode is MessageMode.PLAIN
        opener = CallbackOpener(
            token=account.token,
            app_id=account.app_id,
            encoding_aes_key="" if is_plain else account.encoding_aes_key,
        )
        return _Entrance(account, PRODUCTS[account.kind], opener, responder)

    async def _keep(self, entrance: _Entrance, callback: Callback, document: bytes) -> bytes | None:
        """Make the callback durable: the event in the log, the document and what we answer in the raw store.

        Return the record of the answer: of a repeat, the one given the first time.
        """
        account, responder = entrance.account, entrance.responder
        said = responder and responder.decide(account.account_id, callback)
        openid = entrance.product.openid_of(callback)
        token = self._keyring.blind("openid", account.app_id, openid) if openid else None
        message_id = _message_id(callback, token)
        event = self._event_of(
            entrance,
            callback,
            document,
            openid,
            token,
            message_id,
            answered_by=said.reference if said else "",
        )
        row = CallbackRow(
            tenant_id=account.tenant_id,
            account_id=account.account_id,
            delivery=hashlib.blake2b(message_id.encode(), digest_size=16).digest(),
            openid_token=token,
            openid_sealed=self._seal_if_new(account, openid, token),
            sealed=self._keyring.seal(document, context=b"channels.raw_callback"),
            reply=said.record if said else None,
            reference=said.reference if said else "",
            late=said.late if said else (),
            has_info=entrance.product.has_info,
        )
        try:
            kept = await self._keeper.keep(row, event, timeout_s=COMMIT_TIMEOUT_S)
        except Unavailable as error:
            _log.warning("channels.callback_not_committed", error=str(error))
            raise _Refused(500, DoorRefusal.NOT_COMMITTED, "not stored; deliver again") from error
        self._taken[kept.outcome].inc()
        return kept.reply

    def _seal_if_new(self, account: Account, openid: str, token: bytes | None) -> bytes | None:
        if token is None or self._keeper.knows(account.account_id, token):
            return None
        return self._keyring.seal(openid.encode())

    def _event_of(
        self,
        entrance: _Entrance,
        callback: Callback,
        document: bytes,
        openid: str,
        token: bytes | None,
        message_id: str,
        *,
        answered_by: str,
    ) -> EventT:
        account, said = entrance.account, entrance.product.translate(callback)
        if answered_by:
            said.properties["answered_by"] = answered_by
        context = {"channel": account.kind.value, "app": account.app_id}
        if said.scene:
            context["scene"] = said.scene
        if said.source_code:
            context["source_code"] = said.source_code
        if token is not None:
            context["follower"] = token.hex()
        return self._new_event(
            kind="track",
            name=said.name,
            source=account.source,
            message_id=message_id,
            occurred_at=_instant(callback),
            identifiers=(FactIdentifier(namespace="openid", scope=account.app_id, value=openid),)
            if openid
            else (),
            properties=said.properties,
            context=context,
            stated=(document,),
        )

    def _answer(self, entrance: _Entrance, callback: Callback, record: bytes | None) -> bytes:
        if entrance.responder is None or record is None:
            return NO_REPLY
        at, wire = self._clock.now(), entrance.account.data_format
        document = entrance.product.render(entrance.responder.read(record), to=callback, at=at, wire=wire)
        return entrance.opener.seal(document, at=at, wire=wire)


def _message_id(callback: Callback, token: bytes | None) -> str:
    """Return the callback's key in the log; an openid in it is replaced by its blind token.

    The log's keys reach the warehouse, where identifiers must not.
    """
    key = callback.delivery_key
    return key if token is None else key.replace(callback.FromUserName, token.hex(), 1)


def _instant(callback: Callback) -> datetime:
    try:
        return epoch(callback.CreateTime)
    except (ValueError, OverflowError, OSError) as error:
        raise MalformedCallback(
            CallbackRefusal.MALFORMED_MESSAGE, f"CreateTime {callback.CreateTime} is no instant"
        ) from error


def _verify(opener: CallbackOpener, query: dict[str, str]) -> bytes:
    """Answer the platform's question whether this address is ours."""
    echo = query.get("echostr", "")
    if len(echo) > _ECHO_CHARACTERS_MAX:
        raise _Refused(413, DoorRefusal.TOO_LARGE, f"echostr exceeds {_ECHO_CHARACTERS_MAX} characters")
    return opener.echo(Delivery.of(query)).encode()


def _read_query(raw: bytes) -> dict[str, str]:
    text = raw.decode("ascii", "replace")
    if "%" in text or "+" in text:
        return dict(parse_qsl(text, keep_blank_values=True, max_num_fields=20))
    return dict(_PARAMETER.findall(text))


async def _read_body(receive: Any, headers: Any) -> bytes:
    for name, value in headers:
        if name == b"content-length" and value.isdigit() and int(value) > BODY_BYTES_MAX:
            raise _too_large()
    body = b""
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise _Refused(400, DoorRefusal.CUT_SHORT, "the request ended before its body did")
        chunk: bytes = message.get("body", b"")
        body += chunk
        if len(body) > BODY_BYTES_MAX:
            raise _too_large()
        if not message.get("more_body"):
            return body


def _unknown() -> _Refused:
    return _Refused(404, DoorRefusal.UNKNOWN_ACCOUNT, "no account has this callback address")


def _too_large() -> _Refused:
    return _Refused(413, DoorRefusal.TOO_LARGE, f"a callback holds at most {BODY_BYTES_MAX} bytes")


async def _send(send: Any, status: int, body: bytes) -> None:
    headers = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", b"%d" % len(body)),
        (b"x-content-type-options", b"nosniff"),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
