"""A case on its way: who may do what, what is refused, and that a refusal leaves nothing behind."""

from collections.abc import Callable
from datetime import datetime, timedelta
from fractions import Fraction

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from pytest_django import Settings

from accounts.models import Organisation
from accounts.organisations import add_member
from accounts.roles import Role, assign_roles
from audit.register import compare_register
from filings.application import content_digest
from filings.cases import (
    CaseStateError,
    NoteMissingError,
    lock_case,
    step_by_itself,
    step_on_objection,
)
from filings.checklist import CheckItem
from filings.decision import approve
from filings.models import ClaimedSource, Filing, FusionParticipant, Paper
from filings.queries import cases_of, possible_actions
from filings.review import (
    Finding,
    accept,
    decline,
    exempt,
    extend,
    pass_examination,
    publicise,
    record_checks,
    refuse,
    request_correction,
    request_supplement,
    terminate,
)
from filings.submission import hand_in, revise, submit, supply, take_back, withdraw
from filings.work_list import WorkList
from filings.workflow import FINAL, TRANSITIONS, Action, State, actions_from
from ledger.models import Entry
from primitives.rules import RulesBrokenError
from registry.instruments import InstrumentRefusedError, instrument_path
from registry.models import (
    AssetVersion,
    DataAsset,
    Derivation,
    ExternalSource,
    Instrument,
    Party,
)
from rights.kinds import RightKind
from rights.models import Interest
from tests.factories import (
    BEFORE,
    NOON,
    TODAY,
    Office,
    bring_to_examination,
    bring_to_publicity,
    claim,
    decide,
    derive_from,
    hand_in_papers,
    make_complete_draft,
    make_draft,
    make_party,
    make_user,
    name_applicants,
    register_asset,
)


def refused_numbers(refusal: pytest.ExceptionInfo[RulesBrokenError]) -> list[str]:
    return [rule.number for rule in refusal.value.rules]


def paper(
    office: Office, filing: Filing, upload: SimpleUploadedFile, *, kind: str = "OTHER"
) -> Paper:
    return hand_in(filing, upload, kind=kind, title="示例", by=office.wang, at=NOON)


@pytest.fixture
def submitted(office: Office) -> Filing:
    return submit(make_complete_draft(office, make_party(office)), by=office.wang, at=NOON)


@transaction.atomic
def by_itself(filing: Filing, action: Action) -> None:
    step_by_itself(lock_case(filing.pk), action, at=NOON)


@transaction.atomic
def on_objection(filing: Filing, action: Action) -> None:
    step_on_objection(lock_case(filing.pk), action, by=None, at=NOON, note="x")


def test_every_state_but_the_final_ones_has_a_way_on() -> None:
    ends = {state for state in State if not actions_from(state)}
    assert ends == FINAL


