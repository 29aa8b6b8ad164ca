"""The door's ``Responder``: books in memory, kept equal to the tables of all processes by their version."""

import asyncio
from dataclasses import dataclass
from typing import Final

import msgspec
from prometheus_client import Counter

from quanyu.infra.telemetry import get_logger
from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.kernel.ids import TenantId
from quanyu.modules.channels.accounts import Account
from quanyu.modules.channels.contracts import AccountId
from quanyu.modules.channels.replies.queries import ReplyQueries
from quanyu.modules.channels.replies.rules import EMPTY, ReplyBook, find_answer, say
from quanyu.modules.channels.replies.wire import content_json, passive, read_content
from quanyu.wechat.official_account.messages import Callback, ScanEvent, SubscribeEvent
from quanyu.wechat.official_account.replies import Reply

_log = get_logger("channels.replies")
_LOOK_EVERY_S: Final = 1.0
_UNKNOWN_SCENES: Final = Counter(
    "quanyu_official_account_unknown_scenes_total",
    "Scans of parameter QR codes that no source code has; they are treated as an ordinary follow",
)


class _Record(msgspec.Struct, frozen=True):
    """What is kept with the callback."""

    by: str
    content: msgspec.Raw


_record = msgspec.json.Decoder(_Record)


@dataclass(frozen=True, slots=True)
class Spoken:
    """A ``Decision`` of the door."""

    reference: str
    record: bytes
    late: tuple[bytes, ...]


class ReplyBooks:
    """The reply books of the accounts whose callbacks this process takes."""

    def __init__(self, uows: UnitOfWorkFactory) -> None:
        self._uows = uows
        self._books: dict[AccountId, ReplyBook] = {}
        self._brands: dict[AccountId, TenantId] = {}
        self._wake = asyncio.Event()

    async def prepare(self, account: Account) -> None:
        """Have the account's book in memory, as new as the tables are now."""
        await self._renew(account.tenant_id, {account.account_id})

    def decide(self, account_id: AccountId, callback: Callback) -> Spoken | None:
        """Return what is said to ``callback``, and what is kept of it."""
        book = self._books.get(account_id, EMPTY)
        _note_unknown_scene(book, callback)
        answer = find_answer(book, callback)
        said = None if answer is None else say(answer, callback.delivery_key)
        if said is None:
            return None
        first, *others = [content_json(content) for content in said.contents]
        record = msgspec.json.encode(_Record(said.answer.reference, msgspec.Raw(first)))
        return Spoken(said.answer.reference, record, tuple(others))

    def read(self, record: bytes) -> Reply:
        """Return the reply of a record."""
        return passive(read_content(bytes(_record.decode(record).content)))

    def book(self, account_id: AccountId) -> ReplyBook:
        """Return what is in memory of an account."""
        return self._books.get(account_id, EMPTY)

    def wake(self) -> None:
        """Look at the tables now; after rules were changed in this process."""
        self._wake.set()

    async def run(self, stopping: asyncio.Event) -> None:
        """Follow changes, of whatever process, until ``stopping`` is set."""
        while not stopping.is_set():
            await _either(stopping, self._wake, _LOOK_EVERY_S)
            self._wake.clear()
            try:
                await self.renew()
            except Exception as error:
                # The books in memory stay good; the door itself tells of a database that is away.
                _log.warning("channels.reply_books_stale", error=type(error).__name__)

    async def renew(self) -> None:
        """Read the books that changed since they were read."""
        brands: dict[TenantId, set[AccountId]] = {}
        for account_id, tenant_id in self._brands.items():
            brands.setdefault(tenant_id, set()).add(account_id)
        for tenant_id, account_ids in brands.items():
            await self._renew(tenant_id, account_ids)

    async def _renew(self, tenant_id: TenantId, account_ids: set[AccountId]) -> None:
        async with self._uows.system(tenant_id) as uow:
            queries = ReplyQueries(uow)
            versions = await queries.versions(account_ids)
            for account_id in account_ids:
                known = self._books.get(account_id)
                version = versions.get(account_id, 0)
                if known is None or known.version != version:
                    self._books[account_id] = await queries.read_book(account_id, version)
                self._brands[account_id] = tenant_id


def _note_unknown_scene(book: ReplyBook, callback: Callback) -> None:
    scene = ""
    if isinstance(callback, SubscribeEvent):
        scene = callback.scene
    elif isinstance(callback, ScanEvent):
        scene = callback.EventKey
    if scene and scene not in book.codes:
        _UNKNOWN_SCENES.inc()


async def _either(one: asyncio.Event, other: asyncio.Event, limit_s: float) -> None:
    tasks = [asyncio.ensure_future(one.wait()), asyncio.ensure_future(other.wait())]
    _, waiting = await asyncio.wait(tasks, timeout=limit_s, return_when=asyncio.FIRST_COMPLETED)
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
