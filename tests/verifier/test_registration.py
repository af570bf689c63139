"""What a certificate states is what was registered, member by member."""

import copy
import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path as FilePath
from typing import Any, TypeAlias

import pytest
from cryptography.x509 import load_pem_x509_certificates

from certificates.statement import Statement
from primitives.canonical_json import NotCanonicalError, canonical_json
from tests.verifier.example import Office, example_payload
from verifier.messages import step_sentence
from verifier.registration import differing_member
from verifier.verdict import Outcome, Reason, StepName, Verdict
from verifier.verification import verify

Path: TypeAlias = tuple[str | int, ...]

STATED = [
    ("filing",),
    *(
        ("asset", name)
        for name in [
            "number",
            "name",
            "summary",
            "kind",
            "industry",
            "source_kind",
            "region_scope",
            "region",
            "period_from",
            "period_to",
            "update_frequency",
            "record_count",
            "size_bytes",
            "form",
            "structure",
            "limits",
            "version",
            "sha256",
            "sm3",
        ]
    ),
    *(
        ("rights", position, name)
        for position in (0, 1)
        for name in ("reference", "kind", "valid_from", "valid_to", "limits")
    ),
    ("rights", 0, "holders", 0, "share"),
    ("rights", 1, "holders", 0, "share"),
    *(
        ("provenance", position, name)
        for position in (0, 1)
        for name in ("activity", "basis", "is_proven", "depth")
    ),
    ("remarks", 0),
    ("ledger", "entry_index"),
    ("ledger", "leaf_hash"),
    ("ledger", "deposited_at"),
]
LISTS: list[Path] = [("rights",), ("rights", 0, "holders"), ("provenance",), ("remarks",)]
NOT_STATED = {
    "situation",
    "grade",
    "personal_information",
    "personal_basis",
    "public_data",
    "public_data_code",
    "responsibilities",
    "instruments",
    "external_sources",
    "activity",
    "ended_at",
    "responsible",
    "source_version",
    "external_source",
    "code_sha256",
    "basis_interest",
    "basis_instrument",
}
JUNK: list[Any] = [None, True, -1, "", "1/0", "1e999999999", [], [None], {}, {"x": []}]


def other(value: Any, name: str | int) -> Any:
    """Return another value of the same kind."""
    if name in ("valid_from", "valid_to", "deposited_at"):
        return "2026-11-29T00:00:00Z"
    if name == "share":
        return "1/2"
    if isinstance(value, bool):
        return not value
    return value + 1 if isinstance(value, int) else f"{value}0"


def at(value: Any, path: Path) -> Any:
    for name in path:
        value = value[name]
    return value


def stated(office: Office) -> dict[str, Any]:
    stated: dict[str, Any] = json.loads(office.state(office.register()).to_bytes())
    return stated


def issue(office: Office, statement: dict[str, Any], genuine: Statement) -> Verdict:
    """Seal and enter ``statement`` as a registrar would that states what it did not register."""
    content = canonical_json(statement)
    proof = office.log.prove(len(office.log.entries) - 1).format()
    pdf = office.seal_files(content, proof.encode())
    digest = hashlib.sha256(content).hexdigest()
    entered = office.enter(
        pdf, genuine, asset=statement["asset"]["number"], statement_sha256=digest
    )
    return office.verify(pdf, entered.format())


@pytest.mark.parametrize("path", STATED, ids=lambda path: ".".join(map(str, path)))
def test_a_stated_member_that_was_not_registered_makes_the_file_invalid(
    office: Office, path: Path
) -> None:
    genuine = office.state(office.register())
    statement = json.loads(genuine.to_bytes())
    at(statement, path[:-1])[path[-1]] = other(at(statement, path), path[-1])

    verdict = issue(office, statement, genuine)

    assert verdict.outcome == Outcome.INVALID
    assert Reason.REGISTRATION_CONTRADICTS in verdict.reasons


@pytest.mark.parametrize("path", LISTS, ids=lambda path: ".".join(map(str, path)))
def test_what_is_left_out_or_stated_twice_contradicts_the_registration(
    office: Office, path: Path
) -> None:
    genuine = stated(office)
    shorter, longer = copy.deepcopy(genuine), copy.deepcopy(genuine)
    del at(shorter, path)[0]
    at(longer, path).append(at(longer, path)[0])

    assert differing_member(genuine, example_payload()) is None
    assert differing_member(shorter, example_payload())
    assert differing_member(longer, example_payload())


def test_the_finding_names_the_member_that_differs(office: Office) -> None:
    genuine = office.state(office.register())
    statement = json.loads(genuine.to_bytes())
    statement["rights"][0]["limits"] = ""

    verdict = issue(office, statement, genuine)

    step = next(step for step in verdict.steps if step.name == StepName.REGISTRATION)
    assert step.facts == {"member": "rights[0].limits"}
    assert "rights[0].limits differs" in step_sentence(step, "en")


def test_an_added_member_is_found_and_its_name_is_not_repeated(office: Office) -> None:
    statement = stated(office)
    statement["asset"]["\x1b[2J"] = "certified"

    assert differing_member(statement, example_payload()) == "asset"


def test_true_is_not_taken_for_one(office: Office) -> None:
    statement = stated(office)
    statement["asset"]["version"] = True

    assert differing_member(statement, example_payload()) == "asset.version"


