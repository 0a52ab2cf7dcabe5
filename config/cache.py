"""How values are written to Redis."""

import json
from typing import Any


class JSONSerializer:
    """Django's own pickles: whoever could write to Redis would execute code in the web processes."""

    def dumps(self, value: Any) -> bytes:
        return json.dumps(value).encode()

    def loads(self, data: bytes) -> Any:
        return json.loads(data)
