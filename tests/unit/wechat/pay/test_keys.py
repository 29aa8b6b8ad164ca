"""The platform's keys: found by serial, downloaded once, replaced while we run."""

import asyncio
from datetime import timedelta

import pytest

from quanyu.kernel.clock import FixedClock
from quanyu.wechat.calls import Sensitive
from quanyu.wechat.pay import orders, smart_guide
from quanyu.wechat.pay.client import PayClient
from quanyu.wechat.pay.errors import CannotDecrypt, InvalidPayKey, PayRefusal, UnverifiedAnswer
from quanyu.wechat.pay.keys import LOOK_AGAIN, UnknownKey
from quanyu.wechat.pay.signing import read_certificate, read_private_key, read_public_key
from support.pay_keys import private_pem
from support.pay_world import PayWorld
from unit.wechat.pay.conftest import client_of, merchant
from unit.wechat.pay.test_client import ORDER, QUERY

SECOND = "7132D72A03E93CDDF8C03BBD1F37EEDF00000002"


def downloads(world: PayWorld) -> int:
    return world.calls.count(("GET", "/v3/certificates"))


async def test_the_first_answer_brings_the_certificates(
    certificate_client: PayClient, world: PayWorld
) -> None:
    await certificate_client.call(orders.JSAPI, ORDER)
    await certificate_client.call(orders.QUERY, QUERY)

    assert downloads(world) == 1


async def test_a_new_certificate_is_looked_for_once_by_all(
    certificate_client: PayClient, world: PayWorld, clock: FixedClock
) -> None:
    await certificate_client.call(orders.JSAPI, ORDER)
    clock.advance(LOOK_AGAIN)
    world.certificates["second"] = SECOND
    world.signs_with = "second"

    await asyncio.gather(*(certificate_client.call(orders.QUERY, QUERY) for _ in range(10)))

    assert downloads(world) == 2


async def test_strange_serials_do_not_make_us_ask_again_and_again(
    certificate_client: PayClient, world: PayWorld, clock: FixedClock
) -> None:
    for _ in range(5):
        with pytest.raises(UnknownKey):
            await certificate_client.keys.key("ABCDEF")
    assert downloads(world) == 1

    clock.advance(LOOK_AGAIN)
    with pytest.raises(UnknownKey):
        await certificate_client.keys.key("ABCDEF")
    assert downloads(world) == 2


async def test_a_certificate_that_has_ended_counts_no_more(
    certificate_client: PayClient, world: PayWorld, clock: FixedClock
) -> None:
    await certificate_client.call(orders.JSAPI, ORDER)
    clock.advance(timedelta(days=3000))

    with pytest.raises(UnknownKey):
        await certificate_client.keys.key(world.certificates["first"])


async def test_a_merchant_that_switches_takes_both(world: PayWorld) -> None:
    """Callbacks are switched over days: both keys sign meanwhile."""
    client = client_of(world)
    await client.call(orders.JSAPI, ORDER)
    world.certificates = {"first": "01"}
    world.signs_with = "first"

    assert (await client.call(orders.QUERY, QUERY)).trade_state == "NOTPAY"


async def test_fields_are_encrypted_with_the_newest_certificate(
    certificate_client: PayClient, world: PayWorld
) -> None:
    request = smart_guide.ChangeRequest(guide_id="g1", name=Sensitive("李四"))

    with pytest.raises(PayRefusal):  # The world knows no guides; the request was made none the less.
        await certificate_client.call(smart_guide.CHANGE, request)

    assert world.calls == [("GET", "/v3/certificates"), ("PATCH", "/v3/smartguide/guides/g1")]


async def test_without_any_key_nothing_is_sent(certificate_client: PayClient, world: PayWorld) -> None:
    world.fault = lambda method, path: "lost" if path == "/v3/certificates" else ""
    request = smart_guide.ChangeRequest(guide_id="g1", name=Sensitive("李四"))

    with pytest.raises(Exception, match="no answer"):
        await certificate_client.call(smart_guide.CHANGE, request)

    assert world.calls == []


async def test_another_api_v3_key_opens_nothing(world: PayWorld) -> None:
    world.certificates, world.signs_with = {"first": "01"}, "first"
    client = client_of(world, merchant(public_key_id="", public_key="", api_v3_key="x" * 32))

    with pytest.raises(CannotDecrypt):
        await client.download_certificates()


async def test_certificates_that_did_not_sign_their_answer_do_not_count(world: PayWorld) -> None:
    world.certificates, world.signs_with = {"first": "01"}, "forger"
    client = client_of(world, merchant(public_key_id="", public_key=""))

    with pytest.raises(UnverifiedAnswer):
        await client.download_certificates()


@pytest.mark.parametrize("read", [read_private_key, read_public_key, read_certificate])
@pytest.mark.parametrize(
    "pem", ["", "nonsense", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"]
)
def test_what_is_no_key_is_named_so(read: object, pem: str) -> None:
    with pytest.raises(InvalidPayKey):
        read(pem)  # type: ignore[operator]


def test_a_wrong_api_v3_key_is_named_so(world: PayWorld) -> None:
    with pytest.raises(InvalidPayKey, match="32 characters"):
        client_of(world, merchant(api_v3_key="short"))
    with pytest.raises(InvalidPayKey):
        read_public_key(private_pem("merchant"))
