"""Postman's dynamic variables: `{{$guid}}`, `{{$timestamp}}`, and the whole `{{$random…}}` family.

Names and shapes are those that Postman documents (learning.postman.com, "Postman's list of dynamic
variables"). Faker provides most of the values; it takes a moment to import, so that waits for the first
name that needs it.
"""

from __future__ import annotations

import random
import string
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING

from monitors.runner import dynamic_words as words

if TYPE_CHECKING:
    from faker import Faker

choose = random.choice


def dynamic_value(name: str) -> str | None:
    """A fresh value for `$name`, given without the dollar; None for a name that Postman does not know."""
    if name in PLAIN:
        return PLAIN[name]()
    if name in WORDS:
        return choose(WORDS[name])
    if name in FAKER:
        return FAKER[name](_faker("en_US"))
    if name in LOREM:
        return LOREM[name](_faker("la"))
    return None


def dynamic_names() -> list[str]:
    """Every name that `dynamic_value` knows."""
    return sorted([*PLAIN, *WORDS, *FAKER, *LOREM])


@cache
def _faker(locale: str) -> Faker:
    from faker import Faker

    return Faker(locale)


def _digits(count: int) -> str:
    return "".join(random.choices(string.digits, k=count))


def _phone_number() -> str:
    return f"{random.randint(200, 999)}-{random.randint(200, 999)}-{_digits(4)}"


def _uuid() -> str:
    return str(uuid.uuid4())


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


def _javascript_date(days_from: float, days_to: float) -> str:
    """A moment between so many days from now, as JavaScript's `Date` prints it."""
    moment = datetime.now(UTC) + timedelta(days=random.uniform(days_from, days_to))
    return moment.strftime("%a %b %d %Y %H:%M:%S GMT+0000 (Coordinated Universal Time)")


def _image(kind: str = "") -> Callable[[], str]:
    return lambda: f"http://placeimg.com/640/480{'/' if kind else ''}{kind}"


def _image_data_uri() -> str:
    return (
        "data:image/svg+xml;charset=UTF-8,%3Csvg%20xmlns%3D%22http%3A%2F%2Fwww.w3.org%2F2000%2Fsvg%22%20"
        "version%3D%221.1%22%20width%3D%22640%22%20height%3D%22480%22%3E%3Crect%20width%3D%22100%25%22%20"
        "height%3D%22100%25%22%20fill%3D%22grey%22%2F%3E%3C%2Fsvg%3E"
    )


def _bitcoin() -> str:
    alphabet = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
    return choose("13") + "".join(random.choices(alphabet, k=random.randint(25, 33)))


def _bic() -> str:
    letters = "".join(random.choices(string.ascii_uppercase, k=6))
    return letters + choose(string.ascii_uppercase) + choose(["1", "2", "W", "H"])


def _several(count_from: int, count_to: int, one: Callable[[], str], separator: str = " ") -> str:
    return separator.join(one() for _ in range(random.randint(count_from, count_to)))


def _phrase() -> str:
    template = choose(words.PHRASES)
    fillers = {
        "{abbreviation}": words.ABBREVIATIONS,
        "{adjective}": words.ADJECTIVES,
        "{noun}": words.NOUNS,
        "{verb}": words.VERBS,
        "{ingverb}": words.ING_VERBS,
    }
    for mark, choices in fillers.items():
        template = template.replace(mark, choose(choices))
    return template[0].upper() + template[1:]


def _catch_phrase() -> str:
    return " ".join(map(choose, (words.CATCH_ADJECTIVES, words.CATCH_DESCRIPTORS, words.CATCH_NOUNS)))


def _business_speak() -> str:
    return " ".join(map(choose, (words.BS_VERBS, words.BS_ADJECTIVES, words.BS_NOUNS)))


def _product_name() -> str:
    return " ".join(map(choose, (words.PRODUCT_ADJECTIVES, words.MATERIALS, words.PRODUCTS)))


