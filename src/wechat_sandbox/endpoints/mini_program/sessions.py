"""Login of mini programs: codes, session keys, phone numbers, sealed data."""

import base64
import hashlib
import hmac
from collections.abc import Mapping

from wechat_sandbox.accounts import MINI_PROGRAMS, Account, AccountKind, short_code
from wechat_sandbox.clock import DAY_S
from wechat_sandbox.crowd.people import make_person
from wechat_sandbox.endpoints.registry import OK, REGISTRY, Call
from wechat_sandbox.relations import Relation
from wechat_sandbox.state.mini_program.risk import Risk
from wechat_sandbox.state.mini_program.sessions import CodeKind, Session, Sessions
from wechat_sandbox.state.mini_program.trades import Trades
from wechat_sandbox.state.mini_program.visits import Visits
from wechat_sandbox.wire.errors import PlatformError

LOGINS_PER_MINUTE = 100  # Per person.
RESETS_PER_MINUTE = 60_000
BLOCKED_RANK = 4
PAID_UNIONID_S = 300.0


@REGISTRY.get("/sns/jscode2session", needs_token=False)
def code_to_session(call: Call) -> Mapping[str, object]:
    """Change a login code for the openid and a new session key."""
    account = _authenticate(call)
    if call.query.get("grant_type") != "authorization_code":
        raise PlatformError(40002)
    sessions = Sessions(call.world, account)
    relation = sessions.take_code(CodeKind.LOGIN, call.query.get("js_code", ""), call.at)
    key = f"login:{account.appid}:{relation.person}"
    call.desk.paces.count(key, at=call.at, seconds=60, limit=LOGINS_PER_MINUTE, code=45011)
    if Risk(call.world, account).rank(relation.person) >= BLOCKED_RANK:
        raise PlatformError(40226)
    session = sessions.open(relation, call.at)
    Visits(call.world, account).notice(relation.person, call.at)
    answer = {"session_key": session.session_key, "openid": relation.openid}
    return answer | ({"unionid": relation.unionid} if account.platform_id else {})


@REGISTRY.both("/wxa/checksession", kinds=MINI_PROGRAMS)
def check_session(call: Call) -> Mapping[str, object]:
    _signed_session(call)
    return OK


@REGISTRY.both("/wxa/resetusersessionkey", kinds=MINI_PROGRAMS)
def reset_session_key(call: Call) -> Mapping[str, object]:
    """Replace the session key; the session ends when it would have."""
    relation, session = _signed_session(call)
    key = f"reset:{call.account.appid}"
    call.desk.paces.count(key, at=call.at, seconds=60, limit=RESETS_PER_MINUTE, code=45011)
    renewed = Sessions(call.world, call.account).replace_key(relation, session)
    return OK | {"openid": relation.openid, "session_key": renewed.session_key}


@REGISTRY.both("/wxa/business/getuserencryptkey", kinds=MINI_PROGRAMS)
def user_encrypt_keys(call: Call) -> Mapping[str, object]:
    """Return the three latest keys of a person, newest first; a new one comes each day."""
    relation, _ = _signed_session(call)
    today = int(call.at // DAY_S)
    keys = []
    for version in range(today, today - 3, -1):
        digest = hmac.new(
            call.account.secret.encode(), f"{relation.openid}:{version}".encode(), hashlib.sha256
        ).digest()
        keys.append(
            {
                "encrypt_key": base64.b64encode(digest[:16]).decode(),
                "iv": base64.b64encode(digest[16:]).decode(),
                "version": version,
                "expire_in": max(0, int((version + 3) * DAY_S - call.at)),
                "create_time": int(version * DAY_S),
            }
        )
    return OK | {"key_info_list": keys}


@REGISTRY.post("/wxa/business/getuserphonenumber", kinds=MINI_PROGRAMS, certified_only=True)
def phone_number(call: Call) -> Mapping[str, object]:
    """Change the code of the phone button for the number."""
    relation = Sessions(call.world, call.account).take_code(CodeKind.PHONE, call.text("code"), call.at)
    if call.text("openid") not in ("", relation.openid):
        raise PlatformError(40013)  # The code is another person's.
    phone = make_person(call.world.seed, relation.person, call.world.people).phone
    watermark = {"timestamp": int(call.at), "appid": call.account.appid}
    return OK | {"phone_info": phone_fields(phone) | {"watermark": watermark}}


@REGISTRY.post("/wxa/business/checkencryptedmsg", kinds=MINI_PROGRAMS)
def check_sealed(call: Call) -> Mapping[str, object]:
    """Tell whether data was sealed by the platform within three days (``vaild`` is its spelling)."""
    digest = call.text("encrypted_msg_hash").lower()
    sealed_at = Sessions(call.world, call.account).sealed_at(digest, call.at)
    if sealed_at is None:
        raise PlatformError(1)
    return OK | {"vaild": True, "create_time": int(sealed_at)}


@REGISTRY.get("/wxa/getpaidunionid", kinds=MINI_PROGRAMS)
def paid_unionid(call: Call) -> Mapping[str, object]:
    """Return the unionid of someone who paid within the last five minutes."""
    relation = call.recipient(call.query.get("openid", ""))
    if not call.account.platform_id:
        raise PlatformError(89002)
    trade = Trades(call.world, call.account).find(
        transaction_id=call.query.get("transaction_id", ""),
        merchant_id=call.query.get("mch_id", ""),
        trade_no=call.query.get("out_trade_no", ""),
    )
    recent = trade is not None and call.at < trade.pay_time + PAID_UNIONID_S
    if trade is None or not recent or trade.openid != relation.openid:
        raise PlatformError(89300)
    return OK | {"unionid": relation.unionid}


@REGISTRY.post("/wxa/getpluginopenpid", kinds=MINI_PROGRAMS)
def plugin_openpid(call: Call) -> Mapping[str, object]:
    """Change the code of a plugin login for the person's id within the plugin."""
    try:
        relation = Sessions(call.world, call.account).take_code(CodeKind.PLUGIN, call.text("code"), call.at)
    except PlatformError as error:
        raise PlatformError(1003) from error
    digest = hashlib.sha256(f"openpid:{relation.openid}".encode()).digest()
    return OK | {"openpid": "p" + short_code(digest, 27)}


def phone_fields(phone: str) -> dict[str, object]:
    return {"phoneNumber": phone, "purePhoneNumber": phone, "countryCode": "86"}


def _signed_session(call: Call) -> tuple[Relation, Session]:
    values = {name: call.query.get(name) or call.text(name) for name in ("openid", "signature", "sig_method")}
    relation = call.recipient(values["openid"])
    sessions = Sessions(call.world, call.account)
    session = sessions.check_signature(
        relation, "", signature=values["signature"], method=values["sig_method"], at=call.at
    )
    return relation, session


def _authenticate(call: Call) -> Account:
    appid, secret = call.query.get("appid", ""), call.query.get("secret", "")
    if not appid:
        raise PlatformError(41002)
    account = call.world.accounts.get(appid)
    if account is None or account.kind is not AccountKind.MINI_PROGRAM:
        raise PlatformError(40013)
    if not secret:
        raise PlatformError(41004)
    if not hmac.compare_digest(account.secret.encode(), secret.encode()):
        raise PlatformError(40125)
    return account
