"""ERA rules and the act of erasure: the values are gone, every proof stays, the audit is clean."""

import json
from datetime import datetime
from fractions import Fraction
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile

from audit.files import check_files
from audit.log import check_log
from audit.register import compare_register
from certificates.queries import log_verifier_key
from filings.erasure import (
    ErasureStateError,
    approve_erasure,
    free_papers,
    refuse_erasure,
    request_erasure,
)
from filings.models import Filing
from filings.review import accept, refuse
from filings.submission import hand_in, submit
from ledger.models import Entry
from ledger.proofs import prove_entry
from primitives.rules import RulesBrokenError
from registry.erasure import ERASURE_RULES, ErasureFacts
from registry.instruments import instrument_path
from registry.kinds import ErasureGround, IdentifierScheme, InstrumentKind, PartyKind
from registry.models import Erasure, Instrument, Opening, Party
from rights.kinds import RightKind
from tests.factories import (
    NOON,
    PAPER_KINDS,
    Office,
    bring_to_publicity,
    claim,
    decide,
    make_draft,
    make_party,
    name_applicants,
)
from tlog.note import VerifierKey
from tlog.proof import verify_proof

SEEDS = {
    "name": "欧阳甲辰氏",
    "identifier": "370102QX7731905512",
    "address": "样例市虚构路四千零七号",
    "contact": "seed-mail@qx7731.example 0531-77319055",
    "legal_representative": "端木乙巳氏",
    "business_status": "虚构状态七七三一",
}
PAPER_TITLE = "欧阳甲辰氏之身份证件影印"
PAPER_CONTENT = "身份证 欧阳甲辰氏 370102QX7731905512"
YEARS_LATER = NOON.replace(year=2032)
DECADES_LATER = NOON.replace(year=2060)

FACTS = ErasureFacts(
    requested_by="U-1",
    decided_by="U-2",
    holds_right=False,
    is_in_open_case=False,
    fields=("/name",),
    words="依本人申请",
    values=frozenset({"欧阳甲辰氏"}),
    papers=frozenset(),
    free_papers=frozenset(),
)


def person(office: Office, **changes: Any) -> Party:
    return make_party(
        office,
        **{
            "kind": PartyKind.NATURAL,
            "identifier_scheme": IdentifierScheme.RESIDENT_ID,
            **SEEDS,
            **changes,
        },
    )


def file_case(office: Office, party: Party, data: bytes = b"data") -> Filing:
    filing = make_draft(office, data=data)
    name_applicants(filing, party)
    claim(filing, RightKind.USE, [(party, Fraction(1))])
    for kind in PAPER_KINDS:
        is_identity = kind == InstrumentKind.IDENTITY
        content = PAPER_CONTENT if is_identity else f"示例 {kind}"
        file = SimpleUploadedFile(f"{PAPER_TITLE if is_identity else kind}.txt", content.encode())
        title = PAPER_TITLE if is_identity else f"示例{kind}"
        hand_in(filing, file, kind=kind, title=title, by=office.wang, at=NOON)
    return filing


def refused_case(office: Office, party: Party) -> Filing:
    filing = file_case(office, party)
    submit(filing, by=office.wang, at=NOON)
    accept(filing, by=office.wang, at=NOON)
    return refuse(filing, by=office.li, at=NOON, note="示例：不符合条件")


def registered_case(office: Office, party: Party) -> Filing:
    filing = file_case(office, party)
    decide(office, bring_to_publicity(office, filing))
    return Filing.objects.get(pk=filing.pk)


def ask(office: Office, party: Party, at: datetime, **changes: Any) -> Erasure:
    asked: dict[str, Any] = {"words": "依本人申请", "papers": [], **changes}
    return request_erasure(
        party, ground=ErasureGround.PURPOSE_ENDED, by=office.wang, at=at, **asked
    )


def erase(office: Office, party: Party, at: datetime) -> Erasure:
    papers = [paper.reference for paper in free_papers(party, at=at)]
    return approve_erasure(ask(office, party, at, papers=papers), by=office.zhao, at=at)