def _file_name(extensions: list[str]) -> Callable[[], str]:
    return lambda: (
        f"{choose(words.NOUNS)}_{choose(words.ADJECTIVES)}".replace(" ", "_") + "." + choose(extensions)
    )


def _file_path() -> str:
    return f"{choose(words.DIRECTORIES)}/{_file_name(words.FILE_EXTENSIONS)()}"


def _password() -> str:
    return "".join(random.choices(string.ascii_letters + string.digits + "_", k=15))


def _account_mask() -> str:
    return _digits(4)


def _any_word() -> str:
    return choose(words.NOUNS + words.ADJECTIVES + words.PRODUCTS + words.MATERIALS)


PLAIN: dict[str, Callable[[], str]] = {
    "guid": _uuid,
    "timestamp": lambda: str(round(time.time())),
    "isoTimestamp": lambda: _iso(datetime.now(UTC)),
    "randomUUID": _uuid,
    "randomInt": lambda: str(random.randint(0, 1000)),
    "randomBoolean": lambda: choose(["true", "false"]),
    "randomAlphaNumeric": lambda: choose(string.digits + string.ascii_lowercase),
    "randomPhoneNumber": _phone_number,
    "randomPhoneNumberExt": lambda: f"{random.randint(1, 99)}-{_phone_number()}",
    "randomHexColor": lambda: (
        f"#{random.randrange(0x80):02x}{random.randrange(0x80):02x}{random.randrange(0x80):02x}"
    ),
    "randomIP": lambda: ".".join(str(random.randint(0, 255)) for _ in range(4)),
    "randomIPV6": lambda: ":".join(f"{random.randrange(0x10000):04x}" for _ in range(8)),
    "randomMACAddress": lambda: ":".join(f"{random.randrange(256):02x}" for _ in range(6)),
    "randomPassword": _password,
    "randomLatitude": lambda: f"{random.uniform(-90, 90):.4f}",
    "randomLongitude": lambda: f"{random.uniform(-180, 180):.4f}",
    "randomBankAccount": lambda: _digits(8),
    "randomCreditCardMask": _account_mask,
    "randomPrice": lambda: f"{random.uniform(0, 1000):.2f}",
    "randomBitcoin": _bitcoin,
    "randomBankAccountBic": _bic,
    "randomSemver": lambda: ".".join(str(random.randint(0, 9)) for _ in range(3)),
    "randomDatePast": lambda: _javascript_date(-365, 0),
    "randomDateFuture": lambda: _javascript_date(0, 365),
    "randomDateRecent": lambda: _javascript_date(-1, 0),
    "randomCatchPhrase": _catch_phrase,
    "randomBs": _business_speak,
    "randomProductName": _product_name,
    "randomPhrase": _phrase,
    "randomWord": _any_word,
    "randomWords": lambda: _several(2, 5, _any_word),
    "randomFileName": _file_name(words.FILE_EXTENSIONS),
    "randomCommonFileName": _file_name(words.COMMON_EXTENSIONS),
    "randomFilePath": _file_path,
    "randomImageUrl": _image(),
    "randomImageDataUri": _image_data_uri,
    "randomAvatarImage": lambda: f"https://cdn.fakercloud.com/avatars/{choose(words.NOUNS)}_128.jpg".replace(
        " ", "_"
    ),
    "randomAbstractImage": _image("abstract"),
    "randomAnimalsImage": _image("animals"),
    "randomBusinessImage": _image("business"),
    "randomCatsImage": _image("cats"),
    "randomCityImage": _image("city"),
    "randomFoodImage": _image("food"),
    "randomNightlifeImage": _image("nightlife"),
    "randomFashionImage": _image("fashion"),
    "randomPeopleImage": _image("people"),
    "randomNatureImage": _image("nature"),
    "randomSportsImage": _image("sports"),
    "randomTransportImage": _image("transport"),
}

