"""The callback door over the wire: only the platform's own words come in, each of them once."""

import secrets
import time
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from support.processes import HTTP
from support.running import RunningPlatform
from wechat_sandbox.wire.codec import CallbackCodec, sign
from wechat_sandbox.wire.xml import document

REFUSED = "quanyu_official_account_callbacks_refused_total"
TAKEN = "quanyu_official_account_callbacks_total"
BODY_MAX = 128 * 1024


class Wechat:
    """Delivers callbacks as the platform does, or not quite."""

    def __init__(self, running: RunningPlatform) -> None:
        self._running = running
        self._counted = running.platform.metrics()
        self._kept = self._count()
        account = running.sandbox.account
        self.token, self.original_id = account["token"], account["original_id"]
        self.codec = CallbackCodec(account["token"], account["aes_key"], account["appid"])
        # A follower nobody else uses, of the platform's form.
        self.openid = "o" + secrets.token_hex(14)[:27]

    def message(self, **changes: Any) -> bytes:
        fields: dict[str, Any] = {
            "ToUserName": self.original_id,
            "FromUserName": self.openid,
            "CreateTime": int(time.time()),
            "MsgType": "text",
            "Content": "你好",
            "MsgId": secrets.randbelow(10**18),
        }
        return document(fields | changes).encode()

    def envelope(self, message: bytes, *, codec: CallbackCodec | None = None) -> tuple[dict[str, str], bytes]:
        """Return the signed query and the body of a delivery."""
        encrypted = (codec or self.codec).encrypt(message)
        timestamp, nonce = str(int(time.time())), secrets.token_hex(5)
        query = {
            "signature": sign(self.token, timestamp, nonce),
            "timestamp": timestamp,
            "nonce": nonce,
            "openid": self.openid,
            "encrypt_type": "aes",
            "msg_signature": sign(self.token, timestamp, nonce, encrypted),
        }
        return query, document({"ToUserName": self.original_id, "Encrypt": encrypted}).encode()

    def deliver(self, query: dict[str, str], body: Any, *, path: str = "") -> httpx.Response:
        return HTTP.post(
            f"{self._running.url}{path or urlsplit(self._running.callback_url).path}",
            params=query,
            content=body,
            headers={"content-type": "text/xml"},
        )

    def verify(self, **changes: str) -> httpx.Response:
        """Ask whether the address is theirs."""
        query = {
            "signature": sign(self.token, "1", "2"),
            "timestamp": "1",
            "nonce": "2",
            "echostr": "4711",
        }
        return HTTP.get(self._running.callback_url, params=query | changes)

    def counted(self, metric: str) -> dict[str, int]:
        """Return what was counted since the test began, by label."""
        since = {
            name.partition('="')[2].partition('"')[0]: int(value - self._counted.get(name, 0))
            for name, value in self._running.platform.metrics().items()
            if name.startswith(f"{metric}{{")
        }
        return {label: count for label, count in since.items() if count}

    @property
    def kept(self) -> tuple[int, int]:
        """How many events and raw callbacks were stored since."""
        events, raw = self._count()
        return events - self._kept[0], raw - self._kept[1]

    def _count(self) -> tuple[int, int]:
        source = f"official_account:{self._running.appid}"
        events = self._running.platform.number("SELECT count(*) FROM log_event WHERE source = %s", source)
        return int(events), int(self._running.platform.number("SELECT count(*) FROM raw_callback"))


@pytest.fixture
def wechat(running_platform: RunningPlatform) -> Wechat:
    running_platform.sandbox.until_idle()
    return Wechat(running_platform)


