"""Signing in and one's own account, under /accounts/: of allauth's pages those that Postwatch uses.

Their names are allauth's, which looks them up by these.
"""

from allauth.account import views
from django.urls import path, re_path

from workspaces.views.accounts import ChangeEmailView, ConfirmEmailView, ResetPasswordView
from workspaces.views.invitations import AcceptInvitationView

urlpatterns = [
    path("login/", views.login, name="account_login"),
    path("logout/", views.logout, name="account_logout"),
    path("inactive/", views.account_inactive, name="account_inactive"),
    path("signup/", views.signup, name="account_signup"),
    path("reauthenticate/", views.reauthenticate, name="account_reauthenticate"),
    path("password/change/", views.password_change, name="account_change_password"),
    path("password/set/", views.password_set, name="account_set_password"),
    path("password/reset/", views.password_reset, name="account_reset_password"),
    path("password/reset/done/", views.password_reset_done, name="account_reset_password_done"),
    re_path(
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        ResetPasswordView.as_view(),
        name="account_reset_password_from_key",
    ),
    path(
        "password/reset/key/done/",
        views.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
    path("email/", ChangeEmailView.as_view(), name="account_email"),
    path("email/confirm/<str:token>/", ConfirmEmailView.as_view(), name="confirm-email"),
    path("invitations/<str:token>/", AcceptInvitationView.as_view(), name="accept-invitation"),
]