@pytest.mark.parametrize("action", TRANSITIONS)
def test_a_step_is_refused_from_every_state_that_the_table_does_not_name(
    office: Office, submitted: Filing, action: Action
) -> None:
    steps: dict[Action, Callable[[], object]] = {
        Action.SUBMIT: lambda: submit(submitted, by=office.wang, at=NOON),
        Action.REQUEST_CORRECTION: lambda: request_correction(
            submitted, by=office.wang, at=NOON, note="x"
        ),
        Action.DECLINE: lambda: decline(submitted, by=office.wang, at=NOON, note="x"),
        Action.ACCEPT: lambda: accept(submitted, by=office.wang, at=NOON),
        Action.EXAMINE: lambda: pass_examination(submitted, by=office.li, at=NOON),
        Action.PUBLICISE: lambda: publicise(submitted, by=office.li, at=NOON),
        Action.REGISTER: lambda: approve(
            submitted, by=office.zhao, at=NOON, shown_digest=content_digest(submitted)
        ),
        Action.DEEM_ACCEPTED: lambda: by_itself(submitted, Action.DEEM_ACCEPTED),
        Action.LAPSE: lambda: by_itself(submitted, Action.LAPSE),
        Action.CLEAR: lambda: by_itself(submitted, Action.CLEAR),
        Action.SUPPLY: lambda: supply(submitted, by=office.alice, at=NOON),
        Action.REQUEST_SUPPLEMENT: lambda: request_supplement(
            submitted, by=office.li, at=NOON, note="x"
        ),
        Action.EXTEND: lambda: extend(submitted, by=office.li, at=NOON, note="x"),
        Action.EXEMPT: lambda: exempt(submitted, by=office.li, at=NOON, note="x"),
        Action.OBJECT: lambda: on_objection(submitted, Action.OBJECT),
        Action.RESOLVE: lambda: on_objection(submitted, Action.RESOLVE),
        Action.TERMINATE: lambda: terminate(submitted, by=office.li, at=NOON, note="x"),
        Action.REFUSE: lambda: refuse(submitted, by=office.zhao, at=NOON, note="x"),
        Action.WITHDRAW: lambda: withdraw(submitted, by=office.wang, at=NOON, note="x"),
    }
    for state in set(State) - TRANSITIONS[action].sources - {State.REGISTERED}:
        Filing.objects.update(state=state)

        with pytest.raises(CaseStateError):
            steps[action]()

        assert Filing.objects.get().state == state


def test_a_draft_without_papers_is_not_submitted(office: Office) -> None:
    filing = make_draft(office)

    with pytest.raises(RulesBrokenError) as refusal:
        submit(filing, by=office.wang, at=NOON)

    assert refused_numbers(refusal) == ["FIL-1", "FIL-8"]
    assert Filing.objects.get().state == State.DRAFT


def test_correction_is_asked_for_once_and_answered(office: Office, submitted: Filing) -> None:
    request_correction(submitted, by=office.wang, at=NOON, note="示例：请补充数据样例")
    upload = SimpleUploadedFile("more.txt", b"more")
    hand_in(submitted, upload, kind="DATA_SAMPLE", title="示例样例", by=office.alice, at=NOON)
    submit(submitted, by=office.alice, at=NOON)

    with pytest.raises(RulesBrokenError) as refusal:
        request_correction(submitted, by=office.wang, at=NOON, note="x")

    assert refused_numbers(refusal) == ["FIL-7"]
    assert Filing.objects.get().state == State.SUBMITTED


def test_a_ground_is_needed_to_decline(office: Office, submitted: Filing) -> None:
    with pytest.raises(NoteMissingError):
        decline(submitted, by=office.wang, at=NOON, note="  ")

    assert Filing.objects.get().state == State.SUBMITTED


def test_a_step_needs_its_role(office: Office, submitted: Filing) -> None:
    for person in (office.li, office.zhao, office.alice, office.charlie):
        with pytest.raises(PermissionDenied):
            accept(submitted, by=person, at=NOON)


def test_a_demoted_officer_can_do_nothing_from_the_next_step_on(
    office: Office, submitted: Filing
) -> None:
    office.wang.is_active = False
    office.wang.save()

    with pytest.raises(PermissionDenied):
        accept(submitted, by=office.wang, at=NOON)


def test_w4_ac_06_a_person_with_every_role_still_cannot_do_two_steps(
    office: Office, submitted: Filing
) -> None:
    assign_roles(office.wang, [Role.EXAMINER, Role.APPROVER])
    assign_roles(office.li, [Role.APPROVER])
    bring = accept(submitted, by=office.wang, at=NOON)

    with pytest.raises(RulesBrokenError) as refusal:
        pass_examination(bring, by=office.wang, at=NOON)
    assert "FIL-5" in refused_numbers(refusal)

    Filing.objects.update(state=State.SUBMITTED)
    submitted.steps.filter(action=Action.ACCEPT).delete()
    Filing.objects.update(state=State.DRAFT)
    bring_to_publicity(office, Filing.objects.get())
    for person in (office.wang, office.li):
        with pytest.raises(RulesBrokenError) as refusal:
            approve(
                Filing.objects.get(),
                by=person,
                at=NOON,
                shown_digest=content_digest(Filing.objects.get()),
            )
        assert refused_numbers(refusal) == ["FIL-4"]
    assert not DataAsset.objects.exists()


