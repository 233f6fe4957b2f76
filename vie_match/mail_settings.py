"""What can be set for mails: ``[mail]`` in the settings file. Passwords stand in the environment only."""

from __future__ import annotations

import re
from email.errors import HeaderParseError
from email.headerregistry import Address
from email.utils import getaddresses
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

USER = "VIE_MATCH_SMTP_USER"
PASSWORD = "VIE_MATCH_SMTP_PASSWORD"  # noqa: S105 - the name of a variable

_EXPECTED = "one mail address like office@example.org or City Office <office@example.org>"
_HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.:-]*[A-Za-z0-9])?")


def _one_address(text: str) -> str:
    """Return an address, with or without a name, that a header can hold and no header can be made of."""
    found = getaddresses([text])
    if len(found) != 1:
        raise ValueError(_EXPECTED)
    name, address = found[0]
    try:
        parsed = Address(name, addr_spec=address)
    except (HeaderParseError, ValueError, IndexError):
        raise ValueError(_EXPECTED) from None
    if not (parsed.username and "." in f".{parsed.domain}" and parsed.domain) or not text.isprintable():
        raise ValueError(_EXPECTED)
    if not address.isascii():
        raise ValueError(f"{_EXPECTED}, the address in ASCII (a domain with other letters as xn--…)")
    return text.strip()


def _host(text: str) -> str:
    if text and not _HOST.fullmatch(text):
        raise ValueError("the name of a mail server like smtp.example.org")
    return text


MailAddress = Annotated[str, AfterValidator(_one_address)]


class MailSettings(BaseModel):
    """How the report is mailed; without a word here none is sent.

    Examples
    --------
    >>> MailSettings().send
    False
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    send: Annotated[bool, Field(description="true: send; false: write the mails as files only")] = False
    host: Annotated[str, AfterValidator(_host), Field(description="mail server that offers STARTTLS")] = ""
    port: Annotated[int, Field(description="for submission, RFC 6409", ge=1, le=65535)] = 587
    sender: Annotated[MailAddress | None, Field(description="whom mails come from")] = None
    recipients: Annotated[
        tuple[MailAddress, ...], Field(description="who gets the whole network's report")
    ] = ()
    profiles: Annotated[
        dict[str, tuple[MailAddress, ...]],
        Field(description="who gets one project's part, by id of its profile"),
    ] = {}

    @model_validator(mode="after")
    def _complete(self) -> MailSettings:
        lacking = [name for name in ("host", "sender") if not getattr(self, name)]
        if self.send and not (self.recipients or any(self.profiles.values())):
            lacking.append("recipients or profiles")
        if self.send and lacking:
            raise ValueError(f"with send = true also {' and '.join(lacking)}")
        return self
