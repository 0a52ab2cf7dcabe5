"""How values are written to Redis."""

import json


class JSONSerializer:
    """Replaces pickle, by which anybody who can write to Redis could execute code in the web processes."""

    def dumps(self, value: object) -> bytes:
        return json.dumps(value).encode()

    def loads(self, data: bytes) -> object:
        return json.loads(data)