def test_nobody_is_offered_a_step_that_separation_of_duties_forbids(
    office: Office, submitted: Filing
) -> None:
    assign_roles(office.wang, [Role.EXAMINER, Role.APPROVER])
    accepted = accept(submitted, by=office.wang, at=NOON)

    assert Action.EXAMINE not in possible_actions(accepted, office.wang)
    assert Action.EXAMINE in possible_actions(accepted, office.li)


def test_w4_whoever_answered_the_checklist_has_examined(office: Office) -> None:
    other = make_user("sun", Role.EXAMINER, Role.APPROVER)
    filing = bring_to_examination(office, make_complete_draft(office, make_party(office)))
    record_checks(filing, {CheckItem.NO_DISPUTE: Finding(is_met=True)}, by=other, at=NOON)
    pass_examination(filing, by=office.li, at=NOON)
    case = publicise(filing, by=office.li, at=BEFORE)

    assert case not in WorkList(other, today=TODAY).waiting()
    assert case in WorkList(office.zhao, today=TODAY).waiting()
    with pytest.raises(RulesBrokenError) as refusal:
        approve(case, by=other, at=NOON, shown_digest=content_digest(case))
    assert refused_numbers(refusal) == ["FIL-4"]


def test_w4_an_answer_is_not_forgotten_when_another_examiner_answers_again(
    office: Office,
) -> None:
    other = make_user("sun", Role.EXAMINER, Role.APPROVER)
    filing = make_complete_draft(office, make_party(office))
    submit(filing, by=office.wang, at=NOON)
    accept(filing, by=office.wang, at=NOON)
    findings = {item: Finding(is_met=True) for item in CheckItem}
    for examiner in (other, office.li):
        record_checks(filing, findings, by=examiner, at=NOON)
    pass_examination(filing, by=office.li, at=NOON)
    case = publicise(filing, by=office.li, at=BEFORE)

    with pytest.raises(RulesBrokenError) as refusal:
        approve(case, by=other, at=NOON, shown_digest=content_digest(case))
    assert refused_numbers(refusal) == ["FIL-4"]


def test_a_later_answer_to_an_item_takes_the_place_of_the_earlier(office: Office) -> None:
    other, later = make_user("sun", Role.EXAMINER), NOON + timedelta(hours=1)
    filing = bring_to_examination(office, make_complete_draft(office, make_party(office)))
    answer = Finding(is_met=False, note="示例")
    record_checks(filing, {CheckItem.NO_DISPUTE: answer}, by=other, at=later)

    check = filing.checks.get(item=CheckItem.NO_DISPUTE)
    assert (check.is_met, check.note, check.checked_by, check.checked_at) == (
        False,
        "示例",
        other,
        later,
    )
    assert filing.checks.count() == len(CheckItem)


@pytest.mark.parametrize("part", ["revises", "hands in", "submits"])
def test_w4_whoever_changes_hands_in_or_submits_has_filed(office: Office, part: str) -> None:
    other = make_user("sun", Role.REGISTRAR, Role.EXAMINER, Role.APPROVER)
    filing = make_complete_draft(office, make_party(office))
    if part == "revises":
        revise(filing, by=other)
    if part == "hands in":
        upload = SimpleUploadedFile("x.txt", b"x")
        hand_in(filing, upload, kind="OTHER", title="示例", by=other, at=NOON)
    submit(filing, by=other if part == "submits" else office.wang, at=NOON)
    accepted = accept(filing, by=office.wang, at=NOON)

    assert Action.EXAMINE not in possible_actions(accepted, other)
    assert accepted not in WorkList(other, today=TODAY).waiting()
    with pytest.raises(RulesBrokenError) as refusal:
        record_checks(accepted, {CheckItem.NO_DISPUTE: Finding(is_met=True)}, by=other, at=NOON)
    assert refused_numbers(refusal) == ["FIL-5"]


