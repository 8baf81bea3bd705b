"""A program on websockets, a published WebSocket library that is not ours, and one that keeps no rules at all.

    with_websockets.py PORT CA LOGIN PASSWORD SCENARIO [ACCOUNT MAILBOX]
"""

import base64
import json
import os
import socket
import ssl
import struct
import sys
import time

from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

port, ca, login, password, scenario = sys.argv[1:6]
HOST = "garonne.localhost"
BASIC = "Basic " + base64.b64encode(f"{login}:{password}".encode()).decode()
PATIENCE = 20
tls = ssl.create_default_context(cafile=ca)
USING = ["urn:ietf:params:jmap:core", "urn:ietf:params:jmap:mail", "urn:ietf:params:jmap:websocket"]


def plug():
    return socket.create_connection(("127.0.0.1", int(port)), timeout=PATIENCE)


def talk(**more):
    named = {"subprotocols": ["jmap"], "additional_headers": {"Authorization": BASIC}, "max_size": None}
    named.update(more)
    where = f"wss://{HOST}:{port}/jmap/ws"
    try:
        return connect(where, sock=plug(), ssl=tls, server_hostname=HOST, **named)
    except TimeoutError:
        # The library reads in one thread what another one writes to, which Python's TLS did not hold apart before 3.13: once in a long
        # while its first request is never sent, and the gateway has heard nothing of it.
        print("the first request was not answered: sent again", file=sys.stderr)
        return connect(where, sock=plug(), ssl=tls, server_hostname=HOST, **named)


def request(calls, id=None, **more):
    message = {"@type": "Request", "using": USING, "methodCalls": calls, **more}
    if id is not None:
        message["id"] = id
    return json.dumps(message)


def hear(ws):
    return json.loads(ws.recv(timeout=PATIENCE))


def ask(ws, text):
    ws.send(text)
    return hear(ws)


def echo(value, call="0"):
    return ["Core/echo", {"value": value}, call]


def refused(answer):
    assert answer["@type"] == "RequestError", answer
    return answer["type"].rsplit(":", 1)[-1], answer.get("limit"), answer["requestId"]


def requests():
    with talk() as ws:
        assert ws.subprotocol == "jmap"
        answer = ask(ws, request([echo(1), echo(2, "1")], "R1"))
        assert (answer["@type"], answer["requestId"]) == ("Response", "R1"), answer
        assert [it[1]["value"] for it in answer["methodResponses"]] == [1, 2] and "sessionState" in answer, answer
        answer = ask(ws, request([echo(1)], createdIds={"a": "b"}))
        assert "requestId" not in answer and answer["createdIds"] == {"a": "b"}, answer
        # Several at once, each answered by its id.
        for number in range(30):
            ws.send(request([echo(number)], f"S{number}"))
        answers = [hear(ws) for _ in range(30)]
        told = {it["requestId"]: it["methodResponses"][0][1]["value"] for it in answers}
        assert told == {f"S{number}": number for number in range(30)}, told
        # In fragments, and answers longer than a frame, whose pieces end within characters.
        text = request([echo("é" * 500_000)], "long").replace("\\u00e9", "é")
        ws.send(iter([text[:200], text[200:201], text[201:]]))
        assert hear(ws)["methodResponses"][0][1]["value"] == "é" * 500_000
        # What is no request is refused, and the conversation goes on.
        assert refused(ask(ws, "{")) == ("notJSON", None, None)
        assert refused(ask(ws, "[]")) == ("notRequest", None, None)
        assert refused(ask(ws, json.dumps({"id": "x", "using": [], "methodCalls": []}))) == ("notRequest", None, "x")
        assert refused(ask(ws, request([echo(1)], "x", using=["urn:x"]))) == ("unknownCapability", None, "x")
        many = request([echo(1)] * 10_000, "many")
        assert refused(ask(ws, many)) == ("limit", "maxCallsInRequest", "many")
        dense = '{"@type":"Request","id":"y","using":[],"methodCalls":[],"x":[' + "0," * 200_000 + "0]}"
        assert refused(ask(ws, dense)) == ("limit", "maxSizeRequest", None)
        assert ask(ws, request([echo("still")], "end"))["requestId"] == "end"
        ws.ping().wait(PATIENCE)
    print("requests: all answered")


