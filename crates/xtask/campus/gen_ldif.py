#!/usr/bin/env python3
"""Writes the directory of one institution, or of a realm of several, as LDIF on standard output.

    gen_ldif.py SUFFIX DOMAIN PEOPLE GROUPS SEED MEMBERS

MEMBERS is 1 for an institution. A realm of seven has its people in one branch, told apart by supannEtablissement: person n
is of institution 1 + (n - 1) % 7, with addresses in m1.DOMAIN, m2.DOMAIN and so on; groups are in a branch of each. Besides
there are people of none and of two institutions, and two who have one login.

The same arguments always give the same bytes. The people are u00001, u00002, ...; the password of
each is `pw-<uid>`, in clear, so that a bind costs the server nothing. PWSCHEME=ssha hashes it.
"""

import base64
import hashlib
import os
import random
import sys

GIVEN_NAMES = """Marie Jean Anne Pierre Sofía Łukasz Zoë Amélie Noël Fatima Mohamed Yun Chloé Hélène
François Inès Björn Māra Çelik Ana Omar Nadia Hugo Léa Théo Eve Paul Lucie Marc Rosa""".split()
SURNAMES = """Martin Durand Lefèvre Nguyen Müller García Ó-Briain Dupont Moreau Petit Kowalska Øystein
Benali Traoré Rossi Silva Ivanov Haddad Chen Simon Roux Blanc Faure Girard Perrin Morel""".split()
STRUCTURES = [f"UFR{number:02d}" for number in range(1, 21)]
SERVICE_ACCOUNTS = ("dovecot", "gateway", "provision", "sso")
FIRST_UID_NUMBER = 10000
# Institutions number their people apart: on a share that several of them use, equal numbers would be one person.
INSTITUTION_STEP = 100000
STUDENT_SHARE = 0.8


def first_number(seed):
    """Where the uidNumber and gidNumber of an institution begin: its letter says which hundred thousand."""
    return FIRST_UID_NUMBER + INSTITUTION_STEP * max(0, ord(seed[0].lower()) - ord("a"))


def attribute(name, value):
    """One line of LDIF; base64 as soon as the value is not plain ASCII (RFC 2849)."""
    if value.isascii():
        return f"{name}: {value}"
    return f"{name}:: {base64.b64encode(value.encode()).decode()}"


def entry(dn, classes, attributes):
    """One entry; `attributes` are pairs, and a pair whose value is None is left out."""
    lines = [f"dn: {dn}"]
    lines += [attribute("objectClass", name) for name in classes]
    lines += [attribute(name, str(value)) for name, value in attributes if value is not None]
    return "\n".join(lines) + "\n\n"


def password(uid):
    """The stored form of the password of `uid`."""
    clear = f"pw-{uid}".encode()
    if os.environ.get("PWSCHEME") != "ssha":
        return clear.decode()
    salt = hashlib.md5(uid.encode()).digest()[:8]
    return "{SSHA}" + base64.b64encode(hashlib.sha1(clear + salt).digest() + salt).decode()


