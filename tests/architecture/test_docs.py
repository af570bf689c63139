"""The documentation holds what the code holds; where it lags, a test says what is missing."""

import json
import re
import runpy
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from certificates.entries import (
    CERTIFICATE_ISSUED,
    CERTIFICATE_STATUS,
    DOCUMENT_ISSUED,
    FILE_RENEWED,
    STATUS_LISTED,
    certificate_json,
    event_json,
    status_list_json,
)
from certificates.models import Certificate, CertificateEvent, StatusList
from certificates.statement import SCHEMA, LedgerPosition, StatedSource
from certificates.status_list import list_json
from filings.models import ClaimedSource
from ledger.entries import RECOVERED, STATE_COMMITTED
from ledger.models import Entry
from registry.entries import (
    INITIAL_REGISTRATION,
    INITIAL_REGISTRATIONS,
    PARTY_CHANGED,
    PARTY_ERASED,
    PARTY_FIELDS,
    PARTY_REGISTERED,
    PARTY_REGISTRATIONS,
    committed_of_change,
    erasure_json,
    instrument_json,
    party_change_json,
)
from registry.models import DataAsset, Erasure, Instrument, Party, PartyChange
from rights.dealing import Dealing
from rights.entries import TITLE_DEALING, committed_of_dealing, dealing_json
from rights.facts import Consent, Order, Override
from rights.grant import Grant
from rights.kinds import AuthorityKind, RightKind
from rights.propagation import reach_json
from rights.remarks import Caution
from rights.title import Change
from tests.factories import (
    NOON,
    Office,
    bring_to_publicity,
    decide,
    make_complete_draft,
    make_party,
)
from tests.rights.plain import a_remark, an_interest
from tests.verifier.example import example_statement
from tlog.commitments import withhold
from tlog.state_map import StateCommitment, StateItem
from verifier.status_list import HEADER as STATUS_LIST
from verifier.verdict import Reason

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md")])
RULES = runpy.run_path(str(ROOT / "scripts" / "rules_page.py"))
KIND = re.compile(r'^[A-Z_]+ = "([a-z_]+\.[a-z_]+/\d+)"', re.MULTILINE)
LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)#]+)")
MAPS = {"keys", "commitments", "shares", "asked", "body", "scope", "terms", "ended", "reach"}
"""Members that map names which differ from entry to entry."""


def read(name: str) -> str:
    return (DOCS / name).read_text("utf-8")


def sources_of_tests() -> str:
    return "\n".join(path.read_text("utf-8") for path in (ROOT / "tests").rglob("test_*.py"))


def test_the_page_of_rules_is_current() -> None:
    assert read("rules.md") == RULES["page"](), "run scripts/rules_page.py > docs/rules.md"


def test_every_rule_has_a_test_that_bears_its_number() -> None:
    numbers = [rule.number for _path, rule in RULES["rules"]()]
    names = sources_of_tests()

    untested = [
        number for number in numbers if f"def test_{number.lower().replace('-', '_')}_" not in names
    ]

    assert len(set(numbers)) == len(numbers)
    assert not untested


def test_every_kind_of_entry_is_documented() -> None:
    kinds = {
        kind for path in ROOT.glob("*/entries.py") for kind in KIND.findall(path.read_text("utf-8"))
    }

    assert kinds == {
        *PARTY_REGISTRATIONS,
        PARTY_ERASED,
        PARTY_CHANGED,
        *INITIAL_REGISTRATIONS,
        CERTIFICATE_ISSUED,
        CERTIFICATE_STATUS,
        STATUS_LISTED,
        DOCUMENT_ISSUED,
        FILE_RENEWED,
        TITLE_DEALING,
        STATE_COMMITTED,
        RECOVERED,
    }
    assert all(f"`{kind}`" in read("entries.md") for kind in kinds)


@pytest.mark.django_db(transaction=True)
def test_documented_entries_are_those_that_acts_write(office: Office) -> None:
    holder = make_party(office)
    filing = make_complete_draft(office, holder)
    ClaimedSource.objects.create(
        filing=filing,
        title="示例数据",
        publisher=holder,
        locator="https://example.org/",
        edition="1",
        sha256="0" * 64,
        activity="COLLECT",
        method="示例",
        ended_at=NOON,
        responsible=holder,
    )
    decide(office, bring_to_publicity(office, filing))

    for kind in (PARTY_REGISTERED, INITIAL_REGISTRATION):
        entry = json.loads(bytes(Entry.objects.get(kind=kind).content))
        assert documented("quanji.entry/1") == {
            path for path in paths(entry) if not path.startswith("payload.")
        } | {"payload"}
        assert documented(kind) == set(paths(entry["payload"]))


def test_the_documented_dealing_is_the_one_that_is_written() -> None:
    grant = Grant(
        reference="I-2",
        parent="I-1",
        kind=RightKind.USE,
        grantees={"P-1": Fraction(1)},
        valid_from=NOON,
        valid_to=NOON,
    )
    dealing = Dealing(
        filing="F1",
        items=(grant,),
        applicants=frozenset({"P-1"}),
        instruments=frozenset({"D-1"}),
        consents=(Consent(instrument="D-2", party="P-2", dealing=""),),
        overrides=(Override(reference="N-1", rule="GRT-8", ground="示例", approved_by="U-1"),),
        order=Order(authority=AuthorityKind.COURT, level=1, number="示例"),
    )
    change = Change(
        interests=(an_interest(),),
        remarks=(a_remark("N-1", Caution(), words="示例"),),
        ended={"I-1": NOON},
        used=frozenset({"D-2"}),
    )
    paper = instrument_json(Instrument(reference="D-1", kind="CONTRACT", title="示例"))
    payload = dealing_json(
        dealing,
        change,
        ended={"I-1@1": "示例"},
        reach={"N-1": reach_json(["DA-000000001"])},
        new_papers=[paper],
    )
    written, _openings = withhold(payload, committed_of_dealing(payload))

    assert documented(TITLE_DEALING) == {*paths(written), "order"}


