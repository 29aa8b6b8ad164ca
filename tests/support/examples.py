"""Some value of every type that a call sends or returns."""

import types
import typing
from typing import Any, Literal

import msgspec

from quanyu.wechat.calls import Sensitive


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
