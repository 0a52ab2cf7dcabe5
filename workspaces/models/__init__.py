from workspaces.models.api_keys import ApiKey
from workspaces.models.edits import Edit
from workspaces.models.invitations import Invitation, InvitationGone
from workspaces.models.roles import Role
from workspaces.models.users import User
from workspaces.models.workspaces import LastOwner, Membership, Workspace

__all__ = [
    "ApiKey",
    "Edit",
    "Invitation",
    "InvitationGone",
    "LastOwner",
    "Membership",
    "Role",
    "User",
    "Workspace",
]
