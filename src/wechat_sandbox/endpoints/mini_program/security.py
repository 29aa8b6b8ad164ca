"""Content security and risk rank of mini programs."""

from collections.abc import Mapping

from wechat_sandbox.accounts import MINI_PROGRAMS
from wechat_sandbox.endpoints.registry import OK, REGISTRY, Call
from wechat_sandbox.relations import Relation
from wechat_sandbox.state.mini_program.content_check import (
    NORMAL,
    Finding,
    Suggest,
    begin_media_check,
    judge_file,
    new_trace_id,
    read_text,
)
from wechat_sandbox.state.mini_program.risk import Risk
from wechat_sandbox.state.mini_program.visits import Visits
from wechat_sandbox.wire.errors import PlatformError

TEXT_CHARS_MAX = 2500
PICTURE_BYTES_MAX = 1024 * 1024
TEXTS_PER_MINUTE, TEXTS_PER_DAY = 4000, 2_000_000
FILES_PER_MINUTE, FILES_PER_DAY = 2000, 200_000
SAME_FILE_PER_MINUTE = 10
_SCENES = range(1, 5)
_RISK_SCENES = range(3)
_MEDIA_TYPES = (1, 2)
_LEVELS = {Suggest.REVIEW: 20, Suggest.RISKY: 90}


@REGISTRY.post("/wxa/msg_sec_check", kinds=MINI_PROGRAMS, daily_limit=TEXTS_PER_DAY)
def check_text(call: Call) -> Mapping[str, object]:
    """Look at a text; without ``version`` as the first version did, with 87014 for what is risky."""
    content = call.text("content")
    if not content or len(content) > TEXT_CHARS_MAX:
        raise PlatformError(47001)
    key = f"texts:{call.account.appid}"
    call.desk.paces.count(key, at=call.at, seconds=60, limit=TEXTS_PER_MINUTE, code=44991)
    texts = [content, *(call.text(name) for name in ("title", "nickname", "signature"))]
    if call.body.get("version") != 2:
        if any(finding.suggest is Suggest.RISKY for finding in read_text(content)):
            raise PlatformError(87014)
        return OK
    _visitor(call)
    return OK | {"trace_id": new_trace_id()} | _verdict(read_text("\n".join(texts)))


@REGISTRY.post("/wxa/media_check_async", kinds=MINI_PROGRAMS, daily_limit=FILES_PER_DAY)
def check_media(call: Call) -> Mapping[str, object]:
    """Begin to look at a file; the verdict follows as ``wxa_media_check``."""
    url = call.text("media_url")
    if not url.startswith(("http://", "https://")) or call.body.get("version") != 2:
        raise PlatformError(47001)
    if call.body.get("media_type") not in _MEDIA_TYPES:
        raise PlatformError(40004)
    relation, paces, appid = _visitor(call), call.desk.paces, call.account.appid
    paces.count(f"files:{appid}", at=call.at, seconds=60, limit=FILES_PER_MINUTE, code=44991)
    paces.count(f"file:{appid}:{url}", at=call.at, seconds=60, limit=SAME_FILE_PER_MINUTE, code=87020)
    return OK | {"trace_id": begin_media_check(call.world, call.account, relation.person, url)}


@REGISTRY.post("/wxa/img_sec_check", kinds=MINI_PROGRAMS)
def check_picture(call: Call) -> Mapping[str, object]:
    """Look at an uploaded picture, as the first version did."""
    upload = call.upload()
    if len(upload.content) > PICTURE_BYTES_MAX:
        raise PlatformError(40006)
    if judge_file(upload.filename)[0] is Suggest.RISKY:
        raise PlatformError(87014)
    return OK


@REGISTRY.post("/wxa/getuserriskrank", kinds=MINI_PROGRAMS)
def risk_rank(call: Call) -> Mapping[str, object]:
    """Tell how far a recent visitor is to be trusted: 0, ordinary, to 4 (``unoin_id`` is its spelling)."""
    if call.text("appid") != call.account.appid:
        raise PlatformError(40013)
    if call.body.get("scene") not in _RISK_SCENES:
        raise PlatformError(40129)
    if not call.text("client_ip"):
        raise PlatformError(40097)
    relation = _recent(call)
    rank = Risk(call.world, call.account).rank(relation.person)
    done = {"errcode": 0, "errmsg": "getuserriskrank succ"}
    return done | {"unoin_id": call.world.new_id(call.at), "risk_rank": rank}


def _visitor(call: Call) -> Relation:
    if call.body.get("scene") not in _SCENES:
        raise PlatformError(40129)
    return _recent(call)


def _recent(call: Call) -> Relation:
    """Return someone who was here within two hours (61010 else)."""
    relation = call.recipient(call.text("openid"))
    if not Visits(call.world, call.account).was_here(relation.person, call.at):
        raise PlatformError(61010)
    return relation


def _verdict(found: list[Finding]) -> dict[str, object]:
    suggest, label = (found[0].suggest, found[0].label) if found else (Suggest.PASS, NORMAL)
    model: dict[str, object] = {
        "strategy": "content_model",
        "errcode": 0,
        "suggest": suggest,
        "label": label,
        "prob": 90,
    }
    words: list[dict[str, object]] = [
        {
            "strategy": "keyword",
            "errcode": 0,
            "suggest": finding.suggest,
            "label": finding.label,
            "level": _LEVELS[finding.suggest],
            "keyword": finding.word,
        }
        for finding in found
    ]
    return {"result": {"suggest": suggest, "label": label}, "detail": [model, *words]}