@pytest.mark.parametrize("is_named", [True, False])
def test_fil_9_a_member_of_the_applicant_takes_no_step_of_the_office(
    office: Office,
    is_named: bool,  # noqa: FBT001 # a parameter of the test
) -> None:
    member = make_user("sun", Role.EXAMINER, Role.APPROVER)
    add_member(office.organisation, member)
    applicant = make_party(office, identifier=office.organisation.uscc)
    filing = make_complete_draft(office, applicant)
    if not is_named:
        filing.organisation = None
        revise(filing, by=office.wang)
    submit(filing, by=office.wang, at=NOON)
    accepted = accept(filing, by=office.wang, at=NOON)

    assert possible_actions(accepted, member) == []
    assert accepted not in WorkList(member, today=TODAY).waiting()
    with pytest.raises(RulesBrokenError) as refusal:
        refuse(accepted, by=member, at=NOON, note="示例")
    assert refused_numbers(refusal) == ["FIL-9"]


def test_another_account_follows_the_case_once_the_draft_names_it(office: Office) -> None:
    filing = make_complete_draft(office, make_party(office))
    filing.organisation = Organisation.objects.exclude(pk=office.organisation.pk).get()

    revise(filing, by=office.wang)

    assert not cases_of(office.alice).exists()
    assert list(cases_of(office.charlie)) == [filing]


def test_an_approval_binds_every_word_of_a_source(office: Office) -> None:
    filing = make_complete_draft(office, make_party(office))
    ClaimedSource.objects.create(
        filing=filing,
        title="示例来源",
        publisher=make_party(office, 5),
        sha256="0" * 64,
        activity="COLLECT",
        method="示例",
        ended_at=NOON,
        responsible=make_party(office, 6),
    )
    before = content_digest(filing)
    for field in ("locator", "edition", "licence"):
        filing.sources.update(**{field: "另"})
        assert content_digest(filing) != before
        before = content_digest(filing)


def typed_source(filing: Filing, publisher: Party, *, ended_at: datetime = NOON) -> None:
    ClaimedSource.objects.create(
        filing=filing,
        title="示例公开数据",
        publisher=publisher,
        edition="1.0",
        sha256="a" * 64,
        activity="COLLECT",
        method="示例",
        ended_at=ended_at,
        responsible=publisher,
    )


def test_two_applicants_may_name_the_same_source_from_outside(office: Office) -> None:
    publisher = make_party(office, 5)
    for serial in (1, 2):
        filing = make_complete_draft(office, make_party(office, serial), data=bytes([serial]))
        typed_source(filing, publisher)
        decide(office, bring_to_publicity(office, filing))

    assert ExternalSource.objects.count() == 1
    assert Derivation.objects.count() == 2
    assert list(compare_register()) == []


def test_prv_3_a_source_is_named_once(office: Office) -> None:
    filing = make_complete_draft(office, make_party(office))
    publisher = make_party(office, 5)
    for _ in range(2):
        typed_source(filing, publisher)

    with pytest.raises(RulesBrokenError) as refusal:
        pass_examination(bring_to_examination(office, filing), by=office.li, at=NOON)
    assert refused_numbers(refusal) == ["PRV-3"]


def test_prv_4_an_activity_ends_before_what_it_made_is_registered(office: Office) -> None:
    filing = make_complete_draft(office, make_party(office))
    typed_source(filing, make_party(office, 5), ended_at=NOON + timedelta(days=1))

    with pytest.raises(RulesBrokenError) as refusal:
        pass_examination(bring_to_examination(office, filing), by=office.li, at=NOON)
    assert refused_numbers(refusal) == ["PRV-4"]


