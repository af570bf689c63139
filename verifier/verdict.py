"""What a verification finds: steps, each passed, failed or not checked, and what follows.

The outcome and the reasons are read off the steps, so that a verdict cannot contradict them:
VALID needs every step passed, INVALID at least one that was found false. The last step looks at a
status list, which need not be there: that it was not asked does no harm.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Self, TypeAlias

from primitives.canonical_json import Json, JsonObject
from tlog.checkpoint import Checkpoint
from verifier.canonical import member

Facts: TypeAlias = Mapping[str, str | int]


class Outcome(StrEnum):
    """The answer to "is this certificate valid?"."""

    VALID = "valid"
    INVALID = "invalid"
    CANNOT_VERIFY = "cannot_verify"


class StepOutcome(StrEnum):
    """What became of one step."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_CHECKED = "not_checked"


class StepName(StrEnum):
    """The six things that must hold, and what a status list says, in the order shown."""

    FILE = "file"
    SEAL = "seal"
    ISSUER = "issuer"
    REGISTRATION = "registration"
    ISSUED_BYTES = "issued_bytes"
    TERM = "term"
    STATUS = "status"


class Reason(StrEnum):
    """Why a step did not pass; the sentences stand in verifier/messages.py."""

    # Found false: the verdict is INVALID.
    ALTERED_AFTER_ISSUE = "ALTERED_AFTER_ISSUE"
    NOT_THE_REGISTERED_BYTES = "NOT_THE_REGISTERED_BYTES"
    NOT_SEALED = "NOT_SEALED"
    MORE_THAN_ONE_SIGNATURE = "MORE_THAN_ONE_SIGNATURE"
    MORE_THAN_ONE_REVISION = "MORE_THAN_ONE_REVISION"
    NOT_WHOLLY_COVERED = "NOT_WHOLLY_COVERED"
    VERIFICATION_REPORT = "VERIFICATION_REPORT"
    STATEMENT_MISSING = "STATEMENT_MISSING"
    SEAL_BROKEN = "SEAL_BROKEN"
    SEAL_PROFILE = "SEAL_PROFILE"
    ISSUER_NOT_TRUSTED = "ISSUER_NOT_TRUSTED"
    SEAL_OUT_OF_TERM = "SEAL_OUT_OF_TERM"
    SEAL_REVOKED = "SEAL_REVOKED"
    TIMESTAMP_FALSE = "TIMESTAMP_FALSE"
    TIMESTAMP_CONTRADICTS = "TIMESTAMP_CONTRADICTS"
    LOG_SIGNATURE_FALSE = "LOG_SIGNATURE_FALSE"
    PROOF_FALSE = "PROOF_FALSE"
    LOG_CONTRADICTS_ITSELF = "LOG_CONTRADICTS_ITSELF"
    OPENING_FALSE = "OPENING_FALSE"
    REGISTRATION_CONTRADICTS = "REGISTRATION_CONTRADICTS"
    ISSUANCE_CONTRADICTS = "ISSUANCE_CONTRADICTS"
    TERM_ENDED = "TERM_ENDED"
    NOT_YET_IN_FORCE = "NOT_YET_IN_FORCE"
    CERTIFICATE_SUSPENDED = "CERTIFICATE_SUSPENDED"
    CERTIFICATE_SUPERSEDED = "CERTIFICATE_SUPERSEDED"
    CERTIFICATE_REVOKED = "CERTIFICATE_REVOKED"
    RIGHTS_CHANGED = "RIGHTS_CHANGED"
    RIGHTS_ENDED = "RIGHTS_ENDED"
    STATE_ITEM_FALSE = "STATE_ITEM_FALSE"
    STATE_NOT_SHOWN = "STATE_NOT_SHOWN"
    PAPER_SIGNATURE_FALSE = "PAPER_SIGNATURE_FALSE"
    PAPER_KEY_OUT_OF_TERM = "PAPER_KEY_OUT_OF_TERM"

    # No certificate was given: the verdict is CANNOT_VERIFY.
    LETTER = "LETTER"

    # Could not be found out: the verdict is CANNOT_VERIFY.
    NOT_A_PDF = "NOT_A_PDF"
    TOO_LARGE = "TOO_LARGE"
    UNREADABLE = "UNREADABLE"
    RESOURCE_LIMIT = "RESOURCE_LIMIT"
    STATEMENT_UNREADABLE = "STATEMENT_UNREADABLE"
    PROOF_MISSING = "PROOF_MISSING"
    PROOF_MALFORMED = "PROOF_MALFORMED"
    PROOF_OF_ANOTHER_ACT = "PROOF_OF_ANOTHER_ACT"
    OPENING_MISSING = "OPENING_MISSING"
    LOG_KEY_UNKNOWN = "LOG_KEY_UNKNOWN"
    STATE_KEY_UNKNOWN = "STATE_KEY_UNKNOWN"
    TIMESTAMP_NOT_TRUSTED = "TIMESTAMP_NOT_TRUSTED"
    STATUS_LIST_MALFORMED = "STATUS_LIST_MALFORMED"
    STATUS_LIST_FALSE = "STATUS_LIST_FALSE"
    STATUS_LIST_OLD = "STATUS_LIST_OLD"
    STATUS_NOT_SAID = "STATUS_NOT_SAID"
    PAPER_MALFORMED = "PAPER_MALFORMED"
    PAPER_ALGORITHM = "PAPER_ALGORITHM"
    PAPER_KEY_UNKNOWN = "PAPER_KEY_UNKNOWN"


