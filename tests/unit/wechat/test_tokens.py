"""Access tokens: one fetch for many, renewed early, replaced when refused, never fetched for ever."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from quanyu.kernel.clock import FixedClock
from quanyu.wechat.errors import PlatformRefusal
from quanyu.wechat.official_account.client import Credentials, OfficialAccountClient
from quanyu.wechat.tokens import AccessToken, AccessTokens
from quanyu.wechat.transport import Received

AT = datetime(2026, 3, 4, tzinfo=UTC)
LIFE = timedelta(seconds=7200)


class OneRow:
    """A token store that two processes share."""

    def __init__(self) -> None:
        self.token: AccessToken | None = None
        self.holder: str | None = None

    async def find(self) -> AccessToken | None:
        return self.token

    async def take_lease(self, holder: str, *, seconds: float) -> bool:
        taken = self.holder is None
        self.holder = self.holder or holder
        return taken

    async def save(self, holder: str, token: AccessToken) -> None:
        if holder == self.holder:
            self.token, self.holder = token, None

    async def give_lease_back(self, holder: str) -> None:
        if holder == self.holder:
            self.holder = None


class Platform:
    """Issues tokens as the stable call does, and counts."""

    def __init__(self, clock: FixedClock) -> None:
        self._clock = clock
        self.fetches: list[bool] = []
        self.value = "token-1"
        self.life = LIFE

    async def fetch(self, force: bool) -> AccessToken:
        self.fetches.append(force)
        await asyncio.sleep(0)
        if force:
            self.value += "+"
        now = self._clock.now()
        return AccessToken(self.value, now, now + self.life)


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(AT)


@pytest.fixture
def platform(clock: FixedClock) -> Platform:
    return Platform(clock)


def tokens(store: OneRow, platform: Platform, clock: FixedClock, holder: str = "a") -> AccessTokens:
    return AccessTokens(store, platform.fetch, clock, holder=holder)


class LateLease(OneRow):
    """Another process fetches between this one's look and its lease."""

    async def take_lease(self, holder: str, *, seconds: float) -> bool:
        if self.token is None:
            self.token = AccessToken("theirs", AT, AT + LIFE)
        return await super().take_lease(holder, seconds=seconds)


async def test_a_token_that_came_just_before_the_lease_is_not_fetched_again(
    platform: Platform, clock: FixedClock
) -> None:
    store = LateLease()

    assert await tokens(store, platform, clock).current() == "theirs"
    assert platform.fetches == []
    assert store.holder is None, "the lease was given back"


async def test_two_processes_fetch_once(platform: Platform, clock: FixedClock) -> None:
    store = OneRow()
    first, second = tokens(store, platform, clock, "a"), tokens(store, platform, clock, "b")

    found = await asyncio.gather(*(one.current() for one in (first, second) * 5))

    assert set(found) == {"token-1"}
    assert platform.fetches == [False]


async def test_a_token_is_renewed_five_minutes_early(platform: Platform, clock: FixedClock) -> None:
    one = tokens(OneRow(), platform, clock)
    await one.current()

    clock.advance(LIFE - timedelta(minutes=5, seconds=1))
    await one.current()
    assert platform.fetches == [False]

    platform.value = "token-2"
    clock.advance(timedelta(seconds=2))
    assert await one.current() == "token-2"
    assert platform.fetches == [False, False]


async def test_a_short_token_is_used_for_half_its_life(platform: Platform, clock: FixedClock) -> None:
    """The platform may hand out the last minutes of a token; asking at each call would help nobody."""
    platform.life = timedelta(seconds=100)
    one = tokens(OneRow(), platform, clock)

    for _ in range(5):
        await one.current()
        clock.advance(timedelta(seconds=9))
    assert len(platform.fetches) == 1

    clock.advance(timedelta(seconds=10))
    await one.current()
    assert len(platform.fetches) == 2


async def test_while_one_renews_the_others_use_the_old_token(platform: Platform, clock: FixedClock) -> None:
    one = tokens(OneRow(), platform, clock)
    await one.current()
    clock.advance(LIFE - timedelta(minutes=1))
    platform.value = "token-2"

    renewing = asyncio.create_task(one.current())
    await asyncio.sleep(0)

    assert await one.current() == "token-1"
    assert await renewing == "token-2"


async def test_a_refused_token_that_another_process_replaced_is_not_fetched(
    platform: Platform, clock: FixedClock
) -> None:
    store = OneRow()
    first, second = tokens(store, platform, clock, "a"), tokens(store, platform, clock, "b")
    await first.current()
    await second.current()
    platform.value = "token-2"

    assert await first.replace("token-1") == "token-2"
    assert await second.replace("token-1") == "token-2"
    assert platform.fetches == [False, False]


async def test_a_token_the_platform_repeats_and_refuses_is_forced(
    platform: Platform, clock: FixedClock
) -> None:
    one = tokens(OneRow(), platform, clock)

    assert await one.replace(await one.current()) == "token-1+"
    assert platform.fetches == [False, False, True]


async def test_a_failed_fetch_gives_the_lease_back(clock: FixedClock) -> None:
    store = OneRow()

    async def fail(_: bool) -> AccessToken:
        raise OSError("down")

    with pytest.raises(OSError, match="down"):
        await AccessTokens(store, fail, clock, holder="a").current()

    assert store.holder is None


@pytest.mark.parametrize("code", [40001, 40014, 42001])
async def test_a_call_is_repeated_once_with_a_new_token(code: int, clock: FixedClock) -> None:
    calls: list[tuple[str, str]] = []

    class Refusing:
        async def exchange(
            self, method: str, base_url: str, path: str, *, query: Mapping[str, str], **_: object
        ) -> Received:
            calls.append((path, query.get("access_token", "")))
            if path.endswith("stable_token"):
                answer: dict[str, object] = {"access_token": f"t{len(calls)}", "expires_in": 7200}
            else:
                answer = {"errcode": code, "errmsg": "no"}
            return Received(200, msgspec.json.encode(answer))

    credentials = Credentials(app_id="wx1", secret="s")
    client = OfficialAccountClient(
        Refusing(),  # type: ignore[arg-type]
        credentials,
        OneRow(),
        clock,
        holder="a",
    )

    with pytest.raises(PlatformRefusal) as caught:
        await client.templates()

    assert caught.value.errcode == code
    templates = "/cgi-bin/template/get_all_private_template"
    assert calls == [
        ("/cgi-bin/stable_token", ""),
        (templates, "t1"),
        ("/cgi-bin/stable_token", ""),
        (templates, "t3"),
    ]
