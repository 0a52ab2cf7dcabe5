"""A key in a header field or in the query."""

from __future__ import annotations

import re

from monitors.runner.http.auth.scheme import AuthContext, Scheme
from monitors.runner.http.message import OutgoingRequest
from monitors.runner.http.query import add_query_parameters, remove_query_parameters


class ApiKey(Scheme):
    """`key` and `value`, `in` the `header` or the `query`, in place of one that is there already."""

    def sign(self, request: OutgoingRequest, context: AuthContext) -> None:
        key, value = self.text("key"), self.text("value")
        if not key and not value:
            return
        if self.text("in") == "query":
            pair = (key, None if self.parameters.get("value") is None else value)
            url = remove_query_parameters(request.url, {key})
            request.url = add_query_parameters(url, [pair], context.url_encoding)
            return
        request.headers[:] = [field for field in request.headers if _words(field[0]) != _words(key)]
        if key:
            request.headers.add(key, value)


def _words(name: str) -> str:
    """Postman compares by lodash's lowerCase, to which `X-Api-Key` and `xApiKey` are the same name."""
    split = re.sub(r"([a-z0-9])([A-Z])", r"\1 \2", name)
    return " ".join(re.findall(r"[a-z]+|[0-9]+", split.lower()))
