"""Changes of a party's own data: each PCH rule, and that commitments, erasure and audit hold."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile

from audit.findings import FindingKind
from audit.register import compare_register
from filings.erasure import approve_erasure, free_papers, request_erasure
from ledger.models import Entry
from primitives.rules import RulesBrokenError
from registry.disclosure import disclose_fields, open_fields
from registry.erasure import erasable_fields, values_of
from registry.instruments import instrument_path, store_instrument
from registry.kinds import ErasureGround, IdentifierScheme, InstrumentKind, PartyKind
from registry.models import Instrument, Opening, Party, PartyChange
from registry.parties import enter_change
from tests.factories import NOON, Office, make_party
from tests.privacy.seeds import tables_with
from tlog.commitments import check_opening
from verifier.disclosure import Disclosure

LATER = NOON + timedelta(days=1)
DECADES_LATER = NOON.replace(year=2060)
PERSON: dict[str, Any] = {
    "kind": PartyKind.NATURAL,
    "identifier_scheme": IdentifierScheme.RESIDENT_ID,
    "name": "欧阳甲辰氏",
    "identifier": "370102QX7731905512",
    "address": "样例市虚构路四千零七号",
}

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def paper(office: Office) -> str:
    return a_paper("变更证明影印").reference


def a_paper(content: str, kind: InstrumentKind = InstrumentKind.IDENTITY) -> Instrument:
    file = SimpleUploadedFile("paper.txt", content.encode())
    return store_instrument(file, kind=kind, title=f"题名{content}", stored_at=NOON)


@pytest.fixture
def change(office: Office, paper: str) -> Callable[..., PartyChange]:
    def changed(party: Party, *, papers: tuple[str, ...] = (), **after: str) -> PartyChange:
        found = enter_change(party, after, papers=papers or (paper,), by=office.wang, at=LATER)
        party.refresh_from_db()
        return found

    return changed


def refused(change: Callable[..., PartyChange], party: Party, **after: Any) -> list[str]:
    entries = Entry.objects.count()
    with pytest.raises(RulesBrokenError) as refusal:
        change(party, **after)
    assert Entry.objects.count() == entries
    return [rule.number for rule in refusal.value.rules]


def erase(office: Office, party: Party, at: Any = LATER) -> None:
    papers = [paper.reference for paper in free_papers(party, at=at)]
    erasure = request_erasure(
        party,
        ground=ErasureGround.CONSENT_WITHDRAWN,
        words="依本人申请",
        papers=papers,
        by=office.wang,
        at=at,
    )
    approve_erasure(erasure, by=office.zhao, at=at)
    party.refresh_from_db()


def payload_of(entry: Entry) -> dict[str, Any]:
    payload: dict[str, Any] = json.loads(bytes(entry.content))["payload"]
    return payload


def test_an_organisation_has_another_name_and_the_old_one_stays_in_the_ledger(
    office: Office, change: Callable[..., PartyChange]
) -> None:
    party = make_party(office, legal_representative="示例甲")

    made = change(party, name="示例新名称公司", legal_representative="示例乙")

    assert (party.name, party.legal_representative) == ("示例新名称公司", "示例乙")
    payload = payload_of(made.entry)
    assert payload["name"] == "示例新名称公司"
    assert "示例乙" not in json.dumps(payload, ensure_ascii=False)
    opening = Opening.objects.get(entry=made.entry, path="/legal_representative")
    commitment = payload["commitments"]["/legal_representative"]
    assert check_opening(commitment, opening.disclosure)[1] == "示例乙"
    assert made.before == {"name": "示例数据科技有限公司1"}
    assert made.entry.keys.get().version == 2
    assert list(compare_register()) == []


def test_v2_of_a_natural_person_everything_new_is_committed(
    office: Office, change: Callable[..., PartyChange], paper: str
) -> None:
    party = make_party(office, **PERSON)

    made = change(party, name="欧阳乙巳氏", address="样例市新址")

    content = bytes(made.entry.content)
    for value in ("欧阳乙巳氏", "样例市新址", "题名变更证明影印"):
        assert value.encode() not in content
    assert made.before == {}
    assert Instrument.objects.get(reference=paper).entry == made.entry
    assert list(compare_register()) == []


@pytest.mark.parametrize(
    "after",
    [
        {},
        {"name": "示例数据科技有限公司1"},
        {"identifier": "X"},
        {"reference": "P-2"},
        {"kind": "NATURAL"},
        {"name": "示例新名称公司", "is_example": "x"},
    ],
)
def test_pch_1_name_address_and_the_like_change_and_the_number_does_not(
    office: Office, change: Callable[..., PartyChange], after: dict[str, str]
) -> None:
    assert refused(change, make_party(office), **after) == ["PCH-1"]


@pytest.mark.parametrize(
    "after",
    [
        {"name": ""},
        {"name": " "},
        {"name": "长" * 201},
        {"address": "\u202e"},
        {"legal_representative": "长" * 101},
    ],
)
def test_pch_2_new_values_fit_the_form(
    office: Office, change: Callable[..., PartyChange], after: dict[str, str]
) -> None:
    assert refused(change, make_party(office), **after) == ["PCH-2"]


def test_pch_3_what_was_erased_is_not_entered_again(
    office: Office, change: Callable[..., PartyChange]
) -> None:
    person, organisation = make_party(office, **PERSON), make_party(office, 2, contact="示例联系人")
    erase(office, person)
    erase(office, organisation)

    assert refused(change, person, name="欧阳乙巳氏") == ["PCH-3"]
    assert refused(change, organisation, contact="示例另一联系人") == ["PCH-3"]
    change(organisation, name="示例新名称公司")
    assert list(compare_register()) == []


def test_pch_4_a_paper_on_file_proves_it(
    office: Office, change: Callable[..., PartyChange]
) -> None:
    party = make_party(office)

    assert refused(change, party, papers=("D-UNKNOWN",), name="示例新名称公司") == ["PCH-4"]


def test_only_a_registrar_changes_a_party(office: Office, paper: str) -> None:
    party = make_party(office)

    with pytest.raises(PermissionDenied):
        enter_change(party, {"name": "示例"}, papers=(paper,), by=office.li, at=LATER)


def test_v2_an_erasure_takes_every_earlier_value_and_the_papers_of_changes_too(
    office: Office, change: Callable[..., PartyChange], paper: str
) -> None:
    party = make_party(office, **PERSON)
    change(party, name="欧阳乙巳氏", address="样例市新址")
    change(party, name="欧阳丙午氏", papers=(a_paper("另一证明").reference,))
    values = {"欧阳甲辰氏", "欧阳乙巳氏", "欧阳丙午氏", "样例市新址", "370102QX7731905512"}
    assert values <= values_of(party)
    assert tables_with(values) == {"registry_opening", "registry_party"}
    assert "/name" in erasable_fields(party)
    assert not free_papers(party, at=LATER).exists()
    assert free_papers(party, at=DECADES_LATER).count() == 2

    file = instrument_path(Instrument.objects.get(reference=paper).sha256)
    assert file.exists()
    erase(office, party, DECADES_LATER)

    assert tables_with({*values, "变更证明", "另一证明"}) == set()
    assert party.is_erased
    assert not Opening.objects.exists()
    assert not file.exists()
    assert list(compare_register()) == []


def test_a_changed_value_is_disclosed_from_the_entry_that_changed_it(
    office: Office, change: Callable[..., PartyChange]
) -> None:
    party = make_party(office, **PERSON)
    made = change(party, name="欧阳乙巳氏")

    assert open_fields(made.entry)[-1] == "/name"
    text = disclose_fields(
        made.entry,
        fields=["/name"],
        recipient="示例银行",
        purpose="示例核验",
        by=office.wang,
        at=LATER,
    )

    opening = Disclosure.parse(text).openings[0]
    commitment = payload_of(made.entry)["commitments"]["/name"]
    assert check_opening(commitment, opening) == ("/name", "欧阳乙巳氏")


@pytest.fixture
def changed(office: Office, change: Callable[..., PartyChange]) -> Party:
    """Return an organisation that changed its name twice, its address and its contact once."""
    party = make_party(office, contact="示例联系人甲", address="示例旧址")
    change(party, name="示例名称二", address="示例新址")
    change(party, name="示例名称三", contact="示例联系人乙")
    assert list(compare_register()) == []
    return party


@pytest.mark.parametrize(
    ("field", "value", "kind"),
    [
        ("name", "冒名", "party.changed/1"),
        ("name", "示例名称二", "party.changed/1"),
        ("name", "示例数据科技有限公司1", "party.changed/1"),
        ("address", "示例旧址", "party.changed/1"),
        ("contact", "示例联系人甲", "party.changed/1"),
        ("identifier", "X", "party.registered/2"),
    ],
)
def test_l1_a_value_that_no_act_left_is_found_and_located(
    changed: Party, field: str, value: str, kind: str
) -> None:
    Party.objects.filter(pk=changed.pk).update(**{field: value})

    (found,) = compare_register()

    assert (found.kind, found.table, found.pk, found.column) == (
        FindingKind.ROW_ALTERED,
        "registry_party",
        str(changed.pk),
        field,
    )
    assert found.index is not None
    assert Entry.objects.get(leaf__index=found.index).kind == kind


@pytest.mark.parametrize(
    "tamper",
    [
        lambda: PartyChange.objects.filter(number=1).update(before={"name": "冒名"}),
        lambda: PartyChange.objects.filter(number=2).update(before={}),
        lambda: PartyChange.objects.filter(number=2).update(fields=["contact"]),
        lambda: PartyChange.objects.filter(number=2).update(number=7),
        lambda: PartyChange.objects.filter(number=2).delete(),
        lambda: Opening.objects.filter(path="/contact").first().delete(),  # type: ignore[union-attr] # it is there
    ],
    ids=["value before", "no value before", "fields", "number", "deleted", "opening deleted"],
)
def test_l1_what_was_changed_cannot_be_told_otherwise(
    changed: Party, tamper: Callable[[], object]
) -> None:
    tamper()

    assert list(compare_register())


def test_l1_an_audit_of_later_entries_alone_sees_the_values_that_they_left(
    changed: Party,
) -> None:
    last = Entry.objects.latest("pk").leaf.index
    assert list(compare_register(last)) == []

    Party.objects.filter(pk=changed.pk).update(name="冒名")

    assert [finding.column for finding in compare_register(last)] == ["name"]
