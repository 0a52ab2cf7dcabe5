"""The operator's view of people and workspaces."""

from typing import Any, ClassVar

from allauth.account.models import EmailAddress
from django.contrib import admin, messages
from django.contrib.admin.widgets import AutocompleteSelect
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import AdminUserCreationForm
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import Exists, ForeignKey, Model, OuterRef, QuerySet
from django.http import HttpRequest
from django.utils.functional import cached_property

from workspaces.models import ApiKey, Edit, Invitation, Membership, Role, User, Workspace

MASK = "•••••"
MAX_COUNTED = 10_000


class ReadOnlyMixin:
    """What teams or Postwatch itself write: an operator looks at it, acts on it and may delete it."""

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class CappedPaginator(Paginator):
    """Counts no further than an operator pages: the count of a list of millions takes seconds."""

    @cached_property
    def count(self) -> int:
        rows: Any = self.object_list
        found: int = rows.order_by()[:MAX_COUNTED].count()
        return found


class ManyRowsAdmin(admin.ModelAdmin):
    """For lists of millions: nothing is counted to its end, and nothing sorted that has no index."""

    paginator = CappedPaginator
    show_full_result_count = False
    list_per_page = 50
    ordering = ("-id",)
    sortable_by: ClassVar[Any] = ("id",)

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Without deleting all that a search finds, which would read every row into memory."""
        actions: dict[str, Any] = super().get_actions(request)
        actions.pop("delete_selected", None)
        return actions


class DeletedInBackgroundAdmin(admin.ModelAdmin):
    """Deleting answers at once: what hangs on the rows is neither counted nor listed first."""

    def get_deleted_objects(
        self, objs: Any, request: HttpRequest
    ) -> tuple[list[str], dict[str, int], set[str], list[str]]:
        named = [f"{obj} with everything in it, which is removed in the background" for obj in objs]
        if not self.has_delete_permission(request):
            return named, {}, {str(self.model._meta.verbose_name)}, []
        return named, {}, set(), [problem for obj in objs if (problem := obj.why_it_is_kept())]

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        for row in queryset:
            row.delete()


class UserCreationForm(AdminUserCreationForm):
    class Meta:
        model = User
        fields = ("email",)


class Autocomplete(AutocompleteSelect):
    """Django's own, which fails on a key that cannot exist instead of leaving it to the field's error."""

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


class MembershipInline(AutocompleteMixin, admin.TabularInline):
    model = Membership
    extra = 0
    autocomplete_fields = ("user", "workspace")


@admin.register(User)
class UserAdmin(DjangoUserAdmin):
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
    actions = ("count_as_verified",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        verified = EmailAddress.objects.filter(user=OuterRef("pk"), email=OuterRef("email"), verified=True)
        return super().get_queryset(request).annotate(is_verified=Exists(verified))

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        """An address that an operator types counts as verified."""
        super().save_model(request, obj, form, change)
        if not change or "email" in form.changed_data:
            obj.set_verified_email(obj.email)

    @admin.display(boolean=True, description="address is verified")
    def is_verified(self, person: Any) -> bool:
        return bool(person.is_verified)

    @admin.action(description="Count the address as verified")
    def count_as_verified(self, request: HttpRequest, people: QuerySet[User]) -> None:
        for person in people:
            person.set_verified_email(person.email)


@admin.register(Workspace)
class WorkspaceAdmin(DeletedInBackgroundAdmin):
    list_display = ("name", "slug", "created_at")
    search_fields = ("name", "slug", "memberships__user__email")
    readonly_fields = ("created_at",)
    inlines = (MembershipInline,)


@admin.register(Membership)
class MembershipAdmin(AutocompleteMixin, admin.ModelAdmin):
    list_display = ("user", "workspace", "role", "created_at")
    list_filter = ("role",)
    list_select_related = ("user", "workspace")
    search_fields = ("user__email", "workspace__name", "workspace__slug")
    autocomplete_fields = ("user", "workspace")


@admin.register(Invitation)
class InvitationAdmin(ReadOnlyMixin, admin.ModelAdmin):
    list_display = ("email", "workspace", "role", "invited_by", "expires_at", "accepted_at", "revoked_at")
    list_filter = ("role",)
    list_select_related = ("workspace", "invited_by")
    search_fields = ("email", "workspace__name", "workspace__slug")
    exclude = ("hash",)


@admin.register(Edit)
class EditAdmin(ReadOnlyMixin, admin.ModelAdmin):
    list_display = ("subject", "by", "at", "workspace")
    list_select_related = ("workspace",)
    search_fields = ("subject", "by", "workspace__name", "workspace__slug")


@admin.register(ApiKey)
class ApiKeyAdmin(AutocompleteMixin, admin.ModelAdmin):
    """Adding one shows its text once; afterwards only its first characters are known."""

    list_display = ("name", "prefix", "workspace", "role", "created_at", "last_used_at")
    list_filter = ("role",)
    list_select_related = ("workspace",)
    search_fields = ("name", "prefix", "workspace__name", "workspace__slug")
    autocomplete_fields = ("workspace",)
    fields = ("workspace", "name", "role")
    shown: ClassVar = ("prefix", "created_at", "last_used_at")

    def get_fields(self, request: HttpRequest, obj: ApiKey | None = None) -> Any:
        return self.fields if obj is None else (*self.fields, *self.shown)

    def get_readonly_fields(self, request: HttpRequest, obj: ApiKey | None = None) -> Any:
        return () if obj is None else ("workspace", *self.shown)

    def save_model(self, request: HttpRequest, obj: ApiKey, form: Any, change: bool) -> None:
        if change:
            obj.save(update_fields=["name", "role"])
            return
        issued, text = ApiKey.issue(obj.workspace, obj.name, Role(obj.role))
        obj.__dict__.update(issued.__dict__)
        messages.success(request, f"The key is {text} and is shown only now.")
