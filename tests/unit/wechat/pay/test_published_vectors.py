"""Examples published by the platform's own libraries, and invocation parameters verified by their key."""

import base64
from datetime import UTC, datetime

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

from quanyu.wechat.pay.client import PayClient
from quanyu.wechat.pay.crypto import Sealed, open_sealed
from quanyu.wechat.pay.invocation import invoke_app, invoke_jsapi, invoke_transfer
from quanyu.wechat.pay.signing import Signer, read_private_key
from support.pay_keys import MCH_ID, private_key

# The test key of the official Go library (utils/sign_test.go), which protects nothing.
_KEY = """
MIIEvgIBADANBgkqhkiG9w0BAQEFAASCBKgwggSkAgEAAoIBAQDZUJN33V+dSfvd
fL0Mu+39XrZNXFFMQSy1V15FpncHeV47SmV0TzTqZc7hHB0ddqAdDi8Z5k3TKqb7
6sOwYr5TcAfuR6PIPaleyE0/0KrljBum2Isa2Nyq7Dgc3ElBQ6YN4l/a+DpvKaz1
FSKmKrhLNskqokWVSlu4g8OlKlbPXQ9ibII14MZRQrrkTmHYHzfi7GXXM0thAKuR
0HNvyhTHBh4/lrYM3GaMvmWwkwvsMavnOex6+eioZHBOb1/EIZ/LzC6zuHArPpyW
3daGaZ1rtQB1vVzTyERAVVFsXXgBHvfFud3w3ShsJYk8JvMwK2RpJ5/gV0QSARcm
LDRUAlPzAgMBAAECggEBAMc7rDeUaXiWv6bMGbZ3BTXpg1FhdddnWUnYE8HfX/km
OFI7XtBHXcgYFpcjYz4D5787pcsk7ezPidAj58zqenuclmjKnUmT3pfbI5eCA2v4
C9HnbYDrmUPK1ZcADtka4D6ScDccpNYNa1g2TFHzkIrEa6H+q7S3O2fqxY/DRVtN
0JIXalBb8daaqL5QVzSmM2BMVnHy+YITJWIkP2a3pKs9C0W65JGDsnG0wVrHinHF
+cnhFZIbaPEI//DAFMc9NkrWOKVRTEgcCUxCFaHOZVNxDWZD7A2ZfJB2rK6eg//y
gEiFDR2h6mTaDowMB4YF2n2dsIO4/dCG8vPHI20jn4ECgYEA/ZGu6lEMlO0XZnam
AZGtiNgLcCfM/C2ZERZE7QTRPZH1WdK92Al9ndldsswFw4baJrJLCmghjF/iG4zi
hhBvLnOLksnZUfjdumxoHDWXo2QBWbI5QsWIE7AuTiWgWj1I7X4fCXSQf6i+M/y2
6TogQ7d0ANpZFyOkTNMn/tiJvLECgYEA22XqlamG/yfAGWery5KNH2DGlTIyd6xJ
WtJ9j3jU99lZ0bCQ5xhiBbU9ImxCi3zgTsoqLWgA/p00HhNFNoUcTl9ofc0G3zwT
D1y0ZzcnVKxGJdZ6ohW52V0hJStAigtjYAsUgjm7//FH7PiQDBDP1Wa6xSRkDQU/
aSbQxvEE8+MCgYEA3bb8krW7opyM0XL9RHH0oqsFlVO30Oit5lrqebS0oHl3Zsr2
ZGgoBlWBsEzk3UqUhTFwm/DhJLTSJ/TQPRkxnhQ5/mewNhS9C7yua7wQkzVmWN+V
YeUGTvDGDF6qDz12/vJAgSwDDRym8x4NcXD5tTw7mmNRcwIfL22SkysThIECgYAV
BgccoEoXWS/HP2/u6fQr9ZIR6eV8Ij5FPbZacTG3LlS1Cz5XZra95UgebFFUHHtC
EY1JHJY7z8SWvTH8r3Su7eWNaIAoFBGffzqqSVazfm6aYZsOvRY6BfqPHT3p/H1h
Tq6AbBffxrcltgvXnCTORjHPglU0CjSxVs7awW3AEQKBgB5WtaC8VLROM7rkfVIq
+RXqE5vtJfa3e3N7W3RqxKp4zHFAPfr82FK5CX2bppEaxY7SEZVvVInKDc5gKdG/
jWNRBmvvftZhY59PILHO2X5vO4FXh7suEjy6VIh0gsnK36mmRboYIBGsNuDHjXLe
BDa+8mDLkWu5nHEhOxy2JJZl
"""
_SIGNATURE = (
    "BKyAfU4iMCuvXMXS0Wzam3V/cnxZ+JaqigPM5OhljS2iOT95OO6Fsuml2JkFANJU9K6q9bLlDhPXuoVz+pp4hAm6pHU4ld815U4j"
    "sKu1RkyaII+1CYBUYC8TK0XtJ8FwUXXz8vZHh58rrAVN1XwNyvD1vfpxrMT4SL536GLwvpUHlCqIMzoZUguLli/K8V29QiOhuH6I"
    "EqLNJn8e9b3nwNcQ7be3CzYGpDAKBfDGPCqCv8Rw5zndhlffk2FEA70G4hvMwe51qMN/RAJbknXG23bSlObuTCN7Ndj1aJGH6/L+"
    "hdwfLpUtJm4QYVazzW7DFD27EpSQEqA8bX9+8m1rLg=="
)


