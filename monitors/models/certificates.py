"""Client certificates and certificate authorities of single hosts."""

import re

from django.core.exceptions import ValidationError
from django.db import models
from django.urls import reverse
from django.utils import timezone

from monitors import certificates
from monitors.certificates import CertificateFacts
from workspaces.fields import EncryptedTextField, is_readable
from workspaces.tenancy import WorkspaceOwned, WorkspaceOwnedQuerySet
from workspaces.versions import Versioned

HOST = re.compile(r"(\*\.)?([a-z0-9_-]+(\.[a-z0-9_-]+)*|\[[0-9a-f:]+\])(:\d{1,5})?")


class HostCertificate(WorkspaceOwned, Versioned):
    """A host's client certificate, its own authority, or both, as PEM text."""

    host = models.CharField(
        max_length=255, help_text="A name, maybe with *. in front and a port behind: *.example.com:8443."
    )
    certificate = EncryptedTextField("client certificate", blank=True)
    key = EncryptedTextField("private key", blank=True)
    passphrase = EncryptedTextField("passphrase of the key", blank=True)
    authority = EncryptedTextField(
        "certificate authority", blank=True, help_text="Trusted for this host beside the public ones."
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = WorkspaceOwnedQuerySet["HostCertificate"].as_manager()

    class Meta:
        ordering = ["host"]
        constraints = [models.UniqueConstraint(fields=["workspace", "host"], name="one_certificate_per_host")]

    def __str__(self) -> str:
        return self.host

    def get_absolute_url(self) -> str:
        return reverse("monitors:certificate", args=[self.workspace.slug, self.pk])

    @property
    def is_readable(self) -> bool:
        """Whether encryption keys decrypt all its fields."""
        return all(is_readable(self, name) for name in ("certificate", "key", "passphrase", "authority"))

    @property
    def facts(self) -> CertificateFacts | None:
        """The facts of the client certificate, if there is one."""
        return certificates.facts_of(self.certificate) if self.certificate else None

    @property
    def authority_facts(self) -> CertificateFacts | None:
        return certificates.facts_of(self.authority) if self.authority else None

    def clean(self) -> None:
        self.host = self.host.lower()
        problems = {}
        if not HOST.fullmatch(self.host):
            problems["host"] = "Give a host alone, such as api.example.com, *.example.com or 10.1.2.3:8443."
        for name, check in [("certificate", self._check_certificate), ("authority", self._check_authority)]:
            try:
                check()
            except ValueError as problem:
                problems[name] = str(problem)
        if "certificate" not in problems and self.certificate:
            try:
                certificates.check_key(self.certificate, self.key, self.passphrase)
            except ValueError as problem:
                problems["key"] = str(problem) if self.key else "Paste the certificate's private key."
        if problems:
            raise ValidationError(problems)

    def _check_certificate(self) -> None:
        if self.certificate:
            certificates.check_certificates(self.certificate, timezone.now())
        elif self.key:
            raise ValueError("Paste the certificate that the key belongs to.")
        elif not self.authority:
            raise ValueError("Give a client certificate, a certificate authority, or both.")

    def _check_authority(self) -> None:
        if self.authority:
            certificates.check_certificates(self.authority, timezone.now())
