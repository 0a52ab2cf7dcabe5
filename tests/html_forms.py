"""The forms of a page as a browser would send them."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any


@dataclass
class HtmlForm:
    action: str
    method: str
    data: dict[str, list[str]] = field(default_factory=dict)
    """What a browser sends if nothing is touched, buttons aside."""
    text_names: list[str] = field(default_factory=list)
    choices: dict[str, list[str]] = field(default_factory=dict)
    """The values of radio buttons and options."""


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[HtmlForm] = []
        self.form: HtmlForm | None = None
        self.in_template = False
        self.area: str | None = None
        self.select: str | None = None

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        given = dict(attrs)
        if tag == "template":
            self.in_template = True
        elif tag == "form":
            self.form = HtmlForm(given.get("action", ""), given.get("method", "get"))
            self.forms.append(self.form)
        elif self.form and not self.in_template:
            getattr(self, f"read_{tag}", lambda given: None)(given)

    def read_input(self, given: dict[str, Any]) -> None:
        assert self.form
        name, kind, value = given.get("name"), given.get("type", "text"), given.get("value") or ""
        if not name or kind in ("submit", "file"):
            return
        if kind == "radio":
            self.form.choices.setdefault(name, []).append(value)
        if kind not in ("checkbox", "radio") or "checked" in given:
            self.form.data.setdefault(name, []).append(value or ("on" if kind == "checkbox" else ""))
        if kind == "text":
            self.form.text_names.append(name)

    def read_textarea(self, given: dict[str, Any]) -> None:
        assert self.form
        self.area = given["name"]
        self.form.data[self.area] = [""]
        self.form.text_names.append(self.area)

    def read_select(self, given: dict[str, Any]) -> None:
        self.select = given.get("name")

    def read_option(self, given: dict[str, Any]) -> None:
        assert self.form
        if self.select:
            self.form.choices.setdefault(self.select, []).append(given.get("value") or "")
            if "selected" in given or self.select not in self.form.data:
                self.form.data[self.select] = [given.get("value") or ""]

    def handle_data(self, data: str) -> None:
        if self.area and self.form:
            # A browser leaves out the line break after the tag.
            self.form.data[self.area][0] += data if self.form.data[self.area][0] else data.removeprefix("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag == "template":
            self.in_template = False
        elif tag == "form":
            self.form = None
        elif tag == "textarea":
            self.area = None
        elif tag == "select":
            self.select = None


def forms_of(page: str) -> list[HtmlForm]:
    reader = _Reader()
    reader.feed(page)
    return reader.forms