WORDS: dict[str, list[str]] = {
    "randomAbbreviation": words.ABBREVIATIONS,
    "randomAdjective": words.ADJECTIVES,
    "randomNoun": words.NOUNS,
    "randomVerb": words.VERBS,
    "randomIngverb": words.ING_VERBS,
    "randomColor": words.COLORS,
    "randomDepartment": words.DEPARTMENTS,
    "randomProduct": words.PRODUCTS,
    "randomProductAdjective": words.PRODUCT_ADJECTIVES,
    "randomProductMaterial": words.MATERIALS,
    "randomCompanySuffix": words.COMPANY_SUFFIXES,
    "randomCatchPhraseAdjective": words.CATCH_ADJECTIVES,
    "randomCatchPhraseDescriptor": words.CATCH_DESCRIPTORS,
    "randomCatchPhraseNoun": words.CATCH_NOUNS,
    "randomBsAdjective": words.BS_ADJECTIVES,
    "randomBsBuzz": words.BS_VERBS,
    "randomBsNoun": words.BS_NOUNS,
    "randomDatabaseColumn": words.DATABASE_COLUMNS,
    "randomDatabaseType": words.DATABASE_TYPES,
    "randomDatabaseCollation": words.DATABASE_COLLATIONS,
    "randomDatabaseEngine": words.DATABASE_ENGINES,
    "randomMonth": words.MONTHS,
    "randomWeekday": words.WEEKDAYS,
    "randomBankAccountName": words.ACCOUNT_NAMES,
    "randomTransactionType": words.TRANSACTION_TYPES,
    "randomCurrencySymbol": words.CURRENCY_SYMBOLS,
    "randomProtocol": ["http", "https"],
    "randomDomainSuffix": words.DOMAIN_SUFFIXES,
    "randomLocale": words.LOCALES,
    "randomNamePrefix": words.NAME_PREFIXES,
    "randomNameSuffix": words.NAME_SUFFIXES,
    "randomJobDescriptor": words.JOB_DESCRIPTORS,
    "randomJobArea": words.JOB_AREAS,
    "randomJobType": words.JOB_TYPES,
    "randomDirectoryPath": words.DIRECTORIES,
    "randomCommonFileType": ["video", "audio", "image", "text", "application"],
    "randomCommonFileExt": words.COMMON_EXTENSIONS,
    "randomFileType": words.FILE_TYPES,
    "randomFileExt": words.FILE_EXTENSIONS,
}


def _domain_word(fake: Faker) -> str:
    return fake.last_name().lower()


def _domain_name(fake: Faker) -> str:
    return f"{_domain_word(fake)}.{choose(words.DOMAIN_SUFFIXES)}"


def _job_title(fake: Faker) -> str:
    return " ".join(map(choose, (words.JOB_DESCRIPTORS, words.JOB_AREAS, words.JOB_TYPES)))


def _user_name(fake: Faker) -> str:
    return f"{fake.first_name()}{choose(['.', '_', ''])}{fake.last_name()}{choose(['', _digits(2)])}"


def _email(domain: Callable[[], str]) -> Callable[[Faker], str]:
    return lambda fake: f"{_user_name(fake)}@{domain()}"


def _lorem_lines(fake: Faker) -> str:
    return "\n".join(fake.sentences(random.randint(1, 5)))


def _lorem_paragraphs(fake: Faker) -> str:
    return "\n \r".join(fake.paragraphs(3))


FAKER: dict[str, Callable[[Faker], str]] = {
    "randomFirstName": lambda fake: fake.first_name(),
    "randomLastName": lambda fake: fake.last_name(),
    "randomFullName": lambda fake: f"{fake.first_name()} {fake.last_name()}",
    "randomJobTitle": _job_title,
    "randomUserName": _user_name,
    "randomEmail": _email(lambda: choose(["gmail.com", "yahoo.com", "hotmail.com"])),
    "randomExampleEmail": _email(lambda: choose(["example.com", "example.net", "example.org"])),
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
    "randomUrl": lambda fake: f"{choose(['http', 'https'])}://{_domain_name(fake)}",
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
    "randomLoremParagraphs": _lorem_paragraphs,
    "randomLoremText": lambda fake: fake.text(),
    "randomLoremLines": _lorem_lines,
}
