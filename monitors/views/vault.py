"""Vault secrets: a tab of a workspace's settings, for those who edit."""

from django.views.generic import CreateView, ListView, UpdateView

from monitors.forms.vault import VaultSecretForm
from monitors.models import VaultSecret
from monitors.views.secrets import EditSecretMixin, SecretFormPage
from workspaces.models import Role
from workspaces.pages import DeletePage
from workspaces.views.settings import SettingsMixin


class VaultMixin(SettingsMixin):
    tab = "vault"
    parent = "monitors:vault"
    required_role_to_read = Role.EDITOR


class VaultSecretListView(VaultMixin, ListView[VaultSecret]):
    model = VaultSecret
    template_name = "monitors/vault/list.html"


class VaultSecretFormPage(VaultMixin, SecretFormPage[VaultSecretForm]):
    model = VaultSecret
    form_class = VaultSecretForm
    template_name = "monitors/vault/form.html"


class AddVaultSecretView(VaultSecretFormPage, CreateView[VaultSecret, VaultSecretForm]):
    pass


class EditVaultSecretView(EditSecretMixin, VaultSecretFormPage, UpdateView[VaultSecret, VaultSecretForm]):
    pass


class DeleteVaultSecretView(VaultMixin, DeletePage[VaultSecret]):
    model = VaultSecret
    extra_context = {
        "kind": "secret",
        "loss": "Scripts and requests that ask for it find nothing from now on.",
    }
