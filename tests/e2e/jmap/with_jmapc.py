"""A person's program on jmapc, a published JMAP client library: reads the newest message of a mailbox, answers it, and sends the answer.

    with_jmapc.py PORT CA LOGIN MAILBOX
"""

import os
import socket
import sys

port, ca, login, mailbox = sys.argv[1:]
os.environ["REQUESTS_CA_BUNDLE"] = ca
lookup = socket.getaddrinfo
# Names below .localhost are this host's; the system's resolver does not know that.
socket.getaddrinfo = lambda host, *more, **named: lookup(
    "127.0.0.1" if host.endswith(".localhost") else host, *more, **named
)

from jmapc import (  # noqa: E402
    Client,
    Comparator,
    Email,
    EmailAddress,
    EmailBodyPart,
    EmailBodyValue,
    EmailHeader,
    EmailQueryFilterCondition,
    EmailSubmission,
    MailboxQueryFilterCondition,
    Ref,
)
from jmapc.methods import (  # noqa: E402
    EmailGet,
    EmailQuery,
    EmailSet,
    EmailSubmissionSet,
    IdentityGet,
    MailboxGet,
    MailboxQuery,
)

client = Client.create_with_password(host=f"garonne.localhost:{port}", user=login, password=f"pw-{login}")


def box(name):
    found = client.request([MailboxQuery(filter=MailboxQueryFilterCondition(name=name)), MailboxGet(ids=Ref("/ids"))])
    return found[1].response.data[0]


newest = client.request(
    [
        EmailQuery(
            filter=EmailQueryFilterCondition(in_mailbox=box(mailbox).id),
            sort=[Comparator(property="sentAt", is_ascending=False)],
            limit=1,
        ),
        EmailGet(ids=Ref("/ids"), fetch_text_body_values=True),
    ]
)[1].response.data[0]
text = newest.body_values[newest.text_body[0].part_id].value
print(f"read: {newest.subject}: {text.strip()}")

identity = client.request(IdentityGet()).data[0]
sent = client.request(
    [
        EmailSet(
            create={
                "answer": Email(
                    mailbox_ids={box(mailbox).id: True},
                    keywords={"$seen": True, "$draft": True},
                    mail_from=[EmailAddress(name=identity.name, email=identity.email)],
                    to=newest.mail_from,
                    subject=f"Re: {newest.subject}",
                    in_reply_to=newest.message_id,
                    references=newest.message_id,
                    body_values={"text": EmailBodyValue(value=f"> {text}\nMerci !\n")},
                    text_body=[EmailBodyPart(part_id="text", type="text/plain")],
                    headers=[EmailHeader(name="X-Written-By", value="jmapc")],
                )
            }
        ),
        EmailSubmissionSet(
            create={"sent": EmailSubmission(email_id="#answer", identity_id=identity.id)},
            on_success_destroy_email=["#sent"],
        ),
    ]
)
print(f"sent: {sent[1].response.created['sent'].undo_status.value}")