def refusals(wechat: Wechat) -> dict[str, tuple[dict[str, str], bytes, int, str]]:
    """Return by name: query, body, status and reason of everything that must not come in."""
    query, body = wechat.envelope(wechat.message())
    cut_query, cut_body = wechat.envelope(wechat.message()[:-20])
    bomb = b'<!DOCTYPE xml [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><xml><MsgType>&b;</MsgType></xml>'
    bomb_query, bomb_body = wechat.envelope(bomb)
    other_key = CallbackCodec(wechat.token, secrets.token_hex(22)[:43], wechat.codec.appid)
    other_app = CallbackCodec(wechat.token, wechat.codec.aes_key, "wx0000000000000000")
    plain_query = {"signature": query["signature"], "timestamp": query["timestamp"], "nonce": query["nonce"]}
    late = {**query, "timestamp": str(int(query["timestamp"]) - 1)}
    garbled = document({"ToUserName": wechat.original_id, "Encrypt": "not base64!"}).encode()
    garbled_query = {
        **query,
        "msg_signature": sign(wechat.token, query["timestamp"], query["nonce"], "not base64!"),
    }
    return {
        "signature made up": ({**query, "msg_signature": "0" * 40}, body, 403, "bad_signature"),
        "signature of another time": (late, body, 403, "bad_signature"),
        "signature missing": ({**query, "msg_signature": ""}, body, 403, "bad_signature"),
        "signature of the query only": (
            {**query, "msg_signature": query["signature"]},
            body,
            403,
            "bad_signature",
        ),
        "envelope cut off": (query, body[:-9], 400, "malformed_envelope"),
        "envelope empty": (query, b"", 400, "malformed_envelope"),
        "envelope not XML": (query, b"{}", 400, "malformed_envelope"),
        "plain text": (plain_query, wechat.message(), 400, "not_encrypted"),
        "not base64": (garbled_query, garbled, 400, "malformed_ciphertext"),
        "message cut off": (cut_query, cut_body, 400, "malformed_message"),
        "entity bomb": (bomb_query, bomb_body, 400, "malformed_message"),
        "message without sender": (
            *wechat.envelope(b"<xml><MsgType>text</MsgType></xml>"),
            400,
            "malformed_message",
        ),
        "another account's key": (*wechat.envelope(wechat.message(), codec=other_key), 400, ""),
        "another account": (*wechat.envelope(wechat.message(), codec=other_app), 400, "wrong_app_id"),
        "too large": (query, body + b" " * BODY_MAX, 413, "too_large"),
    }


NAMES = (
    "signature made up",
    "signature of another time",
    "signature missing",
    "signature of the query only",
    "envelope cut off",
    "envelope empty",
    "envelope not XML",
    "plain text",
    "not base64",
    "message cut off",
    "entity bomb",
    "message without sender",
    "another account's key",
    "another account",
    "too large",
)


@pytest.mark.parametrize("name", NAMES)
def test_what_is_refused_is_counted_by_reason_and_leaves_nothing(wechat: Wechat, name: str) -> None:
    query, body, status, reason = refusals(wechat)[name]

    answer = wechat.deliver(query, body)

    counted = wechat.counted(REFUSED)
    assert answer.status_code == status, answer.text
    assert list(counted.values()) == [1]
    # With a wrong key the padding is chance, and so is which check notices first.
    assert reason in (*counted, "")
    assert (wechat.counted(TAKEN), wechat.kept) == ({}, (0, 0))


def test_every_way_of_being_wrong_is_tried(wechat: Wechat) -> None:
    assert tuple(refusals(wechat)) == NAMES


def test_no_account_no_door(wechat: Wechat) -> None:
    query, body = wechat.envelope(wechat.message())

    answer = wechat.deliver(query, body, path="/callbacks/official-account/nobody")

    assert answer.status_code == 404
    assert (wechat.counted(REFUSED), wechat.kept) == ({"unknown_account": 1}, (0, 0))


def test_a_replay_is_answered_and_kept_once(wechat: Wechat) -> None:
    query, body = wechat.envelope(wechat.message())

    answers = [wechat.deliver(query, body) for _ in range(3)]

    assert [(answer.status_code, answer.text) for answer in answers] == [(200, "success")] * 3
    assert wechat.counted(TAKEN) == {"accepted": 1, "duplicate": 2}
    assert wechat.kept == (1, 1)


def test_a_second_delivery_under_new_signatures_is_the_same_message(wechat: Wechat) -> None:
    message = wechat.message()

    first = wechat.deliver(*wechat.envelope(message))
    second = wechat.deliver(*wechat.envelope(message))

    assert (first.status_code, second.status_code) == (200, 200)
    assert wechat.counted(TAKEN) == {"accepted": 1, "duplicate": 1}
    assert wechat.kept == (1, 1)


def test_the_address_is_verified_only_for_the_platform(wechat: Wechat) -> None:
    right, wrong = wechat.verify(), wechat.verify(signature="0" * 40)

    assert (right.status_code, right.text) == (200, "4711")
    assert (wrong.status_code, "4711" in wrong.text) == (403, False)
    assert wechat.counted(REFUSED) == {"bad_signature": 1}


def test_other_verbs_are_not_served(wechat: Wechat, running_platform: RunningPlatform) -> None:
    answer = HTTP.put(running_platform.callback_url, content=b"x")

    assert answer.status_code == 405
    assert (wechat.counted(REFUSED), wechat.kept) == ({"method_not_allowed": 1}, (0, 0))