def refused(erasure: Any) -> list[str]:
    with pytest.raises(RulesBrokenError) as refusal:
        erasure()
    return [rule.number for rule in refusal.value.rules]


def findings() -> list[Any]:
    return [*check_log(), *compare_register(), *check_files()]


@pytest.mark.parametrize(
    ("number", "change"),
    [
        ("ERA-1", {"holds_right": True}),
        ("ERA-2", {"is_in_open_case": True}),
        ("ERA-3", {"decided_by": "U-1"}),
        ("ERA-4", {"fields": ()}),
        ("ERA-5", {"words": "依欧阳甲辰氏申请"}),
        ("ERA-6", {"papers": frozenset({"D-1"})}),
    ],
)
def test_each_rule_stands_alone(number: str, change: dict[str, Any]) -> None:
    facts = ErasureFacts(**{name: getattr(FACTS, name) for name in FACTS.__slots__} | change)

    assert [rule.number for rule in ERASURE_RULES if not rule.holds(facts)] == [number]
    assert all(rule.holds(FACTS) for rule in ERASURE_RULES)


@pytest.mark.django_db
def test_era_1_a_holder_of_a_right_in_force_is_not_erased(office: Office) -> None:
    party = person(office)
    registered_case(office, party)

    assert refused(lambda: ask(office, party, NOON)) == ["ERA-1"]
    assert ask(office, party, YEARS_LATER).is_open


@pytest.mark.django_db
def test_era_2_a_party_to_an_open_case_is_not_erased(office: Office) -> None:
    party = person(office)
    file_case(office, party)

    assert refused(lambda: ask(office, party, NOON)) == ["ERA-2"]


@pytest.mark.django_db
def test_era_2_a_case_that_opened_meanwhile_stops_the_approval(office: Office) -> None:
    party = person(office)
    erasure = ask(office, party, NOON)
    file_case(office, party)

    assert refused(lambda: approve_erasure(erasure, by=office.zhao, at=NOON)) == ["ERA-2"]
    assert Party.objects.get().name == SEEDS["name"]
    assert not Entry.objects.filter(kind="party.erased/1").exists()


@pytest.mark.django_db
def test_era_3_nobody_approves_their_own_request(office: Office) -> None:
    erasure = ask(office, person(office), NOON)

    with pytest.raises(PermissionDenied):
        approve_erasure(erasure, by=office.wang, at=NOON)
    Erasure.objects.update(requested_by=office.zhao)
    erasure.refresh_from_db()
    assert refused(lambda: approve_erasure(erasure, by=office.zhao, at=NOON)) == ["ERA-3"]


@pytest.mark.django_db
def test_only_a_registrar_requests_an_erasure(office: Office) -> None:
    with pytest.raises(PermissionDenied):
        request_erasure(
            person(office),
            ground=ErasureGround.BY_LAW,
            words="",
            papers=[],
            by=office.zhao,
            at=NOON,
        )


@pytest.mark.django_db
def test_era_4_what_is_erased_cannot_be_erased_again(office: Office) -> None:
    party = person(office)
    erase(office, party, NOON)

    assert refused(lambda: ask(office, Party.objects.get(), NOON)) == ["ERA-4"]


@pytest.mark.django_db
def test_era_5_the_ground_in_words_names_nobody(office: Office) -> None:
    party = person(office)

    assert refused(lambda: ask(office, party, NOON, words=f"依{SEEDS['name']}申请")) == ["ERA-5"]


@pytest.mark.django_db
def test_era_6_papers_of_a_registered_case_stay_for_their_years(office: Office) -> None:
    party = person(office)
    paper = registered_case(office, party).papers.get(instrument__kind=InstrumentKind.IDENTITY)
    papers = [paper.instrument.reference]

    assert refused(lambda: ask(office, party, YEARS_LATER, papers=papers)) == ["ERA-6"]
    assert ask(office, party, DECADES_LATER, papers=papers).is_open


