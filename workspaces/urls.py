"""A workspace's settings, under /w/<slug>/settings/. Tabs on what monitors use are in monitors/urls.py."""

from django.urls import path

from workspaces.views.api_keys import AddApiKey, ApiKeyList, RevokeApiKey
from workspaces.views.invitations import InviteMember, ResendInvitation, RevokeInvitation
from workspaces.views.members import MemberList, MemberPage, RemoveMember
from workspaces.views.settings import GeneralPage

app_name = "workspaces"
urlpatterns = [
    path("", GeneralPage.as_view(), name="settings"),
    path("members/", MemberList.as_view(), name="members"),
    path("members/invite/", InviteMember.as_view(), name="invite-member"),
    path("members/<int:pk>/", MemberPage.as_view(), name="member"),
    path("members/<int:pk>/remove/", RemoveMember.as_view(), name="remove-member"),
    path("invitations/<int:pk>/resend/", ResendInvitation.as_view(), name="resend-invitation"),
    path("invitations/<int:pk>/revoke/", RevokeInvitation.as_view(), name="revoke-invitation"),
    path("api-keys/", ApiKeyList.as_view(), name="api-keys"),
    path("api-keys/add/", AddApiKey.as_view(), name="add-api-key"),
    path("api-keys/<int:pk>/revoke/", RevokeApiKey.as_view(), name="revoke-api-key"),
]
