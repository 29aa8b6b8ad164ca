"""What a definition may ask about: what is sealed is not in the warehouse, and nobody would ever be found."""

from quanyu.modules.events.asking.facts import Facts
from quanyu.modules.events.asking.fields import PROPERTY_PREFIX
from quanyu.modules.people.service import asked_instead, is_sealed_property
from quanyu.modules.segments.errors import InvalidDefinition
from quanyu.modules.segments.tree import (
    Attribute,
    Condition,
    DateTest,
    InList,
    Sequence,
    conditions_of,
    parse_definition,
)


def read_definition(raw: object) -> Condition:
    """Read a definition somebody wrote, and refuse one that asks about what is sealed.

    Stored definitions are read by ``parse_definition``: they were checked when they were written.

    Raises:
        InvalidDefinition: not such a tree, or it asks about an identifier or a name.
    """
    definition = parse_definition(raw)
    for condition in conditions_of(definition):
        if isinstance(condition, InList):
            raise InvalidDefinition(
                "a list is asked about by its segment: use kind segment",
                message_zh="名单请通过所属人群引用（条件“属于人群”）",
            )
        if isinstance(condition, (Attribute, DateTest)):
            _check_attribute(condition.key)
        elif isinstance(condition, (Facts, Sequence)):
            for field in condition.fields_read():
                _check_field(field)
    return definition


def _check_attribute(key: str) -> None:
    instead = asked_instead(key)
    if instead is None:
        return
    hint = f"; ask about {' or '.join(instead)} instead" if instead else ""
    hint_zh = f",可改用 {'、'.join(instead)}" if instead else ""
    raise InvalidDefinition(
        f"{key} is an identifier or a name: it is sealed and cannot be asked about{hint}",
        message_zh=f"{key} 属于标识或姓名，已加密，不能作为条件{hint_zh}",
        key=key,
        instead=list(instead),
    )


def _check_field(field: str) -> None:
    if field.startswith(PROPERTY_PREFIX) and is_sealed_property(field.removeprefix(PROPERTY_PREFIX)):
        raise InvalidDefinition(
            f"{field} tells who somebody is: it is sealed and cannot be asked about",
            message_zh=f"{field} 属于个人标识，已加密，不能作为条件",
            key=field,
            instead=[],
        )
