"""Chosen fields of an entry, shown to one recipient: proven offline, on record, no more."""

import json
from collections.abc import Collection
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command

from accounts.models import User
from certificates.queries import log_verifier_key
from ledger.models import Entry
from registry.disclosure import DisclosureRefusedError, disclose_fields, open_fields
from registry.kinds import IdentifierScheme, PartyKind
from registry.models import Disclosure, Opening, Party
from tests.factories import NOON, Office, make_party
from verifier.cli import main
from verifier.disclosure import Disclosure as DisclosureFile
from verifier.disclosure import verify_disclosure
from verifier.verdict import Outcome, Reason


@pytest.fixture
def party(office: Office) -> Party:
    return make_party(
        office,
        kind=PartyKind.NATURAL,
        identifier_scheme=IdentifierScheme.RESIDENT_ID,
        identifier="EXAMPLE-7731",
        name="示例甲",
        address="示例地址",
    )


def disclose(
    party: Party, by: User, fields: Collection[str] = ("/name",), recipient: str = "示例银行"
) -> str:
    return disclose_fields(
        party.entry, fields=fields, recipient=recipient, purpose="贷前核验", by=by, at=NOON
    )


def verdict_on(text: str) -> tuple[Outcome, Reason | None]:
    verdict = verify_disclosure(text, log_key=log_verifier_key())
    return verdict.outcome, verdict.reason


@pytest.mark.django_db
def test_a_recipient_sees_the_chosen_fields_proven_and_no_other(
    office: Office, party: Party
) -> None:
    text = disclose(party, office.wang, ["/name", "/identifier"])

    verdict = verify_disclosure(text, log_key=log_verifier_key())

    assert verdict.outcome == Outcome.VALID
    assert verdict.disclosed == {"/identifier": "EXAMPLE-7731", "/name": "示例甲"}
    address = Opening.objects.get(entry=party.entry, path="/address").disclosure
    assert address not in text
    assert DisclosureFile.parse(text).format() == text


@pytest.mark.django_db
def test_every_disclosure_is_on_record_without_the_values(office: Office, party: Party) -> None:
    disclose(party, office.wang, ["/name"])

    row = Disclosure.objects.values().get()
    assert (row["entry_id"], row["fields"]) == (party.entry_id, ["/name"])
    assert (row["recipient"], row["purpose"]) == ("示例银行", "贷前核验")
    assert (row["disclosed_by_id"], row["disclosed_at"]) == (office.wang.pk, NOON)
    assert "示例甲" not in str(row)


@pytest.mark.django_db
@pytest.mark.parametrize("fields", [[], ["/nothing"], ["/name", "/nothing"]], ids=str)
def test_only_fields_that_can_be_opened_are_disclosed(
    office: Office, party: Party, fields: list[str]
) -> None:
    with pytest.raises(DisclosureRefusedError):
        disclose(party, office.wang, fields)
    assert not Disclosure.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("recipient", ["", " ", "a\nopening x", "a\rb", "a\u202eb", "a\u2028b"])
def test_a_recipient_is_named_in_one_line(office: Office, party: Party, recipient: str) -> None:
    with pytest.raises(DisclosureRefusedError):
        disclose(party, office.wang, recipient=recipient)


@pytest.mark.django_db
def test_examiners_and_enterprises_disclose_nothing(office: Office, party: Party) -> None:
    for person in (office.li, office.alice):
        with pytest.raises(PermissionDenied):
            disclose(party, person)
    assert not Disclosure.objects.exists()


@pytest.mark.django_db
def test_what_is_erased_cannot_be_disclosed(office: Office, party: Party) -> None:
    Opening.objects.filter(path="/name").delete()

    assert "/name" not in open_fields(party.entry)
    with pytest.raises(DisclosureRefusedError):
        disclose(party, office.wang, ["/name"])


