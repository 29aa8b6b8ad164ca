"""What the platform's content security finds: a short list of words, and marks in the names of files.

A sandbox cannot look at pictures. A file counts as risky when its name or address says ``risky``, and as
doubtful when it says ``review``; so a test decides by the name it gives.
"""

import secrets
from dataclasses import dataclass
from enum import StrEnum

from wechat_sandbox.accounts import Account
from wechat_sandbox.state.core import Core
from wechat_sandbox.state.jobs import finishes, start_job
from wechat_sandbox.state.shelf import Shelf
from wechat_sandbox.wire.xml import XmlValue

NORMAL = 100
_JOB = "mini_media_check"


class Suggest(StrEnum):
    """What to do with a content, mildest first."""

    PASS = "pass"  # noqa: S105 - a verdict.
    REVIEW = "review"
    RISKY = "risky"


# Word → (label, verdict). The last one is the test text of the official page.
_WORDS: dict[str, tuple[int, Suggest]] = {
    "加微信领红包": (10001, Suggest.REVIEW),
    "全网最低价": (10001, Suggest.REVIEW),
    "反动": (20001, Suggest.RISKY),
    "色情": (20002, Suggest.RISKY),
    "傻子": (20003, Suggest.REVIEW),
    "枪支": (20006, Suggest.RISKY),
    "毒品": (20006, Suggest.RISKY),
    "刷单": (20008, Suggest.RISKY),
    "低俗": (20012, Suggest.REVIEW),
    "盗版": (20013, Suggest.REVIEW),
    "特3456书yuuo莞6543李zxcz蒜7782法fgnv级": (21000, Suggest.RISKY),
}
_PICTURE_LABEL = 20002


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One word that was found."""

    word: str
    label: int
    suggest: Suggest


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaCheck:
    """A file that is being looked at."""

    person: int
    url: str


def read_text(text: str) -> list[Finding]:
    """Return every word of the list that a text has, the worst first."""
    found = [
        Finding(word=word, label=label, suggest=suggest)
        for word, (label, suggest) in _WORDS.items()
        if word in text
    ]
    return sorted(found, key=lambda finding: -list(Suggest).index(finding.suggest))


def judge_file(name: str) -> tuple[Suggest, int]:
    """Return verdict and label of a file, by its name."""
    for verdict in (Suggest.RISKY, Suggest.REVIEW):
        if verdict in name.lower():
            return verdict, _PICTURE_LABEL
    return Suggest.PASS, NORMAL


def new_trace_id() -> str:
    return f"{secrets.token_hex(4)}-{secrets.token_hex(4)}-{secrets.token_hex(4)}"


def begin_media_check(world: Core, account: Account, person: int, url: str) -> str:
    """Begin to look at a file; the verdict comes as an event a moment later, also after a restart."""
    trace_id = new_trace_id()
    _checks(world).put(account.appid, trace_id, MediaCheck(person=person, url=url))
    start_job(world, account, _JOB, trace_id)
    return trace_id


@finishes(_JOB)
def _report_verdict(world: Core, account: Account, trace_id: str) -> None:
    check = _checks(world).find(account.appid, trace_id)
    if check is None:
        return
    _checks(world).drop(account.appid, trace_id)
    suggest, label = judge_file(check.url)
    verdict: dict[str, XmlValue] = {"suggest": suggest.value, "label": label}
    detail: dict[str, XmlValue] = {"strategy": "content_model", "errcode": 0, **verdict, "prob": 90}
    fields: dict[str, XmlValue] = {
        "MsgType": "event",
        "Event": "wxa_media_check",
        "appid": account.appid,
        "trace_id": trace_id,
        "version": 2,
        "detail": [detail],
        "errcode": 0,
        "errmsg": "ok",
        "result": verdict,
    }
    relation = world.get_relation(account, check.person)
    world.emit(account, relation, "wxa_media_check", world.now(), fields)


def _checks(world: Core) -> Shelf[MediaCheck]:
    return Shelf(world.store, "mini_media_check", MediaCheck)
