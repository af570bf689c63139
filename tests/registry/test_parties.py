"""PTY rules, and that personal values stand in the ledger only as commitments."""

import json
from typing import Any

import pytest

from primitives.rules import RulesBrokenError
from registry.kinds import IdentifierScheme, PartyKind
from registry.models import Opening, Party
from registry.parties import enter_party
from tests.factories import NOON, Office, make_party, uscc
from tlog.commitments import check_opening


def numbers(office: Office, **changes: Any) -> list[str]:
    with pytest.raises(RulesBrokenError) as refusal:
        make_party(office, **changes)
    return [rule.number for rule in refusal.value.rules]


@pytest.mark.parametrize(
    "code", [uscc(1)[:17] + "0" if uscc(1)[17] != "0" else uscc(1)[:17] + "1", "9137", "示例"]
)
def test_pty_1_a_malformed_uscc_is_refused(office: Office, code: str) -> None:
    assert numbers(office, identifier=code) == ["PTY-1"]
    assert not Party.objects.exists()


def test_pty_2_a_natural_person_has_no_uscc(office: Office) -> None:
    assert numbers(office, kind=PartyKind.NATURAL) == ["PTY-2"]


def test_pty_2_an_organisation_has_no_passport(office: Office) -> None:
    assert numbers(office, identifier_scheme=IdentifierScheme.PASSPORT) == ["PTY-2"]


def test_pty_3_a_party_is_entered_once(office: Office) -> None:
    make_party(office)
    assert numbers(office) == ["PTY-3"]


def test_pty_4_a_party_is_named(office: Office) -> None:
    assert numbers(office, name=" ") == ["PTY-4"]


@pytest.mark.parametrize("name", ["示例\u202e公司", "示例\ue000公司", "示例\x07", "示例\u2028"])
def test_pty_5_a_name_that_no_page_can_show_is_refused(office: Office, name: str) -> None:
    assert numbers(office, name=name) == ["PTY-5"]


def test_v2_a_natural_persons_data_is_committed_and_not_written(office: Office) -> None:
    party = enter_party(
        Party(
            kind=PartyKind.NATURAL,
            name="示例甲",
            identifier_scheme=IdentifierScheme.RESIDENT_ID,
            identifier="EXAMPLE-0001",
            contact="示例联系方式",
            legal_representative="示例监护人",
            business_status="示例状况",
            is_example=True,
        ),
        by=office.wang,
        at=NOON,
    )

    content = bytes(party.entry.content)
    for personal in ("示例甲", "EXAMPLE-0001", "示例联系方式", "示例监护人", "示例状况"):
        assert personal.encode() not in content
    commitments = json.loads(content)["payload"]["commitments"]
    opened = {
        check_opening(commitments[opening.path], opening.disclosure)
        for opening in Opening.objects.filter(entry=party.entry)
    }
    assert ("/name", "示例甲") in opened
    assert len(opened) == 6


def test_v2_an_organisations_persons_are_committed_and_the_rest_is_public(office: Office) -> None:
    party = make_party(
        office,
        contact="示例联系人 000-0000",
        legal_representative="示例法定代表人",
        address="示例地址",
    )

    content = bytes(party.entry.content).decode()
    assert "示例联系人" not in content
    assert "示例法定代表人" not in content
    assert "示例地址" in content
    assert [opening.path for opening in Opening.objects.filter(entry=party.entry)] == [
        "/contact",
        "/legal_representative",
    ]