def test_the_signature_of_the_official_library() -> None:
    key = read_private_key(f"-----BEGIN PRIVATE KEY-----{_KEY}-----END PRIVATE KEY-----")

    assert Signer("1", "2", key).sign(b"source") == _SIGNATURE


def test_the_cipher_of_the_official_library() -> None:
    sealed = Sealed(
        ciphertext="FsdXzxryWfKwvLJKf8LG/ToRPTRh8RN9wROC",
        nonce="wCq51qZv4Yfg",
        associated_data="Dl56FrqWQJF1t9LtC3vEUsniZKvbqdR8",
    )

    assert open_sealed(sealed, "testAPIv3Key0000") == b"Hello World"


# The example of the documentation: its key is not published, so the signed lines are what is compared.
_APP_ID = "wx2421b1c4370ec43b"
_PREPAY_ID = "wx201410272009395522657a690389285100"
_NONCE = "593BEC0C930BF1AFEB40B4A08C8FB242"
_AT = datetime.fromtimestamp(1554208460, UTC)


def _verify(signature: str, message: str) -> None:
    private_key("merchant").public_key().verify(
        base64.b64decode(signature), message.encode(), padding.PKCS1v15(), hashes.SHA256()
    )


def test_a_page_or_mini_program_opens_the_cashier(client: PayClient) -> None:
    made = invoke_jsapi(client.signer, appid=_APP_ID, prepay_id=_PREPAY_ID, at=_AT, nonce=_NONCE)

    assert (made.package, made.signType) == (f"prepay_id={_PREPAY_ID}", "RSA")
    _verify(made.paySign, f"{_APP_ID}\n1554208460\n{_NONCE}\nprepay_id={_PREPAY_ID}\n")


def test_an_app_opens_the_cashier(client: PayClient) -> None:
    made = invoke_app(client.signer, appid=_APP_ID, prepay_id=_PREPAY_ID, at=_AT, nonce=_NONCE)

    assert (made.partnerid, made.package) == (MCH_ID, "Sign=WXPay")
    _verify(made.sign, f"{_APP_ID}\n1554208460\n{_NONCE}\n{_PREPAY_ID}\n")


def test_a_person_confirms_a_transfer(client: PayClient) -> None:
    made = invoke_transfer(client.signer, appid=_APP_ID, package_info="ABBQO+")

    assert (made.mchId, made.appId, made.package) == (MCH_ID, _APP_ID, "ABBQO+")
