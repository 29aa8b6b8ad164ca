"""Every declared call can be made: its request is written and its answer read as declared."""

import pkgutil
import re
from typing import Any

import msgspec
import pytest

import quanyu.wechat
from quanyu.wechat import catalogue
from quanyu.wechat.calls import Answer, Call, Download, File, Proof, Request, Sensitive
from quanyu.wechat.catalogue import DeclaredCall, all_calls
from quanyu.wechat.client import read_answer
from quanyu.wechat.transport import Received
from support.examples import example

CALLS = all_calls()


@pytest.mark.parametrize("declared", CALLS, ids=lambda one: f"{one.family}.{one.name}")
def test_requests_are_written_where_they_belong(declared: DeclaredCall) -> None:
    call: Call[Any, Any] = declared.call
    request = example(call.request)

    encoded = call.encode(request, _plain)

    placed = set(re.findall(r"{(\w+)}", call.path))
    sent = _written(request) - placed
    assert encoded.path == re.sub(r"{\w+}", "text", call.path)
    if call.method in ("GET", "DELETE"):
        assert encoded.body is None
        assert set(encoded.query) == sent
    else:
        assert set(encoded.query) == set(call.query) & sent == set(call.query)
        assert encoded.body is not None
        for name in sent - set(call.query):
            assert name.encode() in encoded.body
    assert "access_token" not in encoded.query or call.proof is Proof.NONE


def _written(request: Request) -> set[str]:
    fields = msgspec.structs.fields(type(request))
    if any(one.type is File for one in fields):
        return {one.encode_name for one in fields}
    return set(msgspec.to_builtins(request, enc_hook=_plain))


def _plain(sensitive: Sensitive) -> str:
    return sensitive.value


@pytest.mark.parametrize("declared", CALLS, ids=lambda one: f"{one.family}.{one.name}")
def test_answers_are_read_with_every_number_as_text(declared: DeclaredCall) -> None:
    """The platform writes one number now as a number and now as text."""
    call: Call[Any, Any] = declared.call
    if issubclass(call.answer, Download):
        received = Received(200, b"\xff\xd8picture", "image/jpeg", "a.jpg")
        assert read_answer(call, received).file == File(b"\xff\xd8picture", "a.jpg", "image/jpeg")
        return
    expected = example(call.answer)
    if call.proof is Proof.SIGNATURE:  # 微信支付 writes its types as documented.
        written = msgspec.json.encode(expected, enc_hook=_plain)
        read = msgspec.json.decode(written, type=call.answer, dec_hook=lambda _, value: Sensitive(value))
        assert read == expected
        return

    as_numbers = msgspec.json.encode(expected)
    as_texts = msgspec.json.encode(_numbers_as_text(msgspec.to_builtins(expected)))

    assert read_answer(call, Received(200, as_numbers)) == expected
    assert read_answer(call, Received(200, as_texts)) == expected
    assert isinstance(expected, Answer)


def _numbers_as_text(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _numbers_as_text(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_numbers_as_text(one) for one in value]
    if isinstance(value, bool):
        return int(value)
    return str(value) if isinstance(value, int | float) else value


def test_each_path_is_declared_once() -> None:
    paths = [(one.call.host, one.method, one.path) for one in CALLS]

    assert len(set(paths)) == len(paths) > 380


def test_no_module_with_calls_is_forgotten() -> None:
    """A new family is of no use to documentation and coverage before the catalogue knows it."""
    listed = {module.__name__ for _, _, module in catalogue._FAMILIES}
    root = "quanyu.wechat."
    found = {
        info.name
        for info in pkgutil.walk_packages(quanyu.wechat.__path__, root)
        if any(isinstance(value, Call) for value in vars(__import__(info.name, fromlist=["_"])).values())
    }
    assert found - listed == set()


def test_a_path_says_what_the_platform_calls_it() -> None:
    for one in CALLS:
        assert one.path.startswith("/"), one
        assert not one.path.endswith("/"), one
