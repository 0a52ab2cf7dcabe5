"""Certificates of hosts: a tab of a workspace's settings, for those who edit."""

from django.views.generic import CreateView, ListView, UpdateView

from monitors.forms.certificates import CertificateForm
from monitors.models import HostCertificate
from monitors.views.secrets import EditSecretMixin, SecretFormPage
from workspaces.models import Role
from workspaces.pages import DeletePage
from workspaces.views.settings import SettingsMixin


class CertificatesMixin(SettingsMixin):
    tab = "certificates"
    parent = "monitors:certificates"
    required_role_to_read = Role.EDITOR


class CertificateListView(CertificatesMixin, ListView[HostCertificate]):
    model = HostCertificate
    template_name = "monitors/certificates/list.html"


class CertificateFormPage(CertificatesMixin, SecretFormPage[CertificateForm]):
    model = HostCertificate
    form_class = CertificateForm
    template_name = "monitors/certificates/form.html"


class AddCertificateView(CertificateFormPage, CreateView[HostCertificate, CertificateForm]):
    pass


class EditCertificateView(EditSecretMixin, CertificateFormPage, UpdateView[HostCertificate, CertificateForm]):
    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        # Read from the database, for a form with errors has put its own texts into the object.
        return super().get_context_data(**kwargs) | {"stored": self.get_object()}


class DeleteCertificateView(CertificatesMixin, DeletePage[HostCertificate]):
    model = HostCertificate
    extra_context = {
        "kind": "certificate",
        "loss": "Runs reach this host without it from now on. Its key cannot be recovered from here.",
    }