def test_the_work_list_offers_just_what_separation_of_duties_allows(
    office: Office, submitted: Filing
) -> None:
    assign_roles(office.wang, [Role.EXAMINER, Role.APPROVER])
    accept(submitted, by=office.wang, at=NOON)

    assert submitted not in WorkList(office.wang, today=TODAY).waiting()
    assert submitted in WorkList(office.li, today=TODAY).waiting()


def test_papers_cannot_change_after_submission(office: Office, submitted: Filing) -> None:
    with pytest.raises(CaseStateError):
        take_back(Paper.objects.latest("pk"), by=office.wang)
    with pytest.raises(CaseStateError):
        hand_in(
            submitted,
            SimpleUploadedFile("x.txt", b"x"),
            kind="OTHER",
            title="x",
            by=office.wang,
            at=NOON,
        )

    assert Paper.objects.count() == 4


def test_a_deleted_instrument_file_stops_the_decision_with_a_clear_rule(office: Office) -> None:
    filing = bring_to_publicity(office, make_complete_draft(office, make_party(office)))
    instrument_path(Instrument.objects.latest("pk").sha256).unlink()
    entries = Entry.objects.count()

    with pytest.raises(RulesBrokenError) as refusal:
        decide(office, filing)

    assert refused_numbers(refusal) == ["FIL-2"]
    assert "unchanged since it was handed in" in str(refusal.value)
    assert Entry.objects.count() == entries
    assert Filing.objects.get().state == State.PUBLICISED


@pytest.mark.parametrize(
    ("content", "name", "reason"),
    [
        (b"", "empty.pdf", "empty"),
        (b"MZ\x90\x00", "malware.pdf", "Only PDF"),
        (b"<svg/>", "picture.svg", "Only PDF"),
        (b"\x00\x01", "binary.txt", "Only PDF"),
        (b"\xff\xfe\x31", "latin.csv", "Only PDF"),
    ],
)
def test_a_file_of_the_wrong_kind_is_refused(
    office: Office, content: bytes, name: str, reason: str
) -> None:
    filing = make_draft(office)

    with pytest.raises(InstrumentRefusedError, match=reason):
        hand_in(
            filing,
            SimpleUploadedFile(name, content),
            kind="OTHER",
            title="x",
            by=office.wang,
            at=NOON,
        )

    assert not Instrument.objects.exists()


def test_a_file_of_100_mb_is_refused_by_its_size(office: Office, settings: Settings) -> None:
    filing = make_draft(office)
    settings.LANGUAGE_CODE = "en"
    upload = SimpleUploadedFile("large.pdf", b"%PDF-1.7")
    upload.size = 100 * 1024 * 1024

    with pytest.raises(InstrumentRefusedError, match="100 MB"):
        paper(office, filing, upload)

    assert not Instrument.objects.exists()


@pytest.mark.parametrize("name", ["../../etc/passwd.txt", "..\\..\\x.txt", "/abs/olute.txt"])
def test_a_hostile_file_name_names_nothing(office: Office, name: str) -> None:
    filing = make_draft(office)
    upload = SimpleUploadedFile("x.txt", b"text")
    upload.name = name

    stored = paper(office, filing, upload).instrument

    assert "/" not in stored.file_name
    assert instrument_path(stored.sha256).read_bytes() == b"text"


def test_data_that_cites_itself_as_source_is_refused(office: Office) -> None:
    holder = make_party(office)
    registered = register_asset(office, holder, data=b"the same")
    filing = make_complete_draft(office, holder, data=b"the same")
    derive_from(filing, AssetVersion.objects.get(asset=registered), holder)
    bring_to_examination(office, filing)

    with pytest.raises(RulesBrokenError) as refusal:
        pass_examination(filing, by=office.li, at=NOON)

    assert refused_numbers(refusal) == ["REG-12", "PRV-2"]
    assert DataAsset.objects.count() == 1


def test_reg_13_a_text_that_no_certificate_can_print_is_refused_before_it_is_registered(
    office: Office,
) -> None:
    filing = make_complete_draft(office, make_party(office), region="全国\u202e")
    bring_to_examination(office, filing)

    with pytest.raises(RulesBrokenError) as refusal:
        pass_examination(filing, by=office.li, at=NOON)

    assert refused_numbers(refusal) == ["REG-13"]