def test_shares_are_compared_as_exact_numbers_without_order(office: Office) -> None:
    statement = stated(office)
    payload: Any = example_payload()
    payload["interests"][0]["shares"] = {"P-A": "10/30", "P-B": "4/6"}

    assert differing_member(statement, payload) is None


def test_a_farther_source_is_not_of_this_entry(office: Office) -> None:
    statement = stated(office)
    assert statement["provenance"].pop()["depth"] == 2

    assert differing_member(statement, example_payload()) is None


def compared(value: Any, path: Path = ()) -> Iterator[Path]:
    """Yield the path of every member of a payload that a statement repeats."""
    for name, item in value.items() if isinstance(value, dict) else enumerate(value):
        # An interest repeats the number of its asset.
        if name not in NOT_STATED and (name != "asset" or not path):
            yield (*path, name)
            if isinstance(item, dict | list):
                yield from compared(item, (*path, name))


def test_a_malformed_registration_is_never_a_crash_and_never_agrees(office: Office) -> None:
    statement = stated(office)
    for path in compared(example_payload()):
        for junk in JUNK:
            payload: Any = example_payload()
            at(payload, path[:-1])[path[-1]] = junk
            if canonical_json(payload) != canonical_json(example_payload()):
                assert disagrees(statement, payload), (path, junk)


def test_a_malformed_statement_is_never_a_crash_and_never_agrees(office: Office) -> None:
    genuine = stated(office)
    for path in STATED[:-3]:
        for junk in JUNK:
            statement = copy.deepcopy(genuine)
            at(statement, path[:-1])[path[-1]] = junk
            if canonical_json(statement) != canonical_json(genuine):
                assert disagrees(statement, example_payload()), (path, junk)


def disagrees(statement: Any, payload: Any) -> bool:
    try:
        return differing_member(statement, payload) is not None
    except NotCanonicalError:
        return True


@pytest.mark.parametrize("name", ["asset", "version", "interests", "derivations", "remarks"])
def test_a_registration_that_lacks_a_member_contradicts_every_statement(
    office: Office, name: str
) -> None:
    payload = example_payload()
    del payload[name]
    genuine = office.state(office.register(payload))

    verdict = issue(office, json.loads(genuine.to_bytes()), genuine)

    assert verdict.outcome == Outcome.INVALID
    assert verdict.reasons == (Reason.REGISTRATION_CONTRADICTS,)


def test_the_registration_of_a_certificate_holds_what_is_confidential_as_commitments(
    office: Office,
) -> None:
    issued = office.issue()
    registration = office.log.entries[0].decode()

    assert "示例登记" not in registration
    assert "数据使用协议" not in registration
    assert office.verify(issued.pdf, issued.proof).outcome == Outcome.VALID


def opened_with(office: Office, openings: bytes) -> Verdict:
    registration = office.register()
    statement = office.state(registration)
    proof = office.log.prove(registration).format().encode()
    pdf = office.seal_files(statement.to_bytes(), proof, openings=openings)
    return office.verify(pdf, office.enter(pdf, statement).format())


def test_an_opening_of_another_registration_makes_the_file_invalid(office: Office) -> None:
    office.register()
    strange = office.openings_file()

    verdict = opened_with(office, strange)

    assert verdict.outcome == Outcome.INVALID
    assert verdict.reasons == (Reason.OPENING_FALSE,)


@pytest.mark.parametrize("content", [b"", b"{}", b'{"openings":[],"schema":"quanji.openings/9"}'])
def test_a_file_of_openings_that_is_none_makes_the_file_invalid(
    office: Office, content: bytes
) -> None:
    verdict = opened_with(office, content or b"[]")

    assert verdict.outcome == Outcome.INVALID
    assert Reason.OPENING_FALSE in verdict.reasons


def test_without_an_opening_the_answer_is_that_nothing_is_known(office: Office) -> None:
    verdict = opened_with(office, canonical_json({"schema": "quanji.openings/1", "openings": []}))

    assert verdict.outcome == Outcome.CANNOT_VERIFY
    assert verdict.reasons == (Reason.OPENING_MISSING,)


def test_an_opened_value_that_is_not_the_stated_one_makes_the_file_invalid(office: Office) -> None:
    payload: Any = example_payload()
    payload["remarks"] = "示例：另一备注"
    genuine = office.state(office.register(payload))

    verdict = issue(office, json.loads(genuine.to_bytes()), genuine)

    assert verdict.reasons == (Reason.REGISTRATION_CONTRADICTS,)


ISSUED = FilePath(__file__).parent
IN_TERM_OF_OLD = datetime(2027, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize("shape", [1, 2])
def test_a_certificate_issued_under_an_old_shape_still_verifies(shape: int) -> None:
    kit = ISSUED / f"issued_under_{shape}"

    verdict = verify(
        (kit / "certificate.pdf").read_bytes(),
        proof=(kit / "certificate.pdf.tlog-proof").read_text(),
        trust=load_pem_x509_certificates((kit / "trust.pem").read_bytes()),
        log_key=(kit / "log_key.txt").read_text(),
        at=IN_TERM_OF_OLD,
    )

    assert verdict.outcome == Outcome.VALID
    assert f"registration.initial/{shape}".encode() in (kit / "entries.jsonl").read_bytes()
