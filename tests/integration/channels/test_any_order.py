"""EV-2 and EV-4: callbacks that are repeated, out of order and late end where the clean run ends.

Both runs take the very same documents through the door and the pipeline; the platform is asked at the end,
and in the disturbed run also in the middle of everything.
"""

import asyncio
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest

from contract.official_account.sandbox_process import Sandbox, running_sandbox
from quanyu.flows.intake import IntakeEvent
from quanyu.flows.pipeline.react import BatchNames, React
from quanyu.flows.pipeline.resolve import Resolve
from quanyu.flows.pipeline.store import Store
from quanyu.infra.crypto import KeyRing
from quanyu.infra.unit_of_work import UnitOfWork, UnitOfWorkFactory
from quanyu.infra.warehouse import Warehouse
from quanyu.kernel.clock import FixedClock
from quanyu.kernel.ids import PersonId, TenantId
from quanyu.modules.channels.callback_log import CallbackLog
from quanyu.modules.channels.clients import AccountClients
from quanyu.modules.channels.contracts import ConnectOfficialAccount
from quanyu.modules.channels.door import PATH, CallbackDoor
from quanyu.modules.channels.followers import FollowerSubscriber
from quanyu.modules.channels.replies.contracts import ReplyDraft
from quanyu.modules.channels.replies.responder import ReplyBooks
from quanyu.modules.channels.replies.service import AutoReplies
from quanyu.modules.channels.service import Channels, read_account_id
from quanyu.modules.channels.user_info import UserInfoWorker
from quanyu.modules.events.contracts import LogRecord
from quanyu.modules.people.contracts import Departure, Merge
from quanyu.modules.people.copier import ProfileCopier
from quanyu.modules.people.resolver import Resolver
from quanyu.wechat.callbacks.crypto import MessageCrypt

from .conftest import Platform, event, text_message
from .test_replies import NoFigures

pytestmark = pytest.mark.slow

PEOPLE = 400
CALLBACKS = 10_000
AT_ONCE = 64
SEED = 20260304


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with running_sandbox(people=PEOPLE + 1) as running:
        yield running


class NothingFollows:
    async def follow(self, uow: UnitOfWork, merges: Sequence[Merge], departures: Sequence[Departure]) -> None:
        """Nothing else is under test here."""


async def no_merges(uow: UnitOfWork, person_ids: Sequence[PersonId]) -> dict[PersonId, PersonId]:
    return {}


@dataclass
class Story:
    """What people did, in order, and who follows in the end."""

    documents: list[str]
    following: dict[str, bool]
    in_one_second: int  # Follows and unfollows of one person in the same second.


def tell(openids: Sequence[str], *, start: int, rng: random.Random) -> Story:
    """Make up ``CALLBACKS`` acts; only who follows writes and clicks."""
    following = dict.fromkeys(openids, False)
    story = Story([], following, 0)
    second = start
    while len(story.documents) < CALLBACKS:
        second += rng.random() < 0.2
        openid = rng.choice(openids)
        number = len(story.documents)
        if not following[openid]:
            following[openid] = True
            scene = rng.choice(["", "<EventKey><![CDATA[qrscene_wall]]></EventKey>"])
            story.documents.append(event("subscribe", at=second, openid=openid, inside=scene))
            if rng.random() < 0.3:
                following[openid] = False
                story.in_one_second += 1
                story.documents.append(event("unsubscribe", at=second, openid=openid))
        elif rng.random() < 0.08:
            following[openid] = False
            story.documents.append(event("unsubscribe", at=second, openid=openid))
            if rng.random() < 0.5:
                following[openid] = True
                story.in_one_second += 1
                story.documents.append(event("subscribe", at=second, openid=openid))
        elif rng.random() < 0.7:
            said = rng.choice(["会员", "你好", "订单 42"])
            story.documents.append(text_message(said, at=second, message_id=10**15 + number, openid=openid))
        else:
            key = f"<EventKey><![CDATA[{rng.choice(['SALE', 'NEW'])}]]></EventKey>"
            story.documents.append(event("CLICK", at=second, openid=openid, inside=key))
    return story


