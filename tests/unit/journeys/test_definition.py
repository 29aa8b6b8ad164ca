"""What is wrong with a graph is said with its place, all at once."""

from typing import Any

import pytest
from pydantic import ValidationError

from quanyu.modules.journeys.contracts import SaveJourney
from quanyu.modules.journeys.definition import BYTES_MAX
from quanyu.modules.journeys.errors import InvalidJourney
from quanyu.modules.journeys.graph import parse_definition
from quanyu.modules.messaging.contracts import MessageKind

END = {"kind": "end"}


def findings(definition: dict[str, Any]) -> list[tuple[str | None, str]]:
    """Return (node, path) of everything that is wrong."""
    with pytest.raises(InvalidJourney) as caught:
        parse_definition(definition)
    assert caught.value.details["node"] == (caught.value.findings[0].node or "")
    return [(one.node, one.path) for one in caught.value.findings]


def test_every_fault_names_its_node_and_part() -> None:
    definition = {
        "entry": {"kind": "event", "event": ""},
        "start": "a",
        "nodes": {
            "a": {"kind": "wait", "seconds": -1, "next": "b"},
            "b": {"kind": "fly"},
            "c": {
                "kind": "send",
                "account_id": "oac_1",
                "message_kind": "letter",
                "content": {},
                "next": "a",
            },
        },
    }
    assert findings(definition) == [
        (None, "entry.event"),
        ("a", "nodes.a.seconds"),
        ("b", "nodes.b"),
        ("c", "nodes.c.message_kind"),
    ]


def test_every_missing_target_and_every_island_is_named() -> None:
    entry = {"kind": "event", "event": "X"}
    lost = {"a": {"kind": "condition", "test": {}, "yes": "x", "no": "y"}, "b": END}
    assert findings({"entry": entry, "start": "a", "nodes": lost}) == [
        ("a", "nodes.a.yes"),
        ("a", "nodes.a.no"),
    ]
    islands = {"a": END, "b": END, "c": END}
    assert findings({"entry": entry, "start": "a", "nodes": islands}) == [("b", "nodes.b"), ("c", "nodes.c")]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("\0", "zero character"),
        ("\ud800", "not valid Unicode"),
        ("x" * BYTES_MAX, "at most 256 KiB"),
    ],
)
def test_a_draft_no_database_could_keep_is_refused(text: str, says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        SaveJourney(name="x", definition={"nodes": {"a": {"label": text}}})


def test_a_backslash_is_no_zero_character() -> None:
    definition = {"label": "\\u0000", "number": 1}
    assert SaveJourney(name="x", definition=definition).definition == definition


def test_only_marketing_names_a_purpose() -> None:
    send = {
        "kind": "send",
        "account_id": "oac_1",
        "message_kind": "customer_service_text",
        "content": {"text": "你好"},
        "purpose": "club",
        "next": "end",
    }
    definition = {"entry": {"kind": "event", "event": "x"}, "start": "a", "nodes": {"a": send, "end": END}}
    assert parse_definition(definition).nodes["a"].purpose == "club"  # type: ignore[union-attr]
    send["message_class"] = "transactional"
    assert findings(definition) == [("a", "nodes.a")]


@pytest.mark.parametrize("kind", list(MessageKind))
def test_a_send_step_takes_every_kind_of_message(kind: MessageKind) -> None:
    send = {"kind": "send", "account_id": "oac_1", "message_kind": str(kind), "content": {}, "next": "end"}
    definition = {"entry": {"kind": "event", "event": "x"}, "start": "a", "nodes": {"a": send, "end": END}}
    read = parse_definition(definition)
    assert read.nodes["a"].message_kind is kind  # type: ignore[union-attr]
    assert read.model_dump(mode="json")["nodes"]["a"]["message_kind"] == str(kind)
