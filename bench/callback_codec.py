"""How fast one callback is verified, decrypted and parsed, against WeRoBot and wechatpy on the same ones.

All check ``msg_signature``, decrypt and parse. Deliveries are taken in turns, so that all see the
same machine. Run: ``python -m bench.callback_codec``.
"""

import secrets
import time
import warnings
from dataclasses import dataclass
from typing import Protocol

from bench.support import Aim, Result, report
from quanyu.wechat.callbacks.crypto import MessageCrypt
from quanyu.wechat.callbacks.envelope import read_envelope
from quanyu.wechat.official_account.parsing import parse_callback

AIM = Aim(ratio_min=5)
TOKEN, APP_ID = "benchtoken", "wxba5fad812f8e6fb9"
AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
ROUNDS, PER_ROUND = 40, 500
HEAD = (
    "<ToUserName><![CDATA[gh_97417a04a28d]]></ToUserName>\n"
    "<FromUserName><![CDATA[o9AgO5Kd5ggOC-bXrbNODIiE3bGY]]></FromUserName>\n"
    "<CreateTime>{at}</CreateTime>\n"
)
# What a service account receives on an ordinary day.
BODIES = (
    "<MsgType><![CDATA[text]]></MsgType>\n<Content><![CDATA[请问今天下午门店几点关门？想来取预订的茶]]></Content>\n"
    "<MsgId>{id}</MsgId>\n",
    "<MsgType><![CDATA[event]]></MsgType>\n<Event><![CDATA[VIEW]]></Event>\n"
    "<EventKey><![CDATA[https://shop.example.com/tea/spring?from=menu]]></EventKey>\n<MenuId>468489431</MenuId>\n",
    "<MsgType><![CDATA[event]]></MsgType>\n<Event><![CDATA[CLICK]]></Event>\n"
    "<EventKey><![CDATA[points]]></EventKey>\n",
    "<MsgType><![CDATA[event]]></MsgType>\n<Event><![CDATA[subscribe]]></Event>\n"
    "<EventKey><![CDATA[qrscene_shop_12]]></EventKey>\n<Ticket><![CDATA[gQHi8DoAAAAAAAAAASxodHRwOi8v]]></Ticket>\n",
    "<MsgType><![CDATA[event]]></MsgType>\n<Event><![CDATA[TEMPLATESENDJOBFINISH]]></Event>\n"
    "<MsgID>{id}</MsgID>\n<Status><![CDATA[success]]></Status>\n",
    "<MsgType><![CDATA[event]]></MsgType>\n<Event><![CDATA[SCAN]]></Event>\n"
    "<EventKey><![CDATA[table_7]]></EventKey>\n<Ticket><![CDATA[gQHi8DoAAAAAAAAAASxodHRwOi8v]]></Ticket>\n",
)


@dataclass(frozen=True)
class Delivery:
    """One request as the platform makes it."""

    body: bytes
    timestamp: str
    nonce: str
    msg_signature: str


def make_deliveries(count: int) -> list[Delivery]:
    """Return ``count`` different deliveries, the kinds in turn."""
    crypt = MessageCrypt(token=TOKEN, encoding_aes_key=AES_KEY, app_id=APP_ID)
    made = []
    for number in range(count):
        inside = BODIES[number % len(BODIES)].format(id=23456789012345678 + number)
        document = f"<xml>{HEAD.format(at=1714112445 + number)}{inside}</xml>"
        encrypted = crypt.seal(document.encode())
        body = (
            "<xml>\n    <ToUserName><![CDATA[gh_97417a04a28d]]></ToUserName>\n"
            f"    <Encrypt><![CDATA[{encrypted}]]></Encrypt>\n</xml>\n"
        )
        timestamp, nonce = str(1714112445 + number), str(secrets.randbelow(10**9))
        made.append(
            Delivery(
                body.encode(),
                timestamp,
                nonce,
                crypt.sign_sealed(encrypted, timestamp=timestamp, nonce=nonce),
            )
        )
    return made


class Codec(Protocol):
    """Reads a delivery: who sent it, and when."""

    def read(self, delivery: Delivery) -> tuple[str, int]: ...


class Ours:
    """The codec under test."""

    def __init__(self) -> None:
        self._crypt = MessageCrypt(token=TOKEN, encoding_aes_key=AES_KEY, app_id=APP_ID)

    def read(self, delivery: Delivery) -> tuple[str, int]:
        document = self._crypt.open(
            read_envelope(delivery.body),
            msg_signature=delivery.msg_signature,
            timestamp=delivery.timestamp,
            nonce=delivery.nonce,
        )
        callback = parse_callback(document)
        return callback.FromUserName, callback.CreateTime


class Werobot:
    """The yardstick."""

    def __init__(self) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from werobot.robot import BaseRoBot

            self._robot = BaseRoBot(
                token=TOKEN, encoding_aes_key=AES_KEY, app_id=APP_ID, enable_session=False
            )

    def read(self, delivery: Delivery) -> tuple[str, int]:
        message = self._robot.parse_message(
            delivery.body,
            timestamp=delivery.timestamp,
            nonce=delivery.nonce,
            msg_signature=delivery.msg_signature,
        )
        return message.source, int(message.time)


class Wechatpy:
    """The other yardstick."""

    def __init__(self) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from wechatpy import parse_message
            from wechatpy.crypto import WeChatCrypto

        self._crypt = WeChatCrypto(TOKEN, AES_KEY, APP_ID)
        self._parse = parse_message

    def read(self, delivery: Delivery) -> tuple[str, int]:
        document = self._crypt.decrypt_message(
            delivery.body, delivery.msg_signature, delivery.timestamp, delivery.nonce
        )
        message = self._parse(document)
        return message.source, int(message.time)


def seconds_for(codec: Codec, deliveries: list[Delivery]) -> float:
    """Return how long ``codec`` takes to read all ``deliveries``."""
    start = time.perf_counter()
    for delivery in deliveries:
        codec.read(delivery)
    return time.perf_counter() - start


def main() -> None:
    """Measure in turns and print a line of JSON for each yardstick."""
    deliveries = make_deliveries(PER_ROUND)
    codecs: dict[str, Codec] = {"": Ours(), "WeRoBot 1.13.1": Werobot(), "wechatpy 1.8.18": Wechatpy()}
    # A throughput whose result is wrong counts as zero.
    answers = [[codec.read(one) for one in deliveries] for codec in codecs.values()]
    assert all(answer == answers[0] for answer in answers)
    spent = dict.fromkeys(codecs, 0.0)
    for _ in range(ROUNDS):
        for name, codec in codecs.items():
            spent[name] += seconds_for(codec, deliveries)
    total = ROUNDS * PER_ROUND
    for name in list(codecs)[1:]:
        report(
            Result(
                name="callback codec (verify, decrypt, parse)",
                figure=round(total / spent[""]),
                unit="callbacks/s",
                yardstick=round(total / spent[name]),
                yardstick_name=f"{name}, same deliveries in turns",
                aim=AIM,
            )
        )


if __name__ == "__main__":
    main()
