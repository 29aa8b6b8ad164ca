"""The tools: each is one call of the API, and says what of its answer leaves. None publishes or sends.

Assistants are told no names of people and no values that tell who somebody is: an id, where somebody stands,
and figures.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import quote

_ITEMS_MAX: Final = 200
_PERSON: Final = ("id", "first_seen_at", "last_seen_at", "segments", "totals", "rfm", "lifetime", "reachable")
_MESSAGE: Final = (
    "id", "channel", "kind", "message_class", "purpose", "state", "reason", "reason_text", "code",
    "planned_at", "updated_at", "journey_id", "node_id",
)  # fmt: skip
_TEXT: Final = {"type": "string", "minLength": 1, "maxLength": 1_000}
_ID: Final = {"type": "string", "pattern": "^[a-z]+_[0-9a-z]+$", "maxLength": 40}
_KEY: Final = {"type": "string", "pattern": "^[a-z_]+$", "maxLength": 40}
_OBJECT: Final = {"type": "object"}
_TYPES: Final = {"string": str, "object": dict}


def _all(answer: Any) -> Any:
    return answer


def _items(*keys: str) -> Callable[[Any], Any]:
    def shown(answer: Any) -> Any:
        return [{key: one[key] for key in keys if key in one} for one in answer["items"][:_ITEMS_MAX]]

    return shown


def _fields(*keys: str) -> Callable[[Any], Any]:
    return lambda answer: {key: answer[key] for key in keys if key in answer}


@dataclass(frozen=True, slots=True)
class Tool:
    """One tool. Arguments in the path's braces go there, ``asks`` into the query, others into the body."""

    name: str
    description: str
    method: str
    path: str
    takes: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    asks: tuple[str, ...] = ()
    shows: Callable[[Any], Any] = _all
    saves: bool = False  # Whether it leaves something behind: a draft.

    def schema(self) -> dict[str, Any]:
        """Return the JSON schema of its arguments; all of them are needed."""
        return {
            "type": "object",
            "properties": {name: dict(rule) for name, rule in self.takes.items()},
            "required": list(self.takes),
            "additionalProperties": False,
        }

    def problem(self, arguments: Mapping[str, Any]) -> tuple[str, str] | None:
        """Say, in English and Chinese, why arguments will not do."""
        if set(arguments) != set(self.takes):
            wanted = ", ".join(self.takes) or "no arguments"
            return f"{self.name} takes {wanted}", f"{self.name} 的参数应为：{wanted}"
        for name, rule in self.takes.items():
            if not isinstance(arguments[name], _TYPES[rule["type"]]):
                return f"{name} is to be a {rule['type']}", f"{name} 的类型应为 {rule['type']}"
        return None

    def request(self, arguments: Mapping[str, Any]) -> tuple[str, dict[str, str], dict[str, Any] | None]:
        """Return (path, query, body) of the call."""
        in_path = {name for name in self.takes if f"{{{name}}}" in self.path}
        path = self.path.format(**{name: quote(arguments[name], safe="") for name in in_path})
        query = {name: str(arguments[name]) for name in self.asks}
        body = {name: arguments[name] for name in self.takes if name not in in_path and name not in self.asks}
        return path, query, body if self.method == "POST" else None


_V1: Final = "/api/v1"
TOOLS: Final = (
    Tool(
        "list_segments",
        "List the brand's segments with their definitions and sizes.",
        "GET",
        f"{_V1}/segments",
        shows=_items("id", "name", "description", "definition", "count", "status", "as_of"),
    ),
    Tool(
        "list_journeys",
        "List the brand's journeys with their status and how many people are in them.",
        "GET",
        f"{_V1}/journeys",
        shows=_items("id", "name", "status", "version", "entered", "active", "completed", "exited", "goals"),
    ),
    Tool(
        "get_journey",
        "Return one journey: its draft, what keeps it from being published, what is published, figures.",
        "GET",
        f"{_V1}/journeys/{{journey}}",
        {"journey": _ID},
    ),
    Tool(
        "list_journey_templates",
        "List journeys to begin from, for common cases, with a name and a sentence for each.",
        "GET",
        f"{_V1}/journeys/templates",
    ),
    Tool(
        "fill_journey_template",
        "Make a journey's graph from a template, without an account and a segment. Nothing is saved.",
        "GET",
        f"{_V1}/journeys/templates/{{template}}",
        {"template": _KEY},
    ),
    Tool(
        "list_metrics",
        "List the platform's metrics and the brand's own, with their definitions.",
        "GET",
        f"{_V1}/metrics",
    ),
    Tool(
        "person_summary",
        "Return figures of one person: segments, orders, scores. No name and no identifier.",
        "GET",
        f"{_V1}/people/{{person}}",
        {"person": _ID},
        shows=_fields(*_PERSON),
    ),
    Tool(
        "draft_segment",
        "Turn a sentence (Chinese or English) into a checked segment definition. Nothing is saved.",
        "POST",
        f"{_V1}/drafts/segment",
        {"text": _TEXT},
    ),
    Tool(
        "draft_journey",
        "Turn a sentence (Chinese or English) into a journey's graph, with findings. Nothing is saved.",
        "POST",
        f"{_V1}/drafts/journey",
        {"text": _TEXT},
    ),
    Tool(
        "save_journey_draft",
        "Save a journey's graph as a new draft, for people to look over and publish.",
        "POST",
        f"{_V1}/journeys",
        {"name": {**_TEXT, "maxLength": 80}, "definition": _OBJECT},
        shows=_fields("id", "name", "status", "findings"),
        saves=True,
    ),
    Tool(
        "preview_segment",
        "Count the people a segment definition selects now.",
        "POST",
        f"{_V1}/segments/preview",
        {"definition": _OBJECT},
        shows=_fields("count", "as_of", "took_ms"),
    ),
    Tool(
        "check_journey",
        "Say what would keep a journey's graph from being published. Nothing is saved.",
        "POST",
        f"{_V1}/drafts/journey/check",
        {"definition": _OBJECT},
    ),
    Tool(
        "explain_segment",
        "Tell why one person is, or is not, in a definition: every condition with what was found.",
        "POST",
        f"{_V1}/segments/explain",
        {"definition": _OBJECT, "person": _ID},
        shows=_fields("as_of", "tree"),
    ),
    Tool(
        "explain_messages",
        "List the latest messages of one person with what became of each and why, without their texts.",
        "GET",
        f"{_V1}/messages",
        {"person": _ID},
        asks=("person",),
        shows=_items(*_MESSAGE),
    ),
)
_BY_NAME: Final = {tool.name: tool for tool in TOOLS}


def by_name(name: str) -> Tool | None:
    """Return a tool."""
    return _BY_NAME.get(name)
