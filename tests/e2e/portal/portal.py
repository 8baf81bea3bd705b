"""A portal: signs somebody on at a CAS server, gets a proxy-granting ticket over TLS, and does what its standard input says.

    portal.py CAS CERTIFICATE KEY PORT LOGIN

A command a line, an answer a line:

    ticket SERVICE    a proxy ticket for it
    chain SERVICE     one that came through a second proxy of this portal, /second
    service SERVICE   a service ticket, as the person's browser gets it
    logout            the person signs out at the CAS server
"""

import html
import http.cookiejar
import http.server
import re
import ssl
import sys
import threading
import urllib.error
import urllib.parse
import urllib.request

GRANTED = {}


class Proxy(http.server.BaseHTTPRequestHandler):
    """Where the CAS server brings proxy-granting tickets."""

    def do_GET(self):
        query = urllib.parse.parse_qs(urllib.parse.urlsplit(self.path).query)
        if "pgtId" in query:
            GRANTED[query["pgtIou"][0]] = query["pgtId"][0]
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_POST = do_GET

    def log_message(self, *_):
        pass


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


cas, certificate, key, port, login = sys.argv[1:]
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(certificate, key)
server = http.server.ThreadingHTTPServer(("127.0.0.1", int(port)), Proxy)
server.socket = context.wrap_socket(server.socket, server_side=True)
threading.Thread(target=server.serve_forever, daemon=True).start()

cookies = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
opener = urllib.request.build_opener(cookies, NoRedirect, urllib.request.ProxyHandler({}))


def ask(path, form=None, **query):
    url = cas + path + ("?" + urllib.parse.urlencode(query) if query else "")
    data = urllib.parse.urlencode(form).encode() if form else None
    try:
        answer = opener.open(urllib.request.Request(url, data, {"Referer": url}), timeout=20)
    except urllib.error.HTTPError as error:
        answer = error
    return answer.headers, answer.read().decode()


def element(name, text):
    return re.search(rf"<cas:{name}>([^<]+)", text)[1]


def service_ticket(service):
    headers, page = ask("/login", service=service)
    if "Location" not in headers:
        form = {}
        for tag in re.findall(r"<input[^>]*>", page):
            found = {name: html.unescape(value) for name, value in re.findall(r'(\w+)="([^"]*)"', tag)}
            if found.get("name") and found.get("value"):
                form[found["name"]] = found["value"]
        headers, _ = ask("/login", form | {"username": login, "password": f"pw-{login}"}, service=service)
    return urllib.parse.parse_qs(urllib.parse.urlsplit(headers["Location"]).query)["ticket"][0]


def granting(path, service, ticket, callback):
    answer = ask(path, service=service, ticket=ticket, pgtUrl=callback)[1]
    return GRANTED[element("proxyGrantingTicket", answer)]


def proxy_ticket(pgt, service):
    return element("proxyTicket", ask("/proxy", pgt=pgt, targetService=service)[1])


here = f"https://localhost:{port}"
ours = granting("/p3/serviceValidate", f"{here}/app", service_ticket(f"{here}/app"), f"{here}/proxy")
print("ready", flush=True)
for line in sys.stdin:
    command, _, service = line.strip().partition(" ")
    if command == "ticket":
        print(proxy_ticket(ours, service), flush=True)
    elif command == "chain":
        ticket = proxy_ticket(ours, f"{here}/other")
        theirs = granting("/p3/proxyValidate", f"{here}/other", ticket, f"{here}/second")
        print(proxy_ticket(theirs, service), flush=True)
    elif command == "service":
        print(service_ticket(service), flush=True)
    elif command == "logout":
        ask("/logout")
        print("out", flush=True)
