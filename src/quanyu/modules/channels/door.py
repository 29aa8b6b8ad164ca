"""The callback door: what the platform sends, verified, opened, durable in the log, then answered.

A bare ASGI application, because this path carries every act of every follower. What is refused leaves
nothing behind but a counter.
"""

import hashlib
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, Generic, TypeVar
from urllib.parse import parse_qsl

from prometheus_client import Counter

from quanyu.infra.crypto import KeyRing
from quanyu.infra.telemetry import get_logger
from quanyu.infra.unit_of_work import FactIdentifier, UnitOfWorkFactory
from quanyu.kernel.clock import Clock
from quanyu.kernel.errors import Unavailable
from quanyu.kernel.ids import TenantId
from quanyu.modules.channels.accounts import Account, AccountKind, AccountQueries
from quanyu.modules.channels.callback_log import CallbackRow, Hooked
from quanyu.modules.channels.contracts import NewEvent
from quanyu.modules.channels.door_ports import Keeper, Notes, Opener, Responder
from quanyu.modules.channels.mini_programs.responder import HandOver
from quanyu.modules.channels.products import OFFICIAL_ACCOUNT, PRODUCTS, Product
from quanyu.modules.channels.rules import epoch
from quanyu.modules.channels.wecom.ports import CallbackHook
from quanyu.wechat.callbacks.errors import (
    BadSignature,
    CallbackRefusal,
    CallbackRefused,
    MalformedCallback,
)

_log = get_logger("channels.door")

PATH: Final = OFFICIAL_ACCOUNT.path
BODY_BYTES_MAX: Final = 128 * 1024
# The platform hangs up after five seconds and delivers again; what is not durable by then must not be
# answered as if it were.
COMMIT_TIMEOUT_S: Final = 4.0
_ECHO_CHARACTERS_MAX: Final = 2_000  # 企业微信 encrypts it.
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


class DoorRefusal(StrEnum):
    """The reasons of the door itself, beside those of ``CallbackRefusal``."""

    UNKNOWN_ACCOUNT = "unknown_account"
    TOO_LARGE = "too_large"
    METHOD_NOT_ALLOWED = "method_not_allowed"
    CUT_SHORT = "cut_short"  # The connection ended before the body did.
    NOT_COMMITTED = "not_committed"


@dataclass(frozen=True, slots=True)
class _Entrance:
    """An account as the door needs it."""

    account: Account
    product: Product[Any]
    opener: Opener
    responder: Responder | None
    hooks: tuple[CallbackHook, ...]


