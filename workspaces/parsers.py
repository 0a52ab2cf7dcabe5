from typing import IO, Any

from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser

from workspaces.json_values import parse_json


class StrictJSONParser(JSONParser):
    """Rejects JSON that the database cannot store (`parse_json`)."""

    def parse(self, stream: IO[bytes], media_type: object = None, parser_context: object = None) -> Any:
        try:
            return parse_json(stream.read())
        except ValueError as problem:
            raise ParseError(str(problem))
