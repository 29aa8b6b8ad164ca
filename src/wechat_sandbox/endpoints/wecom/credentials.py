"""Tokens by secret, and the addresses the platform calls from and answers at."""

import hmac

from wechat_sandbox.endpoints.wecom.registry import WECOM, Answer, CorpCall
from wechat_sandbox.state.wecom.corp import CUSTOMERS
from wechat_sandbox.wire.errors import PlatformError

WRONG_SECRETS_MAX = 100  # Within an hour; then the caller's address is kept out for the rest of it.
HOUR_S = 3600


@WECOM.get("/gettoken", needs_token=False)
def get_token(call: CorpCall) -> Answer:
    """Return the token of a secret, the same one as long as it lasts."""
    corpid, secret = call.query.get("corpid", ""), call.query.get("corpsecret", "")
    if not corpid:
        raise PlatformError(41002)
    corp = call.world.corps.find(corpid)
    if corp is None:
        raise PlatformError(40013)
    if not secret:
        raise PlatformError(41004)
    matching = [
        name for name, own in corp.all_secrets() if hmac.compare_digest(own.encode(), secret.encode())
    ]
    if not matching:
        call.desk.paces.count(
            f"wrong:{call.remote}", at=call.at, seconds=HOUR_S, limit=WRONG_SECRETS_MAX, code=45009
        )
        raise PlatformError(40001)
    if matching == [CUSTOMERS] and not corp.shares_customer_secret:
        raise PlatformError(40091)
    token = call.world.corps.tokens[corp.corpid].issue(matching[0], call.at)
    call.world.corps.save_tokens(corp)
    return {"access_token": token.value, "expires_in": token.lasts_s(call.at)}


@WECOM.get("/getcallbackip")
def get_callback_addresses(call: CorpCall) -> Answer:
    return {"ip_list": ["127.0.0.1"]}


@WECOM.get("/get_api_domain_ip")
def get_api_addresses(call: CorpCall) -> Answer:
    return {"ip_list": ["127.0.0.1"]}
