"""Request bodies, byte for byte as Postman's runner sends them.

The rules are those of postman-runtime (core-body-builder.js, request-helpers-presend.js), postman-request
and its form-data.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from monitors.runner import javascript
from monitors.runner.http.headers import Headers
from monitors.runner.http.message import SignedBody
from monitors.runner.http.query import encode_component
from monitors.runner.media_types import NO_TYPE, base_name, media_type
from monitors.runner.shapes import JsonObject, as_dict, as_text, objects_in
from monitors.runner.url import QueryParam

METHODS_WITHOUT_BODY = frozenset({"GET", "COPY", "HEAD", "PURGE", "UNLOCK"})
CONTENT_TYPES = {
    "html": "text/html",
    "text": "text/plain",
    "json": "application/json",
    "javascript": "application/javascript",
    "xml": "application/xml",
}
JSON_CONTENT_TYPE = re.compile(r"^application/(\S+\+)?json")
# Possessive quantifiers keep the search linear for a text with many quotes.
JSON_OR_COMMENT = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?$)|//[^\n]*+|/\*.*?(?:\*/|$)', re.DOTALL)
MULTIPART_BOUNDARY = re.compile(r'^multipart/form-data;.*boundary=(?:"([^"]+)"|([^;]+))')
NOT_LATIN_1 = re.compile(r"[^\t\x20-\x7e\x80-\xff]")


@dataclass
class Body:
    """A request's body and the Content-Type that follows from it."""

    content: bytes | None = None
    content_type: str | None = None
    """For a request without a Content-Type header."""
    force_content_type: bool = False
    """Whether `content_type` replaces the header that the request has."""
    content_type_is_signed: bool = False
    """Postman adds the Content-Type of JSON before it authorizes a request, and every other one
    afterwards."""
    signed: SignedBody = SignedBody()
    warnings: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Files:
    """The directory from which requests may upload files; without one, every file is refused."""

    directory: Path | None = None

    def read(self, source: object) -> bytes:
        """The content of a file. Raises OSError with a message for the console of the run."""
        if not isinstance(source, str) or not source or "\0" in source:
            raise OSError("missing file source")
        if self.directory is None:
            raise OSError(f'"{source}" is not sent: this installation reads no files for collections')
        path = (self.directory / source).resolve()
        if not path.is_relative_to(self.directory.resolve()):
            raise OSError(f'"{source}" lies outside the directory for files')
        if not path.is_file():
            raise OSError(f'"{source}", no such file')
        return path.read_bytes()


def build_body(definition: object, method: str, headers: Headers, files: Files, prune: bool = True) -> Body:
    """The body of a request whose variables are replaced. `prune` drops the bodies of
    METHODS_WITHOUT_BODY."""
    if isinstance(definition, str):
        definition = {"mode": "raw", "raw": definition}
    if not isinstance(definition, dict) or not definition.get("mode"):
        return Body()
    mode = str(definition["mode"]).lower()
    if mode == "formdata" and not definition.get(mode):
        return Body()
    if definition.get("disabled") or (prune and method.upper() in METHODS_WITHOUT_BODY):
        return Body(signed=SignedBody(mode, _content_not_sent(definition, mode, files)))
    body = BUILDERS.get(mode, _raw)(definition, headers, files)
    content = None if mode == "formdata" else body.content
    if mode == "urlencoded" and content is None and definition.get(mode):
        content = b""  # A form whose fields are all disabled is not an empty one.
    body.signed = SignedBody(mode, content, sent=True)
    return body


def _content_not_sent(definition: JsonObject, mode: str, files: Files) -> bytes | None:
    """The content that authorizers sign although the body is not sent."""
    if mode == "raw":
        return javascript.utf8(_raw_text(definition)) or None
    if mode not in ("urlencoded", "graphql") or not definition.get(mode):
        return None
    return BUILDERS[mode](definition, Headers(), files).content or b""


def _raw_text(definition: JsonObject) -> str:
    content = definition.get("raw")
    if isinstance(content, str):
        return content
    return javascript.json_text(content) if content and isinstance(content, dict | list) else ""


def _raw(definition: JsonObject, headers: Headers, files: Files) -> Body:
    text = _raw_text(definition)
    if not text:
        return Body()
    raw_options = as_dict(as_dict(definition.get("options")).get("raw"))
    language = as_text(raw_options.get("language"))
    if _is_json(language, headers.get("Content-Type")):
        text = strip_comments(text)
    content_type = CONTENT_TYPES.get(language or "text", "text/plain")
    return Body(javascript.utf8(text), content_type, content_type_is_signed=language == "json")


def _is_json(language: str | None, content_type: str | None) -> bool:
    if language:
        return language == "json"
    return content_type is not None and JSON_CONTENT_TYPE.match(content_type) is not None


def strip_comments(text: str) -> str:
    """JSON without the comments that Postman's editor allows in it."""
    if "//" not in text and "/*" not in text:
        return text
    return JSON_OR_COMMENT.sub(lambda match: match[0] if match[0].startswith('"') else "", text)


def _urlencoded(definition: JsonObject, headers: Headers, files: Files) -> Body:
    given = definition.get("urlencoded")
    if not given:
        return Body()
    params = QueryParam.list_from_json(given) if isinstance(given, str) else _form_params(given)
    values: dict[str, list[object]] = {}
    for param in params:
        if not param.disabled:
            values.setdefault(javascript.text(param.key), []).append(param.value)
    if not values:
        return Body()
    pairs = [
        f"{encode_component(key)}={encode_component(_form_text(value))}"
        for key in javascript.object_order(values)
        for value in values[key]
    ]
    forced = not (headers.get("Content-Type") or "").startswith("application/x-www-form-urlencoded")
    return Body(
        javascript.utf8("&".join(pairs)), "application/x-www-form-urlencoded", force_content_type=forced
    )


