"""The mini program's server API, typed.

``call`` makes any declared call of this package and of ``wechat.common``; the named methods are those
with something to add.
"""

from hashlib import sha256

from quanyu.wechat.calls import Download, File
from quanyu.wechat.client import Credentials, PlatformClient, TokenKind
from quanyu.wechat.errors import MalformedAnswer, PlatformRefusal
from quanyu.wechat.mini_program import codes, login, security

__all__ = ["Credentials", "MiniProgramClient", "TokenKind"]

_SESSION_GONE = frozenset({87007, 87009})
_NOT_MADE_HERE = 1


class MiniProgramClient(PlatformClient):
    """Calls the platform for one mini program."""

    async def log_in(self, js_code: str) -> login.Session:
        """Open a person's session. Not repeatable: the code is good once."""
        return await self.call(login.EXCHANGE, login.CodeRequest(js_code=js_code))

    async def is_session_valid(self, openid: str, session_key: str) -> bool:
        """Ask whether the session still lives."""
        signature = login.session_signature(session_key)
        try:
            await self.call(login.CHECK_SESSION, login.SessionRequest(openid=openid, signature=signature))
        except PlatformRefusal as error:
            if error.errcode in _SESSION_GONE:
                return False
            raise
        return True

    async def reset_session(self, openid: str, session_key: str) -> login.SessionReset:
        """Replace the session key by a new one."""
        signature = login.session_signature(session_key)
        return await self.call(login.RESET_SESSION, login.SessionRequest(openid=openid, signature=signature))

    async def phone_number(self, code: str, *, openid: str = "") -> login.PhoneInfo:
        """Return the phone number a person gave by the button; each success is charged."""
        answer = await self.call(login.PHONE, login.PhoneRequest(code=code, openid=openid))
        return answer.phone_info

    async def was_encrypted_here(self, encrypted_data: str) -> bool:
        """Ask whether the platform made this ``encryptedData`` within the last three days."""
        digest = sha256(encrypted_data.encode()).hexdigest()
        request = login.EncryptedHashRequest(encrypted_msg_hash=digest)
        try:
            return (await self.call(login.CHECK_ENCRYPTED, request)).is_valid
        except PlatformRefusal as error:
            if error.errcode == _NOT_MADE_HERE:
                return False
            raise

    async def code_image(
        self, request: codes.LimitedRequest | codes.UnlimitedRequest | codes.QrCodeRequest
    ) -> File:
        """Return a code as a picture, of the kind its request asks for."""
        match request:
            case codes.LimitedRequest():
                answer: Download = await self.call(codes.LIMITED, request)
            case codes.UnlimitedRequest():
                answer = await self.call(codes.UNLIMITED, request)
            case codes.QrCodeRequest():
                answer = await self.call(codes.QR_CODE, request)
        if answer.file is None:
            raise MalformedAnswer("the platform answered neither a picture nor an error")
        return answer.file

    async def risk_rank(
        self, openid: str, *, scene: security.RiskScene, client_ip: str, mobile_no: str = ""
    ) -> security.Risk:
        """Return how risky a person is, 0 to 4; charged after the trial."""
        request = security.RiskRequest(
            appid=self.app_id, openid=openid, scene=scene, client_ip=client_ip, mobile_no=mobile_no
        )
        return await self.call(security.RISK_RANK, request)
