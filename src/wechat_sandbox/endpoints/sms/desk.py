"""How a call of Tencent Cloud SMS is checked and answered: signature first, then the action's own rules.

Source: Tencent Cloud documentation of SMS, version 2021-01-11 (read 2026).
"""

import hmac
import re
import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from wechat_sandbox.clock import CHINA, Clock
from wechat_sandbox.endpoints.registry import Reply, Request
from wechat_sandbox.state.sms import MARKETING, SmsApp, SmsBook, SmsTemplate
from wechat_sandbox.wire import tc3

ACTION = "X-TC-Action"
VERSION = "2021-01-11"
CLOCK_S = 300
NUMBERS_MAX = 200
PULL_MAX = 100
_PHONE = re.compile(r"\+861[3-9]\d{9}")
_PARAMETER = re.compile(r"\{(\d+)\}")
_LINK = re.compile(r"https?://|www\.", re.IGNORECASE)
_UNSUBSCRIBE = re.compile("拒收|退订")
_PARAMETER_MAX = 20
_OPENS, _CLOSES = 8, 22  # Hours in China within which marketing goes out.


class SmsError(Exception):
    """A whole call is turned down."""

    def __init__(self, code: str, message: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.message = message or code


class SmsDesk:
    """Answers the calls of applications."""

    def __init__(self, book: SmsBook, clock: Clock) -> None:
        self.book = book
        self.clock = clock
        self._actions: dict[str, Callable[[SmsApp, Mapping[str, Any], float], dict[str, Any]]] = {
            "SendSms": self._send,
            "PullSmsSendStatus": self._pull_reports,
            "PullSmsReplyStatus": self._pull_replies,
            "DescribeSmsTemplateList": self._templates,
        }

    def answer(self, request: Request) -> Reply:
        """Return what the platform answers; its errors come with HTTP 200, too."""
        at = self.clock.now()
        try:
            return _reply(self._run(request, at))
        except SmsError as error:
            return self.refuse(error, request)

    def refuse(self, error: SmsError, request: Request) -> Reply:
        """Return an error answer."""
        return _reply({"Error": {"Code": error.code, "Message": error.message}})

    def owner_of(self, request: Request) -> str:
        """Return the application whose secret a call names."""
        claim = tc3.read_claim(request.headers.get("Authorization", ""))
        app = self.book.by_secret(claim.secret_id) if claim else None
        return app.app_id if app else ""

    def _run(self, request: Request, at: float) -> dict[str, Any]:
        app = self._signed_by(request, at)
        if request.headers.get("X-TC-Version") != VERSION:
            raise SmsError("NoSuchVersion", "The api version does not exist.")
        if not request.headers.get("X-TC-Region"):
            raise SmsError("MissingParameter", "The request is missing a required parameter `Region`.")
        action = self._actions.get(request.headers.get(ACTION, ""))
        if action is None:
            raise SmsError("InvalidAction", "The action does not exist.")
        try:
            body = msgspec.json.decode(request.raw, type=dict[str, Any])
        except (msgspec.DecodeError, msgspec.ValidationError) as error:
            raise SmsError("InvalidRequest", "The request body is not valid JSON.") from error
        if "SmsSdkAppId" in body and body["SmsSdkAppId"] != app.app_id:
            raise SmsError("UnauthorizedOperation.SmsSdkAppIdVerifyFail")
        return action(app, body, at)

    def _signed_by(self, request: Request, at: float) -> SmsApp:
        claim = tc3.read_claim(request.headers.get("Authorization", ""))
        timestamp = request.headers.get("X-TC-Timestamp", "")
        if claim is None or not timestamp.isdecimal() or claim.service != "sms":
            raise SmsError("AuthFailure.InvalidAuthorization")
        if not {"content-type", "host"} <= set(claim.signed_headers):
            raise SmsError("AuthFailure.InvalidAuthorization")
        if abs(at - int(timestamp)) > CLOCK_S:
            raise SmsError("AuthFailure.SignatureExpire", "The provided signature has expired.")
        app = self.book.by_secret(claim.secret_id)
        if app is None:
            raise SmsError("AuthFailure.SecretIdNotFound")
        headers = {name.lower(): value for name, value in request.headers.items()}
        wanted = tc3.signature_of(claim, app.secret_key, headers, timestamp, request.raw)
        if claim.date != tc3.day_of(int(timestamp)) or not hmac.compare_digest(wanted, claim.signature):
            raise SmsError("AuthFailure.SignatureFailure", "The provided credentials could not be validated.")
        return app

    def _send(self, app: SmsApp, body: Mapping[str, Any], at: float) -> dict[str, Any]:
        phones = body.get("PhoneNumberSet")
        if "SmsSdkAppId" not in body or not isinstance(phones, list) or not phones:
            raise SmsError("MissingParameter")
        if len(phones) > NUMBERS_MAX:
            raise SmsError("LimitExceeded.PhoneNumberCountLimit")
        params = [str(one) for one in body.get("TemplateParamSet") or ()]
        template = app.template(str(body.get("TemplateId", "")))
        problem = _problem(app, template, str(body.get("SignName", "")), params, at)
        statuses = [self._send_one(app, template, str(one), params, body, problem, at) for one in phones]
        return {"SendStatusSet": statuses}

    def _send_one(
        self,
        app: SmsApp,
        template: SmsTemplate | None,
        phone: str,
        params: Sequence[str],
        body: Mapping[str, Any],
        problem: str,
        at: float,
    ) -> dict[str, Any]:
        code = problem or self._problem_of_number(app, phone, at)
        context = str(body.get("SessionContext", ""))
        serial_no = ""
        if not code:
            assert template is not None
            text = f"【{app.sign_name}】{_filled(template.text, params)}"
            sent = self.book.send(
                app, phone=phone, text=text, template_id=template.template_id, context=context, at=at
            )
            serial_no = sent.serial_no
        return {
            "SerialNo": serial_no,
            "PhoneNumber": phone,
            "Fee": 0 if code else 1,
            "SessionContext": context,
            "Code": code or "Ok",
            "Message": code or "send success",
            "IsoCode": "CN",
        }

    def _problem_of_number(self, app: SmsApp, phone: str, at: float) -> str:
        if not _PHONE.fullmatch(phone):
            return "InvalidParameterValue.IncorrectPhoneNumber"
        if phone in app.blacklist:
            return "FailedOperation.PhoneNumberInBlacklist"
        return self.book.limit_of(app, phone, at)

    def _pull_reports(self, app: SmsApp, body: Mapping[str, Any], at: float) -> dict[str, Any]:
        found = self.book.take_reports(app, _limit(body), at)
        return {
            "PullSmsSendStatusSet": [
                {
                    "UserReceiveTime": int(one.at + app.arrive_s),
                    "CountryCode": "86",
                    "SubscriberNumber": one.phone.removeprefix("+86"),
                    "PhoneNumber": one.phone,
                    "SerialNo": one.serial_no,
                    "ReportStatus": "FAIL" if one.phone.endswith("0000") else "SUCCESS",
                    "Description": "MK:0001" if one.phone.endswith("0000") else "DELIVRD",
                    "SessionContext": one.context,
                }
                for one in found
            ]
        }

    def _pull_replies(self, app: SmsApp, body: Mapping[str, Any], at: float) -> dict[str, Any]:
        return {
            "PullSmsReplyStatusSet": [
                {
                    "ExtendCode": "",
                    "CountryCode": "86",
                    "PhoneNumber": one.phone,
                    "SignName": app.sign_name,
                    "ReplyContent": one.text,
                    "ReplyTime": int(one.at),
                    "SubscriberNumber": one.phone.removeprefix("+86"),
                }
                for one in self.book.take_replies(app, _limit(body))
            ]
        }

    def _templates(self, app: SmsApp, body: Mapping[str, Any], at: float) -> dict[str, Any]:
        if "International" not in body:
            raise SmsError("MissingParameter")
        wanted = {str(one) for one in body.get("TemplateIdSet") or ()}
        found = [one for one in app.templates if not wanted or one.template_id in wanted]
        return {
            "DescribeTemplateStatusSet": [
                {
                    "TemplateId": int(one.template_id),
                    "International": 0,
                    "StatusCode": one.status,
                    "ReviewReply": "" if one.status >= 0 else "模板内容不符合规范",
                    "TemplateName": one.template_id,
                    "TemplateContent": one.text,
                }
                for one in found
            ]
        }


def _problem(app: SmsApp, template: SmsTemplate | None, sign: str, params: Sequence[str], at: float) -> str:
    """Return why no number of a call can be served, or ''."""
    if sign != app.sign_name:
        return "FailedOperation.SignatureIncorrectOrUnapproved"
    if template is None:
        return "FailedOperation.TemplateUnapprovedOrNotExist"
    if template.status != 0:
        return "FailedOperation.TemplateIncorrectOrUnapproved"
    if len(set(_PARAMETER.findall(template.text))) != len(params):
        return "FailedOperation.TemplateParamSetNotMatchApprovedTemplate"
    if any(_LINK.search(one) for one in params):
        return "InvalidParameterValue.ProhibitedUseUrlInTemplateParameter"
    if any(len(one) > _PARAMETER_MAX for one in params):
        return "InvalidParameterValue.TemplateParameterLengthLimit"
    if template.type == MARKETING:
        if not _UNSUBSCRIBE.search(template.text):
            return "InvalidParameterValue.MarketingTemplateWithoutUnsubscribe"
        if not _OPENS <= datetime.fromtimestamp(at, CHINA).hour < _CLOSES:
            return "FailedOperation.MarketingSendTimeConstraint"
    return "FailedOperation.InsufficientBalanceInSmsPackage" if app.balance <= 0 else ""


def _filled(text: str, params: Sequence[str]) -> str:
    return _PARAMETER.sub(lambda found: params[int(found[1]) - 1], text)


def _limit(body: Mapping[str, Any]) -> int:
    limit = body.get("Limit")
    if not isinstance(limit, int) or not 1 <= limit <= PULL_MAX:
        raise SmsError("InvalidParameter", "Limit is between 1 and 100.")
    return limit


def _reply(answer: dict[str, Any]) -> Reply:
    body = {"Response": answer | {"RequestId": str(uuid.uuid4())}}
    return Reply(body=msgspec.json.encode(body), content_type="application/json")
