"""Notes are signed by the server, whatever a draft claims."""

from datetime import UTC, datetime

from quanyu.modules.journeys.definition import read_definition
from quanyu.modules.journeys.notes import sign

NOW = datetime(2026, 7, 1, tzinfo=UTC)
OLD = {"id": "a", "node": "out", "text": "旧", "author": "陈", "at": "2026-06-01T00:00:00+00:00"}


def test_a_note_keeps_its_author_until_its_words_change() -> None:
    claimed = {**OLD, "author": "冒名", "at": None}
    changed = {**OLD, "text": "新"}
    fresh = {"id": "b", "node": "out", "text": "另一条"}
    signed = sign({"notes": [claimed, changed, fresh]}, {"notes": [OLD]}, author="林", now=NOW)["notes"]
    mine = {"author": "林", "at": NOW.isoformat()}
    assert signed == [OLD, {**changed, **mine}, {**fresh, **mine}]


def test_what_is_no_note_is_left_alone() -> None:
    for draft in ({}, {"notes": "words"}, {"notes": [1, None]}):
        assert sign(draft, {"notes": 3}, author="林", now=NOW) == draft


def test_places_and_notes_are_read_and_change_nothing_of_the_graph() -> None:
    raw = {"entry": {"kind": "event", "event": "Came"}, "start": "out", "nodes": {"out": {"kind": "end"}}}
    drawn = {**raw, "layout": {"@entry": {"x": 1, "y": -2}, "out": {"x": 3, "y": 4}}, "notes": [OLD]}
    definition = read_definition(drawn)
    assert definition.model_copy(update={"layout": {}, "notes": ()}) == read_definition(raw)
