"""A workspace's settings, under /w/<slug>/settings/. Tabs on what monitors use are in monitors/urls.py."""

from django.urls import path

from workspaces.views.api_keys import AddApiKeyView, ApiKeyListView, RevokeApiKeyView
from workspaces.views.invitations import InviteMemberView, ResendInvitationView, RevokeInvitationView
from workspaces.views.members import MemberListView, MemberView, RemoveMemberView
from workspaces.views.settings import GeneralView

app_name = "workspaces"
urlpatterns = [
    path("", GeneralView.as_view(), name="settings"),
    path("members/", MemberListView.as_view(), name="members"),
    path("members/invite/", InviteMemberView.as_view(), name="invite-member"),
    path("members/<int:pk>/", MemberView.as_view(), name="member"),
    path("members/<int:pk>/remove/", RemoveMemberView.as_view(), name="remove-member"),
    path("invitations/<int:pk>/resend/", ResendInvitationView.as_view(), name="resend-invitation"),
    path("invitations/<int:pk>/revoke/", RevokeInvitationView.as_view(), name="revoke-invitation"),
    path("api-keys/", ApiKeyListView.as_view(), name="api-keys"),
    path("api-keys/add/", AddApiKeyView.as_view(), name="add-api-key"),
    path("api-keys/<int:pk>/revoke/", RevokeApiKeyView.as_view(), name="revoke-api-key"),
]
