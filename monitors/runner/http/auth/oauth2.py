"""OAuth 2.0: a token that the collection holds, or one that we fetch when it is missing or has expired.

Postman's own runner only uses the stored token. The grants that need no person, client credentials and
password, we carry out ourselves, with the parameters that Postman's app keeps for them.
"""

from __future__ import annotations

import base64
import hashlib
import json
import time

from monitors.runner import javascript
from monitors.runner.http.auth.basic import basic_credentials
from monitors.runner.http.auth.scheme import AuthContext, AuthError, Scheme, Token
from monitors.runner.http.headers import Headers
from monitors.runner.http.message import IncomingResponse, OutgoingRequest, RequestFailed
from monitors.runner.http.query import add_query_parameters, encode_component, remove_query_parameters
from monitors.runner.url import Url

GRANTS = {"client_credentials": "client_credentials", "password_credentials": "password"}

LEEWAY_SECONDS = 10
"""A token that expires while the request is on its way is of no use."""
MAX_TOKEN_CHARACTERS = 20_000
"""More than the header of a request may hold. A server could send megabytes."""
MAX_TOKENS = 100
"""How many are kept at once: variables may make new parameters for each request."""


class OAuth2(Scheme):
    """`accessToken`, `addTokenTo` (`header` or `queryParams`), `headerPrefix`, `tokenType`.

    To fetch a token: `grant_type`, `accessTokenUrl`, `clientId`, `clientSecret`, `scope`, `username`,
    `password`, `client_authentication` (`header` or `body`), `audience`, `resource`, `tokenRequestParams`.
    """

    def sign(self, request: OutgoingRequest, context: AuthContext) -> None:
        token = self._token(context)
        add_to = self.text("addTokenTo", "header")
        if token is None or token.type.lower() == "mac":
            return
        request.headers.discard("Authorization")
        request.url = remove_query_parameters(request.url, {"access_token"})
        if add_to == "queryParams":
            pair = ("access_token", token.value)
            request.url = add_query_parameters(request.url, [pair], context.url_encoding)
        elif add_to == "header":
            request.headers.add("Authorization", self._header(token))

    def _header(self, token: Token) -> str:
        prefix = self.parameters.get("headerPrefix")
        prefix = "Bearer" if prefix is None else javascript.text(prefix).strip()
        return f"{prefix} {token.value}" if prefix else token.value

    def _token(self, context: AuthContext) -> Token | None:
        stored = self._stored_token()
        grant = GRANTS.get(self.text("grant_type"))
        if grant is None or not self.text("accessTokenUrl") or (stored and not _has_expired(stored)):
            return stored
        key = hashlib.sha256(json.dumps(self.parameters, sort_keys=True, default=str).encode()).hexdigest()
        known = context.tokens.get(key)
        if known is None or _has_expired(known):
            known = self._fetch(grant, context)
            if len(context.tokens) >= MAX_TOKENS:
                context.tokens.clear()
            context.tokens[key] = known
        return known

    def _stored_token(self) -> Token | None:
        value = self.text("accessToken")
        if not value:
            return None
        created_ms, lifetime = self.text("timestamp"), self.text("expires_in")
        if created_ms.isdecimal() and lifetime.isdecimal():
            expires_at = int(created_ms) / 1000 + int(lifetime)
        else:
            expires_at = _expiry_inside(value)
        return Token(value, self.text("tokenType", "bearer"), expires_at)

    def _fetch(self, grant: str, context: AuthContext) -> Token:
        url = self.text("accessTokenUrl")
        try:
            response = context.send(self._token_request(url, grant))
        except RequestFailed as error:
            raise AuthError(f"oauth2: no token from {url}: {error.explanation}") from None
        return self._read_token(url, response)

    def _token_request(self, url: str, grant: str) -> OutgoingRequest:
        form = [("grant_type", grant)]
        for name in ("username", "password") if grant == "password" else ():
            form.append((name, self.text(name)))
        form += [(name, self.text(name)) for name in ("scope", "audience") if self.text(name)]
        form += [("resource", str(resource)) for resource in _as_list(self.parameters.get("resource"))]
        request = OutgoingRequest("POST", Url.parse(url).encode(), Headers([("Accept", "application/json")]))
        if self.text("client_authentication", "header") == "body":
            form += [("client_id", self.text("clientId")), ("client_secret", self.text("clientSecret"))]
        else:
            credentials = basic_credentials(self.text("clientId"), self.text("clientSecret"))
            request.headers.add("Authorization", credentials)
        self._add_own_parameters(request, form)
        request.headers.add("Content-Type", "application/x-www-form-urlencoded")
        request.body = "&".join(
            f"{encode_component(name)}={encode_component(value)}" for name, value in form if value
        ).encode()
        return request

    def _add_own_parameters(self, request: OutgoingRequest, form: list[tuple[str, str]]) -> None:
        """What the user asks to be sent along with the request for a token."""
        in_header: dict[str, tuple[str, str]] = {}
        in_query: list[tuple[str, str | None]] = []
        for parameter in _as_list(self.parameters.get("tokenRequestParams")):
            if not isinstance(parameter, dict) or parameter.get("enabled") is False:
                continue
            name, value = str(parameter.get("key", "")), str(parameter.get("value", ""))
            if parameter.get("send_as") == "request_header":
                in_header.pop(name.lower(), None)  # the last of a name counts, and stands last
                in_header[name.lower()] = (name, value)
            elif parameter.get("send_as") == "request_url":
                in_query.append((name, value))
            else:
                form.append((name, value))
        kept = [field for field in request.headers if field[0].lower() not in in_header]
        request.headers[:] = [*kept, *in_header.values()]
        if in_query:
            request.url = add_query_parameters(request.url, in_query)

    def _read_token(self, url: str, response: IncomingResponse) -> Token:
        try:
            given = json.loads(response.body)
            value = given["access_token"]
        except (ValueError, KeyError, TypeError):
            raise AuthError(f"oauth2: no token from {url}: {_reason(response)}") from None
        if len(str(value)) > MAX_TOKEN_CHARACTERS:
            raise AuthError(f"oauth2: the token from {url} is longer than {MAX_TOKEN_CHARACTERS} characters")
        lifetime = given.get("expires_in")
        seconds = float(lifetime) if str(lifetime).isdecimal() else float("inf")
        return Token(str(value), str(given.get("token_type") or "bearer"), time.time() + seconds)


def _reason(response: IncomingResponse) -> str:
    """Why a server gave no token, by its own words where it has any (RFC 6749, section 5.2)."""
    try:
        given = json.loads(response.body)
    except ValueError:
        given = None
    reasons = [given.get("error"), given.get("error_description")] if isinstance(given, dict) else []
    words = ": ".join(str(reason) for reason in reasons if reason)
    return f"{response.status} {words or response.reason}"


def _has_expired(token: Token) -> bool:
    return token.expires_at - LEEWAY_SECONDS <= time.time()


def _expiry_inside(token: str) -> float:
    """The moment of `time.time()` at which a token that is a JWT expires; infinite for others."""
    try:
        payload = token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        return float(claims["exp"])
    except (IndexError, KeyError, TypeError, ValueError, OverflowError):
        return float("inf")


def _as_list(value: object) -> list[object]:
    if value is None or value == "":
        return []
    return value if isinstance(value, list) else [value]
