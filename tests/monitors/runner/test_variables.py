from __future__ import annotations

import re
from typing import Any

import pytest

from monitors.runner.dynamic import WORDS, dynamic_names, dynamic_value
from monitors.runner.javascript import json_text, text
from monitors.runner.variables import Resolver, VariableScope


def scope(**values: Any) -> VariableScope:
    return VariableScope.from_json(
        {"values": [{"key": key, "value": value} for key, value in values.items()]}
    )


def test_the_nearest_scope_wins() -> None:
    resolver = Resolver([scope(a="near"), scope(a="far", b="far")])
    assert resolver.text("{{a}} {{b}} {{c}}") == "near far {{c}}"


def test_values_may_refer_to_other_variables_but_not_endlessly() -> None:
    resolver = Resolver([scope(a="<{{b}}>", b="{{c}}", c="end", loop="{{loop}}", grow="{{grow}}+")])
    assert resolver.text("{{a}} {{loop}}") == "<end> {{loop}}"
    assert resolver.text("{{grow}}") == "{{grow}}" + "+" * 19


def test_a_name_may_be_composed_of_variables() -> None:
    assert Resolver([scope(n="1", a1="found")]).text("{{a{{n}}}}") == "found"


def test_references_in_json_are_replaced_except_in_names() -> None:
    resolver = Resolver([scope(v="x")])
    assert resolver.value({"{{v}}": ["{{v}}", 1, {"a": "{{v}}"}]}) == {"{{v}}": ["x", 1, {"a": "x"}]}


def test_a_copy_changes_alone() -> None:
    original = scope(a="1")
    changed = original.copy()
    changed.set("a", "2")
    changed.set("b", "3")
    assert original.to_json()["values"] == [{"key": "a", "type": "any", "value": "1"}]


def test_of_equal_names_the_last_enabled_one_counts() -> None:
    entries = [
        {"key": "a", "value": "1"},
        {"key": "a", "value": "2"},
        {"key": "a", "value": "3", "disabled": True},
    ]
    twice = VariableScope.from_json({"values": entries})
    assert Resolver([twice]).text("{{a}}") == "2"
    twice.apply({"stream": [["a"]]})
    assert Resolver([twice]).text("{{a}}") == "{{a}}"


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (1.0, "1"),
        (1e21, "1e+21"),
        (1.5e-7, "1.5e-7"),
        (0.1, "0.1"),
        (123456789012345680000, "123456789012345680000"),
        (-0.0, "0"),
        (None, "null"),
        (True, "true"),
        ([1, None, [2, "a"]], "1,,2,a"),
        ({"a": 1}, "[object Object]"),
    ],
)
def test_values_are_written_as_javascript_writes_them(value: Any, written: str) -> None:
    assert text(value) == written


def test_json_is_written_as_javascript_writes_it() -> None:
    assert json_text({"a": [1.0, "ü\n", None, True]}) == '{"a":[1,"ü\\n",null,true]}'


@pytest.mark.parametrize("name", dynamic_names())
def test_each_dynamic_variable_has_a_plausible_value(name: str) -> None:
    value = dynamic_value(name)
    assert value
    assert "{{" not in value
    assert len(value) < 2000


@pytest.mark.parametrize(
    ("name", "shape"),
    [
        ("guid", r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"),
        ("timestamp", r"\d{10}"),
        ("isoTimestamp", r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"),
        ("randomInt", r"\d{1,3}|1000"),
        ("randomEmail", r"[\w.']+@\w+\.com"),
        ("randomPhoneNumber", r"\d{3}-\d{3}-\d{4}"),
        ("randomBoolean", r"true|false"),
        ("randomHexColor", r"#[0-9a-f]{6}"),
        ("randomPrice", r"\d{1,4}\.\d\d"),
        ("randomPassword", r"\w{15}"),
        ("randomBankAccount", r"\d{8}"),
    ],
)
def test_common_dynamic_variables_have_postmans_shape(name: str, shape: str) -> None:
    assert re.fullmatch(shape, dynamic_value(name) or "")


def test_no_word_of_a_list_has_a_line_break_or_a_gap() -> None:
    assert len(WORDS) > 20
    gaps = {
        name: [word for word in words if not re.fullmatch(r"\S+(?: \S+)*", word)]
        for name, words in WORDS.items()
    }
    assert {name: words for name, words in gaps.items() if words} == {}
    assert "client-server" in WORDS["randomCatchPhraseDescriptor"]
    assert "end-to-end" in WORDS["randomBsAdjective"]


def test_each_mention_of_a_dynamic_variable_is_fresh_and_unknown_ones_stay() -> None:
    first, second, unknown = Resolver([]).text("{{$guid}} {{$guid}} {{$filter}}").split()
    assert first != second
    assert unknown == "{{$filter}}"
