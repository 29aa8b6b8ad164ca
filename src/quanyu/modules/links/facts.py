"""What a fetch of a link states in the log: a click of a person, or a fetch that does not count."""

from typing import Any

from quanyu.kernel.ids import encode_id
from quanyu.modules.links.contracts import CLICKED, FETCHED, PREFIX, BotReason, Destination
from quanyu.modules.links.targets import bare


def name_of(bot: BotReason | None) -> str:
    """Return the name: what no person did has one of its own, so that nothing counts it by mistake."""
    return CLICKED if bot is None else FETCHED


def properties_of(opened: Destination, bot: BotReason | None) -> dict[str, Any]:
    """Return what is told of it; of the target no query, which may be about somebody."""
    told: dict[str, Any] = {"link_id": encode_id(PREFIX, opened.link_id), "target": bare(opened.target)[:300]}
    if opened.message_id is not None:
        told["message_id"] = encode_id("msg", opened.message_id)
    if opened.campaign:
        told["broadcast_id" if opened.campaign.startswith("bct_") else "journey_id"] = opened.campaign
    if opened.node_id:
        told["node_id"] = opened.node_id
    for mark in ("utm_medium", "utm_term"):
        if opened.utm.get(mark):
            told[mark] = opened.utm[mark]
    if bot is not None:
        told["reason"] = str(bot)
    return told


def context_of(opened: Destination) -> dict[str, str]:
    """Return the columns of history: those that tracking fills from a page's own address."""
    columns = {
        "source_code": opened.utm.get("utm_source", ""),
        "campaign": opened.utm.get("utm_campaign", ""),
        "content": opened.utm.get("utm_content", ""),
    }
    return {key: value for key, value in columns.items() if value}
