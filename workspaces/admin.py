"""The admin pages of people and workspaces, for operators."""

from collections.abc import Iterable
from typing import Any, ClassVar, TypeVar

from allauth.account.models import EmailAddress
from django import forms
from django.contrib import admin, messages
from django.contrib.admin.widgets import AutocompleteSelect
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import AdminUserCreationForm
from django.core.exceptions import ValidationError
from django.db.models import Exists, ForeignKey, Model, OuterRef, QuerySet
from django.http import HttpRequest

from workspaces.deletion import DeletedInBackground
from workspaces.models import ApiKey, Edit, Invitation, Membership, Role, User, Workspace
from workspaces.pagination import CappedPaginator

M = TypeVar("M", bound=Model)
D = TypeVar("D", bound=DeletedInBackground)

MASK = "•••••"


class ReadOnlyMixin:
    """For rows that teams or Postwatch itself write. Operators read and delete them, and do not edit them."""

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class ManyRowsAdmin(admin.ModelAdmin[M]):
    """For tables with millions of rows. It does not count them all, nor sort by a column without an index."""

    paginator = CappedPaginator
    show_full_result_count = False
    list_per_page = 50
    ordering = ("-id",)
    sortable_by = ("id",)

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Without `delete_selected`, which would read every chosen row into memory."""
        actions = super().get_actions(request)
        actions.pop("delete_selected", None)
        return actions


class DeletedInBackgroundAdmin(admin.ModelAdmin[D]):
    """The page that confirms a deletion does not count or list related rows, which may be millions."""

    def get_deleted_objects(
        self, objs: Iterable[D], request: HttpRequest
    ) -> tuple[list[str], dict[str, int], set[str], list[str]]:
        named = [f"{obj} with everything in it, which is removed in the background" for obj in objs]
        if not self.has_delete_permission(request):
            return named, {}, {str(self.model._meta.verbose_name)}, []
        return named, {}, set(), [problem for obj in objs if (problem := obj.why_it_is_kept())]

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[D]) -> None:
        for row in queryset:
            row.delete()


class UserCreationForm(AdminUserCreationForm[User]):
    class Meta:
        model = User
        fields = ("email",)


class Autocomplete(AutocompleteSelect):
    """Django's widget, which would fail on a primary key that cannot exist; the field reports it instead."""

    def optgroups(self, name: str, value: Any, attr: Any = None) -> Any:
        try:
            return super().optgroups(name, value, attr)
        except (ValidationError, ValueError, OverflowError):  # by a UUID, a number, one too large
            return super().optgroups(name, [], attr)


class AutocompleteMixin:
    admin_site: admin.AdminSite

    def formfield_for_foreignkey(
        self, db_field: ForeignKey[Any, Any], request: HttpRequest, **kwargs: Any
    ) -> Any:
        if db_field.name in self.get_autocomplete_fields(request):  # type: ignore[attr-defined]
            kwargs["widget"] = Autocomplete(db_field, self.admin_site, using=kwargs.get("using"))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)  # type: ignore[misc]


class MembershipInline(AutocompleteMixin, admin.TabularInline[Membership, Model]):
    model = Membership
    extra = 0
    autocomplete_fields = ("user", "workspace")


