"""Acts of title through filings: from a draft to the entry, or refused with nothing done."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from fractions import Fraction

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.models import User
from accounts.organisations import add_member, create_organisation
from accounts.roles import Role
from audit.register import compare_register
from certificates.issuance import issue_waiting
from filings.application import content_digest
from filings.cases import CaseChangedError, CaseStateError
from filings.checklist import OF_ACTS
from filings.clocks import day_of
from filings.decision import approve
from filings.drafting import (
    ActNotOfTypeError,
    ask,
    consent_by_paper,
    consent_online,
    create_dealing,
    drop,
    state_order,
)
from filings.investigation import Decided, begin_proceeding, inquire, settle_proceeding
from filings.kinds import FilingType, Forum, Result
from filings.models import Filing, ListedItem, Paper
from filings.negative_list import enter_item, hits
from filings.objections import Objector, receive_objection
from filings.office import predicted_refusals
from filings.queries import pending_cases_on
from filings.review import Finding, accept, answer_item, exempt, pass_examination, record_checks
from filings.submission import hand_in, submit, withdraw
from filings.workflow import State
from ledger.models import Entry
from primitives.identifiers import new_reference
from primitives.rules import RulesBrokenError
from registry.kinds import InstrumentKind
from registry.models import DataAsset, Party
from rights.caution import CautionEntry
from rights.change import DescriptionChange, LimitsChange
from rights.facts import Order, Request
from rights.freeze import FreezeLifting, FreezeOrder
from rights.grant import Grant
from rights.kinds import AuthorityKind, RemarkKind, RightKind
from rights.models import Interest, Remark
from rights.objection import ObjectionConclusion, ObjectionEntry
from rights.pledge import CreatePledge
from rights.queries import interests_of
from rights.release import Release
from rights.remarks import Pledge
from rights.renewal import Renewal
from rights.surrender import Surrender
from rights.transfer import Transfer
from tests.factories import NOON, Office, declare_all, make_party, make_user, register_asset

LATER = NOON + timedelta(days=7)
COURT = Order(authority=AuthorityKind.COURT, level=2, number="（2026）示例执1号")

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def parties(office: Office) -> list[Party]:
    return [make_party(office, serial) for serial in (1, 2, 3)]


@pytest.fixture
def asset(office: Office, parties: list[Party]) -> DataAsset:
    return register_asset(office, parties[0])


def right(asset: DataAsset, kind: RightKind = RightKind.OPERATE) -> Interest:
    return next(interest for interest in interests_of(asset, at=LATER) if interest.kind == kind)


def transfer(
    asset: DataAsset, giver: Party, taker: Party, part: Fraction = Fraction(1)
) -> Transfer:
    return Transfer(
        interest=right(asset).reference,
        giver=giver.reference,
        takers={taker.reference: part},
    )


def paper(filing: Filing, kind: str, *, by: User) -> Paper:
    upload = SimpleUploadedFile(f"{kind}.txt", f"示例 {kind}".encode())
    return hand_in(filing, upload, kind=kind, title=f"示例 {kind}", by=by, at=NOON)


def draft(
    office: Office,
    filing_type: FilingType,
    *requests: Request,
    applicants: Iterable[Party],
    kinds: Iterable[str] = (),
) -> Filing:
    filing = create_dealing(filing_type, applicants=list(applicants), by=office.wang, at=NOON)
    declare_all(filing, by=office.wang)
    for request in requests:
        ask(filing, request, by=office.wang)
    required = {"IDENTITY", "CONTRACT", "CERTIFICATE", "OTHER", "ORDER", "APPLICATION_FORM"}
    for kind in sorted(required | set(kinds)):
        paper(filing, kind, by=office.wang)
    filing.refresh_from_db()
    return filing


def carry(office: Office, filing: Filing, *, at: datetime = NOON) -> Filing:
    """Take a draft to the decision."""
    submit(filing, by=office.wang, at=at)
    case = accept(filing, by=office.wang, at=at)
    if case.state == State.CLEARED:
        return case
    met = {item: Finding(is_met=True) for item in OF_ACTS}
    record_checks(case, met, by=office.li, at=at)
    case = pass_examination(case, by=office.li, at=at)
    return case if case.state == State.CLEARED else exempt(case, by=office.li, at=at, note="示例")


def decide(office: Office, case: Filing, *, by: User | None = None) -> Filing:
    shown = content_digest(Filing.objects.get(pk=case.pk))
    return approve(case, by=by or office.zhao, at=LATER, shown_digest=shown)


def register(office: Office, filing: Filing, *, at: datetime = NOON) -> Filing:
    registered = decide(office, carry(office, filing, at=at))
    assert registered.state == State.REGISTERED
    assert registered.entry is not None
    assert list(compare_register()) == []
    return registered


def test_a_transfer_moves_the_right_and_the_case_names_its_entry(
    office: Office, parties: list[Party], asset: DataAsset
) -> None:
    anne, ben, _ = parties
    filing = draft(office, FilingType.TRANSFER, transfer(asset, anne, ben), applicants=[anne, ben])
    assert (filing.name, list(filing.concerned.all())) == (asset.name, [asset])

    case = register(office, filing)

    assert {share.party for share in right(asset).shares.all()} == {ben}
    assert case.entry is not None
    assert case.entry.kind == "title.dealing/1"
    assert case.asset is None
    assert issue_waiting(at=LATER) <= 2  # of the registration, and of the change


def test_pledge_and_release_go_through_the_office(
    office: Office, parties: list[Party], asset: DataAsset
) -> None:
    anne, _, bank = parties
    pledge = CreatePledge(
        reference=new_reference("N"),
        interest=right(asset).reference,
        pledgee=bank.reference,
        valid_to=LATER + timedelta(days=300),
        pledge=Pledge(secured_fen=1_000_000_00, burdens={anne.reference: Fraction(1)}),
        words="示例：借款合同",
    )
    register(office, draft(office, FilingType.REMARK, pledge, applicants=[anne, bank]))
    assert Remark.objects.get(kind=RemarkKind.PLEDGE).party == bank

    release = Release(interest=pledge.interest, reference=pledge.reference)
    register(office, draft(office, FilingType.REMARK, release, applicants=[bank]), at=LATER)
    assert not Remark.objects.filter(kind=RemarkKind.PLEDGE, ended_by=None).exists()


def test_a_licence_a_caution_a_change_and_a_surrender_go_through_the_office(
    office: Office, parties: list[Party], asset: DataAsset
) -> None:
    anne, ben, _ = parties
    licence = Grant(
        reference=new_reference("I"),
        parent=right(asset).reference,
        kind=RightKind.USE,
        grantees={ben.reference: Fraction(1)},
        valid_from=LATER,
        valid_to=LATER + timedelta(days=365),
    )
    caution = CautionEntry(
        reference=new_reference("N"),
        interest=right(asset, RightKind.HOLD).reference,
        party=ben.reference,
        valid_to=LATER + timedelta(days=30),
        words="示例：权属纠纷提示",
    )
    register(office, draft(office, FilingType.REMARK, licence, applicants=[anne, ben]))
    register(office, draft(office, FilingType.REMARK, caution, applicants=[ben]))
    change = DescriptionChange(
        reference=new_reference("N"), asset=asset.number, after={"summary": "示例：新的概述。"}
    )
    limits = LimitsChange(
        interest=right(asset, RightKind.HOLD).reference, limits="示例：仅供内部使用"
    )
    register(office, draft(office, FilingType.CHANGE, change, limits, applicants=[anne]))
    asset.refresh_from_db()
    assert asset.summary == "示例：新的概述。"
    given_up = Surrender(interest=right(asset, RightKind.HOLD).reference)
    register(office, draft(office, FilingType.CANCELLATION, given_up, applicants=[anne]))
    assert all(one.kind != RightKind.HOLD for one in interests_of(asset, at=LATER))


def test_an_order_is_executed_by_two_persons_and_lifted_by_another_order(
    office: Office, parties: list[Party], asset: DataAsset
) -> None:
    freeze = FreezeOrder(reference=new_reference("N"), asset=asset.number, months=36)
    filing = draft(office, FilingType.ORDER, freeze, applicants=[])
    with pytest.raises(RulesBrokenError) as refusal:
        submit(filing, by=office.wang, at=NOON)
    assert [rule.number for rule in refusal.value.rules] == ["FIL-21"]
    state_order(filing, COURT, by=office.wang)
    case = carry(office, filing)
    assert case.state == State.CLEARED
    both = make_user("sun", Role.REGISTRAR, Role.APPROVER)
    with pytest.raises(PermissionDenied):
        decide(office, case, by=office.wang)
    decide(office, case, by=both)

    moving = draft(
        office,
        FilingType.TRANSFER,
        transfer(asset, parties[0], parties[1]),
        applicants=parties[:2],
    )
    against = predicted_refusals(moving, officer=office.wang, at=LATER)
    assert [rule.number for rule in against] == ["DEA-3"]
    lifting = draft(
        office,
        FilingType.ORDER,
        FreezeLifting(remark=freeze.reference, asset=asset.number),
        applicants=[],
    )
    state_order(lifting, COURT, by=office.wang)
    register(office, lifting)


def test_every_broken_rule_of_procedure_and_title_is_told_at_once(
    office: Office, parties: list[Party], asset: DataAsset
) -> None:
    _anne, ben, carl = parties
    wrong = transfer(asset, ben, carl, part=Fraction(3))
    filing = draft(office, FilingType.TRANSFER, wrong, applicants=[carl])
    submit(filing, by=office.wang, at=NOON)
    accept(filing, by=office.wang, at=NOON)
    entries = Entry.objects.count()

    with pytest.raises(RulesBrokenError) as refusal:
        pass_examination(filing, by=office.li, at=NOON)

    numbers = {rule.number for rule in refusal.value.rules}
    assert numbers == {"FIL-3", "TRF-1", "TRF-4"}
    assert Entry.objects.count() == entries
    case = Filing.objects.get(pk=filing.pk)
    told = predicted_refusals(case, officer=office.li, at=NOON)
    assert {rule.number for rule in told} == numbers


def test_fil_20_a_filing_on_what_is_registered_names_an_act(
    office: Office, parties: list[Party]
) -> None:
    filing = draft(office, FilingType.TRANSFER, applicants=parties[:2])
    with pytest.raises(RulesBrokenError) as refusal:
        submit(filing, by=office.wang, at=NOON)
    assert [rule.number for rule in refusal.value.rules] == ["FIL-20"]


def test_an_act_is_asked_for_in_its_own_type_of_filing_and_can_be_dropped(
    office: Office, parties: list[Party], asset: DataAsset
) -> None:
    filing = create_dealing(FilingType.RENEWAL, applicants=parties[:1], by=office.wang, at=NOON)
    with pytest.raises(ActNotOfTypeError, match="transfer"):
        ask(filing, transfer(asset, parties[0], parties[1]), by=office.wang)
    with pytest.raises(ActNotOfTypeError):
        state_order(filing, COURT, by=office.wang)
    moving = create_dealing(FilingType.TRANSFER, applicants=parties[:2], by=office.wang, at=NOON)
    asked = ask(moving, transfer(asset, parties[0], parties[1]), by=office.wang)
    drop(asked, by=office.wang)
    moving.refresh_from_db()
    assert (moving.name, moving.concerned.count(), moving.acts.count()) == ("", 0, 0)


def joint(office: Office, asset: DataAsset, anne: Party, ben: Party) -> Filing:
    """Return an accepted joint application, on paper, without a signed form."""
    filing = draft(office, FilingType.TRANSFER, transfer(asset, anne, ben), applicants=[anne, ben])
    filing.papers.filter(instrument__kind=InstrumentKind.APPLICATION_FORM).delete()
    submit(filing, by=office.wang, at=NOON)
    return Filing.objects.get(pk=filing.pk)


def test_fil_22_every_applicant_confirms_what_is_asked_for_now(
    office: Office, parties: list[Party], asset: DataAsset
) -> None:
    anne, ben, _ = parties
    filing = joint(office, asset, anne, ben)
    with pytest.raises(RulesBrokenError) as refusal:
        accept(filing, by=office.wang, at=NOON)
    assert [rule.number for rule in refusal.value.rules] == ["FIL-22"]

    erik = make_user("erik", Role.ENTERPRISE)
    add_member(create_organisation(name="示例受让有限公司", uscc=ben.identifier), erik)
    assert office.organisation.uscc == anne.identifier
    for party, member in ((anne, office.alice), (ben, erik)):
        with pytest.raises(PermissionDenied):
            consent_online(filing, party, by=office.charlie, at=NOON)
        consent_online(filing, party, by=member, at=NOON)
    accept(filing, by=office.wang, at=NOON)

    given = filing.given_consents.get(party=ben)
    given.dealing = "0" * 64
    given.save()
    told = predicted_refusals(filing, officer=office.li, at=NOON)
    assert "DEA-6" in {rule.number for rule in told}


def test_e3_a_consent_on_paper_is_void_once_something_else_is_asked_for(
    office: Office, parties: list[Party], asset: DataAsset
) -> None:
    anne, ben, _ = parties
    filing = draft(office, FilingType.TRANSFER, transfer(asset, anne, ben), applicants=[anne, ben])
    filing.papers.filter(instrument__kind=InstrumentKind.APPLICATION_FORM).delete()
    for party in (anne, ben):
        signed = paper(filing, "CONSENT", by=office.wang)
        consent_by_paper(filing, signed, party, by=office.wang, at=NOON)
    submit(filing, by=office.wang, at=NOON)
    case = Filing.objects.get(pk=filing.pk)
    told = {rule.number for rule in predicted_refusals(case, officer=office.wang, at=NOON)}
    assert told == set()

    filing.acts.update(asked=_narrower(filing))
    told = {rule.number for rule in predicted_refusals(case, officer=office.wang, at=NOON)}
    assert told == {"FIL-22", "DEA-6"}


def test_fil_22_a_form_that_an_applicant_handed_in_does_not_speak_for_the_others(
    office: Office, parties: list[Party], asset: DataAsset
) -> None:
    anne, ben, _ = parties
    filing = joint(office, asset, anne, ben)
    Filing.objects.filter(pk=filing.pk).update(state=State.CORRECTION_REQUESTED)
    paper(filing, "APPLICATION_FORM", by=office.alice)
    Filing.objects.filter(pk=filing.pk).update(state=State.SUBMITTED)

    with pytest.raises(RulesBrokenError) as refusal:
        accept(filing, by=office.wang, at=NOON)

    assert [rule.number for rule in refusal.value.rules] == ["FIL-22"]


def test_a_stranger_consents_to_nothing(
    office: Office, parties: list[Party], asset: DataAsset
) -> None:
    anne, ben, stranger = parties
    filing = joint(office, asset, anne, ben)
    member = make_user("erik", Role.ENTERPRISE)
    add_member(create_organisation(name="示例旁人有限公司", uscc=stranger.identifier), member)

    with pytest.raises(PermissionDenied):
        consent_online(filing, stranger, by=member, at=NOON)

    assert not filing.given_consents.exists()


def _narrower(filing: Filing) -> dict[str, object]:
    asked: dict[str, object] = filing.acts.get().asked
    return asked | {"takers": dict.fromkeys(filing.acts.get().asked["takers"], "1/2")}


def test_w5_a_draft_is_judged_again_on_what_was_entered_since(
    office: Office, parties: list[Party], asset: DataAsset
) -> None:
    anne, ben, carl = parties
    first, second = (
        carry(
            office,
            draft(
                office, FilingType.TRANSFER, transfer(asset, anne, taker), applicants=[anne, taker]
            ),
        )
        for taker in (ben, carl)
    )
    assert pending_cases_on(asset) == 2
    decide(office, first)

    with pytest.raises(RulesBrokenError) as refusal:
        decide(office, second)

    assert "TRF-1" in {rule.number for rule in refusal.value.rules}
    assert Filing.objects.get(pk=second.pk).state == State.CLEARED
    assert pending_cases_on(asset) == 1
    withdraw(second, by=office.wang, at=LATER, note="示例")
    assert list(compare_register()) == []


def test_w10_a_case_is_entered_once(office: Office, parties: list[Party], asset: DataAsset) -> None:
    case = carry(
        office,
        draft(
            office,
            FilingType.TRANSFER,
            transfer(asset, parties[0], parties[1]),
            applicants=parties[:2],
        ),
    )
    shown = content_digest(Filing.objects.get(pk=case.pk))
    approve(case, by=office.zhao, at=LATER, shown_digest=shown)
    entries = Entry.objects.count()

    with pytest.raises(CaseStateError):
        approve(case, by=office.zhao, at=LATER, shown_digest=shown)

    assert Entry.objects.count() == entries


def test_the_window_of_a_renewal_is_the_profile_s(
    office: Office, parties: list[Party], asset: DataAsset
) -> None:
    own = right(asset)
    five_months_before = own.valid_to - timedelta(days=150)
    renewal = Renewal(
        interest=own.reference,
        valid_to=own.valid_to + timedelta(days=300),
        filed_at=five_months_before,
    )
    filing = draft(office, FilingType.RENEWAL, renewal, applicants=[parties[0]])

    def told() -> list[str]:
        case = Filing.objects.get(pk=filing.pk)
        against = predicted_refusals(case, officer=office.wang, at=five_months_before)
        return [rule.number for rule in against]

    assert told() == []
    Filing.objects.filter(pk=filing.pk).update(profile="neutral")
    assert told() == ["REN-1"]


def listed(office: Office, term: str) -> ListedItem:
    return enter_item(
        "示例：逐户数据",
        terms=[term],
        source="示例规则第一条",
        valid_from=day_of(NOON),
        by=office.wang,
        at=NOON,
    )


@pytest.mark.parametrize("filing_type", [FilingType.TRANSFER, FilingType.CHANGE])
def test_fil_31_what_circulates_or_is_described_anew_is_held_against_the_negative_list(
    office: Office, parties: list[Party], asset: DataAsset, filing_type: FilingType
) -> None:
    anne, ben, _ = parties
    request: Request
    if filing_type == FilingType.TRANSFER:
        request, applicants = transfer(asset, anne, ben), [anne, ben]
        item = listed(office, asset.name[:6])
    else:
        after = {"summary": "示例：改为逐户列明"}
        request, applicants = (
            DescriptionChange(reference=new_reference("N"), asset=asset.number, after=after),
            [anne],
        )
        item = listed(office, "逐户列明")
    filing = draft(office, filing_type, request, applicants=applicants)
    with pytest.raises(RulesBrokenError) as refusal:
        carry(office, filing)
    assert [rule.number for rule in refusal.value.rules] == ["FIL-31"]

    case = Filing.objects.get(pk=filing.pk)
    answer_item(case, item, applies=False, reason="示例：汇总数据", by=office.li, at=NOON)
    case = pass_examination(case, by=office.li, at=NOON)
    if case.state != State.CLEARED:
        case = exempt(case, by=office.li, at=NOON, note="示例")
    shown = content_digest(Filing.objects.get(pk=case.pk))
    answer_item(case, item, applies=False, reason="示例：另一理由", by=office.li, at=NOON)
    with pytest.raises(CaseChangedError):
        approve(case, by=office.zhao, at=LATER, shown_digest=shown)
    assert decide(office, case).state == State.REGISTERED


def test_who_gives_a_right_up_does_not_circulate_data(
    office: Office, parties: list[Party], asset: DataAsset
) -> None:
    listed(office, asset.name[:6])
    filing = draft(
        office,
        FilingType.CANCELLATION,
        Surrender(interest=right(asset).reference),
        applicants=parties[:1],
    )
    assert hits(filing, at=NOON) == []


def test_fil_44_the_mark_of_an_objection_stays_until_the_suit_about_it_has_a_result(
    office: Office, parties: list[Party], asset: DataAsset
) -> None:
    ben = parties[1]
    mark = ObjectionEntry(
        reference=new_reference("N"), asset=asset.number, party=ben.reference, words="示例：异议"
    )
    register(office, draft(office, FilingType.REMARK, mark, applicants=[ben]))
    objection, _code = receive_objection(
        Filing.objects.get(asset=asset),
        SimpleUploadedFile("evidence.txt", "示例".encode()),
        objector=Objector(name=ben.name, contact="示例"),
        ground="示例：权属有争议",
        at=LATER,
    )
    suit = begin_proceeding(
        objection,
        forum=Forum.COURT,
        body="示例人民法院",
        number="（2026）示例1号",
        begun_on=NOON.date(),
        by=office.li,
        at=LATER,
    )
    end = ObjectionConclusion(remark=mark.reference, asset=asset.number)
    case = carry(office, draft(office, FilingType.REMARK, end, applicants=[ben]))

    with pytest.raises(RulesBrokenError) as refusal:
        decide(office, case)
    assert [rule.number for rule in refusal.value.rules] == ["FIL-44"]
    assert Remark.objects.filter(kind=RemarkKind.OBJECTION, ended_by=None).exists()

    judgment = Decided(result=Result.REJECTED, document="示例判", effective_on=LATER.date())
    settle_proceeding(
        suit,
        judgment,
        SimpleUploadedFile("judgment.txt", "示例判决".encode()),
        by=office.li,
        at=LATER,
    )
    assert decide(office, case).state == State.REGISTERED
    assert not Remark.objects.filter(kind=RemarkKind.OBJECTION, ended_by=None).exists()


def test_fil_9_who_belongs_to_a_later_holder_has_no_hand_in_an_objection_to_the_data(
    office: Office, parties: list[Party], asset: DataAsset
) -> None:
    anne, ben, _ = parties
    objection, _code = receive_objection(
        Filing.objects.get(asset=asset),
        SimpleUploadedFile("evidence.txt", "示例".encode()),
        objector=Objector(name="示例", contact="示例"),
        ground="示例：权属有争议",
        at=LATER,
    )
    sun = make_user("sun", Role.EXAMINER)
    add_member(create_organisation(name=ben.name, uscc=ben.identifier), sun)
    inquire(objection, words="示例", by=sun, at=LATER)
    register(
        office,
        draft(office, FilingType.TRANSFER, transfer(asset, anne, ben), applicants=[anne, ben]),
    )

    with pytest.raises(RulesBrokenError) as refusal:
        inquire(objection, words="示例", by=sun, at=LATER)
    assert [rule.number for rule in refusal.value.rules] == ["FIL-9"]