def push():
    account, mailbox = sys.argv[6:8]

    def change(ws):
        draft = {"mailboxIds": {mailbox: True}, "subject": "x", "bodyValues": {"t": {"value": "x"}},
                 "textBody": [{"partId": "t", "type": "text/plain"}]}
        ws.send(request([["Email/set", {"accountId": account, "create": {"d": draft}}, "0"]], "change"))

    def enable(**more):
        return json.dumps({"@type": "WebSocketPushEnable", **more})

    with talk() as ws, talk() as other:
        ws.send(enable(dataTypes=["Email"]))
        # What was said is in force before what is said behind it.
        assert ask(ws, request([echo(1)]))["@type"] == "Response"
        change(other)
        new_state = hear(other)["methodResponses"][0][1]["newState"]
        told = hear(ws)
        assert told["@type"] == "StateChange" and told["changed"] == {account: {"Email": new_state}}, told
        first = told["pushState"]
        # Somebody who comes back hears at once what has changed since, and nothing where nothing has.
        ws.send(enable(dataTypes=None, pushState=first))
        assert ask(ws, request([echo(1)]))["@type"] == "Response", "nothing has changed"
        ws.send(json.dumps({"@type": "WebSocketPushDisable"}))
        assert ask(ws, request([echo(1)]))["@type"] == "Response"
        change(other)
        hear(other)
        # Nothing was told meanwhile: the next thing that is heard is the answer.
        assert ask(ws, request([echo(2)]))["@type"] == "Response"
    with talk() as ws:
        ws.send(enable(dataTypes=["Email", "Mailbox", "Nothing"], pushState=first))
        told = hear(ws)
        assert set(told["changed"][account]) == {"Email", "Mailbox"} and told["pushState"] != first, told
    print("push: told")


def hostile():
    def status(**more):
        try:
            with talk(**more):
                return 101
        except InvalidStatus as refused:
            return refused.response.status_code

    own = f"https://{HOST}:{port}"
    for expected, asked in [
        (101, {"origin": own}),
        (403, {"origin": "https://evil.test"}),
        (403, {"origin": "null"}),
        (400, {"subprotocols": ["xmpp"]}),
        (400, {"subprotocols": None}),
        (401, {"additional_headers": {}}),
        (401, {"additional_headers": {"Authorization": BASIC[:-4]}}),
    ]:
        told = status(**asked)
        assert told == expected, (expected, asked, told)
    for what, frame, code in [
        ("binary", wire(2, b"{}"), 1003),
        ("no UTF-8", wire(1, b"\xff\xfe"), 1007),
        ("no UTF-8 over two frames", wire(1, b"\xc3", fin=False) + wire(0, b"("), 1007),
        ("a huge frame", header(1, 40_000_000) + b"x" * 3_000_000, 1009),
        ("a frame of 2^62 octets", header(1, 1 << 62), 1009),
        ("many fragments", wire(1, b"x" * 900_000, fin=False) + wire(0, b"x" * 900_000, fin=False) * 12, 1009),
        ("no mask", struct.pack("!BB", 0x81, 2) + b"{}", 1002),
        ("reserved bits", wire(0x41, b"x"), 1002),
        ("a reserved opcode", wire(3, b"x"), 1002),
        ("a continuation of nothing", wire(0, b"x"), 1002),
        ("a fragmented ping", wire(9, b"x", fin=False), 1002),
        ("a long ping", wire(9, b"x" * 200), 1002),
    ]:
        raw = shaken()
        raw.sendall(frame)
        assert close_code(raw) == code, what
    # Who only says hello and then nothing, or goes in the middle of a word, harms nobody.
    raws = [shaken() for _ in range(6)]
    for raw in raws[:3]:
        raw.sendall(wire(1, request([echo(1)]).encode())[:20])
    for raw in raws:
        raw.close()
    print("hostile: all refused")