@pytest.mark.django_db
def test_era_6_no_other_paper_goes(office: Office) -> None:
    party = person(office)
    paper = refused_case(office, party).papers.get(instrument__kind=InstrumentKind.DATA_SAMPLE)

    assert refused(lambda: ask(office, party, NOON, papers=[paper.instrument.reference])) == [
        "ERA-6"
    ]


@pytest.mark.django_db
def test_a_refused_request_erases_nothing_and_makes_room_for_another(office: Office) -> None:
    party = person(office)
    erasure = ask(office, party, NOON)
    with pytest.raises(ErasureStateError):
        ask(office, party, NOON)

    refuse_erasure(erasure, by=office.zhao, at=NOON)

    assert Party.objects.get().name == SEEDS["name"]
    with pytest.raises(ErasureStateError):
        approve_erasure(erasure, by=office.zhao, at=NOON)
    assert ask(office, party, NOON).is_open
    assert findings() == []


@pytest.mark.django_db
def test_v2_an_erasure_is_an_act_with_its_ground_and_no_value(office: Office) -> None:
    party = person(office)
    before = [prove_entry(entry) for entry in Entry.objects.order_by("pk")]

    erase(office, party, NOON)

    entry = Entry.objects.get(kind="party.erased/1")
    content = json.loads(bytes(entry.content))
    assert content["keys"] == {f"party:{party.reference}": 2}
    assert (content["actor"], content["officer"]) == (office.wang.reference, office.zhao.reference)
    assert content["payload"] == {
        "party": party.reference,
        "fields": sorted(f"/{field}" for field in SEEDS),
        "instruments": [],
        "ground": "PURPOSE_ENDED",
        "words": "依本人申请",
    }
    assert not Opening.objects.exists()
    for proof in before:
        assert proof.extra is not None
        verify_proof(proof, entry=proof.extra, log_key=log_key())
        verify_proof(
            prove_entry(Entry.objects.get(leaf__index=proof.index)),
            entry=proof.extra,
            log_key=log_key(),
        )
    assert findings() == []


@pytest.mark.django_db
def test_the_same_person_may_be_entered_anew(office: Office) -> None:
    erase(office, person(office), NOON)

    again = person(office)

    assert again.name == SEEDS["name"]
    assert Party.objects.count() == 2
    assert findings() == []


@pytest.mark.django_db
def test_reg_14_an_erased_party_gets_no_right(office: Office) -> None:
    party = person(office)
    erase(office, party, NOON)
    filing = file_case(office, Party.objects.get())

    with pytest.raises(RulesBrokenError) as refusal:
        bring_to_publicity(office, filing)
    assert [rule.number for rule in refusal.value.rules] == ["REG-14"]


@pytest.mark.django_db
def test_reg_14_an_erased_party_is_not_made_responsible(office: Office) -> None:
    erased, holder = person(office), make_party(office, 2)
    filing = file_case(office, holder)
    erase(office, erased, NOON)
    filing.responsibilities.filter(stage="COLLECT").update(party=erased)

    with pytest.raises(RulesBrokenError) as refusal:
        bring_to_publicity(office, filing)
    assert [rule.number for rule in refusal.value.rules] == ["REG-14"]


@pytest.mark.django_db
def test_era_2_an_open_case_that_names_a_party_responsible_stands_against_its_erasure(
    office: Office,
) -> None:
    party, holder = person(office), make_party(office, 2)
    file_case(office, holder).responsibilities.filter(stage="USE").update(party=party)

    assert refused(lambda: ask(office, party, NOON)) == ["ERA-2"]


