"""What the pages of vault secrets and of certificates share: tabs of the settings, for those who edit."""

from collections.abc import Iterable
from typing import TypeVar

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect

from monitors.forms.secrets import SecretForm
from monitors.models import HostCertificate, VaultSecret
from workspaces.pages import FormPage
from workspaces.views.editing import Difference, EditMixin, differences_of
from workspaces.views.settings import SettingsMixin

SF = TypeVar("SF", bound=SecretForm[VaultSecret] | SecretForm[HostCertificate])


class SecretFormPage(SettingsMixin, FormPage[SF]):
    def form_valid(self, form: SF) -> HttpResponse:
        saved = form.save()
        messages.success(self.request, f"{saved} is saved. The next runs use it.")
        return redirect(self.get_success_url())


class EditSecretMixin(EditMixin):
    def differences(self) -> Iterable[Difference]:
        form = self.sent_form()
        assert isinstance(form, SecretForm)
        return differences_of(form, form.secrets)
