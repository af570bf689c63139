"""Every pattern of the resolver, asked by every role, answers as ``docs/access.csv`` says."""

from collections.abc import Callable
from dataclasses import replace
from secrets import SystemRandom
from typing import Any

import pytest
from django.db import connection

from accounts.api_keys import create_api_key
from accounts.models import User
from accounts.organisations import add_member
from accounts.roles import Role
from certificates.documents.ordering import Order, order
from certificates.issuance import issue_waiting
from certificates.models import Certificate, DocumentKind
from certificates.renewal import renew
from filings.batch.filing import take_in
from filings.drafting import ask as ask_for
from filings.drafting import create_dealing
from filings.kinds import FilingType
from filings.models import Filing
from primitives.clock import now_utc
from registry.models import DataAsset
from registry.queries import latest_version
from rights.change import LimitsChange
from rights.models import Interest
from tests.accounts.access import (
    PUBLIC,
    ROLES,
    Door,
    Objects,
    Row,
    ask,
    expected_rows,
    read_table,
    write_table,
)
from tests.factories import (
    NOON,
    Office,
    derive_from,
    make_complete_draft,
    make_party,
    make_user,
    register_asset,
    sign_in,
)

MOST_QUERIES = 25
OF_A_KIT = 45
"""The kit for a court holds a whole verification and what happened since, in both languages."""
"""Of any page; what grows with the register is shown in parts."""


class Queries:
    """Counts what is asked of the database."""

    count = 0

    def __call__(self, execute: Callable[..., Any], sql: str, *others: object) -> Any:
        self.count += "SAVEPOINT" not in sql
        return execute(sql, *others)


def make_objects(office: Office) -> Objects:
    """Return one object of each kind for both organisations; add a line for a new kind."""
    add_member(office.organisation, office.alice, is_administrator=True)
    holder, stranger = make_party(office), make_party(office, serial=99)
    asset = register_asset(office, holder)
    wanted, at = Order(kind=DocumentKind.STATUS, asset=asset), now_utc()
    extracts = {
        whose: {"number": order(wanted, by=person, at=at).number}
        for whose, person in (("own", office.alice), ("other", office.charlie))
    }
    issue_waiting(at=now_utc())
    certificate = Certificate.objects.get(asset=asset)
    renew(certificate, at=now_utc())
    mine = make_complete_draft(office, holder, data=b"mine")
    other = office.charlie.organisations.get()
    theirs = make_complete_draft(replace(office, organisation=other), stranger, data=b"theirs")
    desks = {
        "own": desk_of(office.alice, mine, asset),
        "other": desk_of(office.charlie, theirs, asset),
    }
    take_in(b"no workbook", "batch.xlsx", language="en", by=office.wang, at=NOON)
    public = {"number": asset.number}
    sealed = {"number": certificate.number}
    return {
        "assets/": {"own": public, "other": public},
        "v/": {"own": sealed, "other": sealed},
        "api/v1/^assets": {"own": public, "other": public},
        "api/v1/^parties": {
            "own": {"reference": holder.reference},
            "other": {"reference": stranger.reference},
        },
        "api/v1/^certificates": {"own": sealed, "other": sealed},
        "api/v1/^documents": extracts,
        **{
            f"desk/cases/{part}": {whose: each[part] for whose, each in desks.items()}
            for part in desks["own"]
        },
        "desk/certificates/": {"own": sealed},
        "desk/documents/": extracts,
        "desk/organisations/": {
            "own": {"uscc": office.organisation.uscc, "reference": office.alice.reference},
            "other": {"uscc": other.uscc, "reference": office.charlie.reference},
        },
    }


def desk_of(person: User, filing: Filing, asset: DataAsset) -> dict[str, dict[str, str]]:
    """Make the case the person's own draft; return what the routes of its parts ask for."""
    filing.filed_by = person
    filing.save()
    source = derive_from(filing, latest_version(asset), filing.applicants.get())
    dealing = create_dealing(
        FilingType.CHANGE,
        applicants=filing.applicants.all(),
        organisation=filing.organisation,
        by=person,
        at=NOON,
    )
    right = Interest.objects.filter(asset=asset)[0]
    asked = ask_for(dealing, LimitsChange(interest=right.reference, limits=""), by=person)
    acts = {"number": dealing.number, "key": str(asked.pk)}
    case = {"number": filing.number}
    return {
        "<str:number>/papers/<": case | {"key": str(filing.papers.all()[0].pk)},
        "<str:number>/sources/<": case | {"key": str(source.pk)},
        "<str:number>/acts/": acts,
        "": case,
    }


def make_doors(office: Office) -> dict[str, Door]:
    """Let every role in: the enterprise is alice, the officers those of the cast."""
    cast = {
        Role.ENTERPRISE: office.alice,
        Role.REGISTRAR: office.wang,
        Role.EXAMINER: office.li,
        Role.APPROVER: office.zhao,
    }
    doors = {PUBLIC: Door()}
    for role in Role:
        user = cast.get(role) or make_user(f"the_{role}", role)
        session = sign_in(user).session.session_key
        assert session
        key = create_api_key(owner=user, label="access", created_at=NOON)
        doors[role] = Door(session=session, key=key)
    return doors


@pytest.mark.parametrize(
    "share",
    [
        pytest.param(5, id="a fifth of the answers"),
        pytest.param(1, id="all", marks=pytest.mark.long),
    ],
)
def test_ac_01_every_address_answers_every_role_as_the_table_says(
    share: int, office: Office, pytestconfig: pytest.Config
) -> None:
    is_written = pytestconfig.getoption("--write-access")
    table = read_table()
    rows = [
        Row(row.route, row.whose, table.get(row.key, {}).get("method", row.method))
        for row in expected_rows()
    ]
    if not is_written:
        asked = {row.key for row in rows}
        assert not asked - table.keys(), "add rows: docs/accounts.md says how"
        assert not table.keys() - asked, "no pattern has these rows: take them out"

    objects, doors = make_objects(office), make_doors(office)
    found, crowded = [], []
    for row in rows:
        cells = {}
        for role in ROLES if is_written else SystemRandom().sample(ROLES, len(ROLES) // share):
            queries = Queries()
            with connection.execute_wrapper(queries):
                cells[role] = ask(row, doors[role], objects)
            most = OF_A_KIT if row.route.endswith(".zip") else MOST_QUERIES
            if row.method == "GET" and queries.count > most:
                crowded.append(f"{row.route} ({row.whose}) {role}: {queries.count} queries")
        if is_written and set(cells.values()) <= {"405", "login"} and row.method == "GET":
            row = Row(row.route, row.whose, "POST")  # noqa: PLW2901 # the page takes forms only
            cells = {role: ask(row, doors[role], objects) for role in ROLES}
        found.append({"route": row.route, "object": row.whose, "method": row.method, **cells})

    if is_written:
        write_table(found)
        table = read_table()
    differences = [
        f"{row['route']} ({row['object']}) {role}: {row[role]}, not {table[key][role]}"
        for row in found
        if (key := (row["route"], row["object"])) in table
        for role in ROLES
        if row.get(role, table[key][role]) != table[key][role]
    ]
    assert not differences, "\n".join(differences)
    assert not crowded, "\n".join(crowded)
    assert "500" not in {row.get(role) for row in found for role in ROLES}
