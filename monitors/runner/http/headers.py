"""Header fields as they stand on the wire."""

from __future__ import annotations


class Headers(list[tuple[str, str]]):
    """Names and values in the order of the wire; a name may be there more than once.

    Names are found without regard to case and keep the case that they have.
    """

    def first(self, name: str) -> str | None:
        """The first value of a name: the one that Node takes of most response headers."""
        lower = name.lower()
        return next((value for key, value in self if key.lower() == lower), None)

    def get(self, name: str) -> str | None:
        """The last value of a name: the one that Postman takes of request headers."""
        lower = name.lower()
        return next((value for key, value in reversed(self) if key.lower() == lower), None)

    def get_all(self, name: str) -> list[str]:
        """The values of a name, in order."""
        lower = name.lower()
        return [value for key, value in self if key.lower() == lower]

    def add(self, name: str, value: str) -> None:
        """Add a field at the end."""
        self.append((name, value))

    def add_missing(self, name: str, value: str) -> None:
        """Add a field at the end unless there is one of that name."""
        if self.get(name) is None:
            self.add(name, value)

    def set(self, name: str, value: str) -> None:
        """Give a name one value, where it stands and in its case, else at the end."""
        lower = name.lower()
        for at, (key, _) in enumerate(self):
            if key.lower() == lower:
                rest = [field for field in self[at + 1 :] if field[0].lower() != lower]
                self[at:] = [(key, value), *rest]
                return
        self.add(name, value)

    def replace(self, name: str, value: str) -> None:
        """Remove every field of a name and add one at the end, as Postman's authorizers do."""
        self.discard(name)
        self.add(name, value)

    def discard(self, name: str) -> None:
        """Remove every field of a name, if there is one."""
        lower = name.lower()
        self[:] = [field for field in self if field[0].lower() != lower]