def crowd():
    """One more than a person may have at once; the place of one that has gone is free again."""
    many = []
    while len(many) < 16:
        try:
            many.append(shaken())
        except AssertionError as full:
            # Those of whoever came before are noticed to be gone.
            assert "429" in str(full), full
    try:
        talk().close()
        raise SystemExit("a seventeenth")
    except InvalidStatus as full:
        assert full.response.status_code == 429, full
    many.pop().close()
    while True:
        try:
            talk().close()
            break
        except InvalidStatus as full:
            assert full.response.status_code == 429, full
    print("crowd: bounded")


def slow():
    """Asks for more than anybody could keep, and reads nothing of it."""
    raw = shaken()
    raw.settimeout(3)
    message = memoryview(wire(1, request([echo("x" * 1_000_000)]).encode()))
    sent = 0
    try:
        while sent < 400_000_000:
            sent += raw.send(message[sent % len(message):])
    except (TimeoutError, ssl.SSLWantWriteError):
        pass
    assert sent < 60_000_000, sent
    # Another conversation of the same person goes on meanwhile.
    with talk() as ws:
        assert ask(ws, request([echo(1)], "meanwhile"))["requestId"] == "meanwhile"
    print("slow: held back")


def pieces():
    """Says for ever that it is there, and never ends its message."""
    raw = shaken()
    begun = time.monotonic()
    raw.sendall(wire(1, request([echo(1)]).encode()[:20], fin=False))
    raw.settimeout(2)
    heard = b""
    # Once the end has begun nothing more is read there, so that a piece may find nobody.
    while not heard.startswith(b"\x88"):
        assert time.monotonic() - begun < 120, "it may take for ever"
        try:
            piece = raw.recv(65536)
            assert piece, "no goodbye"
            heard += piece
        except TimeoutError:
            raw.sendall(wire(9, b"here") + wire(0, b" ", fin=False))
        # Its own signs, which are short.
        while heard[:1] in (b"\x89", b"\x8a") and len(heard) >= 2 + heard[1]:
            heard = heard[2 + heard[1]:]
    while len(heard) < 4:
        heard += raw.recv(65536)
    code, took = struct.unpack("!H", heard[2:4])[0], time.monotonic() - begun
    assert code == 1008 and took >= 60, (code, took)
    print("pieces: ended")


def wait():
    """Waits for the end, and says how it was."""
    with talk() as ws:
        assert ask(ws, request([echo(1)]))["@type"] == "Response"
        print("waiting", flush=True)
        try:
            ws.recv(timeout=PATIENCE)
        except ConnectionClosed as closed:
            print(f"closed: {closed.rcvd.code if closed.rcvd else 'without a word'}", flush=True)


def header(opcode, length, fin=True):
    first = (0x80 if fin else 0) | opcode
    if length < 126:
        head = struct.pack("!BB", first, 0x80 | length)
    elif length < 65536:
        head = struct.pack("!BBH", first, 0x80 | 126, length)
    else:
        head = struct.pack("!BBQ", first, 0x80 | 127, length)
    return head + b"\0\0\0\0"


def wire(opcode, payload, fin=True):
    """A frame whose mask is zero, and so its payload as it is."""
    return header(opcode, len(payload), fin) + payload


def shaken():
    raw = tls.wrap_socket(plug(), server_hostname=HOST)
    key = base64.b64encode(os.urandom(16)).decode()
    raw.sendall(
        f"GET /jmap/ws HTTP/1.1\r\nHost: {HOST}:{port}\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n"
        f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\nSec-WebSocket-Protocol: other, jmap\r\n"
        f"Authorization: {BASIC}\r\n\r\n".encode()
    )
    answer = b""
    while not answer.endswith(b"\r\n\r\n"):
        octet = raw.recv(1)
        assert octet, answer
        answer += octet
    assert answer.startswith(b"HTTP/1.1 101 "), answer
    return raw


def close_code(raw):
    """Reads to the goodbye."""
    heard = b""
    while True:
        piece = raw.recv(65536)
        assert piece, f"no goodbye: {heard!r}"
        heard += piece
        if heard[0] == 0x88 and len(heard) >= 4:
            return struct.unpack("!H", heard[2:4])[0]


globals()[scenario]()
