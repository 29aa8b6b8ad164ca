"""Downloading the platform's certificates. Source: website tree (2026-08), troubleshooting guide."""

import secrets

from wechat_sandbox.clock import china_time
from wechat_sandbox.endpoints.pay.registry import PAY, Answer, PayCall
from wechat_sandbox.state.pay.merchants import Verification
from wechat_sandbox.wire.pay import crypto
from wechat_sandbox.wire.pay.errors import PayError, param_error

_ASSOCIATED = "certificate"


@PAY.get("/v3/certificates")
def download(call: PayCall) -> Answer:
    """Every certificate that signs now or soon, encrypted with the merchant's APIv3 key."""
    kind = call.query.get("algorithm_type", "RSA")
    if kind not in ("RSA", "SM2", "ALL"):
        raise param_error("/query/algorithm_type", kind, "不在可选值之内")
    if kind == "SM2" or call.merchant.verification is Verification.PUBLIC_KEY:
        raise PayError("RESOURCE_NOT_EXISTS", "无可用的平台证书,请在商户平台-API安全申请使用微信支付公钥")
    data = []
    for one in call.pay.platform.certificates(call.at):
        nonce = secrets.token_hex(6)
        plain = one.certificate_pem.encode()
        sealed = crypto.seal(call.merchant.api_v3_key, plain, nonce=nonce, associated_data=_ASSOCIATED)
        data.append(
            {
                "serial_no": one.serial_no,
                "effective_time": china_time(one.effective_at),
                "expire_time": china_time(one.expires_at),
                "encrypt_certificate": {
                    "algorithm": crypto.ALGORITHM,
                    "nonce": nonce,
                    "associated_data": _ASSOCIATED,
                    "ciphertext": sealed,
                },
            }
        )
    return {"data": data}
