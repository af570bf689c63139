"""Parties: entering a person or organisation into the register.

Entry points: `register_party` inside an act, `enter_party` as an act of its own. A natural
person's data, and an organisation's contact person and legal representative, stand in the entry
only as salted commitments; what opens them lies in `Opening` rows that can be erased.
"""

from dataclasses import dataclass
from datetime import datetime

from accounts.models import User
from accounts.roles import Role, require_role
from ledger.acts import Act, open_act
from primitives.identifiers import is_uscc, new_reference
from primitives.rules import Rule, broken, require, rule
from primitives.texts import unprintable
from registry import entries
from registry.commitments import record_committed
from registry.kinds import IdentifierScheme, PartyKind
from registry.models import Party

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
