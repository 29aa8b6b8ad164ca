"""The published vector of TC3-HMAC-SHA256, and our own signature checked by the other side's code."""

from datetime import UTC, datetime

from quanyu.infra.tencent_cloud import authorization, canonical_hash
from wechat_sandbox.wire import tc3

HOST = "sms.tencentcloudapi.com"
BODY = (
    b'{"PhoneNumberSet":["+8613800000000"],"SmsSdkAppId":"1400000000","SignName":"sandbox",'
    b'"TemplateId":"100000","TemplateParamSet":["1234"]}'
)
AT = datetime.fromtimestamp(1_700_000_000, UTC)


def header(**changes: str) -> str:
    stated = {
        "secret_id": "AKIDEXAMPLE",
        "secret_key": "EXAMPLEKEY",
        "service": "sms",
        "host": HOST,
    } | changes
    return authorization(body=BODY, at=AT, **stated)


def test_the_published_vector() -> None:
    assert canonical_hash(HOST, BODY) == "465b7b92605ccad0516a3b55739ea85d65726edc095c46d45a1f4220b8b946c1"
    assert header() == (
        "TC3-HMAC-SHA256 Credential=AKIDEXAMPLE/2023-11-14/sms/tc3_request, SignedHeaders=content-type;host, "
        "Signature=6fa8f3b03003247ce110bac18c7eec37eaa1ffbf7ac02253cc1ae79a4526754d"
    )


def test_the_platform_side_computes_the_same_signature_and_notices_any_change() -> None:
    sent = {"content-type": "application/json", "host": HOST}
    claim = tc3.read_claim(header())
    assert claim is not None

    assert tc3.signature_of(claim, "EXAMPLEKEY", sent, "1700000000", BODY) == claim.signature
    assert tc3.signature_of(claim, "EXAMPLEKEy", sent, "1700000000", BODY) != claim.signature
    assert tc3.signature_of(claim, "EXAMPLEKEY", sent, "1700000001", BODY) != claim.signature
    assert tc3.signature_of(claim, "EXAMPLEKEY", sent, "1700000000", BODY + b" ") != claim.signature
    assert tc3.signature_of(claim, "EXAMPLEKEY", sent | {"host": "x"}, "1700000000", BODY) != claim.signature
    assert tc3.read_claim("Bearer x") is None
