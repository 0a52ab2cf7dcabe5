"""Reads and changes the query of an encoded URL, the rest of the URL left as it is."""

from __future__ import annotations

from collections.abc import Container, Iterable
from dataclasses import replace
from urllib.parse import quote, unquote_plus

from monitors.runner import javascript
from monitors.runner.http.url_parts import UrlParts
from monitors.runner.url_encoding import QUERY, percent_encode

RESERVED = str.maketrans({"&": "%26", "#": "%23"})


def encode_component(text: str) -> str:
    """Text with all but the unreserved characters encoded (RFC 3986, section 2.3)."""
    return quote(javascript.utf8(text), safe="-._~")


def query_parameters(query: str) -> list[tuple[str, str | None]]:
    """Names and values decoded, in order; the value is None where there is no equals sign."""
    parameters: list[tuple[str, str | None]] = []
    for pair in query.split("&"):
        name, equals, value = pair.partition("=")
        if pair:
            parameters.append((unquote_plus(name), unquote_plus(value) if equals else None))
    return parameters


def add_query_parameters(
    url: str, parameters: Iterable[tuple[str, str | None]], encoding: bool = True
) -> str:
    """The URL with more parameters at its end, encoded as Postman encodes them: what is encoded stays.

    A name whose value is None has no equals sign. `encoding` is off with the behavior `disableUrlEncoding`.
    """
    parts = UrlParts.of(url)
    pairs = [parts.query] if parts.query else []
    for name, value in parameters:
        text = name.translate(RESERVED).replace("=", "%3D")
        if value is not None:
            text += f"={value.translate(RESERVED)}"
        pairs.append(percent_encode(text, QUERY) if encoding else text)
    return str(replace(parts, query="&".join(pairs)))


def remove_query_parameters(url: str, names: Container[str]) -> str:
    """The URL without the parameters of those names."""
    parts = UrlParts.of(url)
    if parts.query is None:
        return url
    kept = [pair for pair in parts.query.split("&") if unquote_plus(pair.partition("=")[0]) not in names]
    return str(replace(parts, query="&".join(kept) if kept else None))