UNDECIDED = frozenset(
    {
        Reason.LETTER,
        Reason.NOT_A_PDF,
        Reason.TOO_LARGE,
        Reason.UNREADABLE,
        Reason.RESOURCE_LIMIT,
        Reason.STATEMENT_UNREADABLE,
        Reason.PROOF_MISSING,
        Reason.PROOF_MALFORMED,
        Reason.PROOF_OF_ANOTHER_ACT,
        Reason.OPENING_MISSING,
        Reason.LOG_KEY_UNKNOWN,
        Reason.STATE_KEY_UNKNOWN,
        Reason.TIMESTAMP_NOT_TRUSTED,
        # A bad list says nothing about the certificate.
        Reason.STATUS_LIST_MALFORMED,
        Reason.STATUS_LIST_FALSE,
        Reason.STATUS_LIST_OLD,
        Reason.STATUS_NOT_SAID,
        Reason.PAPER_MALFORMED,
        Reason.PAPER_ALGORITHM,
        Reason.PAPER_KEY_UNKNOWN,
    }
)


@dataclass(frozen=True, slots=True)
class Step:
    """One step: ``facts`` are what its sentence names, e.g. the index and the tree size."""

    name: StepName
    outcome: StepOutcome
    reason: Reason | None = None
    facts: Facts = field(default_factory=dict)

    @classmethod
    def stopped(cls, name: StepName, reason: Reason, facts: Facts) -> Self:
        """Return the step that ended with ``reason``: failed, or not to be decided."""
        undecided = reason in UNDECIDED
        return cls(
            name, StepOutcome.NOT_CHECKED if undecided else StepOutcome.FAILED, reason, facts
        )

    @property
    def holds(self) -> bool:
        """Whether it lets a verdict be VALID: it passed, or is a status that nobody asked for."""
        if self.outcome == StepOutcome.PASSED:
            return True
        is_unasked = self.outcome == StepOutcome.NOT_CHECKED and self.reason is None
        return self.name == StepName.STATUS and is_unasked

    def to_json(self) -> JsonObject:
        """Return the step as data."""
        return {
            "name": self.name.value,
            "outcome": self.outcome.value,
            "reason": self.reason.value if self.reason else None,
            "facts": dict(self.facts),
        }

    @classmethod
    def from_json(cls, json: Json) -> Self:
        """Read what `to_json` wrote.

        Raises:
            ValueError: anything else.
        """
        facts = member(json, "facts", of=dict)
        if not all(isinstance(fact, str | int) for fact in facts.values()):
            raise ValueError("a fact is a text or a number")
        reason = json.get("reason") if isinstance(json, dict) else None
        return cls(
            StepName(member(json, "name", of=str)),
            StepOutcome(member(json, "outcome", of=str)),
            Reason(reason) if reason else None,
            facts,
        )


