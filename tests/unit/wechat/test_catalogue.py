"""Every declared call can be made: its request is written and its answer read as declared."""

import pkgutil
import re
import types
import typing
from typing import Any, Literal

import msgspec
import pytest

import quanyu.wechat
from quanyu.wechat import catalogue
from quanyu.wechat.calls import Answer, Call, Download, File, Proof, Request, Sensitive
from quanyu.wechat.catalogue import DeclaredCall, all_calls
from quanyu.wechat.client import read_answer
from quanyu.wechat.transport import Received

CALLS = all_calls()


def example(kind: Any) -> Any:
    """Return some value of a type, with every field filled."""
    origin, args = typing.get_origin(kind), typing.get_args(kind)
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        return _filled(_one_of(kind))
    if origin is Literal:
        return args[-1]
    if origin is tuple:
        return (example(args[0]),)
    if origin is dict:
        return {"key1": example(args[1])}
    if origin in (types.UnionType, typing.Union):
        return example(args[0])
    samples: dict[Any, Any] = {
        str: "text",
        Any: "text",
        int: 7,
        bool: True,
        float: 0.5,
        bytes: b"\x00\xff",
        Sensitive: Sensitive("secret"),
    }
    return samples[kind] if kind in samples else next(iter(kind))


def _one_of(kind: type[msgspec.Struct]) -> type[msgspec.Struct]:
    """Return a type itself, or where only its subclasses are sent, one of them."""
    config = kind.__struct_config__
    is_base = config.tag_field is not None and config.tag is None
    return kind.__subclasses__()[0] if is_base else kind


def _filled(kind: type[msgspec.Struct], depth: int = 0) -> Any:
    values = {
        one.name: () if _is_recursive(one.type, kind) else example(one.type)
        for one in msgspec.structs.fields(kind)
    }
    return kind(**values)


def _is_recursive(field: Any, kind: type) -> bool:
    return kind in typing.get_args(field) or kind.__name__ in ("CurrentButtons",)


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
