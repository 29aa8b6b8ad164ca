"""Every template can be published as it stands, once an account and a segment are chosen."""

from typing import Any, get_args

import pytest

from quanyu.modules.journeys.definition import SegmentEntered, Send
from quanyu.modules.journeys.errors import InvalidJourney
from quanyu.modules.journeys.graph import parse_definition
from quanyu.modules.journeys.templates.building import Language, Parts, Template
from quanyu.modules.journeys.templates.catalogue import TEMPLATES
from quanyu.modules.segments.tree import parse_definition as parse_test

BOTH: tuple[Language, ...] = get_args(Language)


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda one: one.key)
@pytest.mark.parametrize("language", BOTH)
def test_a_template_is_a_journey(template: Template, language: Language) -> None:
    definition = parse_definition(template.build(Parts("oac_1", "seg_1", language)))
    assert isinstance(definition.entry, SegmentEntered) == template.by_segment
    sends = [node for node in definition.nodes.values() if isinstance(node, Send)]
    assert sends
    assert all(node.account_id == "oac_1" and node.label for node in sends)
    for node in definition.nodes.values():
        if node.kind == "condition":
            parse_test(dict(node.test))


def test_both_languages_differ_in_words_alone() -> None:
    for template in TEMPLATES:
        zh, en = (template.build(Parts("oac_1", "seg_1", language)) for language in BOTH)
        assert _shape(zh) == _shape(en)
        assert zh != en
        assert template.name.zh != template.name.en


def test_what_is_not_chosen_is_left_to_be_filled_in() -> None:
    for template in TEMPLATES:
        with pytest.raises(InvalidJourney):
            parse_definition(template.build(Parts("", "", "zh")))


def _shape(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _shape(one) for key, one in value.items() if key not in ("label", "text")}
    return value
