"""Postman's dynamic variables: `{{$guid}}`, `{{$timestamp}}`, and the whole `{{$random…}}` family.

Names and shapes are those that Postman documents (learning.postman.com, "Postman's list of dynamic
variables"). `dynamic_words.json` holds the lists of words to choose from, by the names of the variables.
Faker provides names, places and Lorem ipsum. It is slow to import, so the first variable that needs it
imports it.
"""

from __future__ import annotations

import json
import random
import string
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from faker import Faker

WORDS: dict[str, list[str]] = json.loads(
    Path(__file__).with_name("dynamic_words.json").read_text(encoding="utf-8")
)
PHRASE_TEMPLATES = WORDS.pop("phraseTemplates")
IMAGE_KINDS = (
    "abstract", "animals", "business", "cats", "city", "food", "nightlife", "fashion", "people", "nature",
    "sports", "transport",
)  # fmt: skip
BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


def dynamic_value(name: str) -> str | None:
    """A new value for the variable `$name`, given without the dollar sign; None for an unknown name."""
    if name in GENERATORS:
        return GENERATORS[name]()
    if name in WORDS:
        return _word(name)
    if name in FAKER:
        return FAKER[name](_faker("en_US"))
    if name in LOREM:
        return LOREM[name](_faker("la"))
    return None


def dynamic_names() -> list[str]:
    """Every name that `dynamic_value` knows."""
    return sorted([*GENERATORS, *WORDS, *FAKER, *LOREM])


@cache
def _faker(locale: str) -> Faker:
    from faker import Faker

    return Faker(locale)


def _word(*names: str) -> str:
    """One word of each of these variables."""
    return " ".join(random.choice(WORDS[name]) for name in names)


def _digits(count: int) -> str:
    return "".join(random.choices(string.digits, k=count))


def _phone_number() -> str:
    return f"{random.randint(200, 999)}-{random.randint(200, 999)}-{_digits(4)}"


def _iso_timestamp() -> str:
    now = datetime.now(UTC)
    return now.strftime("%Y-%m-%dT%H:%M:%S.") + f"{now.microsecond // 1000:03d}Z"


def _javascript_date(days_from: float, days_to: float) -> str:
    """A moment between so many days from now, as JavaScript's `Date` prints it."""
    moment = datetime.now(UTC) + timedelta(days=random.uniform(days_from, days_to))
    return moment.strftime("%a %b %d %Y %H:%M:%S GMT+0000 (Coordinated Universal Time)")


def _hex_color() -> str:
    return "#" + "".join(f"{random.randrange(0x80):02x}" for _ in range(3))


def _image_url(kind: str = "") -> str:
    return f"http://placeimg.com/640/480{'/' if kind else ''}{kind}"


def _image_data_uri() -> str:
    return (
        "data:image/svg+xml;charset=UTF-8,%3Csvg%20xmlns%3D%22http%3A%2F%2Fwww.w3.org%2F2000%2Fsvg%22%20"
        "version%3D%221.1%22%20width%3D%22640%22%20height%3D%22480%22%3E%3Crect%20width%3D%22100%25%22%20"
        "height%3D%22100%25%22%20fill%3D%22grey%22%2F%3E%3C%2Fsvg%3E"
    )


def _avatar_image() -> str:
    return f"https://cdn.fakercloud.com/avatars/{_word('randomNoun')}_128.jpg".replace(" ", "_")


def _bitcoin() -> str:
    return random.choice("13") + "".join(random.choices(BASE58, k=random.randint(25, 33)))


def _bic() -> str:
    letters = "".join(random.choices(string.ascii_uppercase, k=7))
    return letters + random.choice(["1", "2", "W", "H"])


def _phrase() -> str:
    phrase = random.choice(PHRASE_TEMPLATES)
    for kind in ("Abbreviation", "Adjective", "Noun", "Verb", "Ingverb"):
        phrase = phrase.replace(f"{{{kind.lower()}}}", _word(f"random{kind}"))
    return phrase[0].upper() + phrase[1:]


def _any_word() -> str:
    names = ("randomNoun", "randomAdjective", "randomProduct", "randomProductMaterial")
    return random.choice([word for name in names for word in WORDS[name]])


def _file_name(extensions: str) -> str:
    """`extensions` is the variable of the list that the extension is taken from."""
    name = f"{_word('randomNoun')}_{_word('randomAdjective')}".replace(" ", "_")
    return f"{name}.{_word(extensions)}"


