"""A merchant's client, and the platform in memory that it talks to."""

from datetime import UTC, datetime
from typing import Any, cast

import pytest

from quanyu.kernel.clock import FixedClock
from quanyu.wechat.pay.client import MerchantKeys, PayClient
from quanyu.wechat.pay.keys import MemoryCertificateStore
from support.pay_keys import API_V3_KEY, MCH_ID, PUBLIC_KEY_ID, SERIAL_NO, private_pem, public_pem
from support.pay_world import PayWorld

AT = datetime(2026, 3, 4, 4, tzinfo=UTC)


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(AT)


@pytest.fixture
def world(clock: FixedClock) -> PayWorld:
    return PayWorld(clock)


def merchant(**changes: Any) -> MerchantKeys:
    """Return the merchant's keys, in public-key mode unless told otherwise."""
    known: dict[str, Any] = {
        "mch_id": MCH_ID,
        "serial_no": SERIAL_NO,
        "private_key": private_pem("merchant"),
        "api_v3_key": API_V3_KEY,
        "public_key_id": PUBLIC_KEY_ID,
        "public_key": public_pem("public_key"),
    }
    return MerchantKeys(**(known | changes))


def client_of(world: Any, keys: MerchantKeys | None = None) -> PayClient:
    return PayClient(cast(Any, world), keys or merchant(), MemoryCertificateStore(), world.clock)


@pytest.fixture
def client(world: PayWorld) -> PayClient:
    return client_of(world)


@pytest.fixture
def certificate_client(world: PayWorld) -> PayClient:
    """A client in certificate mode, and a platform that signs with its first certificate."""
    world.signs_with = "first"
    world.certificates = {"first": "7132D72A03E93CDDF8C03BBD1F37EEDF00000001"}
    return client_of(world, merchant(public_key_id="", public_key=""))
