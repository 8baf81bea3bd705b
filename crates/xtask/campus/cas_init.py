"""Creates the tables of the CAS server and the services that may use it: whatever is on this machine."""

import django

django.setup()

from django.core.management import call_command  # noqa: E402  (models need the set-up above)

ATTRIBUTES = ("uid", "mail", "cn", "displayName", "eduPersonAffiliation", "eduPersonPrincipalName", "memberOf")


def main():
    call_command("migrate", verbosity=0)
    from cas_server.models import ReplaceAttributName, ServicePattern

    if ServicePattern.objects.exists():
        return
    service = ServicePattern(
        pos=1,
        name="loopback",
        pattern=r"^(https?|imaps?)://(127\.0\.0\.1|([a-z0-9-]+\.)*localhost)(:\d+)?(/.*)?$",
        proxy=True,
        proxy_callback=True,
        single_log_out=True,
    )
    service.save()
    for name in ATTRIBUTES:
        ReplaceAttributName.objects.create(name=name, replace=name, service_pattern=service)


main()
