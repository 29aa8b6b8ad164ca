"""How lists refuse, in both languages."""

from quanyu.modules.segments.lists.contracts import BYTES_MAX, ENTRIES_MAX
from quanyu.modules.segments.lists.errors import ListTooLarge, NotAList


def not_a_list() -> NotAList:
    """Return the refusal of a segment that has conditions."""
    return NotAList("this segment is no list: it has conditions", message_zh="该人群由条件定义，不是名单")


def too_many_bytes() -> ListTooLarge:
    """Return the refusal of a file that is too large."""
    return ListTooLarge(
        f"a file has at most {BYTES_MAX >> 20} MiB", message_zh=f"文件最大 {BYTES_MAX >> 20} MiB"
    )


def too_many_people() -> ListTooLarge:
    """Return the refusal of a list with too many people."""
    return ListTooLarge(
        f"a list holds at most {ENTRIES_MAX:,} people", message_zh=f"一个名单最多 {ENTRIES_MAX:,} 人"
    )