def _form_params(entries: object) -> list[QueryParam]:
    """Like Postman, sends a field without a key as `undefined`."""
    return [QueryParam.from_json({"key": "undefined", **entry}) for entry in objects_in(entries)]


def _form_text(value: object) -> str:
    """Like Node's querystring, sends nothing for null and for objects."""
    return "" if value is None or isinstance(value, dict | list) else javascript.text(value)


def _graphql(definition: JsonObject, headers: Headers, files: Files) -> Body:
    return Body(javascript.utf8(_graphql_text(as_dict(definition.get("graphql")))), CONTENT_TYPES["json"])


GRAPHQL_MEMBERS = ("query", "operationName", "variables")


def _graphql_text(content: JsonObject) -> str:
    if not isinstance(content.get("variables"), str):
        return javascript.json_text({name: content[name] for name in GRAPHQL_MEMBERS if name in content})
    # Variables given as text are sent as they are, whether or not they are valid JSON.
    members = [
        f'"{name}":{javascript.json_text(content[name])}'
        for name in ("query", "operationName")
        if isinstance(content.get(name), str)
    ]
    if content["variables"]:
        members.append(f'"variables":{content["variables"]}')
    return "{" + ",".join(members) + "}"


def _file(definition: JsonObject, headers: Headers, files: Files) -> Body:
    given = definition.get("file")
    source = given if isinstance(given, str) else given.get("src") if isinstance(given, dict) else None
    content = given.get("content") if isinstance(given, dict) else None
    if not source and not content:
        return Body()
    if not source and isinstance(content, str):
        return Body(javascript.decode_base64(content))
    try:
        return Body(files.read(source), media_type(f"/{source}") or NO_TYPE)
    except OSError as problem:
        return Body(warnings=[f"Binary file load error: {problem}"])


def _formdata(definition: JsonObject, headers: Headers, files: Files) -> Body:
    enabled = [entry for entry in objects_in(definition.get("formdata")) if not entry.get("disabled")]
    if not enabled:
        return Body()
    warnings: list[str] = []
    parts = [part for entry in enabled for part in _parts(entry, files, warnings)]
    if not parts:
        return Body(warnings=warnings)
    match = MULTIPART_BOUNDARY.match(headers.get("Content-Type") or "")
    boundary = (match[1] or match[2]) if match else "-" * 26 + secrets.token_hex(12)
    opening = f"--{boundary}\r\n".encode()
    return Body(
        b"".join(opening + part + b"\r\n" for part in parts) + f"--{boundary}--\r\n".encode(),
        f"multipart/form-data; boundary={boundary}",
        force_content_type=match is None,
        warnings=warnings,
    )


def _parts(entry: JsonObject, files: Files, warnings: list[str]) -> list[bytes]:
    if entry.get("type") == "file":
        return _file_parts(entry, files, warnings)
    value = entry.get("value") or ""
    text = value if isinstance(value, str) else javascript.json_text(value)
    file_name = as_text(entry.get("fileName"))
    return [_part(entry, javascript.utf8(text), file_name, file_name and media_type(file_name))]


def _file_parts(entry: JsonObject, files: Files, warnings: list[str]) -> list[bytes]:
    """The media type of a file depends on its path, not on the `fileName` that is sent with it."""
    given = entry.get("src")
    sources = [source for source in (given if isinstance(given, list) else [given]) if source]
    file_name = as_text(entry.get("fileName"))
    if not sources and (value := as_text(entry.get("value"))):
        content = javascript.decode_base64(value)
        return [_part(entry, content, file_name, (file_name and media_type(file_name)) or NO_TYPE)]
    if not sources:
        # Like Postman, send an empty file, so that the server sees the field.
        warnings.append(f"Form param `{entry.get('key', '')}`, file load error: missing file source")
        return [_part(entry, b"", file_name or "", file_name and media_type(file_name))]
    parts = []
    for source in sources:
        try:
            content = files.read(source)
        except OSError as problem:
            warnings.append(f"Form param `{entry.get('key', '')}`, file load error: {problem}")
        else:
            types = (media_type(name) for name in (f"/{source}", file_name) if name)
            found = next((name for name in types if name), NO_TYPE)
            parts.append(_part(entry, content, str(source) if file_name is None else file_name, found))
    return parts


def _part(entry: JsonObject, content: bytes, file_name: str | None, content_type: str | None) -> bytes:
    disposition = [f'form-data; name="{entry.get("key") or ""}"']
    if file_name is not None:
        name = base_name(file_name)
        disposition.append(f'filename="{name}"')
        if NOT_LATIN_1.search(name):
            disposition.append(f"filename*=UTF-8''{_extended_value(name)}")
    content_type = as_text(entry.get("contentType")) or content_type
    lines = [f"Content-Disposition: {'; '.join(disposition)}"]
    if content_type:
        lines.append(f"Content-Type: {content_type}")
    return javascript.utf8("\r\n".join(lines) + "\r\n\r\n") + content


def _extended_value(text: str) -> str:
    """A parameter as form-data encodes it (RFC 8187). The escapes that it adds to JavaScript's are lower
    case."""
    encoded = quote(javascript.utf8(text), safe="-_.!~|`^'()*")
    return re.sub(r"['()*]", lambda match: f"%{ord(match[0]):x}", encoded)


BUILDERS: dict[str, Callable[[JsonObject, Headers, Files], Body]] = {
    "raw": _raw,
    "urlencoded": _urlencoded,
    "formdata": _formdata,
    "graphql": _graphql,
    "file": _file,
}
