"""What crosses the boundary of signing in by password."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from quanyu.modules.tenants.access.members.contracts import Code, Email, Password, PersonName


class SignIn(BaseModel):
    """E-mail address and password; the brand, where the address belongs to members of several."""

    email: Email
    password: Password
    brand: Annotated[str | None, Field(max_length=80)] = None


class SignInBrand(BaseModel):
    """A brand somebody may sign in to."""

    key: str
    name: str


class SignInAnswer(BaseModel):
    """What comes next: signed in, or a brand to choose."""

    step: Literal["signed_in", "choose_brand"]
    brands: tuple[SignInBrand, ...] = ()


class OwnAccount(BaseModel):
    """One's own account."""

    name: str
    email: str | None
    has_password: bool


class OwnAccountChange(BaseModel):
    """Another name or e-mail address; a new address asks for the password, if there is one."""

    name: PersonName
    email: Email
    password: Password | None = None


class PasswordChange(BaseModel):
    """A new password; ``old`` is asked of whoever has one."""

    old: Password | None = None
    new: Password


class ResetLook(BaseModel):
    """The code of a link that resets a password."""

    code: Code


class ResetView(BaseModel):
    """Whose password a link resets."""

    brand: str
    email: str


class PasswordReset(BaseModel):
    """A new password by a link."""

    code: Code
    password: Password
