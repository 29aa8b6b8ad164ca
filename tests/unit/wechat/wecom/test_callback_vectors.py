"""The platform's published examples of verification and delivery (加解密库 sample, path 90307 and 90968)."""

import pytest

from quanyu.wechat.callbacks.errors import BadSignature, MalformedCallback
from quanyu.wechat.wecom.callbacks import CallbackOpener, Delivery, parse_callback
from quanyu.wechat.wecom.events import apps

TOKEN = "QDG6eK"
KEY = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"
CORP = "wx5823bf96d3bd56c7"
ECHO = Delivery(
    msg_signature="5c45ff5e21c57e6ad56bac8758b79b1d9ac89fd3",
    timestamp="1409659589",
    nonce="263014780",
    echostr="P9nAzCzyDtyTWESHep1vC5X9xho/qYX3Zpb4yKa9SKld1DsH3Iyt3tP3zNdtp+4RPcs8TgAE7OaBO+FZXvnaqQ==",
)
MESSAGE = Delivery(
    msg_signature="477715d11cdb4164915debcba66cb864d751f3e6", timestamp="1409659813", nonce="1372623149"
)
ENCRYPTED = (
    "RypEvHKD8QQKFhvQ6QleEB4J58tiPdvo+rtK1I9qca6aM/wvqnLSV5zEPeusUiX5L5X/0lWfrf0QADHHhGd3QczcdCUpj911L3vg3W/s"
    "YYvuJTs3TUUkSUXxaccAS0qhxchrRYt66wiSpGLYL42aM6A8dTT+6k4aSknmPj48kzJs8qLjvd4Xgpue06DOdnLxAUHzM6+kDZ+HMZfJ"
    "YuR+LtwGc2hgf5gsijff0ekUNXZiqATP7PF5mZxZ3Izoun1s4zG4LUMnvw2r+KqCKIw+3IQH03v+BCA9nMELNqbSf6tiWSrXJB3LAVGU"
    "callcrw8V2t9EL4EhzJWrQUax5wLVMNS0+rUPA3k22Ncx4XXZS9o0MBH27Bo6BpNelZpS+/uh9KsNlY6bHCmJU9p8g7m3fVKn28H3KDY"
    "A5Pl/T8Z1ptDAVe0lXdQ2YoyyH2uyPIGHBZZIs2pDBS8R07+qN+E7Q=="
)
BODY = (
    f"<xml><ToUserName><![CDATA[{CORP}]]></ToUserName><Encrypt><![CDATA[{ENCRYPTED}]]></Encrypt>"
    "<AgentID><![CDATA[218]]></AgentID></xml>"
).encode()


@pytest.fixture
def opener() -> CallbackOpener:
    return CallbackOpener(token=TOKEN, encoding_aes_key=KEY, receive_id=CORP)


def test_the_address_is_verified_by_what_the_echo_holds(opener: CallbackOpener) -> None:
    assert opener.echo(ECHO) == "1616140317555161061"


def test_the_published_message_opens(opener: CallbackOpener) -> None:
    read = parse_callback(opener.open(MESSAGE, BODY))

    assert read == apps.TextMessage(
        ToUserName=CORP,
        FromUserName="mycreate",
        CreateTime=1409659813,
        MsgType="text",
        Content="hello",
        MsgId="4561255354251345929",
        AgentID="218",
    )
    assert read.delivery_key == "message:218:mycreate:4561255354251345929"


@pytest.mark.parametrize("name", ["Encrypt", "encrypt"])
def test_the_same_as_json(opener: CallbackOpener, name: str) -> None:
    body = f'{{"{name}":"{ENCRYPTED}","ToUserName":"{CORP}","AgentID":"218"}}'.encode()

    assert opener.open(MESSAGE, body) == opener.open(MESSAGE, BODY)


def test_another_corp_is_refused() -> None:
    other = CallbackOpener(token=TOKEN, encoding_aes_key=KEY, receive_id="wx0000000000000000")

    for attempt in (lambda: other.echo(ECHO), lambda: other.open(MESSAGE, BODY)):
        with pytest.raises(MalformedCallback) as caught:
            attempt()
        assert caught.value.reason == "wrong_app_id"


def test_another_token_is_refused() -> None:
    other = CallbackOpener(token="QDG6eL", encoding_aes_key=KEY, receive_id=CORP)

    for attempt in (lambda: other.echo(ECHO), lambda: other.open(MESSAGE, BODY)):
        with pytest.raises(BadSignature):
            attempt()