GENERATORS: dict[str, Callable[[], str]] = {
    "guid": lambda: str(uuid.uuid4()),
    "timestamp": lambda: str(round(time.time())),
    "isoTimestamp": _iso_timestamp,
    "randomUUID": lambda: str(uuid.uuid4()),
    "randomInt": lambda: str(random.randint(0, 1000)),
    "randomBoolean": lambda: random.choice(["true", "false"]),
    "randomAlphaNumeric": lambda: random.choice(string.digits + string.ascii_lowercase),
    "randomPhoneNumber": _phone_number,
    "randomPhoneNumberExt": lambda: f"{random.randint(1, 99)}-{_phone_number()}",
    "randomHexColor": _hex_color,
    "randomIP": lambda: ".".join(str(random.randint(0, 255)) for _ in range(4)),
    "randomIPV6": lambda: ":".join(f"{random.randrange(0x10000):04x}" for _ in range(8)),
    "randomMACAddress": lambda: ":".join(f"{random.randrange(256):02x}" for _ in range(6)),
    "randomPassword": lambda: "".join(random.choices(string.ascii_letters + string.digits + "_", k=15)),
    "randomLatitude": lambda: f"{random.uniform(-90, 90):.4f}",
    "randomLongitude": lambda: f"{random.uniform(-180, 180):.4f}",
    "randomBankAccount": lambda: _digits(8),
    "randomCreditCardMask": lambda: _digits(4),
    "randomPrice": lambda: f"{random.uniform(0, 1000):.2f}",
    "randomBitcoin": _bitcoin,
    "randomBankAccountBic": _bic,
    "randomSemver": lambda: ".".join(_digits(3)),
    "randomDatePast": lambda: _javascript_date(-365, 0),
    "randomDateFuture": lambda: _javascript_date(0, 365),
    "randomDateRecent": lambda: _javascript_date(-1, 0),
    "randomCatchPhrase": lambda: _word(
        "randomCatchPhraseAdjective", "randomCatchPhraseDescriptor", "randomCatchPhraseNoun"
    ),
    "randomBs": lambda: _word("randomBsBuzz", "randomBsAdjective", "randomBsNoun"),
    "randomProductName": lambda: _word("randomProductAdjective", "randomProductMaterial", "randomProduct"),
    "randomJobTitle": lambda: _word("randomJobDescriptor", "randomJobArea", "randomJobType"),
    "randomPhrase": _phrase,
    "randomWord": _any_word,
    "randomWords": lambda: " ".join(_any_word() for _ in range(random.randint(2, 5))),
    "randomFileName": lambda: _file_name("randomFileExt"),
    "randomCommonFileName": lambda: _file_name("randomCommonFileExt"),
    "randomFilePath": lambda: f"{_word('randomDirectoryPath')}/{_file_name('randomFileExt')}",
    "randomAvatarImage": _avatar_image,
    "randomImageDataUri": _image_data_uri,
    "randomImageUrl": _image_url,
    **{f"random{kind.title()}Image": partial(_image_url, kind) for kind in IMAGE_KINDS},
}


def _domain_word(fake: Faker) -> str:
    return fake.last_name().lower()


def _domain_name(fake: Faker) -> str:
    return f"{_domain_word(fake)}.{_word('randomDomainSuffix')}"


def _user_name(fake: Faker) -> str:
    separator, number = random.choice([".", "_", ""]), random.choice(["", _digits(2)])
    return f"{fake.first_name()}{separator}{fake.last_name()}{number}"


def _email(fake: Faker, *domains: str) -> str:
    return f"{_user_name(fake)}@{random.choice(domains)}"


FAKER: dict[str, Callable[[Faker], str]] = {
    "randomFirstName": lambda fake: fake.first_name(),
    "randomLastName": lambda fake: fake.last_name(),
    "randomFullName": lambda fake: f"{fake.first_name()} {fake.last_name()}",
    "randomUserName": _user_name,
    "randomEmail": lambda fake: _email(fake, "gmail.com", "yahoo.com", "hotmail.com"),
    "randomExampleEmail": lambda fake: _email(fake, "example.com", "example.net", "example.org"),
    "randomCity": lambda fake: fake.city(),
    "randomStreetName": lambda fake: fake.street_name(),
    "randomStreetAddress": lambda fake: fake.street_address(),
    "randomCountry": lambda fake: fake.country(),
    "randomCountryCode": lambda fake: fake.country_code(),
    "randomCompanyName": lambda fake: fake.company(),
    "randomCurrencyCode": lambda fake: fake.currency_code(),
    "randomCurrencyName": lambda fake: fake.currency_name(),
    "randomBankAccountIban": lambda fake: fake.iban(),
    "randomDomainWord": _domain_word,
    "randomDomainName": _domain_name,
    "randomUrl": lambda fake: f"{random.choice(['http', 'https'])}://{_domain_name(fake)}",
    "randomUserAgent": lambda fake: fake.user_agent(),
    "randomMimeType": lambda fake: fake.mime_type(),
}

LOREM: dict[str, Callable[[Faker], str]] = {
    "randomLoremWord": lambda fake: fake.word(),
    "randomLoremWords": lambda fake: " ".join(fake.words(3)),
    "randomLoremSentence": lambda fake: fake.sentence(),
    "randomLoremSentences": lambda fake: " ".join(fake.sentences(random.randint(2, 6))),
    "randomLoremSlug": lambda fake: "-".join(fake.words(3)),
    "randomLoremParagraph": lambda fake: fake.paragraph(),
    "randomLoremParagraphs": lambda fake: "\n \r".join(fake.paragraphs(3)),
    "randomLoremText": lambda fake: fake.text(),
    "randomLoremLines": lambda fake: "\n".join(fake.sentences(random.randint(1, 5))),
}
