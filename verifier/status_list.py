"""Step 7, the registrar's status list: which certificates are not in force, as of an instant.

The file is text: a header, the list as one line of canonical JSON (``quanji.status-list/2``), an
empty line, and the tlog-proof of the entry that holds the line's SHA-256. Shape: docs/entries.md.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from primitives.canonical_json import Json, instant_from_text, instant_text
from verifier.canonical import member, read_object
from verifier.evidence import DOCUMENT_ISSUANCE, ProvenEntry, prove_entry, require_one_tree
from verifier.log_keys import LogKeys
from verifier.verdict import Reason, StepError

HEADER = "quanji.status-list/2"
FIRST_HEADER = "quanji.status-list/1"
"""A list of the first form does not speak of certificates after a change."""
STATUS_LISTED = "status.list/1"
MAX_STATUS_LIST_CHARACTERS = 32 * 1024 * 1024
"""Some 400,000 certificates that are not in force."""

STATUSES: Mapping[str, Reason | None] = {
    "SUSPENDED": Reason.CERTIFICATE_SUSPENDED,
    "SUPERSEDED": Reason.CERTIFICATE_SUPERSEDED,
    "REVOKED": Reason.CERTIFICATE_REVOKED,
    "CHANGED": Reason.RIGHTS_CHANGED,
    "ENDED": Reason.RIGHTS_ENDED,
    # Of these the term in the certificate speaks, and for any instant.
    "NOT_YET": None,
    "LAPSED": None,
}
"""What a list may say, and which reason follows from it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvenStatusList:
    """A list that is in the log.

    Attributes:
        as_of: the instant that it speaks for.
        next_issue: when the registrar has the next one at the latest.
        tree_size: it speaks of the certificates that the first so many entries issued.
        listed: number of a certificate to its status and since when.
        entry: what holds its digest.
        speaks_of_changes: also of certificates after a change.
    """

    as_of: datetime
    next_issue: datetime
    tree_size: int
    listed: Mapping[str, tuple[str, datetime]]
    entry: ProvenEntry
    speaks_of_changes: bool

    def facts(self) -> dict[str, str | int]:
        """Return what the sentences name."""
        return {**self.entry.position(), "listed_at": instant_text(self.as_of)}


def prove_status_list(text: str, *, log_key: LogKeys) -> ProvenStatusList:
    """Return the list that the file holds and its proof proves.

    Raises:
        StepError: STATUS_LIST_MALFORMED, STATUS_LIST_FALSE or LOG_KEY_UNKNOWN.
    """
    header, _, rest = text[: MAX_STATUS_LIST_CHARACTERS + 1].partition("\n")
    line, _, proof = rest.partition("\n\n")
    if header not in {HEADER, FIRST_HEADER} or len(text) > MAX_STATUS_LIST_CHARACTERS:
        raise StepError(Reason.STATUS_LIST_MALFORMED)
    entry = _prove(proof, log_key)
    content = line.encode("utf-8", "surrogatepass")
    try:
        if hashlib.sha256(content).hexdigest() != member(entry.payload, "sha256", of=str):
            raise StepError(Reason.STATUS_LIST_FALSE)
        found = read_object(content)
        if member(found, "schema", of=str) != header:
            raise StepError(Reason.STATUS_LIST_MALFORMED)
        return ProvenStatusList(
            as_of=instant_from_text(member(found, "as_of", of=str)),
            next_issue=instant_from_text(member(found, "next_issue", of=str)),
            tree_size=member(found, "tree_size", of=int),
            listed=dict(map(_listed, member(found, "certificates", of=list))),
            entry=entry,
            speaks_of_changes=header == HEADER,
        )
    except ValueError as error:
        raise StepError(Reason.STATUS_LIST_MALFORMED) from error


def require_not_listed(proven: ProvenStatusList, number: str, *, at: datetime) -> None:
    """Check that the list does not say that the certificate is out of force at ``at``.

    Raises:
        StepError: the reason of its status; STATUS_NOT_SAID if that began after ``at``, since the
            list does not say what was before.
    """
    status, since = proven.listed.get(number, ("LAPSED", at))
    if not (reason := STATUSES[status]):
        return
    if at < since:
        raise StepError(Reason.STATUS_NOT_SAID, at=instant_text(at), since=instant_text(since))
    raise StepError(reason, number=number, since=instant_text(since), **proven.facts())


def require_spoken_of(proven: ProvenStatusList, issuance: ProvenEntry, *, at: datetime) -> None:
    """Check that the list is one that speaks of the issued certificate, and not outdated.

    Raises:
        StepError: LOG_CONTRADICTS_ITSELF, or STATUS_LIST_OLD.
    """
    require_one_tree([proven.entry.checkpoint, issuance.checkpoint])
    is_spoken_of = proven.speaks_of_changes or issuance.kind != DOCUMENT_ISSUANCE
    if proven.tree_size <= issuance.index or proven.next_issue < at or not is_spoken_of:
        raise StepError(
            Reason.STATUS_LIST_OLD,
            listed_at=instant_text(proven.as_of),
            next_issue=instant_text(proven.next_issue),
        )


def _prove(proof: str, log_key: LogKeys) -> ProvenEntry:
    try:
        return prove_entry(proof, kinds={STATUS_LISTED}, log_key=log_key)
    except StepError as error:
        if error.reason == Reason.LOG_KEY_UNKNOWN:
            raise
        is_malformed = error.reason in {Reason.PROOF_MALFORMED, Reason.PROOF_OF_ANOTHER_ACT}
        # Not the reasons of a certificate's own proof: it is the list that is bad.
        raise StepError(
            Reason.STATUS_LIST_MALFORMED if is_malformed else Reason.STATUS_LIST_FALSE
        ) from error


def _listed(row: Json) -> tuple[str, tuple[str, datetime]]:
    status = member(row, "status", of=str)
    if status not in STATUSES:
        raise ValueError(f"{status!r} is no status of this form")
    since = instant_from_text(member(row, "since", of=str))
    return member(row, "number", of=str), (status, since)
