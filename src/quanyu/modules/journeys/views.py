"""Rows and counts as the console is shown them."""

from collections.abc import Mapping
from typing import Any, Final

from quanyu.kernel.ids import encode_id
from quanyu.modules.journeys.contracts import FindingView, JourneyRowView, NodeView
from quanyu.modules.journeys.errors import Finding
from quanyu.modules.journeys.queries.counts import NodeCounts
from quanyu.modules.journeys.queries.journeys import JourneyRow
from quanyu.modules.journeys.rules import END, Exit
from quanyu.modules.messaging.contracts import MessageState

_NOBODY: Final = NodeCounts(0, {})


def row_view(
    row: JourneyRow,
    graph: Mapping[str, Any],
    counts: Mapping[str, NodeCounts],
    messages: Mapping[str, Mapping[MessageState, int]],
    goals: int,
    not_changed: Mapping[str, int] | None = None,
) -> JourneyRowView:
    """Show a journey; people who stand or stood at nodes of earlier versions count in the totals."""
    completed = sum(node.outcomes.get(END, 0) for node in counts.values())
    exited = sum(node.outcomes.get(reason, 0) for node in counts.values() for reason in Exit)
    active = sum(node.waiting for node in counts.values())
    return JourneyRowView(
        id=encode_id("jrn", row.id),
        name=row.name,
        status=row.status,
        version=row.version,
        entered=active + completed + exited,
        active=active,
        completed=completed,
        exited=exited,
        goals=goals,
        nodes=tuple(
            _node_view(
                node_id,
                node,
                counts.get(node_id, _NOBODY),
                messages.get(node_id, {}),
                (not_changed or {}).get(node_id, 0),
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
    counts: NodeCounts,
    messages: Mapping[MessageState, int],
    not_changed: int,
) -> NodeView:
    return NodeView(
        id=node_id,
        kind=str(node.get("kind", "")),
        label=str(node.get("label", "")),
        entered=counts.came,
        waiting=counts.waiting,
        left=counts.left,
        outcomes=dict(counts.outcomes),
        messages=dict(messages),
        not_changed=not_changed,
    )