def disturb(documents: Sequence[str], rng: random.Random) -> list[str]:
    """Repeat a tenth up to three times, swap neighbours, and hold a tenth back for very long."""
    arrivals: list[tuple[float, str]] = []
    for place, document in enumerate(documents):
        late = rng.uniform(0, 5) if rng.random() < 0.9 else rng.uniform(0, len(documents) / 3)
        arrivals.append((place + late, document))
        if rng.random() < 0.1:
            repeats = rng.randint(1, 3)
            arrivals += [(place + late + rng.uniform(0, 900), document) for _ in range(repeats)]
    return [document for _, document in sorted(arrivals, key=lambda pair: pair[0])]


class Brand:
    """One brand that takes the callbacks of the sandbox's account."""

    def __init__(self, parts: "Parts", tenant_id: TenantId) -> None:
        self.parts = parts
        self.tenant_id = tenant_id
        self.steps = (parts.resolve, parts.store, parts.react)

    async def take(self, documents: Sequence[str]) -> None:
        for start in range(0, len(documents), AT_ONCE):
            stretch = documents[start : start + AT_ONCE]
            answers = await asyncio.gather(*(self.platform.deliver(document) for document in stretch))
            assert {answer.status for answer in answers} == {200}

    async def settle(self, *, ask: bool) -> None:
        for step in self.steps:
            while await step.run_once(self.tenant_id):
                pass
        while ask and await self.parts.asker.run_once(self.tenant_id):
            pass

    async def connect(self) -> None:
        sandbox = self.parts.sandbox
        command = ConnectOfficialAccount(
            app_id=sandbox.account["appid"], app_secret=sandbox.account["secret"], base_url=sandbox.url
        )
        rules = [
            {"name": "k", "trigger": "keyword", "keywords": [{"match": "exact", "text": "会员"}]},
            {"name": "f", "trigger": "follow"},
            {"name": "m", "trigger": "menu", "menu_key": "SALE"},
        ]
        async with self.parts.uows.app(self.tenant_id) as uow:
            connected = await self.parts.channels.connect(uow, command)
            self.account_id = read_account_id(connected.account.id)
            for rule in rules:
                contents = [{"kind": "text", "text": f"{rule['name']}{part}"} for part in range(2)]
                draft = ReplyDraft.model_validate({**rule, "contents": contents})
                await AutoReplies(NoFigures()).create(uow, self.account_id, draft)
        setup = connected.setup
        crypt = MessageCrypt(
            token=setup.token, encoding_aes_key=setup.encoding_aes_key, app_id=command.app_id
        )
        path = f"{PATH}/{setup.url.rpartition('/')[2]}"
        self.platform = Platform(self.parts.door, connected, crypt, path)

    async def rows(self, sql: str) -> list[Any]:
        async with self.parts.uows.system(self.tenant_id) as uow:
            return [tuple(row) for row in await uow.execute(sql, {"t": self.tenant_id})]

    async def state(self) -> dict[str, list[Any]]:
        """Everything that must not depend on how the callbacks came."""
        return {
            "events": await self.rows(
                "SELECT name, message_id, occurred_at, CAST(properties AS jsonb) - 'answered_by', "
                "CAST(context AS jsonb) FROM log_event WHERE tenant_id = :t AND kind = 'track' "
                "AND name <> 'wechat.official_account.user_info_fetched' ORDER BY message_id"
            ),
            "followers": await self.rows(
                "SELECT openid_token, subscribed, changed_at, is_disputed, subscribed_at FROM follower "
                "WHERE tenant_id = :t ORDER BY openid_token"
            ),
            "answers": await self.rows(
                "SELECT delivery, reply -> 'content' FROM raw_callback WHERE tenant_id = :t ORDER BY delivery"
            ),
            "late": await self.rows(
                "SELECT delivery, part, content FROM late_reply WHERE tenant_id = :t ORDER BY delivery, part"
            ),
            "people": await self.rows("SELECT count(DISTINCT person_id) FROM follower WHERE tenant_id = :t"),
        }