def test_reg_23_a_case_that_names_nobody_at_a_stage_is_refused(office: Office) -> None:
    filing = make_complete_draft(office, make_party(office))
    filing.responsibilities.filter(stage="MANAGE").delete()
    bring_to_examination(office, filing)

    with pytest.raises(RulesBrokenError) as refusal:
        pass_examination(filing, by=office.li, at=NOON)

    assert refused_numbers(refusal) == ["REG-23"]


def test_shares_that_do_not_sum_to_one_are_refused_and_nothing_is_registered(
    office: Office,
) -> None:
    first, second = make_party(office, 1), make_party(office, 2)
    filing = make_draft(office)
    name_applicants(filing, first)
    claim(filing, RightKind.HOLD, [(first, Fraction(1, 3)), (second, Fraction(1, 2))])
    hand_in_papers(filing)
    bring_to_examination(office, filing)

    with pytest.raises(RulesBrokenError) as refusal:
        pass_examination(filing, by=office.li, at=NOON)

    assert refused_numbers(refusal) == ["REG-9"]


def test_fused_data_is_operated_once_every_other_party_has_consented(office: Office) -> None:
    first, second = make_party(office, 1), make_party(office, 2)
    filing = make_complete_draft(office, first, situation="FUSED_SILENT")
    other = FusionParticipant.objects.create(filing=filing, party=second)
    submit(filing, by=office.wang, at=NOON)
    request_correction(filing, by=office.wang, at=NOON, note="示例：请补充其他参与方的同意书")
    consent = hand_in(
        filing,
        SimpleUploadedFile("c.txt", b"yes"),
        kind="CONSENT",
        title="示例同意书",
        by=office.wang,
        at=NOON,
    )
    filing.refresh_from_db()
    with pytest.raises(RulesBrokenError) as refusal:
        pass_examination(bring_to_examination(office, filing), by=office.li, at=NOON)
    assert refused_numbers(refusal) == ["REG-5"]

    other.consent = consent
    other.save()

    pass_examination(filing, by=office.li, at=NOON)
    publicise(filing, by=office.li, at=BEFORE)
    assert decide(office, filing).interests.filter(kind=RightKind.OPERATE).exists()


def test_p2_a_derivation_is_proven_by_a_use_right_of_the_deriver_in_force(office: Office) -> None:
    holder, stranger = make_party(office, 1), make_party(office, 2)
    source = register_asset(office, holder, data=b"source")
    use = Interest.objects.get(asset=source, kind=RightKind.USE)
    hold = Interest.objects.get(asset=source, kind=RightKind.HOLD)
    version = AssetVersion.objects.get(asset=source)
    for serial, (responsible, basis, is_proven) in enumerate(
        [(holder, use, True), (holder, hold, False), (stranger, use, False), (holder, None, False)]
    ):
        filing = make_complete_draft(
            office,
            holder,
            data=f"derived {serial}".encode(),
            source_kind="DERIVED",
            situation="DERIVED",
            is_substantive=True,
        )
        derive_from(filing, version, responsible, basis=basis)

        asset = decide(office, bring_to_publicity(office, filing))

        edge = Derivation.objects.get(derived_version__asset=asset)
        assert edge.is_proven == is_proven


def test_the_work_list_shows_each_officer_what_waits_for_them(
    office: Office, submitted: Filing
) -> None:
    assert submitted in WorkList(office.wang, today=TODAY).waiting()
    assert submitted not in WorkList(office.li, today=TODAY).waiting()
    accept(submitted, by=office.wang, at=NOON)
    assert submitted in WorkList(office.li, today=TODAY).waiting()


def test_a_member_follows_the_case_and_a_stranger_does_not(
    office: Office, submitted: Filing
) -> None:
    assert list(cases_of(office.alice)) == [submitted]
    assert not cases_of(office.charlie).exists()
