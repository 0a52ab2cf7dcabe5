"""The forms of a workspace's settings."""

from typing import Any, ClassVar

from django import forms

from workspaces.models import ApiKey, Role, User, Workspace

MEMBER_ROLES = [
    (Role.VIEWER, "Viewer: sees everything, changes nothing"),
    (Role.EDITOR, "Editor: also changes and runs monitors, and everything that belongs to them"),
    (Role.OWNER, "Owner: also manages members, API keys and this workspace"),
]
KEY_ROLES = [
    (Role.VIEWER, "Viewer: reads"),
    (Role.EDITOR, "Editor: reads, changes and runs monitors"),
    (Role.OWNER, "Owner: everything that the API offers"),
]


class WorkspaceFormMixin(forms.Form):
    """A form that its page gives the workspace (`workspaces.pages.FormPage`)."""

    def __init__(self, *args: Any, workspace: Workspace, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.workspace = workspace


class GeneralForm(WorkspaceFormMixin, forms.ModelForm[Workspace]):
    class Meta:
        model = Workspace
        fields = ("name", "keep_exchanges")


class RoleForm(WorkspaceFormMixin, forms.Form):
    role = forms.TypedChoiceField(
        choices=MEMBER_ROLES, coerce=Role, initial=Role.EDITOR, widget=forms.RadioSelect
    )


class EmailField(forms.EmailField):
    """In lower case, as accounts have it, and no longer than the database keeps."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=User._meta.get_field("email").max_length, **kwargs)

    def to_python(self, value: object) -> str:
        return (super().to_python(value) or "").lower()


class InvitationForm(RoleForm):
    email = EmailField(
        label="E-mail address", help_text="The person becomes a member by accepting the link in the mail."
    )
    field_order = ("email", "role")

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"]
        if self.workspace.members.filter(email=email).exists():
            raise forms.ValidationError(f"{email} is a member already.")
        if self.workspace.invitations.pending().filter(email=email).exists():
            raise forms.ValidationError(f"{email} is invited already. Send that invitation again.")
        return email


class ChangeEmailForm(forms.Form):
    email = EmailField(label="New e-mail address")

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_email(self) -> str:
        # Whether somebody else has it is not said here, but to whoever reads its mail.
        email: str = self.cleaned_data["email"]
        if email == self.user.email and self.user.has_verified_email():
            raise forms.ValidationError("This is your address already.")
        return email


class ApiKeyForm(WorkspaceFormMixin, forms.ModelForm[ApiKey]):
    role = forms.TypedChoiceField(
        choices=KEY_ROLES, coerce=Role, initial=Role.EDITOR, widget=forms.RadioSelect
    )

    class Meta:
        model = ApiKey
        fields = ("name", "role")
        help_texts: ClassVar = {"name": "What uses the key, such as a deployment pipeline."}
