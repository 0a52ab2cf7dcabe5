"""From now on an address counts only when it is verified."""

from django.db import migrations


def keep_what_operators_and_owners_typed(apps, schema_editor):
    """Each person has one address, verified.

    The page that this replaces let people make any address their own without proof: these have back the address
    that they had before, or, where it is not known or not free, one that is not verified.
    """
    User = apps.get_model("workspaces", "User")
    EmailAddress = apps.get_model("account", "EmailAddress")
    for user in list(User.objects.order_by("pk")):
        rows = list(EmailAddress.objects.filter(user=user).order_by("pk"))
        claimed = any(row.primary and not row.verified and row.email == user.email.lower() for row in rows)
        former = next((row.email for row in rows if row.email != user.email.lower()), None)
        EmailAddress.objects.filter(user=user).delete()
        if claimed:
            if former is None or User.objects.filter(email=former).exists():
                continue
            user.email = former
        user.email = user.email.lower()
        if not User.objects.exclude(pk=user.pk).filter(email=user.email).exists():
            user.save(update_fields=["email"])
            EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)


class Migration(migrations.Migration):
    dependencies = [
        ("workspaces", "0004_invitations"),
        ("account", "0009_emailaddress_unique_primary_email"),
    ]
    operations = [migrations.RunPython(keep_what_operators_and_owners_typed, migrations.RunPython.noop)]
