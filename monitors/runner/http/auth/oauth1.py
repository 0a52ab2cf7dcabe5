"""OAuth 1.0a (RFC 5849) with every signature method that Postman offers."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
import time
from dataclasses import replace
from urllib.parse import unquote

from monitors.runner.http.auth.scheme import AuthContext, AuthError, Scheme, signed_url
from monitors.runner.http.message import OutgoingRequest, SignedBody
from monitors.runner.http.private_keys import check_size
from monitors.runner.http.query import (
    add_query_parameters,
    encode_component,
    query_parameters,
    remove_query_parameters,
)
from monitors.runner.http.url_parts import UrlParts

FORM = "application/x-www-form-urlencoded"
NONCE_CHARACTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXTZabcdefghiklmnopqrstuvwxyz"
LONE_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
PARAMETER_NAMES = {
    "oauth_consumer_key",
    "oauth_token",
    "oauth_signature_method",
    "oauth_timestamp",
    "oauth_nonce",
    "oauth_version",
    "oauth_signature",
    "oauth_callback",
    "oauth_verifier",
    "oauth_body_hash",
}

Parameters = list[tuple[str, str | None]]
"""Names and values; a value is None where a parameter is signed that was not given."""


class OAuth1(Scheme):
    """`consumerKey`, `consumerSecret` or `privateKey`, `token`, `tokenSecret`, `signatureMethod` and more.

    The parameters go into the Authorization field with `addParamsToHeader`, else into a form's body,
    else into the query. Without the key or the secret nothing is added.
    """

    def sign(self, request: OutgoingRequest, context: AuthContext) -> None:
        method = self.text("signatureMethod")
        secret = "privateKey" if method.startswith("RSA") else "consumerSecret"
        if not self.text("consumerKey") or not self.text(secret):
            return
        self._remove_earlier(request)
        body = request.signed_body
        parameters = self._parameters(body)
        signed = parameters + _fields(body)
        if not method:
            method = "HMAC-SHA1"
            signed = [pair for pair in signed if pair[0] != "oauth_signature_method"]
            signed.append(("oauth_signature_method", method))
        signature = self._signature(method, base_string(request.method, signed_url(request), signed))
        if context.url_encoding:
            request.url = _with_strict_query(request.url)
        self._add_parameters(request, [*parameters, ("oauth_signature", signature)], context)

    def _remove_earlier(self, request: OutgoingRequest) -> None:
        request.headers[:] = [field for field in request.headers if field[0] != "Authorization"]
        request.url = remove_query_parameters(request.url, PARAMETER_NAMES)
        if request.signed_body.mode == "urlencoded" and request.body:
            pairs = request.body.decode().split("&")
            kept = [pair for pair in pairs if pair.partition("=")[0] not in PARAMETER_NAMES]
            request.body = "&".join(kept).encode()

    def _parameters(self, body: SignedBody) -> Parameters:
        nonce = "".join(secrets.choice(NONCE_CHARACTERS) for _ in range(11))
        parameters = [
            ("oauth_consumer_key", self._value("consumerKey")),
            ("oauth_token", self._value("token")),
            ("oauth_signature_method", self._value("signatureMethod")),
            ("oauth_timestamp", self.text("timestamp", str(int(time.time())))),
            ("oauth_nonce", self.text("nonce", nonce)),
            ("oauth_version", self._value("version")),
        ]
        if not self.flag("addEmptyParamsToSign"):
            parameters = [parameter for parameter in parameters if parameter[1]]
        # Extensions of the original OAuth: servers that do not know them refuse them empty.
        extensions = [
            ("oauth_body_hash", self._body_hash(body)),
            ("oauth_callback", self._value("callback")),
            ("oauth_verifier", self._value("verifier")),
        ]
        return parameters + [extension for extension in extensions if extension[1]]

    def _value(self, name: str) -> str | None:
        """A parameter, None where it is missing; blank is empty unless empty parameters are signed too."""
        if self.parameters.get(name) is None:
            return None
        value = self.text(name)
        return value if value.strip() or self.flag("addEmptyParamsToSign") else ""

    def _body_hash(self, body: SignedBody) -> str:
        _, _, hash_name = self.text("signatureMethod").partition("-")
        if not (hash_name and self.flag("includeBodyHash")) or body.mode in ("urlencoded", "formdata"):
            return ""
        digest = hashlib.new(hash_name, body.content or b"", usedforsecurity=False).digest()
        return base64.b64encode(digest).decode()

    def _signature(self, method: str, base: str) -> str:
        key = f"{encode_component(self.text('consumerSecret'))}&{encode_component(self.text('tokenSecret'))}"
        algorithm, _, hash_name = method.partition("-")
        if algorithm == "PLAINTEXT":
            return key
        if hash_name not in ("SHA1", "SHA256", "SHA512"):
            raise AuthError("Unsupported signature method")
        if algorithm == "RSA":
            return _rsa_signature(self.text("privateKey"), hash_name, base)
        return base64.b64encode(hmac.digest(key.encode(), base.encode(), hash_name.lower())).decode()

    def _add_parameters(self, request: OutgoingRequest, parameters: Parameters, context: AuthContext) -> None:
        if self.flag("addParamsToHeader"):
            request.headers.replace("Authorization", self._header(parameters))
        elif request.signed_body.mode == "urlencoded" and re.search("PUT|POST", request.method):
            if request.signed_body.sent:
                _add_to_form(request, parameters)
        elif context.url_encoding:
            encoded = [
                (encode_component(name), value and encode_component(value)) for name, value in parameters
            ]
            request.url = add_query_parameters(request.url, encoded)
        else:
            parts = UrlParts.of(request.url)
            given = [parts.query] if parts.query else []
            pairs = [name if value is None else f"{name}={value}" for name, value in parameters]
            request.url = str(replace(parts, query="&".join(given + pairs)))

    def _header(self, parameters: Parameters) -> str:
        plain = self.flag("disableHeaderEncoding")
        realm = self.text("realm")
        pairs = [f'realm="{realm if plain else encode_component(realm)}"'] if realm.strip() else []
        for name, value in parameters:
            if value:
                value = value.strip()
                pairs.append(f'{name}="{value if plain else encode_component(value)}"')
        return "OAuth " + ",".join(pairs)


def _fields(body: SignedBody) -> Parameters:
    """A form's fields, which are signed with the parameters (RFC 5849, section 3.4.1.3)."""
    if body.mode != "urlencoded" or not body.content:
        return []
    return [field for field in query_parameters(body.content.decode()) if field[0] not in PARAMETER_NAMES]


