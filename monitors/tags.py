"""Tags, by which people group their monitors."""

import re
from collections.abc import Iterable

MAX_TAGS = 20
TAG = re.compile(r"[\w.:/-]{1,50}")


def clean_tags(tags: Iterable[str]) -> list[str]:
    """The tags in lower case, each once. Raises ValueError with a sentence for the person who typed them."""
    cleaned = list(dict.fromkeys(clean_tag(tag) for tag in tags))
    if len(cleaned) > MAX_TAGS:
        raise ValueError(f"A monitor has at most {MAX_TAGS} tags.")
    return cleaned


def clean_tag(tag: str) -> str:
    if not TAG.fullmatch(tag):
        raise ValueError(f"“{tag[:60]}” is not a tag: use up to 50 letters, digits and - _ . : /.")
    return tag.lower()
