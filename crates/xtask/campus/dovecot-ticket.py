#!/usr/bin/python3
"""Checks a CAS proxy ticket for Dovecot, in the way of checkpassword: login and ticket come on descriptor 3, and the
program that the arguments name is started when the CAS server says that the ticket is this login's."""

import os
import re
import sys
import urllib.parse
import urllib.request

CAS = "http://127.0.0.1:@CAS@/cas"
# As pam_cas has it in `-s`: byte for byte what the proxy asks a ticket for.
SERVICE = "imap://127.0.0.1/"


def main():
    login, ticket = os.read(3, 1024).split(b"\0")[:2]
    login, ticket = login.decode(), ticket.decode()
    if not ticket.startswith("PT-"):
        sys.exit(1)
    query = urllib.parse.urlencode({"service": SERVICE, "ticket": ticket})
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    answer = opener.open(f"{CAS}/proxyValidate?{query}", timeout=10).read().decode()
    user = re.search(r"<cas:user>([^<]+)</cas:user>", answer)
    if not user or user[1] != login:
        print(f"ticket refused for {login}", file=sys.stderr)
        sys.exit(1)
    os.environ["USER"] = login
    os.execv(sys.argv[1], sys.argv[1:])


main()
