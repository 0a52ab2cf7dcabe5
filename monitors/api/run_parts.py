"""Serializers of what a run found out."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from monitors.comparison import ComparedHeader, ComparedRequest
from monitors.json_lines import Line
from monitors.models import Exchange
from monitors.request_results import (
    ConsoleLine,
    RequestResult,
    ScriptError,
    SentRequestResult,
    TestResult,
)
from monitors.runner.captures import KeptBody, KeptMessage
from monitors.runner.report import Phases


class AssertionSerializer(serializers.Serializer[TestResult]):
    name = serializers.CharField()
    passed = serializers.BooleanField()
    skipped = serializers.BooleanField()
    error = serializers.CharField(help_text="Empty unless the test failed.")


class ScriptErrorSerializer(serializers.Serializer[ScriptError]):
    listen = serializers.CharField(help_text="The script: `prerequest` or `test`.")
    name = serializers.CharField()
    message = serializers.CharField()
    line = serializers.IntegerField(allow_null=True)


class PhasesSerializer(serializers.Serializer[Phases]):
    """Milliseconds. The first three are null where an open connection was used."""

    dns = serializers.IntegerField(allow_null=True)
    connect = serializers.IntegerField(allow_null=True)
    tls = serializers.IntegerField(allow_null=True)
    send = serializers.IntegerField()
    wait = serializers.IntegerField()
    download = serializers.IntegerField()


class SentRequestSerializer(serializers.Serializer[SentRequestResult]):
    name = serializers.CharField()
    method = serializers.CharField()
    url = serializers.CharField()
    status_code = serializers.IntegerField(allow_null=True)
    status_text = serializers.CharField()
    response_time_ms = serializers.IntegerField(allow_null=True)
    response_size = serializers.IntegerField(allow_null=True)
    start_ms = serializers.IntegerField(help_text="Milliseconds since the start of the run.")
    elapsed_ms = serializers.IntegerField(help_text="Until the response or the error, with all redirects.")
    phases = PhasesSerializer(allow_null=True)
    error_code = serializers.CharField()
    error_message = serializers.CharField()


class RequestResultSerializer(SentRequestSerializer):
    position = serializers.IntegerField()
    folder = serializers.CharField()
    attempt = serializers.IntegerField()
    counts = serializers.BooleanField(help_text="False for a repeated attempt, and for a request not sent.")
    is_sent = serializers.BooleanField(help_text="False where a script skipped it, or the run ended before.")
    assertions = AssertionSerializer(many=True)
    script_errors = ScriptErrorSerializer(many=True)
    script_requests = SentRequestSerializer(many=True, help_text="What its scripts sent.")


class ConsoleLineSerializer(serializers.Serializer[ConsoleLine]):
    at_ms = serializers.IntegerField(help_text="Milliseconds since the start of the run.")
    level = serializers.CharField()
    text = serializers.CharField()
    position = serializers.IntegerField(allow_null=True, help_text="The request that it belongs to.")


class BodySerializer(serializers.Serializer[KeptBody]):
    text = serializers.CharField(help_text="Empty for a binary body.")
    media_type = serializers.CharField()
    size = serializers.IntegerField(help_text="Bytes, before anything was cut.")
    is_binary = serializers.BooleanField()
    is_cut = serializers.BooleanField(help_text="Only the first 64 KB are kept.")


class HeaderSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    value = serializers.CharField()


class MessageSerializer(serializers.Serializer[KeptMessage]):
    headers = serializers.SerializerMethodField()
    body = BodySerializer()

    @extend_schema_field(HeaderSerializer(many=True))
    def get_headers(self, message: KeptMessage) -> list[dict[str, str]]:
        return [{"name": name, "value": value} for name, value in message.headers]


class ExchangeSerializer(serializers.Serializer[Exchange]):
    """A request as it was last sent, and the response. Secrets are masked."""

    position = serializers.IntegerField(help_text="Of the request in the run.")
    method = serializers.CharField(source="content.method")
    url = serializers.CharField(source="content.url")
    request = MessageSerializer(source="content.request")
    response = MessageSerializer(source="content.response", allow_null=True)
    created_at = serializers.DateTimeField()


class ComparedHeaderSerializer(serializers.Serializer[ComparedHeader]):
    name = serializers.CharField()
    value = serializers.CharField()
    change = serializers.CharField(help_text="`new`, `changed`, `gone`, or empty where both runs have it.")
    other = serializers.CharField(help_text="The value in the other run, where it differs.")


class LineSerializer(serializers.Serializer[Line]):
    text = serializers.CharField()
    mark = serializers.CharField(help_text="`add` or `del` for what only this or only the other run has.")


class ComparedSideSerializer(serializers.Serializer[RequestResult]):
    position = serializers.IntegerField()
    outcome = serializers.CharField(help_text="`passed`, `failed`, `error` or `unsent`.")
    status_code = serializers.IntegerField(allow_null=True)
    response_time_ms = serializers.IntegerField(allow_null=True)


class ComparedRequestSerializer(serializers.Serializer[ComparedRequest]):
    name = serializers.CharField(source="request.name")
    folder = serializers.CharField(source="request.folder")
    request = ComparedSideSerializer()
    other = ComparedSideSerializer(allow_null=True, help_text="The same request in the other run.")
    response_headers = ComparedHeaderSerializer(many=True, source="headers")
    response_body = LineSerializer(many=True, source="body", help_text="JSON is compared by key.")
