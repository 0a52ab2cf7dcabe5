"""Looks up and changes header fields without regard to case, the order of the others kept."""

from __future__ import annotations

from monitors.runner.http.message import Headers


def get_field(headers: Headers, name: str) -> str | None:
    """The last value of a field: the one that counts where a name is repeated."""
    lower = name.lower()
    return next((value for key, value in reversed(headers) if key.lower() == lower), None)


def get_fields(headers: Headers, name: str) -> list[str]:
    """All values of a field, in order."""
    lower = name.lower()
    return [value for key, value in headers if key.lower() == lower]


def set_field(headers: Headers, name: str, value: str) -> None:
    """Give a field one value, where it stands and in its spelling, else at the end."""
    lower = name.lower()
    for at, (key, _) in enumerate(headers):
        if key.lower() == lower:
            headers[at:] = [
                (key, value),
                *(field for field in headers[at + 1 :] if field[0].lower() != lower),
            ]
            return
    headers.append((name, value))


def add_missing_field(headers: Headers, name: str, value: str) -> None:
    """Add a field unless there is one of that name."""
    if get_field(headers, name) is None:
        headers.append((name, value))


def remove_field(headers: Headers, name: str) -> None:
    """Remove every field of that name."""
    lower = name.lower()
    headers[:] = [field for field in headers if field[0].lower() != lower]


def replace_field(headers: Headers, name: str, value: str) -> None:
    """Remove every field of that name and add one at the end, as Postman's authorizers do."""
    remove_field(headers, name)
    headers.append((name, value))