class _Refused(Exception):
    def __init__(self, status: int, reason: StrEnum, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.reason = reason


class CallbackDoor(Generic[EventT]):
    """Serves ``GET`` and ``POST`` of ``/callbacks/{official-account,mini-program,wecom}/{account_key}``."""

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
        hooks: Sequence[CallbackHook] = (),
    ) -> None:
        """``hooks`` are shown every callback of a corp of 企业微信."""
        self._uows = uows
        self._keyring = keyring
        self._clock = clock
        self._new_event = new_event
        self._keeper = keeper
        self._responders: dict[AccountKind, Responder | None] = {
            AccountKind.OFFICIAL_ACCOUNT: responder,
            AccountKind.MINI_PROGRAM: HandOver(),
            AccountKind.WECOM: None,
        }
        self._hooks = {AccountKind.WECOM: tuple(hooks)}
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
            return _verify(entrance, query)
        body = await _read_body(receive, scope["headers"])
        document = entrance.opener.open(entrance.product.delivery(query), body)
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
        product, hooks = PRODUCTS[account.kind], self._hooks.get(account.kind, ())
        return _Entrance(account, product, product.opener(account), responder, hooks)

    async def _keep(self, entrance: _Entrance, callback: Any, document: bytes) -> bytes | None:
        """Make the callback durable: the event in the log, the document and what we answer in the raw store.

        Return the record of the answer: of a repeat, the one given the first time.
        """
        account, product, responder = entrance.account, entrance.product, entrance.responder
        said = responder and responder.decide(account.account_id, callback)
        who = product.who(callback)
        token = self._keyring.blind(product.namespace, account.app_id, who) if who else None
        message_id = _message_id(callback, who, token)
        delivery = hashlib.blake2b(message_id.encode(), digest_size=16).digest()
        event = self._event_of(
            entrance,
            callback,
            document,
            who,
            token,
            message_id,
            answered_by=said.reference if said else "",
        )
        row = CallbackRow(
            tenant_id=account.tenant_id,
            account_id=account.account_id,
            delivery=delivery,
            openid_token=token,
            openid_sealed=self._seal_if_new(account, who, token) if product.has_followers else None,
            sealed=self._keyring.seal(document, context=b"channels.raw_callback"),
            reply=said.record if said else None,
            reference=said.reference if said else "",
            late=said.late if said else (),
            has_info=product.has_info,
            hooked=self._show(entrance, callback, delivery) if entrance.hooks else (),
        )
        try:
            kept = await self._keeper.keep(row, event, timeout_s=COMMIT_TIMEOUT_S)
        except Unavailable as error:
            _log.warning("channels.callback_not_committed", error=str(error))
            raise _Refused(500, DoorRefusal.NOT_COMMITTED, "not stored; deliver again") from error
        self._taken[kept.outcome].inc()
        return kept.reply

    def _show(self, entrance: _Entrance, callback: Any, delivery: bytes) -> tuple[Hooked, ...]:
        """Return what the hooks write about a callback; one that fails must not cost us the callback."""
        now, hooked = self._clock.now(), []
        for hook in entrance.hooks:
            try:
                row = hook.prepare(entrance.account, callback, delivery=delivery, received_at=now)
            except Exception as error:
                _log.error("channels.hook_failed", hook=type(hook).__name__, exc_info=error)
                continue
            if row is not None:
                hooked.append(Hooked(hook, row))
        return tuple(hooked)

    def _seal_if_new(self, account: Account, openid: str, token: bytes | None) -> bytes | None:
        if token is None or self._keeper.knows(account.account_id, token):
            return None
        return self._keyring.seal(openid.encode())

    def _event_of(
        self,
        entrance: _Entrance,
        callback: Any,
        document: bytes,
        who: str,
        token: bytes | None,
        message_id: str,
        *,
        answered_by: str,
    ) -> EventT:
        account, product = entrance.account, entrance.product
        said = product.translate(callback)
        if answered_by:
            said.properties["answered_by"] = answered_by
        context = {"channel": account.kind.value, "app": account.app_id, **said.context}
        if said.scene:
            context["scene"] = said.scene
        if said.source_code:
            context["source_code"] = said.source_code
        if token is not None:
            context[product.who_key] = token.hex()
        return self._new_event(
            kind="track",
            name=said.name,
            source=account.source,
            message_id=message_id,
            occurred_at=_instant(callback),
            identifiers=(FactIdentifier(namespace=product.namespace, scope=account.app_id, value=who),)
            if who
            else (),
            properties=said.properties,
            context=context,
            stated=(document,),
        )

    def _answer(self, entrance: _Entrance, callback: Any, record: bytes | None) -> bytes:
        if entrance.responder is None or record is None:
            return entrance.product.silence
        at, wire = self._clock.now(), entrance.account.data_format
        document = entrance.product.render(entrance.responder.read(record), to=callback, at=at, wire=wire)
        return entrance.opener.seal(document, at=at, wire=wire)


def _message_id(callback: Any, who: str, token: bytes | None) -> str:
    """Return the callback's key in the log; who it is about is replaced by their blind token.

    The log's keys reach the warehouse, where identifiers must not.
    """
    key: str = callback.delivery_key
    return key if token is None else key.replace(who, token.hex())


def _instant(callback: Any) -> datetime:
    try:
        return epoch(callback.CreateTime)
    except (ValueError, OverflowError, OSError) as error:
        raise MalformedCallback(
            CallbackRefusal.MALFORMED_MESSAGE, f"CreateTime {callback.CreateTime} is no instant"
        ) from error


def _verify(entrance: _Entrance, query: dict[str, str]) -> bytes:
    """Answer the platform's question whether this address is ours."""
    echo = query.get("echostr", "")
    if len(echo) > _ECHO_CHARACTERS_MAX:
        raise _Refused(413, DoorRefusal.TOO_LARGE, f"echostr exceeds {_ECHO_CHARACTERS_MAX} characters")
    return entrance.opener.echo(entrance.product.delivery(query)).encode()


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
