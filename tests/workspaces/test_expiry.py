from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from tests.factories import make_invitation
from workspaces.models import Invitation, Workspace
from workspaces.tasks import delete_expired


def test_sessions_that_have_expired_are_removed(as_owner: Client, as_viewer: Client) -> None:
    expired = Session.objects.get(pk=as_viewer.session.session_key)
    expired.expire_date = timezone.now() - timedelta(seconds=1)
    expired.save()
    delete_expired()
    assert Session.objects.get().pk == as_owner.session.session_key


@pytest.mark.django_db
def test_invitations_that_ended_long_ago_are_removed(workspace: Workspace) -> None:
    long_ago = timezone.now() - timedelta(days=91)
    make_invitation(workspace, "accepted@acme.example", accepted_at=long_ago)
    make_invitation(workspace, "revoked@acme.example", revoked_at=long_ago)
    expired = make_invitation(workspace, "expired@acme.example")
    Invitation.objects.filter(pk=expired.pk).update(expires_at=long_ago)
    make_invitation(workspace, "lately@acme.example", revoked_at=timezone.now())
    make_invitation(workspace, "waits@acme.example")
    delete_expired()
    left = Invitation.objects.values_list("email", flat=True)
    assert sorted(left) == ["lately@acme.example", "waits@acme.example"]
