"""What advertising in articles has earned: nothing, since no account of the sandbox shows any."""

from collections.abc import Mapping
from datetime import date

from wechat_sandbox.endpoints.registry import REGISTRY, Call

_OK = {"ret": 0, "err_msg": "ok"}
_SUMMARIES: dict[str, tuple[str, ...]] = {
    "publisher_adpos_general": (
        "req_succ_count", "exposure_count", "exposure_rate", "click_count", "click_rate", "income", "ecpm",
    ),
    "publisher_cps_general": (
        "exposure_count", "click_count", "click_rate", "order_count", "order_rate", "total_fee",
        "total_commission",
    ),
}  # fmt: skip


@REGISTRY.get("/publisher/stat")
def publisher_stat(call: Call) -> Mapping[str, object]:
    """Answer in the advertising platform's own envelope, ``base_resp``."""
    problem = _find_problem(call)
    if problem:
        return {"base_resp": {"ret": 45010, "err_msg": problem}}
    action = call.query["action"]
    if action == "publisher_settlement":
        return {
            "base_resp": _OK,
            "body": "",
            "revenue_all": 0,
            "penalty_all": 0,
            "settled_revenue_all": 0,
            "settlement_list": [],
            "total_num": 0,
        }
    summary = dict.fromkeys(_SUMMARIES[action], 0)
    return {"base_resp": _OK, "summary": summary, "list": [], "total_num": 0}


def _find_problem(call: Call) -> str:
    if call.query.get("action", "") not in (*_SUMMARIES, "publisher_settlement"):
        return "invalid action"
    if not all(call.query.get(name, "").isdecimal() for name in ("page", "page_size")):
        return "invalid page"
    try:
        begin, end = (date.fromisoformat(call.query.get(name, "")) for name in ("start_date", "end_date"))
    except ValueError:
        return "invalid date"
    return "" if begin <= end else "invalid date range"
