"""What an error code of Tencent Cloud SMS means for a message.

Source: Tencent Cloud documentation of SendSms, error codes (read 2026).
"""

from datetime import datetime, timedelta
from typing import Final

from quanyu.modules.channels.gateways.contracts import CHINA, SmsSettings
from quanyu.modules.messaging.contracts import RejectionReason
from quanyu.modules.messaging.ports import SendPutOff, SendTurnedDown, SendUnknown

_R: Final = RejectionReason
_REJECTED: Final[dict[str, RejectionReason]] = {
    "FailedOperation.ContainSensitiveWord": _R.PLATFORM_CONTENT_INVALID,
    "FailedOperation.PhoneNumberInBlacklist": _R.PLATFORM_RECIPIENT_REFUSES,
    "FailedOperation.TemplateIncorrectOrUnapproved": _R.PLATFORM_TEMPLATE_INVALID,
    "FailedOperation.TemplateUnapprovedOrNotExist": _R.PLATFORM_TEMPLATE_INVALID,
    "FailedOperation.TemplateParamSetNotMatchApprovedTemplate": _R.PLATFORM_CONTENT_INVALID,
    "InvalidParameterValue.IncorrectPhoneNumber": _R.PLATFORM_RECIPIENT_UNKNOWN,
    "InvalidParameterValue.ProhibitedUseUrlInTemplateParameter": _R.PLATFORM_CONTENT_INVALID,
    "InvalidParameterValue.TemplateParameterFormatError": _R.PLATFORM_CONTENT_INVALID,
    "InvalidParameterValue.TemplateParameterLengthLimit": _R.PLATFORM_CONTENT_INVALID,
    "InvalidParameterValue.MarketingTemplateWithoutUnsubscribe": _R.PLATFORM_CONTENT_INVALID,
    "LimitExceeded.PhoneNumberDailyLimit": _R.PLATFORM_RECIPIENT_LIMIT,
    "LimitExceeded.PhoneNumberSameContentDailyLimit": _R.PLATFORM_RECIPIENT_LIMIT,
    "UnauthorizedOperation.IndividualUserMarketingSmsPermissionDeny": _R.PLATFORM_FORBIDDEN,
}
_LATER: Final[dict[str, timedelta]] = {  # For this number.
    "LimitExceeded.PhoneNumberThirtySecondLimit": timedelta(seconds=30),
    "LimitExceeded.PhoneNumberOneHourLimit": timedelta(minutes=10),
}
# Somebody must mend the account, pay, or wait; until then messages wait instead of being lost one by one.
_ACCOUNT: Final[dict[str, timedelta]] = {
    "LimitExceeded.DeliveryFrequencyLimit": timedelta(seconds=1),
    "RequestLimitExceeded": timedelta(seconds=1),
    "LimitExceeded.AppDailyLimit": timedelta(minutes=10),
    "FailedOperation.InsufficientBalanceInSmsPackage": timedelta(minutes=10),
    "UnauthorizedOperation.ServiceSuspendDueToArrears": timedelta(minutes=10),
    "FailedOperation.SignatureIncorrectOrUnapproved": timedelta(minutes=10),
    "InvalidParameterValue.SdkAppIdNotExist": timedelta(minutes=1),
    "UnauthorizedOperation.SmsSdkAppIdVerifyFail": timedelta(minutes=1),
}
_TIME_CONSTRAINT: Final = "FailedOperation.MarketingSendTimeConstraint"
_CREDENTIALS: Final = "AuthFailure"
_INTERNAL: Final = "InternalError"  # Among them time-outs behind the door: nobody can say.
_CREDENTIALS_WAIT: Final = timedelta(minutes=1)


def refused(code: str, settings: SmsSettings, now: datetime) -> Exception:
    """Return how a refusal is told to the dispatcher."""
    if code in _REJECTED:
        return SendTurnedDown(_REJECTED[code], code)
    if code in _LATER:
        return SendPutOff(_LATER[code], account_trouble=False)
    if code in _ACCOUNT:
        return SendPutOff(_ACCOUNT[code], account_trouble=True)
    if code == _TIME_CONSTRAINT:
        return SendPutOff(marketing_wait(settings, now) or timedelta(minutes=10), account_trouble=False)
    family = code.partition(".")[0]
    if family == _CREDENTIALS:
        return SendPutOff(_CREDENTIALS_WAIT, account_trouble=True)
    if family == _INTERNAL:
        return SendUnknown(code)
    return SendTurnedDown(_R.PLATFORM_OTHER, code)


def marketing_wait(settings: SmsSettings, now: datetime) -> timedelta | None:
    """Return how long a marketing text has to wait for its hours; nothing inside them."""
    local = now.astimezone(CHINA)
    if settings.marketing_from <= local.time() < settings.marketing_until:
        return None
    opens = local.replace(
        hour=settings.marketing_from.hour, minute=settings.marketing_from.minute, second=0, microsecond=0
    )
    return opens - local if local < opens else opens + timedelta(days=1) - local
