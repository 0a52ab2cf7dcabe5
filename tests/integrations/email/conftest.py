"""A mail server on a port of its own."""

import re
from collections.abc import Iterator
from socketserver import StreamRequestHandler, ThreadingTCPServer
from threading import Thread

import pytest
from pytest_django.fixtures import Settings


class MailServer(ThreadingTCPServer):
    """Keeps what it takes.

    `answers` says what it answers to a command instead, such as "DATA" or "RCPT bob@acme.example"; to
    "HANG UP" in place of an answer, it closes the connection.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Session)
        self.answers: dict[str, str] = {}
        self.sessions = 0
        self.mails: list[tuple[list[str], str]] = []
        """The recipients and the text of each."""

    @property
    def recipients(self) -> list[list[str]]:
        return [recipients for recipients, _ in self.mails]


class _Session(StreamRequestHandler):
    server: MailServer

    def handle(self) -> None:
        self.server.sessions += 1
        self.recipients: list[str] = []
        self.answer("HELLO", "220 mail.example")
        for line in self.rfile:
            verb = line.decode().split()[0].upper()
            if verb == "RCPT":
                self.take_recipient(line.decode())
            elif verb == "DATA":
                self.take_mail()
            elif not self.answer(verb, "221 Bye" if verb == "QUIT" else "250 Well"):
                return

    def take_recipient(self, line: str) -> None:
        (address,) = re.findall("<(.*)>", line)
        if self.answer(f"RCPT {address}", "250 Well"):
            self.recipients.append(address)

    def take_mail(self) -> None:
        if not self.answer("DATA", "354 Go on"):
            return
        lines = iter(self.rfile.readline, b".\r\n")
        text = b"".join(lines).decode()
        self.server.mails.append((self.recipients, text))
        self.answer(".", "250 Taken")

    def answer(self, command: str, good: str) -> bool:
        """Whether the answer was a good one."""
        answer = self.server.answers.get(command, good)
        if answer != "HANG UP":
            self.wfile.write(f"{answer}\r\n".encode())
        return answer == good


@pytest.fixture
def mail_server(settings: Settings) -> Iterator[MailServer]:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
    with MailServer() as server:
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.server_address[1]
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        yield server
        server.shutdown()
