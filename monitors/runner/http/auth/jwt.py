"""A JSON Web Token made for each request."""

from __future__ import annotations

from monitors.runner import javascript
from monitors.runner.http.auth.json_web_token import (
    HMAC_ALGORITHMS,
    KEY_ALGORITHMS,
    json_object,
    make_token,
)
from monitors.runner.http.auth.scheme import AuthContext, AuthError, Scheme
from monitors.runner.http.message import OutgoingRequest
from monitors.runner.http.query import add_query_parameters, remove_query_parameters


class Jwt(Scheme):
    """`payload` and `header` signed by `algorithm` with `secret` (HS) or `privateKey` (RS, PS, ES).

    `addTokenTo` is `header`, with `headerPrefix`, or `queryParam`, with `queryParamKey`.
    """

    def sign(self, request: OutgoingRequest, context: AuthContext) -> None:
        token = self._token()
        add_to = self.text("addTokenTo", "header")
        if add_to == "queryParam":
            key = self.text("queryParamKey", "token")
            url = remove_query_parameters(request.url, {key})
            request.url = add_query_parameters(url, [(key, token)], context.url_encoding)
        elif add_to == "header":
            request.headers.replace("Authorization", self._header(token))

    def _header(self, token: str) -> str:
        prefix = self.parameters.get("headerPrefix")
        prefix = "Bearer" if prefix is None else javascript.text(prefix)
        return f"{prefix} {token}" if prefix else token

    def _token(self) -> str:
        algorithm = self.text("algorithm")
        if algorithm not in HMAC_ALGORITHMS | KEY_ALGORITHMS:
            raise AuthError("invalid algorithm")
        header = {**json_object(self.parameters.get("header"), "header"), "alg": algorithm}
        if self.parameters.get("payload") is None:
            raise AuthError("there is no payload")
        claims = json_object(self.parameters["payload"], "payload")
        return make_token(header, claims, self._key(algorithm), algorithm)

    def _key(self, algorithm: str) -> bytes:
        if algorithm in KEY_ALGORITHMS:
            if not self.text("privateKey"):
                raise AuthError("Invalid private key. Enter a valid key.")
            return self.text("privateKey").encode()
        secret = self.text("secret")
        if not secret:
            raise AuthError("Invalid secret key. Enter a valid key.")
        return javascript.decode_base64(secret) if self.flag("isSecretBase64Encoded") else secret.encode()
