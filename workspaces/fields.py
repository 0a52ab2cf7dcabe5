"""Model fields that are encrypted at rest with the keys of FIELD_ENCRYPTION_KEYS (Fernet).

A row is loaded with its ciphertext, which is decrypted when the attribute is first read. So a list of rows
costs nothing for secrets that nobody reads, and a value that no key decrypts does not break other rows.
"""

import json
import zlib
from functools import cache
from typing import Any, TypeVar

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.db import models
from django.db.models import Model
from django.db.models.query_utils import DeferredAttribute

UNREADABLE = "The stored value cannot be read, because its encryption key is missing."


class SecretUnreadable(Exception):
    """No key of FIELD_ENCRYPTION_KEYS decrypts a stored value."""

    silent_variable_failure = True
    """Templates show nothing instead; pages say where the value can be entered again."""

    def __init__(self) -> None:
        super().__init__(
            f"{UNREADABLE} Put the old key back into FIELD_ENCRYPTION_KEYS, or enter the value again."
        )


S = TypeVar("S")
G = TypeVar("G")


@cache
def _fernet(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(key.strip()) for key in keys])


def encrypt(plaintext: bytes) -> str:
    """Encrypts with the first key, which is the newest."""
    return _fernet(tuple(settings.FIELD_ENCRYPTION_KEYS)).encrypt(plaintext).decode()


def decrypt(token: str) -> bytes:
    """Decrypts with any of the keys. Raises SecretUnreadable when none fits."""
    try:
        return _fernet(tuple(settings.FIELD_ENCRYPTION_KEYS)).decrypt(token.encode())
    except InvalidToken as problem:
        raise SecretUnreadable from problem


def is_current(token: str) -> bool:
    """Whether the newest key encrypted the token."""
    try:
        _fernet(tuple(settings.FIELD_ENCRYPTION_KEYS[:1])).decrypt(token.encode())
    except InvalidToken:
        return False
    return True


class Ciphertext(str):
    """The ciphertext of a value as the database holds it. It is written back without change."""

    __slots__ = ()


class EncryptedAttribute(DeferredAttribute):
    """Decrypts when the attribute is first read. Raises SecretUnreadable when no key fits."""

    field: "EncryptedField[Any, Any]"

    def __get__(self, instance: Model | None, cls: type[Model] | None = None) -> Any:
        value = super().__get__(instance, cls)
        if isinstance(value, Ciphertext):
            assert instance is not None
            value = instance.__dict__[self.field.attname] = self.field.from_ciphertext(value)
        return value

    def __set__(self, instance: Model, value: object) -> None:
        # Because of __set__ Python calls __get__ before it looks into the instance's dictionary.
        instance.__dict__[self.field.attname] = value


def stored_value(instance: Model, name: str) -> Any:
    """The value of an encrypted field as it was loaded. It can be copied to another row without a key."""
    return instance.__dict__[name]


def encrypted_fields(model: type[Model]) -> "list[EncryptedField[Any, Any]]":
    return [field for field in model._meta.concrete_fields if isinstance(field, EncryptedField)]


def is_readable(instance: Model, name: str) -> bool:
    """Whether a key decrypts this field."""
    try:
        getattr(instance, name)
    except SecretUnreadable:
        return False
    return True


def clear_unreadable(instance: Model) -> set[str]:
    """Empties the fields that no key decrypts, without saving, and returns their names."""
    names = {
        field.name for field in encrypted_fields(type(instance)) if not is_readable(instance, field.name)
    }
    for name in names:
        setattr(instance, name, "")
    return names


class EncryptedField(models.TextField[S, G]):
    """A value of which the database sees only ciphertext. It cannot be searched.

    Read it from instances: `values()` and `values_list()` give the ciphertext.
    """

    descriptor_class = EncryptedAttribute

    def from_ciphertext(self, token: str) -> G:
        """Decrypts. Raises SecretUnreadable."""
        raise NotImplementedError

    def to_plaintext(self, value: S) -> bytes:
        """What is encrypted for a value."""
        raise NotImplementedError

    def from_db_value(self, value: str | None, expression: object, connection: object) -> Ciphertext | None:
        return None if value is None else Ciphertext(value)

    def get_prep_value(self, value: S | Ciphertext | None) -> str | None:
        if value is None or isinstance(value, Ciphertext):
            return value
        return encrypt(self.to_plaintext(value))

    def pre_save(self, model_instance: Model, add: bool) -> object:
        """Writes back ciphertext that nobody read as it is, which needs no key."""
        stored = model_instance.__dict__.get(self.attname)
        return stored if isinstance(stored, Ciphertext) else super().pre_save(model_instance, add)


class EncryptedTextField(EncryptedField[str, str]):
    """Text of which the database sees only ciphertext."""

    def from_ciphertext(self, token: str) -> str:
        return decrypt(token).decode()

    def to_plaintext(self, value: str) -> bytes:
        return str(value).encode()


class EncryptedJSONField(EncryptedField[Any, Any]):
    """A JSON value, null included, of which the database sees only ciphertext."""

    # django-stubs reads the types of the attribute from these.
    _pyi_private_set_type: Any
    _pyi_private_get_type: Any

    def from_ciphertext(self, token: str) -> Any:
        return json.loads(decrypt(token))

    def to_plaintext(self, value: object) -> bytes:
        return json.dumps(value).encode()

    def get_prep_value(self, value: object) -> str:
        return value if isinstance(value, Ciphertext) else encrypt(self.to_plaintext(value))

    def to_python(self, value: Any) -> Any:
        return value


class EncryptedDocumentField(EncryptedJSONField):
    """A large JSON value. It is compressed before it is encrypted."""

    def from_ciphertext(self, token: str) -> Any:
        return json.loads(zlib.decompress(decrypt(token)))

    def to_plaintext(self, value: object) -> bytes:
        return zlib.compress(json.dumps(value, separators=(",", ":")).encode())
