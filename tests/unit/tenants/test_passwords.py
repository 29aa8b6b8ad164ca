"""What may be a password, how it is stored, and how long failures make one wait."""

from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from quanyu.modules.tenants.access.errors import UnfitPassword
from quanyu.modules.tenants.access.passwords.hashing import Hasher, is_dated
from quanyu.modules.tenants.access.passwords.pace import delay_after
from quanyu.modules.tenants.access.passwords.rules import check_password


@pytest.mark.parametrize(
    "password",
    ["九个字符也太短了呀", "1234567890", "qwertyuiop", "password1234", "lin@example.com", "LinZhixia2026"],
)
async def test_short_common_and_personal_passwords_are_turned_away(password: str) -> None:
    with pytest.raises(UnfitPassword):
        await check_password(password, email="lin@example.com", name="linzhixia")


@pytest.mark.parametrize(
    "password", ["松子 桂花 夜雨 龙井", "teapot lantern gravel", "x" * 3 + "9Kw!z2Qp" * 24]
)
async def test_a_few_words_and_long_ones_are_taken(password: str) -> None:
    await check_password(password, email="lin@example.com", name="linzhixia")


async def test_a_password_is_stored_as_argon2id_and_known_again() -> None:
    hasher = Hasher()
    phc = await hasher.hash("松子 桂花 夜雨 龙井")
    assert phc.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert phc != await hasher.hash("松子 桂花 夜雨 龙井")
    assert await hasher.matches("松子 桂花 夜雨 龙井", phc)
    assert not await hasher.matches("松子 桂花 夜雨 龙", phc)
    assert not await hasher.matches("", None)


def test_other_parameters_are_dated() -> None:
    old = Argon2id(salt=b"s" * 16, length=32, iterations=1, lanes=1, memory_cost=8192)
    assert is_dated(old.derive_phc_encoded(b"x"))


def test_delays_grow_up_to_a_quarter_of_an_hour() -> None:
    waits = [int(delay_after(failures, 5).total_seconds()) for failures in range(1, 14)]
    assert waits == [0, 0, 0, 0, 10, 20, 40, 80, 160, 320, 640, 900, 900]
    assert delay_after(10**6, 30) == timedelta(minutes=15)
