"""Vault secrets and host certificates: tabs of a workspace's settings, for those who edit."""

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.generic import CreateView, DetailView, ListView, UpdateView

from monitors.access_forms import CertificateForm, VaultSecretForm
from monitors.models import HostCertificate, VaultSecret
from workspaces.models import Role
from workspaces.pages import FormPage
from workspaces.views.editing import Difference, EditMixin, differences_of
from workspaces.views.settings import SettingsMixin


class VaultMixin(SettingsMixin):
    model: Any = VaultSecret
    tab = "vault"
    tab_url = parent = "monitors:vault"
    required_role_to_read = Role.EDITOR


class CertificatesMixin(SettingsMixin):
    model: Any = HostCertificate
    tab = "certificates"
    tab_url = parent = "monitors:certificates"
    required_role_to_read = Role.EDITOR


class AccessFormMixin(SettingsMixin, FormPage[Any]):
    def form_valid(self, form: Any) -> HttpResponse:
        saved = form.save()
        messages.success(self.request, f"{saved} is saved. The next runs use it.")
        return redirect(self.get_success_url())


class EditAccessMixin(EditMixin):
    def differences(self) -> Iterable[Difference]:
        form = self.sent_form()
        return differences_of(form, form.secrets)


class DeletePage(SettingsMixin, DetailView):
    """Asks first."""

    tab_url: str
    template_name = "monitors/settings/delete.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        cancel_url = reverse(self.tab_url, args=[self.request.workspace.slug])
        return super().get_context_data(**kwargs) | {"cancel_url": cancel_url}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        found = self.get_object()
        self.remove(found)
        messages.success(request, f"{found} is deleted.")
        return redirect(self.tab_url, self.request.workspace.slug)

    def remove(self, found: Any) -> None:
        found.delete()


class Vault(VaultMixin, ListView):
    template_name = "monitors/settings/vault.html"


class AddVaultSecret(VaultMixin, AccessFormMixin, CreateView):
    form_class = VaultSecretForm
    template_name = "monitors/settings/vault_secret.html"


class EditVaultSecret(EditAccessMixin, VaultMixin, AccessFormMixin, UpdateView):
    form_class = VaultSecretForm
    template_name = "monitors/settings/vault_secret.html"


class DeleteVaultSecret(VaultMixin, DeletePage):
    extra_context = {
        "what": "secret",
        "loss": "Scripts and requests that ask for it find nothing from now on.",
    }


class Certificates(CertificatesMixin, ListView):
    template_name = "monitors/settings/certificates.html"


class AddCertificate(CertificatesMixin, AccessFormMixin, CreateView):
    form_class = CertificateForm
    template_name = "monitors/settings/certificate.html"


class EditCertificate(EditAccessMixin, CertificatesMixin, AccessFormMixin, UpdateView):
    form_class = CertificateForm
    template_name = "monitors/settings/certificate.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        # Read anew, for a refused form has put its own texts into the object.
        return super().get_context_data(**kwargs) | {"stored": self.get_object()}


class DeleteCertificate(CertificatesMixin, DeletePage):
    extra_context = {
        "what": "certificate",
        "loss": "Runs reach this host without it from now on. Its key cannot be had back from here.",
    }
