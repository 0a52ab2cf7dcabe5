"""Model fields that are encrypted at rest with the keys of FIELD_ENCRYPTION_KEYS (Fernet).

A row is loaded with its ciphertext, which is decrypted when the attribute is first read. So a list of rows
costs nothing for secrets that nobody looks at, and a value that no key decrypts takes nothing else along.
"""

import json
import zlib
from functools import cache
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.db import models
from django.db.models import Model
from django.db.models.query_utils import DeferredAttribute


class SecretUnreadable(Exception):
    """No key of FIELD_ENCRYPTION_KEYS decrypts a stored value."""

    silent_variable_failure = True
    """Templates show nothing in its place; pages say where a person can enter the value again."""

    def __init__(self) -> None:
        super().__init__(
            "A stored value cannot be read, because FIELD_ENCRYPTION_KEYS lacks the key that encrypted it. "
            "Put the old key back, or enter the value again."
        )


@cache
def _fernet(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(key.strip()) for key in keys])


def encrypt(plaintext: bytes) -> str:
    """The newest key encrypts."""
    return _fernet(tuple(settings.FIELD_ENCRYPTION_KEYS)).encrypt(plaintext).decode()


def decrypt(token: str) -> bytes:
    """Any of the keys decrypts. Raises SecretUnreadable when none does."""
    try:
        return _fernet(tuple(settings.FIELD_ENCRYPTION_KEYS)).decrypt(token.encode())
    except InvalidToken as problem:
        raise SecretUnreadable from problem


def is_current(token: str) -> bool:
    """Whether the newest key encrypted it."""
    try:
        _fernet(tuple(settings.FIELD_ENCRYPTION_KEYS[:1])).decrypt(token.encode())
    except InvalidToken:
        return False
    return True


class Ciphertext(str):
    """What the database holds of a value. Written back, it stays as it is."""

    __slots__ = ()


class EncryptedAttribute(DeferredAttribute):
    """Decrypts at the first look. Raises SecretUnreadable for what no key decrypts."""

    field: "EncryptedTextField"

    def __get__(self, instance: Model | None, cls: type[Model] | None = None) -> Any:
        value = super().__get__(instance, cls)
        if isinstance(value, Ciphertext):
            assert instance is not None
            value = instance.__dict__[self.field.attname] = self.field.from_ciphertext(value)
        return value

    def __set__(self, instance: Model, value: Any) -> None:
        # Having __set__ makes Python ask __get__ before the instance's own dictionary.
        instance.__dict__[self.field.attname] = value


def stored_value(instance: Model, name: str) -> Any:
    """The value of an encrypted field as it was loaded: to be handed to another row without a key."""
    return instance.__dict__[name]


def encrypted_fields(model: type[Model]) -> "list[EncryptedTextField]":
    return [field for field in model._meta.concrete_fields if isinstance(field, EncryptedTextField)]


def is_readable(instance: Model, name: str) -> bool:
    try:
        getattr(instance, name)
    except SecretUnreadable:
        return False
    return True


def clear_unreadable(instance: Model) -> set[str]:
    """Empties what no key decrypts, in memory alone, and returns the names: a person enters it again."""
    names = {
        field.name for field in encrypted_fields(type(instance)) if not is_readable(instance, field.name)
    }
    for name in names:
        setattr(instance, name, "")
    return names


class EncryptedTextField(models.TextField):
    """Text of which the database sees only ciphertext; it cannot be searched.

    Read it from instances: `values()` and `values_list()` give the ciphertext.
    """

    descriptor_class = EncryptedAttribute

    def from_ciphertext(self, token: str) -> Any:
        """Raises SecretUnreadable."""
        return decrypt(token).decode()

    def to_plaintext(self, value: Any) -> bytes:
        return str(value).encode()

    def from_db_value(self, value: str | None, expression: object, connection: object) -> Ciphertext | None:
        return None if value is None else Ciphertext(value)

    def get_prep_value(self, value: Any) -> Any:
        if value is None or isinstance(value, Ciphertext):
            return value
        return encrypt(self.to_plaintext(value))

    def pre_save(self, model_instance: Model, add: bool) -> Any:
        """What nobody read is written back unread: it needs no key."""
        stored = model_instance.__dict__.get(self.attname)
        return stored if isinstance(stored, Ciphertext) else super().pre_save(model_instance, add)


class EncryptedJSONField(EncryptedTextField):
    """A JSON value, null included, of which the database sees only ciphertext."""

    # What django-stubs takes as the types of the attribute.
    _pyi_private_set_type: Any
    _pyi_private_get_type: Any

    def from_ciphertext(self, token: str) -> Any:
        return json.loads(decrypt(token))

    def to_plaintext(self, value: Any) -> bytes:
        return json.dumps(value).encode()

    def get_prep_value(self, value: Any) -> Any:
        return value if isinstance(value, Ciphertext) else encrypt(self.to_plaintext(value))

    def to_python(self, value: Any) -> Any:
        return value


class EncryptedDocumentField(EncryptedJSONField):
    """A large JSON value; compressed first, since what is encrypted cannot be compressed any more."""

    def from_ciphertext(self, token: str) -> Any:
        return json.loads(zlib.decompress(decrypt(token)))

    def to_plaintext(self, value: Any) -> bytes:
        return zlib.compress(json.dumps(value, separators=(",", ":")).encode())
