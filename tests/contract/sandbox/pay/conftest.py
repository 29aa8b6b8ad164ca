import itertools
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from contract.sandbox.pay.merchant import Mailbox, Merchant
from contract.sandbox.rig import Rig
from wechat_sandbox.wire.pay import crypto

Change = Callable[..., Awaitable[dict[str, Any]]]
_KEYS = 5


@pytest.fixture(scope="session")
def some_keys() -> list[str]:
    """Making a key takes long: a few are made once, and every sandbox gets its share of them."""
    return [crypto.make_key() for _ in range(_KEYS)]


@pytest.fixture(autouse=True)
def keys_at_hand(some_keys: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    supply = itertools.cycle(some_keys)
    monkeypatch.setattr(crypto, "make_key", lambda: next(supply))


@pytest.fixture
async def merchant(rig: Rig) -> Merchant:
    (known,) = (await rig.control("GET", "/merchants"))["items"]
    return Merchant(rig, await rig.control("GET", f"/merchants/{known['mchid']}"))


@pytest.fixture
async def mailbox() -> AsyncIterator[Mailbox]:
    box = Mailbox()
    await box.start()
    yield box
    await box.stop()


@pytest.fixture
def change(rig: Rig, merchant: Merchant) -> Change:
    """Change settings of the merchant."""

    async def to(**settings: Any) -> dict[str, Any]:
        return dict(await rig.control("PUT", f"/merchants/{merchant.mchid}", settings))

    return to
