"""Rows and counts as the console is shown them."""

from collections.abc import Mapping
from typing import Any, Final

from quanyu.kernel.ids import encode_id
from quanyu.modules.journeys.contracts import FindingView, JourneyRowView, NodeView
from quanyu.modules.journeys.errors import Finding
from quanyu.modules.journeys.queries.journeys import JourneyRow
from quanyu.modules.journeys.rules import END, Exit
from quanyu.modules.messaging.contracts import MessageState

Outcomes = Mapping[str, Mapping[str, int]]  # By node, then by outcome.
_NOTHING: Final[Mapping[str, int]] = {}


def row_view(
    row: JourneyRow,
    graph: Mapping[str, Any],
    outcomes: Outcomes,
    waiting: Mapping[str, int],
    messages: Mapping[str, Mapping[MessageState, int]],
) -> JourneyRowView:
    """Show a journey; people who stand or stood at nodes of earlier versions count in the totals."""
    completed = sum(counts.get(END, 0) for counts in outcomes.values())
    exited = sum(counts.get(reason, 0) for counts in outcomes.values() for reason in Exit)
    active = sum(waiting.values())
    return JourneyRowView(
        id=encode_id("jrn", row.id),
        name=row.name,
        status=row.status,
        version=row.version,
        entered=active + completed + exited,
        active=active,
        completed=completed,
        exited=exited,
        nodes=tuple(
            _node_view(
                node_id,
                node,
                outcomes.get(node_id, _NOTHING),
                waiting.get(node_id, 0),
                messages.get(node_id, {}),
            )
            for node_id, node in _nodes_of(graph).items()
        ),
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


def finding_view(finding: Finding) -> FindingView:
    """Show what is wrong with a draft."""
    return FindingView(path=finding.path, node=finding.node, en=finding.en, zh=finding.zh)


def _nodes_of(graph: Mapping[str, Any]) -> Mapping[str, Mapping[str, Any]]:
    """A draft may hold anything; show what looks like nodes."""
    nodes = graph.get("nodes")
    if not isinstance(nodes, Mapping):
        return {}
    return {str(node_id): node for node_id, node in nodes.items() if isinstance(node, Mapping)}


def _node_view(
    node_id: str,
    node: Mapping[str, Any],
    outcomes: Mapping[str, int],
    waiting: int,
    messages: Mapping[MessageState, int],
) -> NodeView:
    left = sum(outcomes.values())
    return NodeView(
        id=node_id,
        kind=str(node.get("kind", "")),
        label=str(node.get("label", "")),
        entered=left + waiting,
        waiting=waiting,
        left=left,
        outcomes=dict(outcomes),
        messages=dict(messages),
    )