@pytest.mark.django_db
def test_of_an_organisation_only_its_persons_are_erased(office: Office) -> None:
    party = make_party(office, contact=SEEDS["contact"], legal_representative=SEEDS["name"])

    erase(office, party, NOON)

    erased = Party.objects.get()
    assert (erased.contact, erased.legal_representative) == ("", "")
    assert erased.name == party.name
    assert not erased.is_erased
    assert findings() == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("change", "table"),
    [
        (lambda: Party.objects.update(name=SEEDS["name"]), "registry_party"),
        (lambda: Erasure.objects.update(words="x"), "registry_erasure"),
        (lambda: Erasure.objects.update(ground="BY_LAW"), "registry_erasure"),
        (lambda: Erasure.objects.update(instruments=["D-1"]), "registry_erasure"),
        (lambda: Erasure.objects.all().delete(), "registry_erasure"),
    ],
    ids=["name", "words", "ground", "instruments", "deleted"],
)
def test_what_is_changed_after_an_erasure_is_found(office: Office, change: Any, table: str) -> None:
    erase(office, person(office), NOON)

    change()

    assert table in {finding.table for finding in findings()}


@pytest.mark.django_db
def test_an_opening_that_is_there_after_erasure_is_found(office: Office) -> None:
    party = person(office)
    kept = Opening.objects.get(path="/name")
    erase(office, party, NOON)

    Opening.objects.create(entry=kept.entry, path=kept.path, disclosure=kept.disclosure)

    assert [finding.table for finding in findings()] == ["registry_party"]


@pytest.mark.django_db
def test_a_party_blanked_without_an_act_is_found(office: Office) -> None:
    party = person(office)
    Party.objects.update(**dict.fromkeys(SEEDS, ""))
    Opening.objects.all().delete()
    assert {finding.table for finding in findings()} == {"registry_party"}

    Erasure.objects.create(
        party=party,
        ground="BY_LAW",
        fields=[f"/{field}" for field in sorted(SEEDS)],
        requested_by=office.wang,
        requested_at=NOON,
        decided_by=office.zhao,
        decided_at=NOON,
        entry=party.entry,
    )
    assert {finding.table for finding in findings()} == {"registry_erasure"}


@pytest.mark.django_db
def test_the_papers_of_a_refused_case_go_whole(office: Office) -> None:
    party = person(office)
    paper = refused_case(office, party).papers.get(instrument__kind=InstrumentKind.IDENTITY)
    stored = instrument_path(paper.instrument.sha256)
    assert stored.exists()

    erase(office, party, NOON)

    instrument = Instrument.objects.get(pk=paper.instrument.pk)
    assert not stored.exists()
    assert (instrument.title, instrument.file_name, instrument.sha256) == ("", "", "")
    assert "erased" in str(instrument)
    assert findings() == []


@pytest.mark.django_db
def test_a_file_that_is_also_another_paper_stays(office: Office) -> None:
    party, other = person(office), make_party(office, 5)
    refused_case(office, party)
    file_case(office, other, data=b"other")

    erase(office, party, NOON)

    assert instrument_path(Instrument.objects.get(title=PAPER_TITLE).sha256).exists()
    assert findings() == []


@pytest.mark.django_db
def test_the_papers_of_a_registered_case_go_after_their_years(office: Office) -> None:
    party = person(office)
    registered_case(office, party)
    assert findings() == []

    erase(office, party, DECADES_LATER)

    instrument = Instrument.objects.get(kind=InstrumentKind.IDENTITY)
    assert (instrument.title, instrument.sha256, instrument.size_bytes) == ("", "", 0)
    assert not Opening.objects.filter(path__startswith="/instruments/0/").exists()
    assert findings() == []
    instrument.title = PAPER_TITLE
    instrument.save()
    assert [finding.table for finding in findings()] == ["registry_instrument"]


@pytest.mark.django_db
def test_a_paper_that_no_act_erased_is_missed_whatever_its_row_says(office: Office) -> None:
    party, other = person(office), make_party(office, 5)
    registered_case(office, other)
    erase(office, party, NOON)
    instrument = Instrument.objects.filter(kind=InstrumentKind.IDENTITY)[0]

    instrument_path(instrument.sha256).unlink()
    Instrument.objects.filter(pk=instrument.pk).update(erasure=Erasure.objects.get())

    assert [finding.pk for finding in findings()] == [str(instrument.pk)]


def log_key() -> VerifierKey:
    return VerifierKey.parse(log_verifier_key())
