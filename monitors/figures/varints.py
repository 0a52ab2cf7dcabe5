"""Numbers in as few bytes as they need: seven bits a byte, the lowest first."""


def write_number(number: int, out: bytearray) -> None:
    """Appends a number, 0 or larger."""
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)


class Reader:
    """Reads what was written, from the first byte to the last."""

    def __init__(self, content: bytes | memoryview) -> None:
        self._content = bytes(content)
        self._at = 0

    @property
    def has_more(self) -> bool:
        return self._at < len(self._content)

    def byte(self) -> int:
        self._at += 1
        return self._content[self._at - 1]

    def fixed(self, length: int) -> int:
        """A number of so many bytes."""
        self._at += length
        return int.from_bytes(self._content[self._at - length : self._at], "big")

    def number(self) -> int:
        """A number as `write_number` wrote it."""
        number = shift = 0
        while True:
            byte = self.byte()
            number |= (byte & 0x7F) << shift
            if byte < 0x80:
                return number
            shift += 7
