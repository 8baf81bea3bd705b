"""What gunicorn serves."""

import socket

from django.core.wsgi import get_wsgi_application

# The campus has no name server. RFC 6761 §6.3: names below localhost are this machine; browsers know that, this Python
# does not, and the server calls its services by such names.
RESOLVE = socket.getaddrinfo


def resolve(host, *rest, **named):
    return RESOLVE("127.0.0.1" if str(host).endswith(".localhost") else host, *rest, **named)


socket.getaddrinfo = resolve
application = get_wsgi_application()
