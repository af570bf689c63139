"""Parties: entering a person or organisation into the register.

Entry points: `register_party` and `change_party` inside an act, `enter_party` and `enter_change` as
acts of their own. A natural person's data, and an organisation's contact person and legal
representative, stand in the entry only as salted commitments; what opens them lies in `Opening`
rows that can be erased.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import ValidationError

from accounts.models import User
from accounts.roles import Role, require_role
from ledger.acts import Act, open_act
from ledger.entries import parse_entry, stored_bytes
from ledger.models import Entry
from primitives.identifiers import is_uscc, new_reference
from primitives.rules import Rule, broken, require, rule
from primitives.texts import unprintable
from registry import entries, search
from registry.commitments import record_committed
from registry.kinds import IdentifierScheme, PartyKind
from registry.models import Instrument, Party, PartyChange

FIELDS = {field.name: field for field in Party._meta.fields}  # noqa: SLF001 # Django's public model API
PERSONAL_SCHEMES = frozenset({IdentifierScheme.RESIDENT_ID, IdentifierScheme.PASSPORT})


@dataclass(frozen=True, slots=True, kw_only=True)
class PartyFacts:
    """What a party rule may look at."""

    kind: str
    name: str
    identifier_scheme: str
    identifier: str
    is_already_registered: bool
    is_printable: bool


@rule("PTY-1", source="GB 32100", zh="统一社会信用代码为18位，且校验码正确。")
def uscc_is_well_formed(facts: PartyFacts) -> bool:
    """A unified social credit code has 18 characters and its check character is right."""
    return facts.identifier_scheme != IdentifierScheme.USCC or is_uscc(facts.identifier)


@rule("PTY-2", source="NDA35 art. 3, Annex 1", zh="自然人以身份证件登记，组织以组织代码登记。")
def scheme_fits_kind(facts: PartyFacts) -> bool:
    """A natural person is identified by a personal document, an organisation by its own code."""
    return (facts.kind == PartyKind.NATURAL) == (facts.identifier_scheme in PERSONAL_SCHEMES)


@rule("PTY-3", source="NDA35 Annex 1", zh="同一证件号码的主体只登记一次。")
def is_new(facts: PartyFacts) -> bool:
    """A party is entered once under its identifier."""
    return not facts.is_already_registered


@rule("PTY-4", source="NDA35 Annex 1", zh="主体有名称和证件号码。")
def is_named(facts: PartyFacts) -> bool:
    """A party has a name and an identifier."""
    return bool(facts.name.strip() and facts.identifier.strip())


@rule("PTY-5", source="NDA35 art. 27", zh="名称等文字不含控制符、私用区或未分配字符，可印于凭证。")
def can_be_printed(facts: PartyFacts) -> bool:
    """Its texts can stand on a certificate: no control, private or unassigned characters."""
    return facts.is_printable


@dataclass(frozen=True, slots=True, kw_only=True)
class PartyChangeFacts:
    """What a rule on the change of a party's data may look at.

    Attributes:
        before: the party's present values, by field.
        after: the new ones, of what changes.
        personal: the fields that stand in the ledger as commitments.
        is_erased: personal data of the party was erased.
        papers: references of the papers on file that prove it.
    """

    before: Mapping[str, str]
    after: Mapping[str, str]
    personal: frozenset[str]
    is_erased: bool
    papers: frozenset[str]


@rule(
    "PCH-1", source="NDA35 art. 35(1)", zh="变更名称、住所、法定代表人等身份信息；证件号码不变更。"
)
def own_data_changes(facts: PartyChangeFacts) -> bool:
    """Name, address, legal representative, contact or status change; the identifier does not."""
    return bool(facts.after) and all(
        field in CHANGEABLE and facts.before[field] != value for field, value in facts.after.items()
    )


@rule(
    "PCH-2", source="NDA35 Annex 1, 3", zh="变更后的内容符合登记表的要求，名称不为空，可印于凭证。"
)
def new_values_fit(facts: PartyChangeFacts) -> bool:
    """The new values fit the form, the name is not blank, and all can be printed."""
    return all(_fits(field, value) for field, value in facts.after.items() if field in CHANGEABLE)


@rule("PCH-3", source="PIPL art. 47", zh="个人信息已被删除的主体，不再登记其个人信息。")
def erased_data_stays_erased(facts: PartyChangeFacts) -> bool:
    """Where personal data of the party was erased, none is entered again."""
    return not facts.is_erased or not facts.personal & facts.after.keys()


@rule("PCH-4", source="NDA35 art. 35", zh="附有证明变更的材料。")
def change_is_on_paper(facts: PartyChangeFacts) -> bool:
    """A paper on file proves the change."""
    return bool(facts.papers)


CHANGEABLE = frozenset(entries.PARTY_FIELDS) - {"identifier"}
CHANGE_RULES = (own_data_changes, new_values_fit, erased_data_stays_erased, change_is_on_paper)
PARTY_RULES = (uscc_is_well_formed, scheme_fits_kind, is_new, is_named, can_be_printed)


def register_party(act: Act, party: Party) -> Party:
    """Enter ``party`` (not yet saved) into the register and return it saved.

    Raises:
        RulesBrokenError: names every PTY rule that does not hold; nothing has been written.
    """
    act.require_lock(entries.identity_key(party))
    require(PARTY_RULES, _facts(party))
    party.reference = new_reference("P")
    party.entry = record_committed(
        act,
        kind=entries.PARTY_REGISTERED,
        keys=[entries.party_key(party.reference)],
        payload=entries.party_json(party),
        committed=entries.committed_of_party(party),
    )
    party.save(force_insert=True)
    search.write_party(party)
    return party


def broken_rules(party: Party) -> tuple[Rule[PartyFacts], ...]:
    """Return every PTY rule that entering ``party`` would break; writes nothing."""
    return broken(PARTY_RULES, _facts(party))


def enter_party(party: Party, *, by: User, at: datetime) -> Party:
    """Enter ``party`` (not yet saved) into the register by an act of its own.

    Raises:
        RulesBrokenError: names every PTY rule that does not hold; nothing has been written.
        PermissionDenied: ``by`` is no registrar.
    """
    require_role(by, Role.REGISTRAR)
    with open_act(
        recorded_at=at,
        actor=by.reference,
        officer=by.reference,
        keys=[entries.identity_key(party)],
    ) as act:
        return register_party(act, party)


def change_party(
    act: Act, party: Party, after: Mapping[str, str], *, papers: Collection[str]
) -> PartyChange:
    """Give a party other values of its own data, and return the change.

    Args:
        act: that holds the party's lock.
        party: whom it concerns.
        after: field -> new value.
        papers: references of the papers that prove it.

    Raises:
        RulesBrokenError: names every PCH rule that does not hold; nothing has been written.
    """
    act.require_lock(entries.party_key(party.reference))
    changed = Party.objects.select_related("entry").get(pk=party.pk)
    require(CHANGE_RULES, _change_facts(changed, after, papers))
    last = changed.changes.order_by("-number").first()
    change = PartyChange(
        party=changed,
        number=last.number + 1 if last else 1,
        fields=sorted(after),
        before=_in_clear(changed, after),
    )
    for field, value in after.items():
        setattr(changed, field, value)
    new_papers = Instrument.objects.filter(reference__in=papers, entry__isnull=True).order_by(
        "reference"
    )
    payload = entries.party_change_json(change, papers, new_papers)
    change.entry = record_committed(
        act,
        kind=entries.PARTY_CHANGED,
        keys=[entries.party_key(changed.reference)],
        payload=payload,
        committed=entries.committed_of_change(change, payload),
    )
    change.save(force_insert=True)
    changed.save(update_fields=change.fields)
    search.write_party(changed)
    Instrument.objects.filter(pk__in=[paper.pk for paper in new_papers]).update(entry=change.entry)
    return change


def enter_change(
    party: Party, after: Mapping[str, str], *, papers: Collection[str], by: User, at: datetime
) -> PartyChange:
    """Change a party's own data by an act of its own.

    Raises:
        RulesBrokenError: names every PCH rule that does not hold; nothing has been written.
        PermissionDenied: ``by`` is no registrar.
    """
    require_role(by, Role.REGISTRAR)
    with open_act(
        recorded_at=at,
        actor=by.reference,
        officer=by.reference,
        keys=[entries.party_key(party.reference)],
    ) as act:
        return change_party(act, party, after, papers=papers)


def _change_facts(
    party: Party, after: Mapping[str, str], papers: Collection[str]
) -> PartyChangeFacts:
    on_file = Instrument.objects.filter(reference__in=papers, erasure__isnull=True)
    return PartyChangeFacts(
        before={field: getattr(party, field) for field in entries.PARTY_FIELDS},
        after=after,
        personal=frozenset(path[1:] for path in entries.committed_of_party(party)),
        is_erased=party.erasures.filter(entry__isnull=False).exists(),
        papers=frozenset(on_file.values_list("reference", flat=True)),
    )


def _in_clear(party: Party, fields: Collection[str]) -> dict[str, str]:
    """Return the present values of those fields that stand in clear in their last entry."""
    standing: dict[str, Entry] = dict.fromkeys(fields, party.entry)
    for change in party.changes.select_related("entry").order_by("number"):
        standing |= {field: change.entry for field in change.fields if field in standing}
    return {
        field: getattr(party, field)
        for field, entry in standing.items()
        if field in parse_entry(stored_bytes(entry.content))["payload"]
    }


def _fits(field: str, value: str) -> bool:
    if unprintable(value) or (field == "name" and not value.strip()):
        return False
    try:
        FIELDS[field].clean(value, None)
    except ValidationError:
        return False
    return True


def _facts(party: Party) -> PartyFacts:
    return PartyFacts(
        kind=party.kind,
        name=party.name,
        identifier_scheme=party.identifier_scheme,
        identifier=party.identifier,
        is_already_registered=Party.objects.filter(
            identifier_scheme=party.identifier_scheme, identifier=party.identifier
        ).exists(),
        is_printable=not any(unprintable(getattr(party, field)) for field in entries.PARTY_FIELDS),
    )
