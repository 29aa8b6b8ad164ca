"""How a map says what a column means: identifiers, fields and tests of a row."""

import re

from quanyu.flows.imports.mapping import (
    NAMESPACES,
    TAG_SEPARATORS,
    CellType,
    ConsentField,
    Field,
    IdentifierField,
    ImportKind,
    RowTest,
    TagField,
)
from quanyu.flows.imports.sections import Section, suggest
from quanyu.modules.people.computed.keys import is_computed_key
from quanyu.modules.people.consent.contracts import PURPOSE_PATTERN, ConsentChannel

_KEY = re.compile(r"[^\W][\w.$-]{0,99}")
_GROUP_CHARS_MAX = 40
_PURPOSE = re.compile(PURPOSE_PATTERN)


def read_identifiers(top: Section, kind: ImportKind) -> tuple[IdentifierField, ...]:
    """Return whom a row is about; only orders and companies may do without."""
    section = top.section("identifiers")
    made = []
    for namespace in section.chosen_keys():
        if namespace not in NAMESPACES:
            zh, en = suggest(namespace, NAMESPACES)
            raise section.fail(namespace, zh=f"未知的标识{zh}", en=f"unknown identifier{en}")
        made.append(_identifier(section, namespace))
    if kind not in (ImportKind.ORDERS, ImportKind.COMPANIES) and not made:
        raise section.fail(
            "",
            zh='缺少：至少一个标识，如 user_id = "客户编号"',
            en='missing: at least one, like user_id = "customer"',
        )
    return tuple(made)


def _identifier(section: Section, namespace: str) -> IdentifierField:
    if isinstance(section.take(namespace), str):
        column, scope = section.required_text(namespace, zh="列名", en="a column"), ""
    else:
        inner = section.section(namespace)
        column = inner.required_text("column", zh="列名", en="a column")
        scope = inner.text("scope", "") or ""
        inner.finish()
    if namespace in ("openid", "external_userid") and not scope:
        raise section.fail(
            namespace,
            zh="须写明 scope：openid 的 appid 或企业的 corpid",
            en="needs a scope: the appid of an openid, the corp id of an external_userid",
        )
    return IdentifierField(namespace=namespace, scope=scope, column=column)


def read_row_test(
    parent: Section, key: str, *, column: str | None = None, more: tuple[str, ...] = ()
) -> RowTest | None:
    """Return the test of a row at ``key``, or ``None`` where the map has none.

    ``column`` is looked at where the test names none; the keys ``more`` are read by the caller.
    """
    if key not in parent:
        return None
    section = parent.section(key)
    named = section.text("column", column)
    values, prefixes = section.texts("values"), section.texts("prefix")
    if named is None:
        raise section.fail("column", zh="缺少：列名", en="missing: the column to look at")
    if not values and not prefixes:
        raise section.fail("values", zh="缺少：values 或 prefix", en="missing: values or prefix")
    for other in more:
        section.take(other)
    section.finish()
    return RowTest(column=named, values=values, prefixes=prefixes)


def read_fields(
    section: Section, *, known: tuple[str, ...] = (), only_text: bool = False
) -> tuple[Field, ...]:
    """Return the fields of a section in their order; ``known`` names the only ones there can be."""
    made = []
    for key in section.chosen_keys():
        if known and key not in known:
            zh, en = suggest(key, known)
            raise section.fail(key, zh=f"未知的名称{zh}", en=f"unknown name{en}")
        if not _KEY.fullmatch(key):
            raise section.fail(
                key, zh="名称只能含字母、数字和 _ . $ -", en="use letters, digits and _ . $ - in names"
            )
        one = read_field(section, key)
        if only_text and (one.type is not CellType.TEXT or not isinstance(one.constant, str | None)):
            raise section.fail(key, zh="只能是文本", en="this is always text")
        made.append(one)
    return tuple(made)


def read_traits(section: Section) -> tuple[Field, ...]:
    """Return the attributes of people; those computed from history are nobody's to import."""
    made = read_fields(section)
    for one in made:
        if is_computed_key(one.key):
            raise section.fail(
                one.key, zh="计算属性不能导入", en="computed attributes come from computations alone"
            )
    return made


def read_field(section: Section, key: str) -> Field:
    """Return one field: a column, the first filled of several columns, or a fixed value."""
    value = section.take(key)
    if isinstance(value, str | list):
        columns = section.texts(key)
        if not columns or not all(columns):
            raise section.fail(key, zh="缺少列名", en="expected the name of a column")
        return Field(key=key, columns=columns)
    inner = section.section(key)
    columns, constant = inner.texts("column"), inner.take("value")
    kind = inner.choice("type", CellType.TEXT)
    inner.finish()
    if bool(columns) == (constant is not None):
        raise section.fail(key, zh="写 column 或 value 其中之一", en="write either a column or a value")
    if constant is not None and not isinstance(constant, str | int | float | bool):
        raise section.fail(
            key, zh="value 应为文本、数字或 true/false", en="a value is a text, a number or true/false"
        )
    return Field(key=key, columns=columns, constant=constant, type=kind)


def read_text_field(section: Section, key: str) -> Field:
    """Return a field that is always text."""
    made = read_field(section, key)
    if made.type is not CellType.TEXT or not isinstance(made.constant, str | None):
        raise section.fail(key, zh="只能是文本", en="this is always text")
    return made


def read_number_field(section: Section, key: str) -> Field:
    """Return a field that is always a number, and never missing."""
    made = read_field(section, key)
    if not made.columns and (isinstance(made.constant, bool) or not isinstance(made.constant, int | float)):
        raise section.fail(key, zh="value 应为数字", en="the value must be a number")
    return Field(
        key=key, columns=made.columns, constant=made.constant, type=CellType.NUMBER, is_required=True
    )


def read_tags(section: Section) -> tuple[TagField, ...]:
    """Return which columns name tags, by the name of the group they belong to."""
    made = []
    for group in section.chosen_keys():
        if not 0 < len(group.strip()) <= _GROUP_CHARS_MAX:
            raise section.fail(
                group, zh="标签组名称为 1 到 40 个字符", en="the name of a tag group has 1 to 40 characters"
            )
        if isinstance(section.take(group), str):
            made.append(TagField(group=group.strip(), column=section.text(group) or ""))
            continue
        inner = section.section(group)
        column = inner.required_text("column", zh="列名", en="a column")
        separators = inner.text("separators", TAG_SEPARATORS) or TAG_SEPARATORS
        inner.finish()
        made.append(TagField(group=group.strip(), column=column, separators=separators))
    return tuple(made)


def read_consents(section: Section) -> tuple[ConsentField, ...]:
    """Return which columns answer yes or no to a purpose."""
    made = []
    for purpose in section.chosen_keys():
        if not _PURPOSE.fullmatch(purpose):
            raise section.fail(purpose, zh="不是用途的标识", en="not the key of a purpose")
        channel = ConsentChannel.ALL
        if isinstance(section.take(purpose), str):
            column = section.text(purpose) or ""
        else:
            inner = section.section(purpose)
            column = inner.required_text("column", zh="列名", en="a column")
            channel = inner.choice("channel", ConsentChannel.ALL)
            inner.finish()
        answer = Field(key=purpose, columns=(column,), type=CellType.BOOLEAN)
        made.append(ConsentField(purpose=purpose, channel=channel, answer=answer))
    return tuple(made)
