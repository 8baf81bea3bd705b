#!/usr/bin/env python3
"""Fills the INBOX of u00001, u00002, ... with messages of realistic sizes, the same on every run.

    load_mail.py link   DIR  PEOPLE MESSAGES DOMAIN    Maildirs on disk; people share twenty pools by hard link
    load_mail.py append PORT PEOPLE MESSAGES DOMAIN    one MULTIAPPEND (RFC 3502) a person, as the master account

Message i of a mailbox is in a thread of five; every tenth has an attachment; every fourth is unseen.
"""

import base64
import email.utils
import os
import random
import socket
import sys
import time

POOLS = 20
THREAD_LENGTH = 5
FIRST_DATE = 1704067200  # 2024-01-01T00:00:00Z
WORDS = """réunion budget projet thèse laboratoire étudiant session examen jury salle colloque voyage
mission facture contrat Übung Straße naïve señor meeting deadline paper review dataset kernel proof
lemma""".split()


def message(index, seed, domain):
    """The time and the bytes of message `index` of the mailbox `seed`."""
    rng = random.Random(seed * 100003 + index)
    root = index // THREAD_LENGTH * THREAD_LENGTH
    subject = " ".join(random.Random(seed * 7 + root).sample(WORDS, 3))
    if index != root:
        subject = "Re: " + subject
    sender = f"u{rng.randrange(1, 1000):05d}@{domain}"
    body = "\r\n".join(" ".join(rng.choices(WORDS, k=10)) for _ in range(rng.choice([3, 10, 20])))
    when = FIRST_DATE + index * 3600 + rng.randrange(3000)
    head = [
        f"From: User <{sender}>",
        f"To: list-{seed}@{domain}",
        f"Subject: =?utf-8?b?{base64.b64encode(subject.encode()).decode()}?=",
        f"Date: {email.utils.formatdate(when)}",
        f"Message-ID: <{seed}.{index}@{domain}>",
        "MIME-Version: 1.0",
    ]
    if index != root:
        head += [f"In-Reply-To: <{seed}.{index - 1}@{domain}>", f"References: <{seed}.{root}@{domain}>"]
    text = ["Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: 8bit", "", body]
    if index % 10 != 9:
        return when, "\r\n".join(head + text + [""]).encode()
    name = f"d{index}.pdf"
    lines = [
        *head,
        'Content-Type: multipart/mixed; boundary="b"',
        "",
        "--b",
        *text,
        "--b",
        f'Content-Type: application/pdf; name="{name}"',
        f'Content-Disposition: attachment; filename="{name}"',
        "Content-Transfer-Encoding: base64",
        "",
        base64.encodebytes(rng.randbytes(6000)).decode().replace("\n", "\r\n"),
        "--b--",
        "",
    ]
    return when, "\r\n".join(lines).encode()


def make_maildir(path):
    for name in ("new", "cur", "tmp"):
        os.makedirs(f"{path}/{name}", exist_ok=True)


def fill_pool(path, seed, messages, domain):
    """Writes one Maildir and answers the names of its messages."""
    make_maildir(path)
    for index in range(messages):
        when, data = message(index, seed, domain)
        flags = "S" if index % 4 else ""
        name = f"{path}/cur/{when}.M{index}P{seed}.load,S={len(data)}:2,{flags}"
        with open(os.open(name, os.O_WRONLY | os.O_CREAT, 0o600), "wb") as file:
            file.write(data)
        os.utime(name, (when, when))
    return os.listdir(f"{path}/cur")


def link(root, people, messages, domain):
    """Gives each person one of a few pools by hard link: 60,000 messages a second and one copy on disk."""
    pools = []
    for seed in range(min(POOLS, people)):
        path = f"{root}/.pool{seed}/Maildir"
        pools.append((f"{path}/cur", fill_pool(path, seed, messages, domain)))
    for number in range(1, people + 1):
        source, names = pools[number % len(pools)]
        target = f"{root}/u{number:05d}/Maildir"
        make_maildir(target)
        source_fd = os.open(source, os.O_RDONLY)
        target_fd = os.open(f"{target}/cur", os.O_RDONLY)
        for name in names:
            os.link(name, name, src_dir_fd=source_fd, dst_dir_fd=target_fd)
        os.close(source_fd)
        os.close(target_fd)


def append(port, people, messages, domain):
    """Sends each person's mail in one APPEND command with many messages."""
    for number in range(1, people + 1):
        with socket.create_connection(("127.0.0.1", port)) as connection:
            answers = connection.makefile("rb")
            answers.readline()
            login = base64.b64encode(b"u%05d\0gateway\0gw-secret" % number)
            connection.sendall(b"a AUTHENTICATE PLAIN " + login + b"\r\n")
            expect_ok(answers, b"a")
            command = [b"b APPEND INBOX"]
            for index in range(messages):
                when, data = message(index, number, domain)
                flags = b"(\\Seen) " if index % 4 else b""
                date = time.strftime("%d-%b-%Y %H:%M:%S +0000", time.gmtime(when)).encode()
                command.append(b' %s"%s" {%d+}\r\n%s' % (flags, date, len(data), data))
            command.append(b"\r\n")
            connection.sendall(b"".join(command))
            expect_ok(answers, b"b")


def expect_ok(answers, tag):
    """Reads to the tagged answer; anything but OK ends the program."""
    for line in answers:
        if line.startswith(tag + b" "):
            if line.startswith(tag + b" OK"):
                return
            sys.exit(f"the IMAP server refused: {line.decode(errors='replace').strip()}")
    sys.exit("the IMAP server closed the connection")


def main():
    if len(sys.argv) != 6 or sys.argv[1] not in ("link", "append"):
        sys.exit(__doc__)
    mode, where, people, messages, domain = sys.argv[1:]
    if mode == "link":
        link(where, int(people), int(messages), domain)
    else:
        append(int(where), int(people), int(messages), domain)


if __name__ == "__main__":
    main()
