"""Credentials in bodies that are kept: a response may hold some that the run has never seen."""

import pytest

from monitors.body_redaction import without_credentials
from monitors.redaction import MASK

JSON_WEB = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl"


@pytest.mark.parametrize(
    ("body", "masked"),
    [
        ('{"access_token": "abc", "id": 7}', f'{{"access_token": "{MASK}", "id": 7}}'),
        ('{"user": {"password":"a\\"b","name":"Ann"}}', f'{{"user": {{"password":"{MASK}","name":"Ann"}}}}'),
        (
            "grant_type=password&client_secret=s3cret&scope=a",
            f"grant_type=password&client_secret={MASK}&scope=a",
        ),
        (f'{{"value": "{JSON_WEB}"}}', f'{{"value": "{MASK}"}}'),
        ("Authorization: Bearer abcdefgh-1234", f"Authorization: Bearer {MASK}"),
        ('{"token_type": "bearer", "error": "no"}', '{"token_type": "bearer", "error": "no"}'),
        ('{"message": "The password is wrong."}', '{"message": "The password is wrong."}'),
        ("", ""),
    ],
)
def test_values_under_names_of_credentials_are_masked_and_nothing_else(body: str, masked: str) -> None:
    assert without_credentials(body) == masked
