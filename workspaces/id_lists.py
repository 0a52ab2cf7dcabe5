"""Conditions on many ids, given as one parameter: ten thousand parameters take seconds."""

import json
import uuid
from collections.abc import Collection

from django.db import connection
from django.db.models import Q
from django.db.models.expressions import RawSQL

MANY = 100


def with_pk_in(ids: Collection[uuid.UUID], field: str = "pk") -> Q:
    """The rows whose primary key, or the id in another field, is one of these."""
    wanted: Collection[uuid.UUID] | RawSQL = ids
    if len(ids) > MANY and connection.vendor == "postgresql":
        wanted = RawSQL("SELECT unnest(%s::uuid[])", [list(ids)])
    elif len(ids) > MANY:
        wanted = RawSQL("SELECT value FROM json_each(%s)", [json.dumps([each.hex for each in ids])])
    return Q(**{f"{field}__in": wanted})
