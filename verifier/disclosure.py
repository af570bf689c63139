"""Disclosure files: chosen fields of one ledger entry, shown to one recipient and no one else.

The text form, one item a line::

    quanji.disclosure/1
    recipient <for whom>
    purpose <for what>
    disclosed <instant>
    opening <opening of one committed member>, once for each

    <the entry's tlog-proof, verbatim>

The proof shows that the entry is in the ledger, each opening shows one of its members: together
they need no signature. Recipient, purpose and instant are only said: nothing proves them but the
registrar's own record. Entry points: `Disclosure`, `verify_disclosure`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Self

from primitives.canonical_json import Json, JsonObject, instant_from_text, instant_text
from tlog.commitments import check_opening, opening_digest
from tlog.encoding import MalformedError
from verifier.evidence import ProvenEntry, opened_payload, prove_entry
from verifier.log_keys import LogKeys
from verifier.verdict import UNDECIDED, Facts, Outcome, Reason, StepError

HEADER = "quanji.disclosure/1"
LABELS = ("recipient", "purpose", "disclosed")
OPENING = "opening "
MAX_CHARACTERS = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Disclosure:
    """What a disclosure file says; nothing of it is checked before `verify_disclosure`.

    Attributes:
        recipient: to whom the fields are disclosed, one line.
        purpose: for what, one line.
        openings: one for each disclosed member.
        proof: the entry's ``.tlog-proof`` with the entry in it.
    """

    recipient: str
    purpose: str
    disclosed_at: datetime
    openings: tuple[str, ...]
    proof: str

    def format(self) -> str:
        """Return the file's text."""
        said = (self.recipient, self.purpose, instant_text(self.disclosed_at))
        lines = [f"{label} {text}" for label, text in zip(LABELS, said, strict=True)]
        openings = [OPENING + opening for opening in self.openings]
        return "\n".join([HEADER, *lines, *openings, "", self.proof])

    @classmethod
    def parse(cls, text: str) -> Self:
        """Parse what `format` wrote.

        Raises:
            MalformedError: anything else.
        """
        head, _, proof = text.partition("\n\n")
        if len(text) > MAX_CHARACTERS:
            raise MalformedError("longer than any disclosure")
        header, *lines = head.split("\n")
        said, openings = lines[: len(LABELS)], lines[len(LABELS) :]
        if header != HEADER or [line.partition(" ")[0] for line in said] != list(LABELS):
            raise MalformedError(f"a disclosure begins with {HEADER} and says {', '.join(LABELS)}")
        if not openings or not all(line.startswith(OPENING) for line in openings):
            raise MalformedError("a disclosure has a line for each opening")
        recipient, purpose, instant = (line.partition(" ")[2] for line in said)
        try:
            disclosed_at = instant_from_text(instant)
        except ValueError as error:
            raise MalformedError(f"{instant!r} is not an instant") from error
        return cls(
            recipient=recipient,
            purpose=purpose,
            disclosed_at=disclosed_at,
            openings=tuple(line.removeprefix(OPENING) for line in openings),
            proof=proof,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class DisclosureVerdict:
    """What is known of a disclosure file.

    Attributes:
        reason: why it is not VALID, or None; ``facts`` are what its sentence names.
        disclosed: JSON pointer to the value, for each member that was opened.
    """

    outcome: Outcome
    reason: Reason | None = None
    facts: Facts = field(default_factory=dict)
    disclosure: Disclosure | None = None
    entry: ProvenEntry | None = None
    disclosed: Mapping[str, Json] = field(default_factory=dict)

    def to_json(self) -> JsonObject:
        """Return the verdict as data, in the manner of a certificate's."""
        said, entry = self.disclosure, self.entry
        return {
            "verdict": self.outcome.value,
            "reasons": [self.reason.value] if self.reason else [],
            "recipient": said.recipient if said else None,
            "purpose": said.purpose if said else None,
            "disclosed_at": instant_text(said.disclosed_at) if said else None,
            "entry": {
                "kind": entry.kind,
                "recorded_at": instant_text(entry.recorded_at),
                **entry.position(),
            }
            if entry
            else None,
            "disclosed": dict(self.disclosed),
        }


def verify_disclosure(text: str, *, log_key: str) -> DisclosureVerdict:
    """Return the verdict on a disclosure file: VALID if every opening opens its proven entry.

    Raises:
        MalformedError: ``log_key`` holds no verifier key.
    """
    key = LogKeys.parse(log_key)
    try:
        disclosure = Disclosure.parse(text)
    except MalformedError:
        return DisclosureVerdict(outcome=Outcome.CANNOT_VERIFY, reason=Reason.UNREADABLE)
    try:
        entry = prove_entry(disclosure.proof, kinds=None, log_key=key)
        opened_payload(entry, disclosure.openings)
    except StepError as error:
        undecided = error.reason in UNDECIDED
        outcome = Outcome.CANNOT_VERIFY if undecided else Outcome.INVALID
        return DisclosureVerdict(
            outcome=outcome, reason=error.reason, facts=error.facts, disclosure=disclosure
        )
    return DisclosureVerdict(
        outcome=Outcome.VALID,
        disclosure=disclosure,
        entry=entry,
        disclosed=dict(sorted(map(_shown, disclosure.openings))),
    )


def _shown(opening: str) -> tuple[str, Json]:
    return check_opening(opening_digest(opening), opening)
