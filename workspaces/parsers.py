from typing import Any

from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser

from workspaces.json_values import parse_json


class StrictJSONParser(JSONParser):
    def parse(self, stream: Any, media_type: Any = None, parser_context: Any = None) -> Any:
        try:
            return parse_json(stream.read())
        except ValueError as problem:
            raise ParseError(str(problem))
