"""QR codes: tickets and their images."""

from collections.abc import Mapping

from wechat_sandbox.accounts import AccountKind
from wechat_sandbox.endpoints.registry import NOT_FOUND, REGISTRY, Call, Reply, read_number
from wechat_sandbox.state.qrcodes import QrCodes
from wechat_sandbox.wire.errors import PlatformError
from wechat_sandbox.wire.pictures import qr_jpeg

LASTS_MAX_S = 2_592_000
LASTS_DEFAULT_S = 60
_PERMANENT_ID_MAX = 100_000
_TEMPORARY_ID_MAX = 2**32 - 1
_SCENE_CHARS_MAX = 64
# action_name → (whether the scene is a text, whether the code is permanent)
_ACTIONS = {
    "QR_SCENE": (False, False),
    "QR_STR_SCENE": (True, False),
    "QR_LIMIT_SCENE": (False, True),
    "QR_LIMIT_STR_SCENE": (True, True),
}


@REGISTRY.post(
    "/cgi-bin/qrcode/create", kinds=frozenset({AccountKind.SERVICE}), certified_only=True, utf8_only=True
)
def create_qrcode(call: Call) -> Mapping[str, object]:
    action = _ACTIONS.get(call.text("action_name"))
    if action is None:
        raise PlatformError(40052)
    is_text, is_permanent = action
    scene = _read_scene(call, is_text=is_text, is_permanent=is_permanent)
    lasts_s = None if is_permanent else call.number("expire_seconds", LASTS_DEFAULT_S)
    if lasts_s is not None and not 0 < lasts_s <= LASTS_MAX_S:
        raise PlatformError(40053)
    code = QrCodes(call.world).create(call.account, scene=scene, is_text=is_text, at=call.at, lasts_s=lasts_s)
    answer: dict[str, object] = {"ticket": code.ticket}
    if lasts_s is not None:
        answer["expire_seconds"] = lasts_s
    return answer | {"url": code.url}


@REGISTRY.get("/cgi-bin/showqrcode", needs_token=False)
def show_qrcode(call: Call) -> Reply:
    """Return the image; lives on mp.weixin.qq.com, asks for no token, 404 for a ticket that is none."""
    code = QrCodes(call.world).find(call.query.get("ticket", ""))
    if code is None or (code.expires_at is not None and call.at >= code.expires_at):
        return NOT_FOUND
    return Reply(body=qr_jpeg(code.url), content_type="image/jpg")


def _read_scene(call: Call, *, is_text: bool, is_permanent: bool) -> str:
    info = call.body.get("action_info")
    scene = info.get("scene") if isinstance(info, dict) else None
    if not isinstance(scene, dict):
        raise PlatformError(40053)
    if is_text:
        text = scene.get("scene_str")
        if not isinstance(text, str) or not 1 <= len(text) <= _SCENE_CHARS_MAX:
            raise PlatformError(40053)
        return text
    number = read_number(scene.get("scene_id", 0))
    if not 1 <= number <= (_PERMANENT_ID_MAX if is_permanent else _TEMPORARY_ID_MAX):
        raise PlatformError(40053)
    return str(number)