def _add_to_form(request: OutgoingRequest, parameters: Parameters) -> None:
    pairs = [f"{encode_component(name)}={encode_component(value or '')}" for name, value in parameters]
    given = [request.body.decode()] if request.body else []
    request.body = "&".join(given + pairs).encode()
    request.added_to_form = [(name, value or "") for name, value in parameters]
    if request.headers.get("Content-Type") is None:
        request.content_type = request.content_type or FORM


def base_string(method: str, parts: UrlParts, parameters: Parameters) -> str:
    """What is signed (RFC 5849, section 3.4.1): method, URL, and all parameters in order of their names.

    Raises AuthError for a query that is not percent-encoded UTF-8.
    """
    try:
        unquote(parts.query or "", errors="strict")
    except UnicodeDecodeError:
        raise AuthError("URI malformed") from None
    if LONE_PERCENT.search(parts.query or ""):
        raise AuthError("URI malformed")
    host = parts.host if parts.port in (None, "80", "443") else parts.authority
    given = query_parameters(parts.query or "") + parameters
    pairs = sorted((encode_component(name), encode_component(value or "")) for name, value in given)
    normalized = "&".join(f"{name}={value}" for name, value in pairs)
    return "&".join(
        encode_component(part) for part in (method, f"{parts.scheme}://{host}{parts.path}", normalized)
    )


def _with_strict_query(url: str) -> str:
    """The URL with its query encoded the way that OAuth signs it."""
    parts = UrlParts.of(url)
    if not parts.query:
        return url
    pairs = [
        encode_component(name) if value is None else f"{encode_component(name)}={encode_component(value)}"
        for name, value in query_parameters(parts.query)
    ]
    return str(replace(parts, query="&".join(pairs)))


def _rsa_signature(private_key: str, hash_name: str, base: str) -> str:
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import padding, rsa
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        check_size(private_key)
        key = load_pem_private_key(private_key.encode(), password=None)
    except (ValueError, TypeError) as error:
        raise AuthError(f"the private key cannot be read: {error}") from None
    if not isinstance(key, rsa.RSAPrivateKey):
        raise AuthError("the private key is not an RSA key")
    algorithm: hashes.HashAlgorithm = getattr(hashes, hash_name)()
    return base64.b64encode(key.sign(base.encode(), padding.PKCS1v15(), algorithm)).decode()
