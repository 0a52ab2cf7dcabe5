"""Changes the query of an encoded URL, the rest of the URL left as it is."""

from __future__ import annotations

from dataclasses import replace

from monitors.runner.http.url_parts import UrlParts
from monitors.runner.url import QUERY, percent_encode

PARAMETER = str.maketrans({"&": "%26", "#": "%23"})


def add_query_parameter(url: str, key: str, value: str) -> str:
    """The URL with one more parameter, encoded as Postman encodes it."""
    parts = UrlParts.of(url)
    text = f"{key.translate(PARAMETER).replace('=', '%3D')}={value.translate(PARAMETER)}"
    encoded = percent_encode(text, QUERY)
    query = f"{parts.query}&{encoded}" if parts.query else encoded
    return str(replace(parts, query=query))


def remove_query_parameter(url: str, key: str) -> str:
    """The URL without the parameters of that name."""
    parts = UrlParts.of(url)
    if parts.query is None:
        return url
    encoded = percent_encode(key, QUERY)
    kept = [pair for pair in parts.query.split("&") if pair.partition("=")[0] != encoded]
    return str(replace(parts, query="&".join(kept) if kept else None))