class StepError(Exception):
    """Raised inside a step to end it with a reason; never leaves the package."""

    def __init__(self, reason: Reason, **facts: str | int) -> None:
        self.reason = reason
        self.facts = facts
        super().__init__(reason)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The whole answer.

    Attributes:
        steps: all of them, in order.
        certificate: what the file says of itself (``quanji.statement/1``), if it could be read.
            It is true only if the outcome is VALID.
        checkpoint: the tree head as of which the file is proven to be the issued one.
    """

    steps: tuple[Step, ...]
    certificate: JsonObject | None = None
    checkpoint: Checkpoint | None = None

    @classmethod
    def undecided(cls, reason: Reason, **facts: str | int) -> Self:
        """Return the verdict on a file that was not even opened."""
        return cls(steps=complete({StepName.FILE: Step.stopped(StepName.FILE, reason, facts)}))

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """Every reason why the verdict is not VALID, in step order."""
        return tuple(step.reason for step in self.steps if step.reason)

    @property
    def outcome(self) -> Outcome:
        """VALID if every step holds, INVALID if one was found false, else CANNOT_VERIFY."""
        outcomes = [step.outcome for step in self.steps]
        names = [step.name for step in self.steps]
        if StepOutcome.FAILED in outcomes:
            return Outcome.INVALID
        if names == list(StepName) and all(step.holds for step in self.steps):
            return Outcome.VALID
        return Outcome.CANNOT_VERIFY

    @property
    def is_genuine_letter(self) -> bool:
        """Whether it is a letter of the procedure whose seal holds; that makes it no certificate.

        Of a letter nothing is asked but the frame and the seal, and both have passed then.
        """
        return self.reasons == (Reason.LETTER,)

    def to_json(self) -> JsonObject:
        """Return the verdict as data; the root hash is in hexadecimal."""
        return {
            "verdict": self.outcome.value,
            "reasons": [reason.value for reason in self.reasons],
            "steps": [step.to_json() for step in self.steps],
            "certificate": self.certificate,
            "checkpoint": checkpoint_json(self.checkpoint) if self.checkpoint else None,
        }

    @classmethod
    def from_json(cls, json: JsonObject) -> Self:
        """Read what `to_json` wrote.

        Raises:
            ValueError: anything else.
            TlogError: the checkpoint is none.
        """
        head = json.get("checkpoint")
        return cls(
            steps=tuple(Step.from_json(step) for step in member(json, "steps", of=list)),
            certificate=member(json, "certificate", of=dict) if json.get("certificate") else None,
            checkpoint=_checkpoint_from_json(head) if head else None,
        )


def complete(steps: Mapping[StepName, Step]) -> tuple[Step, ...]:
    """Return all steps in order; those that are missing were not checked."""
    return tuple(steps.get(name) or Step(name, StepOutcome.NOT_CHECKED) for name in StepName)


def checkpoint_json(checkpoint: Checkpoint) -> JsonObject:
    """Return the tree head as data; the root hash is in hexadecimal."""
    return {
        "origin": checkpoint.origin,
        "size": checkpoint.size,
        "root": checkpoint.root.hex(),
    }


def _checkpoint_from_json(json: Json) -> Checkpoint:
    return Checkpoint(
        origin=member(json, "origin", of=str),
        size=member(json, "size", of=int),
        root=bytes.fromhex(member(json, "root", of=str)),
    )
