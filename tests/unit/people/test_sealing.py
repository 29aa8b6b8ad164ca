"""Sealed identifiers: tokens to find by, values only the key opens, strongest first."""

import base64
import json

from quanyu.infra.crypto import KeyFile, KeyRing
from quanyu.modules.people.contracts import Identifier
from quanyu.modules.people.sealing import IDENTIFIERS_MAX, IdentifierSealer, split_tokens

RING = KeyRing(KeyFile.new())
SEALER = IdentifierSealer(RING)


def test_tokens_and_values_are_aligned_strongest_first() -> None:
    tokens, listed = SEALER.seal(
        [
            Identifier("anonymous_id", "", "a-1"),
            Identifier("phone", "", "138 0013 8000"),
            Identifier("openid", "wx1", "oX"),
            Identifier("user_id", "", "null"),
        ]
    )
    assert listed is not None
    entries = json.loads(listed)
    assert [(namespace, scope) for namespace, scope, _ in entries] == [
        ("openid", "wx1"),
        ("phone", ""),
        ("anonymous_id", ""),
    ]
    assert [RING.open(base64.b64decode(sealed)).decode() for _, _, sealed in entries] == [
        "oX",
        "+8613800138000",
        "a-1",
    ]
    assert split_tokens(tokens) == [
        RING.blind("openid", "wx1", "oX"),
        RING.blind("phone", "", "+8613800138000"),
        RING.blind("anonymous_id", "", "a-1"),
    ]


def test_nothing_usable_gives_nothing() -> None:
    assert SEALER.seal([]) == (b"", None)
    assert SEALER.seal([Identifier("user_id", "", "undefined"), Identifier("phone", "", "?")]) == (b"", None)


def test_ways_to_write_one_phone_are_one_token() -> None:
    tokens, _ = SEALER.seal(
        [Identifier("phone", "", "13800138000"), Identifier("phone", "", "+86 138 0013 8000")]
    )
    assert len(split_tokens(tokens)) == 1


def test_an_event_keeps_its_strongest_identifiers() -> None:
    many = [Identifier("anonymous_id", "", f"a{number}") for number in range(30)]
    tokens, _ = SEALER.seal([*many, Identifier("user_id", "", "u1")])
    assert len(split_tokens(tokens)) == IDENTIFIERS_MAX
    assert split_tokens(tokens)[0] == RING.blind("user_id", "", "u1")
