"""NTLM, by the package pyspnego: three messages on one connection."""

from __future__ import annotations

import base64
import re
from contextvars import ContextVar

import spnego
import spnego._ntlm
from spnego.exceptions import SpnegoError

from monitors.runner.http.auth.scheme import AuthContext, AuthFlow, Scheme
from monitors.runner.http.message import IncomingResponse, OutgoingRequest

workstation: ContextVar[str | None] = ContextVar("workstation", default=None)
# Each request may name another workstation, and several requests are sent at the same time. pyspnego's own
# setting, NETBIOS_COMPUTER_NAME in the environment, applies to the whole process; without it pyspnego sends
# the name of this machine.
spnego._ntlm._get_workstation = workstation.get

DOWN_LEVEL_NAME = re.compile(r"([^\\@]+)\\([^\\@]+)")
PRINCIPAL_NAME = re.compile(r"([^\\@]+)@([^\\@]+)")


class Ntlm(Scheme):
    """`username` (maybe `DOMAIN\\name` or `name@domain`), `password`, `domain`, `workstation`."""

    def flow(self, request: OutgoingRequest, context: AuthContext) -> AuthFlow:
        request.headers.discard("Authorization")
        response = yield request
        offers = self._offers(response)
        # Postman looks the same way: for `negotiate` in lower case, and for NTLM inside the last header only.
        if not ({"NTLM", "negotiate"}.intersection(offers) or "NTLM" in "".join(offers[-1:])):
            return
        negotiation = self._new_negotiation()
        message = negotiation.step()
        while message is not None:
            credentials = base64.b64encode(message).decode()
            request.headers.replace("Authorization", f"NTLM {credentials}")
            response = yield request
            challenge = next((o[5:] for o in self._offers(response) if o.startswith("NTLM ")), None)
            if challenge is None or negotiation.complete:
                return
            message = self._answer(negotiation, challenge)

    def _offers(self, response: IncomingResponse) -> list[str]:
        """What a response that refuses the request asks for."""
        if response.status not in (401, 403) or self.flag("disableRetryRequest"):
            return []
        return response.headers.get_all("WWW-Authenticate")

    def _answer(self, negotiation: spnego.ContextProxy, challenge: str) -> bytes | None:
        """The message that answers a challenge in Base64; None where the challenge cannot be read."""
        named = workstation.set(self.text("workstation").upper() or None)
        try:
            return negotiation.step(base64.b64decode(challenge))
        except (SpnegoError, ValueError):
            return None
        finally:
            workstation.reset(named)

    def _new_negotiation(self) -> spnego.ContextProxy:
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