@admin.register(User)
class UserAdmin(DjangoUserAdmin[User]):
    add_form = UserCreationForm
    list_display = ("email", "is_verified", "first_name", "last_name", "is_staff", "is_active", "last_login")
    list_filter = ("is_staff", "is_active")
    search_fields = ("email", "first_name", "last_name")
    ordering = ("email",)
    readonly_fields = ("last_login", "date_joined")
    inlines = (MembershipInline,)
    fieldsets = (
        (None, {"fields": ("email", "password")}),
        ("Person", {"fields": ("first_name", "last_name")}),
        ("Operator", {"fields": ("is_active", "is_staff", "is_superuser", "groups", "user_permissions")}),
        ("Dates", {"fields": ("last_login", "date_joined")}),
    )
    add_fieldsets = (
        (None, {"classes": ("wide",), "fields": ("email", "usable_password", "password1", "password2")}),
    )
    actions = ("mark_verified",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        verified = EmailAddress.objects.filter(user=OuterRef("pk"), email=OuterRef("email"), verified=True)
        return super().get_queryset(request).annotate(is_verified=Exists(verified))

    def save_model(self, request: HttpRequest, obj: User, form: forms.ModelForm[User], change: bool) -> None:
        """An address that an operator enters counts as verified."""
        super().save_model(request, obj, form, change)
        if not change or "email" in form.changed_data:
            obj.set_verified_email(obj.email)

    @admin.display(boolean=True, description="e-mail address is verified")
    def is_verified(self, person: User) -> bool:
        return bool(vars(person)["is_verified"])

    @admin.action(description="Mark the e-mail address as verified")
    def mark_verified(self, request: HttpRequest, people: QuerySet[User]) -> None:
        for person in people:
            person.set_verified_email(person.email)


@admin.register(Workspace)
class WorkspaceAdmin(DeletedInBackgroundAdmin[Workspace]):
    list_display = ("name", "slug", "created_at")
    search_fields = ("name", "slug", "memberships__user__email")
    readonly_fields = ("created_at",)
    inlines = (MembershipInline,)


@admin.register(Membership)
class MembershipAdmin(AutocompleteMixin, admin.ModelAdmin[Membership]):
    list_display = ("user", "workspace", "role", "created_at")
    list_filter = ("role",)
    list_select_related = ("user", "workspace")
    search_fields = ("user__email", "workspace__name", "workspace__slug")
    autocomplete_fields = ("user", "workspace")


@admin.register(Invitation)
class InvitationAdmin(ReadOnlyMixin, admin.ModelAdmin[Invitation]):
    list_display = ("email", "workspace", "role", "invited_by", "expires_at", "accepted_at", "revoked_at")
    list_filter = ("role",)
    list_select_related = ("workspace", "invited_by")
    search_fields = ("email", "workspace__name", "workspace__slug")
    exclude = ("hash",)


@admin.register(Edit)
class EditAdmin(ReadOnlyMixin, admin.ModelAdmin[Edit]):
    list_display = ("subject", "by", "at", "workspace")
    list_select_related = ("workspace",)
    search_fields = ("subject", "by", "workspace__name", "workspace__slug")


@admin.register(ApiKey)
class ApiKeyAdmin(AutocompleteMixin, admin.ModelAdmin[ApiKey]):
    """Shows the text of a new key once. Afterwards only its first characters are known."""

    list_display = ("name", "prefix", "workspace", "role", "created_at", "last_used_at")
    list_filter = ("role",)
    list_select_related = ("workspace",)
    search_fields = ("name", "prefix", "workspace__name", "workspace__slug")
    autocomplete_fields = ("workspace",)
    fields = ("workspace", "name", "role")
    fields_of_existing: ClassVar = ("prefix", "created_at", "last_used_at")

    def get_fields(self, request: HttpRequest, obj: ApiKey | None = None) -> tuple[str, ...]:
        return self.fields if obj is None else (*self.fields, *self.fields_of_existing)

    def get_readonly_fields(self, request: HttpRequest, obj: ApiKey | None = None) -> tuple[str, ...]:
        return () if obj is None else ("workspace", *self.fields_of_existing)

    def save_model(
        self, request: HttpRequest, obj: ApiKey, form: forms.ModelForm[ApiKey], change: bool
    ) -> None:
        if change:
            obj.save(update_fields=["name", "role"])
            return
        issued, text = ApiKey.issue(obj.workspace, obj.name, Role(obj.role))
        obj.__dict__.update(issued.__dict__)
        messages.success(request, f"The key is {text} and is shown only once.")