def test_the_documented_erasure_is_the_one_that_is_written() -> None:
    party = Party(reference="P-1", identifier="1")
    erasure = Erasure(party=party, fields=["/name"], instruments=["D-1"], ground="BY_LAW")

    assert documented(PARTY_ERASED) == set(paths(erasure_json(erasure)))


def test_the_documented_change_of_a_party_is_the_one_that_is_written() -> None:
    party = Party(reference="P-1", kind="LEGAL", identifier="1")
    fields = [field for field in PARTY_FIELDS if field != "identifier"]
    change = PartyChange(party=party, number=1, fields=fields)
    paper = Instrument(reference="D-1", kind="CONTRACT", title="示例")
    payload = party_change_json(change, ["D-1"], [paper])
    written, _openings = withhold(payload, committed_of_change(change, payload))

    assert documented(PARTY_CHANGED) == set(paths(written))


def test_the_documented_certificate_entry_is_the_one_that_is_written() -> None:
    certificate = Certificate(number="SJ37002026110001", asset=DataAsset(number="DA-000000001"))

    assert documented(CERTIFICATE_ISSUED) == set(paths(certificate_json(certificate)))


def test_the_documented_event_of_a_certificate_is_the_one_that_is_written() -> None:
    certificate = Certificate(number="SJ37002026110001")
    event = CertificateEvent(certificate=certificate, number=1, effective_at=NOON)

    assert documented(CERTIFICATE_STATUS) == set(paths(event_json(event)))


@pytest.mark.django_db
def test_the_documented_status_list_is_the_one_that_is_written() -> None:
    content = list_json(NOON, tree_size=0)
    standing = {"number": "", "status": "", "since": ""}

    entered = status_list_json(StatusList(content=b"", tree_size=1))
    assert documented(STATUS_LISTED) == set(paths(entered))
    assert documented(STATUS_LIST) == set(paths({**content, "certificates": [standing]}))


def test_the_documented_state_commitment_and_its_items_are_those_that_are_written() -> None:
    commitment = StateCommitment(tree_size=1, root=bytes(32), map_size=1, map_root=bytes(32))
    item = StateItem(key="asset:DA-000000001", version=1, index=0, leaf_hash=bytes(32))

    members = {*paths(commitment.payload()), *paths(json.loads(item.content()))}
    assert documented(STATE_COMMITTED) == members


def test_the_documented_statement_is_the_one_that_is_embedded() -> None:
    position = LedgerPosition(
        entry_index=0, leaf_hash="", deposited_at=NOON, tree_size=1, root_hash=""
    )
    source = StatedSource(
        title="", publisher="", activity="", responsible="", basis="", is_proven=False, depth=1
    )
    statement = replace(
        example_statement("SJ3702026110001", position), provenance=[source], remarks=["示例"]
    )

    assert documented(SCHEMA) == set(paths(statement.to_json()))


def test_every_command_is_documented() -> None:
    commands = {
        path.stem
        for path in ROOT.glob("[a-z]*/management/commands/*.py")
        if not path.stem.startswith("_")
    }

    assert commands
    assert {name for name in commands if f"`{name}" not in read("operations.md")} == set()


def test_every_setting_from_the_environment_is_documented() -> None:
    sources = [
        path for path in ROOT.glob("[a-z]*/**/*.py") if path.relative_to(ROOT).parts[0] != "tests"
    ]
    names = {
        name
        for path in sources
        for name in re.findall(r'"(QUANJI_[A-Z_]+|DATABASE_URL)"', path.read_text("utf-8"))
    }

    assert {name for name in names if f"`{name}`" not in read("operations.md")} == set()


def test_every_reason_of_the_verifier_is_documented() -> None:
    assert {reason.value for reason in Reason if f"`{reason.value}`" not in read("verify.md")} == (
        set()
    )


def test_the_documented_layers_are_the_enforced_ones() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    layers = next(
        contract["layers"]
        for contract in project["tool"]["importlinter"]["contracts"]
        if contract["type"] == "layers"
    )

    assert "\n".join(layers) in read("architecture.md")
    assert "\n".join(layers) in (ROOT / "README.md").read_text("utf-8")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_to_a_file(page: Path) -> None:
    targets = LINK.findall(page.read_text("utf-8"))

    assert [target for target in targets if not (page.parent / target).exists()] == []


def documented(shape: str) -> set[str]:
    """Return the members in the table of the section whose heading names the shape."""
    section = read("entries.md").partition(f"`{shape}`\n")[2].partition("\n## ")[0]
    return set(re.findall(r"^\| `([^`]+)` \|", section, re.MULTILINE))


def paths(value: Any, path: str = "") -> Iterator[str]:
    """Yield the path of every member, a list's as ``name[]``, an open map's as ``name.*``."""
    match value:
        case dict() if path.rpartition(".")[2] in MAPS:
            yield f"{path}.*"
        case dict():
            for name, member in value.items():
                yield from paths(member, f"{path}.{name}" if path else name)
        case list():
            for element in value:
                yield from paths(element, f"{path}[]")
        case _:
            yield path
