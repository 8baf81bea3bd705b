#!/usr/bin/env python3
"""Goes through a CAS server as a browser and a service would; exit 0 when every step is as the protocol says.

    cas_check.py BASE CERTIFICATE KEY LOGIN PASSWORD

Log-in form, service ticket, p3/serviceValidate with a pgtUrl, replay, proxy ticket, sign-on without a
password, CAS 1 validation, log-out with its notice to the service, gateway=true. CERTIFICATE and KEY are
for the call-back, which CAS makes over TLS. The step that failed is named on standard error.
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

NOTICE_SECONDS = 5


class Service(http.server.BaseHTTPRequestHandler):
    """The service that signs its users on: keeps proxy-granting tickets and waits for the log-out notice."""

    granting_tickets = {}
    logged_out = threading.Event()

    def do_GET(self):
        query = urllib.parse.parse_qs(urllib.parse.urlsplit(self.path).query)
        if "pgtId" in query:
            self.granting_tickets[query["pgtIou"][0]] = query["pgtId"][0]
        self.answer()

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        if "logoutRequest" in urllib.parse.parse_qs(body):
            self.logged_out.set()
        self.answer()

    def answer(self):
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


class NoRedirect(urllib.request.HTTPRedirectHandler):
    """Redirects are what is being looked at, so none is followed."""

    def redirect_request(self, *_):
        return None


class Browser:
    """A browser with cookies that does not follow redirects and knows no proxy."""

    def __init__(self, base):
        self.base = base
        cookies = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self.opener = urllib.request.build_opener(cookies, NoRedirect, urllib.request.ProxyHandler({}))

    def request(self, path, form=None, **query):
        url = self.base + path + ("?" + urllib.parse.urlencode(query) if query else "")
        data = urllib.parse.urlencode(form).encode() if form else None
        request = urllib.request.Request(url, data, {"Referer": url})
        try:
            response = self.opener.open(request, timeout=20)
        except urllib.error.HTTPError as error:
            response = error
        return response.status, response.headers, response.read().decode()

    def ticket(self, service, login=None, password=None):
        """The ticket for `service`: from the session if there is one, else by filling in the form."""
        status, headers, page = self.request("/login", service=service)
        if status != 302 and login:
            form = form_fields(page) | {"username": login, "password": password}
            status, headers, page = self.request("/login", form, service=service)
        if status != 302:
            return None
        query = urllib.parse.urlsplit(headers["Location"]).query
        return urllib.parse.parse_qs(query).get("ticket", [None])[0]


def form_fields(page):
    """The names and values of the inputs of a page, whatever the order of their attributes."""
    fields = {}
    for tag in re.findall(r"<input[^>]*>", page):
        attributes = {name: html.unescape(value) for name, value in re.findall(r'(\w+)="([^"]*)"', tag)}
        if attributes.get("name") and attributes.get("value"):
            fields[attributes["name"]] = attributes["value"]
    return fields


def serve(context=None):
    """Starts the service on a free port; with a context, over TLS. Answers the port."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Service)
    if context:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server.server_port


def element(name, text):
    """The text of the first element `name` of the CAS namespace, or None."""
    found = re.search(rf"<cas:{name}>([^<]+)", text)
    return found[1] if found else None


def steps(base, certificate, key, login, password):
    """Each step as a pair: its name and whether it went as it must."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    callback = f"https://localhost:{serve(context)}/callback"
    service = f"http://127.0.0.1:{serve()}/app"
    browser = Browser(base)

    ticket = browser.ticket(service, login, password)
    yield "log-in by the form", ticket is not None
    answer = browser.request("/p3/serviceValidate", service=service, ticket=ticket, pgtUrl=callback)[2]
    yield "p3/serviceValidate names the user", element("user", answer) == login
    yield "p3/serviceValidate gives attributes", element("mail", answer) is not None
    granting = Service.granting_tickets.get(element("proxyGrantingTicket", answer))
    yield "proxy-granting ticket by call-back", granting is not None
    answer = browser.request("/serviceValidate", service=service, ticket=ticket)[2]
    yield "replay refused", "INVALID_TICKET" in answer
    target = "imap://127.0.0.1/"
    proxied = element("proxyTicket", browser.request("/proxy", pgt=granting, targetService=target)[2])
    yield "proxy ticket", proxied is not None
    answer = browser.request("/p3/proxyValidate", service=target, ticket=proxied)[2]
    yield "proxyValidate names user and proxy", element("user", answer) == login and element("proxy", answer) == callback
    ticket = browser.ticket(service)
    yield "sign-on without a password", ticket is not None
    yield "CAS 1 validation", browser.request("/validate", service=service, ticket=ticket)[2] == f"yes\n{login}\n"
    browser.ticket(service)
    yield "log-out", browser.request("/logout")[0] in (200, 302)
    yield "log-out notice reaches the service", Service.logged_out.wait(NOTICE_SECONDS)
    yield "after log-out the form is back", browser.ticket(service) is None
    location = browser.request("/login", service=service, gateway="true")[1]["Location"]
    yield "gateway=true sends back without a ticket", location is not None and "ticket=" not in location
    yield "wrong password refused", Browser(base).ticket(service, login, password + "x") is None


def main():
    if len(sys.argv) != 6:
        sys.exit(__doc__)
    for name, passed in steps(*sys.argv[1:]):
        if not passed:
            sys.exit(f"CAS at {sys.argv[1]}: not as it must be: {name}")


if __name__ == "__main__":
    main()
