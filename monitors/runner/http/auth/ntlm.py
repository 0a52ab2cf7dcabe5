"""NTLM, by the package pyspnego: three messages on one connection."""

from __future__ import annotations

import base64
import re
from contextvars import ContextVar
from typing import Any

import spnego
import spnego._ntlm
from spnego.exceptions import SpnegoError

from monitors.runner.http.auth.scheme import AuthContext, Scheme
from monitors.runner.http.message import IncomingResponse, OutgoingRequest

workstation: ContextVar[str | None] = ContextVar("workstation", default=None)
# pyspnego would name this machine to the server, and has no setting for another name.
spnego._ntlm._get_workstation = workstation.get

DOWN_LEVEL_NAME = re.compile(r"([^\\@]+)\\([^\\@]+)")
PRINCIPAL_NAME = re.compile(r"([^\\@]+)@([^\\@]+)")


class Ntlm(Scheme):
    """`username` (maybe `DOMAIN\\name` or `name@domain`), `password`, `domain`, `workstation`."""

    def __init__(self, parameters: dict[str, Any]) -> None:
        super().__init__(parameters)
        self._negotiation: Any = None
        self._message: bytes | None = None

    def sign(self, request: OutgoingRequest, context: AuthContext) -> None:
        request.headers.discard("Authorization")
        if self._message is not None:
            value = "NTLM " + base64.b64encode(self._message).decode()
            request.headers.replace("Authorization", value)

    def answers(self, response: IncomingResponse) -> bool:
        offers = response.headers.get_all("WWW-Authenticate")
        if response.status not in (401, 403) or self.flag("disableRetryRequest"):
            return self._stop()
        if self._negotiation is None:
            # Postman's way of looking: it knows `negotiate` in small letters, and reads into the last alone.
            if not ({"NTLM", "negotiate"}.intersection(offers) or "NTLM" in "".join(offers[-1:])):
                return self._stop()
            self._negotiation = self._new_negotiation()
            self._message = self._negotiation.step()
            return True
        challenge = next((offer[5:] for offer in offers if offer.startswith("NTLM ")), None)
        if challenge is None or self._negotiation.complete:
            return self._stop()
        named = workstation.set(self.text("workstation").upper() or None)
        try:
            self._message = self._negotiation.step(base64.b64decode(challenge))
        except (SpnegoError, ValueError):
            return self._stop()
        finally:
            workstation.reset(named)
        return True

    def _stop(self) -> bool:
        self._negotiation = self._message = None
        return False

    def _new_negotiation(self) -> Any:
        username, domain = self.text("username"), self.text("domain")
        if not domain:
            if match := DOWN_LEVEL_NAME.fullmatch(username):
                domain, username = match.groups()
            elif match := PRINCIPAL_NAME.fullmatch(username):
                username, domain = match.groups()
        if domain:
            username = f"{domain}\\{username}"
        return spnego.client(
            username, self.text("password"), protocol="ntlm", options=spnego.NegotiateOptions.use_ntlm
        )