@dataclass
class Parts:
    """What both brands use."""

    sandbox: Sandbox
    uows: UnitOfWorkFactory
    channels: Channels
    door: CallbackDoor[IntakeEvent]
    resolve: Resolve
    store: Store
    react: React
    asker: UserInfoWorker


@pytest.fixture
def parts(
    sandbox: Sandbox,
    uows: UnitOfWorkFactory,
    channels: Channels,
    door: CallbackDoor[IntakeEvent],
    key_ring: KeyRing,
    warehouse: Warehouse,
    clients: AccountClients,
    callback_log: CallbackLog[IntakeEvent, LogRecord],
    books: ReplyBooks,
) -> Parts:
    return Parts(
        sandbox,
        uows,
        channels,
        door,
        Resolve(uows, Resolver(key_ring), NothingFollows()),
        Store(uows, warehouse, ProfileCopier(uows, warehouse)),
        React(uows, FollowerSubscriber(), no_merges, BatchNames()),
        UserInfoWorker(uows, key_ring, clients),
    )


async def new_brand(parts: Parts, tenant_id: TenantId) -> Brand:
    async with parts.uows.system(tenant_id) as uow:
        await uow.execute(
            "INSERT INTO brand (tenant_id, key, name, time_zone, currency, created_at) "
            "VALUES (:t, :key, 'b', 'Asia/Shanghai', 'CNY', :now) ON CONFLICT DO NOTHING",
            {"t": tenant_id, "key": f"brand-{tenant_id}", "now": uow.clock.now()},
        )
    brand = Brand(parts, tenant_id)
    await brand.connect()
    return brand


async def test_the_final_state_depends_on_what_happened_alone(
    parts: Parts, sandbox: Sandbox, tenant_id: TenantId, clock: FixedClock
) -> None:
    clock.advance(datetime.now(UTC) - clock.now())
    rng = random.Random(SEED)
    openids = {await sandbox.follow(person): person for person in range(1, PEOPLE + 1)}
    story = tell(list(openids), start=int(clock.now().timestamp()) - 3600, rng=rng)
    for openid, follows in story.following.items():
        if not follows:
            await sandbox.control("POST", f"/people/{openids[openid]}/unfollow")
    disturbed = disturb(story.documents, rng)
    assert story.in_one_second > 300
    assert len(disturbed) > CALLBACKS * 1.1

    clean = await new_brand(parts, tenant_id)
    await clean.take(story.documents)
    await clean.settle(ask=False)
    other = await new_brand(parts, TenantId(tenant_id + 500_000))
    stretch = len(disturbed) // 5
    for start in range(0, len(disturbed), stretch):
        await other.take(disturbed[start : start + stretch])
        await other.settle(ask=start == 2 * stretch)
    for brand in (clean, other):
        await brand.settle(ask=True)
        await brand.settle(ask=True)  # What asking told is in the log too.

    expected, found = await clean.state(), await other.state()
    for part, rows in expected.items():
        assert found[part] == rows, part
    assert len(expected["answers"]) == len(set(story.documents)) == CALLBACKS - repeated(story.documents)
    following = sorted((bytes(token), subscribed) for token, subscribed, *_ in expected["followers"])
    key_ring = parts.asker._keyring
    truth = sorted(
        (key_ring.blind("openid", sandbox.account["appid"], openid), follows)
        for openid, follows in story.following.items()
        if any(openid in document for document in story.documents)
    )
    assert following == truth
    assert not any(disputed for _, _, _, disputed, _ in expected["followers"])
    assert expected["people"] == [(len(truth),)]


def repeated(documents: Sequence[str]) -> int:
    """Two follows of one person in one second are one delivery to the platform's own rules."""
    return len(documents) - len(set(documents))
