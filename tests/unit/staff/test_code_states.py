"""State texts: short, signed, and of one corp (CW-8)."""

import pytest

from quanyu.infra.crypto import KeyFile, KeyRing
from quanyu.kernel.ids import new_id
from quanyu.modules.channels.contracts import AccountId
from quanyu.modules.staff.codes.states import StateId, StateSigner

KEYS = KeyFile.new()
SIGNER = StateSigner(KeyRing(KEYS))
CORP, OTHER = AccountId(7), AccountId(8)


@pytest.mark.parametrize("number", [0, 1, 382_860_458_720_136_948, 2**63 - 1])
def test_cw_8_a_state_is_read_back_and_fits_the_platform(number: int) -> None:
    text = SIGNER.issue(CORP, StateId(number))
    assert len(text) <= 30
    assert text.isascii()
    assert SIGNER.read(CORP, text) == number


def test_cw_8_what_we_did_not_sign_is_nothing() -> None:
    text = SIGNER.issue(CORP, StateId(new_id()))
    changed = [text[:at] + ("0" if sign != "0" else "1") + text[at + 1 :] for at, sign in enumerate(text)]
    for wrong in (
        *changed,
        text[:-1],
        text + "0",
        text.upper(),
        "",
        "spring-campaign",
        "q_",
        "q_" + "0" * 28,
    ):
        assert SIGNER.read(CORP, wrong) is None, wrong
    assert SIGNER.read(OTHER, text) is None


def test_cw_8_states_outlive_a_new_blind_key() -> None:
    text = SIGNER.issue(CORP, StateId(5))
    renewed = StateSigner(KeyRing(KeyFile(KEYS.sealing, {**KEYS.blind, 2: bytes(32)})))
    assert renewed.read(CORP, text) == 5
    assert renewed.issue(CORP, StateId(5)) != text