@pytest.mark.django_db
def test_a_changed_value_makes_the_disclosure_invalid(office: Office, party: Party) -> None:
    text = disclose(party, office.wang)
    opening = DisclosureFile.parse(text).openings[0]
    changed = opening[:-4] + ("A" if opening[-4] != "A" else "B") + opening[-3:]

    assert verdict_on(text) == (Outcome.VALID, None)
    assert verdict_on(text.replace(opening, changed)) == (Outcome.INVALID, Reason.OPENING_FALSE)


@pytest.mark.django_db
def test_an_opening_of_another_entry_makes_the_disclosure_invalid(
    office: Office, party: Party
) -> None:
    other = make_party(office, 2, contact="示例联系人")
    opening = Opening.objects.get(entry=other.entry, path="/contact").disclosure
    text = disclose(party, office.wang)

    strange = text.replace("\n\n", f"\nopening {opening}\n\n", 1)

    assert verdict_on(strange) == (Outcome.INVALID, Reason.OPENING_FALSE)


@pytest.mark.django_db
def test_a_false_proof_makes_the_disclosure_invalid(office: Office, party: Party) -> None:
    make_party(office, 2)
    text = disclose(party, office.wang)

    assert verdict_on(text.replace("\nindex 0\n", "\nindex 1\n")) == (
        Outcome.INVALID,
        Reason.PROOF_FALSE,
    )


@pytest.mark.django_db
def test_a_file_that_is_no_disclosure_says_nothing(office: Office, party: Party) -> None:
    text = disclose(party, office.wang)
    lines = text.split("\n")

    for malformed in (
        "",
        text.replace("quanji.disclosure/1", "quanji.disclosure/9"),
        "\n".join(lines[:1] + lines[2:]),
        "\n".join(lines[:4] + lines[5:]),
        text.replace("disclosed 2026", "disclosed 26"),
        text * 1000,
    ):
        assert verdict_on(malformed) == (Outcome.CANNOT_VERIFY, Reason.UNREADABLE)
    assert verdict_on(text.replace("c2sp.org", "x")) == (
        Outcome.CANNOT_VERIFY,
        Reason.PROOF_MALFORMED,
    )


@pytest.mark.django_db
def test_the_verifier_reads_a_disclosure_file_without_a_trust_root(
    office: Office, party: Party, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "name.disclosure"
    call_command(
        "disclose_fields",
        party.entry.leaf.index,
        "/name",
        recipient="示例银行",
        purpose="贷前核验",
        by="wang",
        output=file,
    )

    assert main([str(file), "--log-key", log_verifier_key()]) == 0
    printed = capsys.readouterr().out
    assert "/name: 示例甲" in printed
    assert "for “示例银行”" in printed
    assert "Valid: each value stands in entry 0 (party.registered/2)" in printed
    assert main([str(file), "--log-key", log_verifier_key(), "--json"]) == 0
    data: Any = json.loads(capsys.readouterr().out)
    assert (data["verdict"], data["disclosed"]) == ("valid", {"/name": "示例甲"})
    file.write_text(file.read_text().replace("\nopening ", "\nopening A", 1))
    assert main([str(file), "--log-key", log_verifier_key()]) == 1
    assert "belongs to no commitment" in capsys.readouterr().out


@pytest.mark.django_db
def test_the_command_lists_what_can_be_disclosed_and_refuses_in_words(
    office: Office, party: Party, capsys: pytest.CaptureFixture[str]
) -> None:
    index = Entry.objects.get().leaf.index
    call_command("disclose_fields", index)
    assert "/name" in capsys.readouterr().out.splitlines()

    with pytest.raises(CommandError, match="no entry 99"):
        call_command("disclose_fields", 99)
    with pytest.raises(CommandError, match="--by"):
        call_command("disclose_fields", index, "/name")
    with pytest.raises(CommandError, match="for whom"):
        call_command("disclose_fields", index, "/name", by="wang")
    with pytest.raises(CommandError, match="role"):
        call_command("disclose_fields", index, "/name", recipient="a", purpose="b", by="li")


def test_a_certificate_still_needs_a_trust_root(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "certificate.pdf"
    file.write_bytes(b"%PDF-1.7")

    assert main([str(file), "--log-key", "x"]) == 2
    assert "--trust" in capsys.readouterr().err
