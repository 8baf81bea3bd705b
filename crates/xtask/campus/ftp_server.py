"""pyftpdlib for institution C: the people of Samba and the gateway's account, all in the folder of all homes."""

import sys

from pyftpdlib.authorizers import DummyAuthorizer
from pyftpdlib.handlers import TLS_FTPHandler
from pyftpdlib.servers import ThreadedFTPServer

port, homes, certificate, key, *people = sys.argv[1:]
authorizer = DummyAuthorizer()
for name in people:
    authorizer.add_user(name, f"pw-{name}", homes, perm="elradfmwMT")


class Handler(TLS_FTPHandler):
    """Passwords and octets under TLS alone, but for those who ask for the port that tests read along."""


Handler.authorizer = authorizer
Handler.certfile = certificate
Handler.keyfile = key
Handler.tls_control_required = False
Handler.tls_data_required = False
Handler.use_sendfile = False
Handler.auth_failed_timeout = 0
ThreadedFTPServer(("127.0.0.1", int(port)), Handler).serve_forever()