def skeleton(suffix):
    """The root, its branches, the service accounts and the structures."""
    name = suffix.split(",")[0].split("=")[1]
    yield entry(suffix, ["organization", "dcObject"], [("o", name), ("dc", name)])
    for branch in ("people", "groups", "structures", "services", "resources", "disabled", "policies"):
        yield entry(f"ou={branch},{suffix}", ["organizationalUnit"], [("ou", branch)])
    for service in SERVICE_ACCOUNTS:
        yield entry(
            f"cn={service},ou=services,{suffix}",
            ["organizationalRole", "simpleSecurityObject"],
            [("cn", service), ("userPassword", f"svc-{service}")],
        )
    # A locked account (pwdAccountLockedTime) is refused only where a policy says so; wrong passwords lock nobody here.
    yield entry(
        f"cn=default,ou=policies,{suffix}",
        ["organizationalRole", "pwdPolicy"],
        [("cn", "default"), ("pwdAttribute", "userPassword"), ("pwdLockout", "TRUE"), ("pwdMaxFailure", 0)],
    )
    for index, code in enumerate(STRUCTURES):
        parent = STRUCTURES[index // 4 - 1] if index >= 4 else None
        yield entry(
            f"supannCodeEntite={code},ou=structures,{suffix}",
            ["organizationalUnit", "supannEntite"],
            [
                ("ou", code),
                ("supannCodeEntite", code),
                ("supannTypeEntite", "{SUPANN}F200"),
                ("supannCodeEntiteParent", parent),
            ],
        )


def member(seed, index):
    """The code of an institution of a realm, and its place among the names of others."""
    return f"{seed}-{index}"


def member_of(number, members):
    """Which institution of a realm a person is of, from 1."""
    return (number - 1) % members + 1


def odd_people(suffix, domain, seed):
    """Whom nobody can place: of no institution, of two, and two people of one login."""
    people = f"ou=people,{suffix}"
    yield entry(f"ou=guests,{people}", ["organizationalUnit"], [("ou", "guests")])
    for uid, branch, codes in (
        ("stray", people, ["elsewhere"]),
        ("both", people, [member(seed, 1), member(seed, 2)]),
        ("double", people, [member(seed, 1)]),
        ("double", f"ou=guests,{people}", [member(seed, 2)]),
    ):
        index = codes[0].rpartition("-")[2] if len(codes) == 1 and "-" in codes[0] else "0"
        yield entry(
            f"uid={uid},{branch}",
            ["inetOrgPerson", "eduPerson", "supannPerson"],
            [("uid", uid), ("cn", f"Odd {uid}"), ("sn", uid), ("mail", f"{uid}@m{index}.{domain}")]
            + [("userPassword", password(uid)), ("supannListeRouge", "FALSE")]
            + [("supannEtablissement", "{UAI}" + code) for code in codes],
        )


def person(number, suffix, domain, seed, rng, members=1):
    """One person, with a POSIX account, eduPerson and SupAnn attributes."""
    uid = f"u{number:05d}"
    code = seed
    if members > 1:
        index = member_of(number, members)
        domain, code = f"m{index}.{domain}", member(seed, index)
    given, surname, structure = rng.choice(GIVEN_NAMES), rng.choice(SURNAMES), rng.choice(STRUCTURES)
    student = rng.random() < STUDENT_SHARE
    affiliation = "student" if student else rng.choice(["faculty", "staff", "researcher"])
    return entry(
        f"uid={uid},ou=people,{suffix}",
        ["inetOrgPerson", "posixAccount", "eduPerson", "supannPerson"],
        [
            ("uid", uid),
            ("cn", f"{given} {surname}"),
            ("sn", surname),
            ("givenName", given),
            ("displayName", f"{given} {surname}"),
            ("mail", f"{uid}@{domain}"),
            ("mail", f"user.{number}@{domain}"),
            ("uidNumber", first_number(seed) + number),
            ("gidNumber", first_number(seed)),
            ("homeDirectory", f"/home/{uid}"),
            ("userPassword", password(uid)),
            ("eduPersonAffiliation", "member"),
            ("eduPersonAffiliation", affiliation),
            ("eduPersonPrimaryAffiliation", affiliation),
            ("eduPersonPrincipalName", f"{uid}@{domain}"),
            ("eduPersonScopedAffiliation", f"{affiliation}@{domain}"),
            ("supannEtablissement", "{UAI}" + code),
            ("supannAliasLogin", f"user.{number}"),
            ("supannEntiteAffectation", structure),
            ("supannEntiteAffectationPrincipale", structure),
            ("supannCivilite", rng.choice(["M.", "Mme"])),
            # One in fifty is ex-directory: searches by others must not show them.
            ("supannListeRouge", "TRUE" if number % 50 == 0 else "FALSE"),
            ("supannEtuId", f"{seed}{number:08d}" if student else None),
            ("supannEmpId", None if student else f"{seed}{number:06d}"),
            ("mailQuota", 1000 if student else 10000),
            ("telephoneNumber", f"+33 1 00 {number // 10000:02d} {number // 100 % 100:02d} {number % 100:02d}"),
        ],
    )


def groups_of_members(suffix, uids, count, seed, rng, members):
    """The groups of each institution of a realm, under the same names. `team` of the second has somebody of the first who is not
    in the first one's."""
    for index in range(1, members + 1):
        branch = f"ou={member(seed, index)},ou=groups"
        yield entry(f"{branch},{suffix}", ["organizationalUnit"], [("ou", member(seed, index))])
        own = [uid for number, uid in enumerate(uids, 1) if member_of(number, members) == index]
        yield from groups(suffix, own, max(3, count // members), seed, rng, branch, index * 1000)
        team = own[:2] + ([uids[2 * members]] if index == 2 and len(uids) > 2 * members else [])
        yield entry(
            f"cn=team,{branch},{suffix}",
            ["groupOfNames"],
            [("cn", "team")] + [("member", f"uid={uid},ou=people,{suffix}") for uid in team],
        )


def groups(suffix, uids, count, seed, rng, branch="ou=groups", number_from=0):
    """Groups of three kinds: by DN, POSIX, and dynamic. The first person is always in g0001."""
    people = f"ou=people,{suffix}"
    suffix = f"{branch},{suffix}"
    first = first_number(seed) + number_from
    yield entry(f"cn=users,{suffix}", ["posixGroup"], [("cn", "users"), ("gidNumber", first)])
    for number in range(1, count + 1):
        members = rng.sample(uids, min(len(uids), rng.choice([3, 10, 30, 100])))
        if number == 1 and uids[0] not in members:
            members[0] = uids[0]
        name = f"g{number:04d}"
        yield entry(
            f"cn={name},{suffix}",
            ["groupOfNames", "supannGroupe"],
            [("cn", name)] + [("member", f"uid={uid},{people}") for uid in members],
        )
    for number in range(1, max(2, count // 10) + 1):
        name = f"p{number:04d}"
        members = rng.sample(uids, min(len(uids), 10))
        yield entry(
            f"cn={name},{suffix}",
            ["posixGroup"],
            [("cn", name), ("gidNumber", first + 10000 + number)] + [("memberUid", uid) for uid in members],
        )
    for affiliation in ("student", "faculty", "staff"):
        condition = (
            "(&(objectClass=inetOrgPerson)"
            f"(eduPersonPrimaryAffiliation={affiliation})(supannEntiteAffectation=UFR01))"
        )
        yield entry(
            f"cn=dyn-{affiliation},{suffix}",
            ["groupOfURLs"],
            [("cn", f"dyn-{affiliation}"), ("memberURL", f"ldap:///{people}??sub?{condition}")],
        )


def main():
    if len(sys.argv) != 7:
        sys.exit(__doc__)
    suffix, domain, people, group_count, seed, members = sys.argv[1:]
    members = int(members)
    rng = random.Random(seed)
    numbers = range(1, int(people) + 1)
    write = sys.stdout.write
    for text in skeleton(suffix):
        write(text)
    for number in numbers:
        write(person(number, suffix, domain, seed, rng, members))
    uids = [f"u{number:05d}" for number in numbers]
    if members == 1:
        texts = groups(suffix, uids, int(group_count), seed, rng)
    else:
        texts = [*odd_people(suffix, domain, seed), *groups_of_members(suffix, uids, int(group_count), seed, rng, members)]
    for text in texts:
        write(text)


if __name__ == "__main__":
    main()
