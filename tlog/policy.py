"""C2SP tlog-policy: which logs and witnesses are trusted, and how many witnesses must cosign.

A policy is the text file that a bank or court keeps beside the verifier. `Policy.evaluate` says of
a signed checkpoint which witnesses cosigned it, when, and whether that is the quorum.

Stricter than the specification, for one reason each:
- The file ends in a newline, so that a file cut off within a name is not another policy.
- No witness has the key of a listed log, under whatever name: a log does not witness itself.
- Two keys of one name and key id (4 bytes) are refused, because a note could not tell them apart.
- ``none`` may not be defined: the quorum ``none`` would mean two things.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Self

from tlog.checkpoint import Checkpoint
from tlog.cosignature import signature_timestamp
from tlog.encoding import MalformedError, parse_decimal
from tlog.keys import LogKey, WitnessKey, parse_log_key, parse_witness_key
from tlog.note import Note, SignatureError, open_note

ALLOWED_OCTETS = re.compile(rb"[\x09\x0a\x20-\x7e\x80-\xff]*")
WHITESPACE = re.compile(r"[ \t]+")
NO_QUORUM = "none"


@dataclass(frozen=True, slots=True)
class PolicyLog:
    """A log whose checkpoints count; the key's name is the log's origin."""

    key: LogKey
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Witness:
    """A witness under the name that the policy gives it."""

    name: str
    key: WitnessKey
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """Witnesses and groups of which ``threshold`` must have witnessed a checkpoint."""

    name: str
    threshold: int
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Witnessed:
    """What a policy says of one signed checkpoint.

    Attributes:
        checkpoint: the checkpoint; a listed log has signed it.
        times: by name, the witnesses that cosigned it and when, in seconds since 1970; the latest
            time where one signed several times, 0 where it states none.
        is_quorum: whether these witnesses are enough.
    """

    checkpoint: Checkpoint
    times: Mapping[str, int]
    is_quorum: bool

    @property
    def oldest(self) -> int | None:
        """The earliest time that a cosignature states, in seconds since 1970."""
        return min((time for time in self.times.values() if time), default=None)

    @property
    def newest(self) -> int | None:
        """The latest time that a cosignature states: the tree was the log's largest then."""
        return max((time for time in self.times.values() if time), default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """A parsed policy.

    Attributes:
        logs: any one of them signs a checkpoint; empty where the log is known otherwise.
        witnesses: by name, in the file's order.
        groups: by name; a group's members are witnesses and groups defined before it.
        quorum: the witness or group that must have witnessed, None if there need be none.
    """

    logs: tuple[PolicyLog, ...] = ()
    witnesses: Mapping[str, Witness] = field(default_factory=dict)
    groups: Mapping[str, Group] = field(default_factory=dict)
    quorum: str | None

    @classmethod
    def parse(cls, content: bytes) -> Self:
        """Parse the octets of a policy file.

        Raises:
            MalformedError: this is not a policy; the message names the line.
        """
        if not ALLOWED_OCTETS.fullmatch(content):
            raise MalformedError("a policy holds no control characters but tabs and newlines")
        if not content.endswith(b"\n"):
            raise MalformedError("every line of a policy ends in a newline")
        draft = _Draft()
        # Octets beyond ASCII are opaque: each keeps a character of its own, so that names are equal
        # exactly if their octets are.
        lines = content.decode("utf-8", errors="surrogateescape").split("\n")
        for number, line in enumerate(lines, start=1):
            try:
                draft.read(WHITESPACE.split(line.strip(" \t")))
            except MalformedError as error:
                raise MalformedError(f"line {number} of the policy: {error}") from error
        if draft.quorum is None:
            raise MalformedError("a policy has a quorum line")
        return cls(
            logs=tuple(draft.logs),
            witnesses=draft.witnesses,
            groups=draft.groups,
            quorum=None if draft.quorum == NO_QUORUM else draft.quorum,
        )

    def evaluate(self, note: str, *, log_keys: Iterable[LogKey] = ()) -> Witnessed:
        """Say who witnessed the signed checkpoint, and whether that is the quorum.

        ``log_keys`` are logs that the caller knows beside the policy's own.

        Raises:
            MalformedError: this is not a signed checkpoint.
            SignatureError: no known log signed it under its own origin, or the signature of a
                known key is false.
        """
        logs = [*(log.key for log in self.logs), *log_keys]
        opened = open_note(note, [*logs, *(each.key for each in self.witnesses.values())])
        checkpoint = Checkpoint.parse(opened.text)
        signers = {(line.name, line.key_id) for line in opened.signatures}
        if not any(
            (key.name, key.key_id) in signers for key in logs if key.name == checkpoint.origin
        ):
            raise SignatureError(f"no known log signed the checkpoint of {checkpoint.origin}")
        times = self._times(opened)
        return Witnessed(checkpoint=checkpoint, times=times, is_quorum=self._is_quorum(times))

    def _times(self, opened: Note) -> dict[str, int]:
        names = {(each.key.name, each.key.key_id): each.name for each in self.witnesses.values()}
        times: dict[str, int] = {}
        for line in opened.signatures:
            if name := names.get((line.name, line.key_id)):
                times[name] = max(times.get(name, 0), signature_timestamp(line.signature))
        return times

    def _is_quorum(self, witnesses: Iterable[str]) -> bool:
        # Members are defined before their group, so one pass decides all groups, however nested.
        witnessed = set(witnesses)
        for group in self.groups.values():
            if len(witnessed.intersection(group.members)) >= group.threshold:
                witnessed.add(group.name)
        return self.quorum is None or self.quorum in witnessed


class _Draft:
    """A policy while its lines are read."""

    def __init__(self) -> None:
        self.logs: list[PolicyLog] = []
        self.witnesses: dict[str, Witness] = {}
        self.groups: dict[str, Group] = {}
        self.quorum: str | None = None
        self._members: set[str] = set()

    def read(self, fields: list[str]) -> None:
        match fields:
            case [word, *_] if not word or word.startswith("#"):
                pass
            case ["log", key, *urls] if len(urls) <= 1:
                self._add_log(PolicyLog(parse_log_key(key), *urls))
            case ["witness", name, key, *urls] if len(urls) <= 1:
                self._add_witness(Witness(name, parse_witness_key(key), *urls))
            case ["group", name, threshold, *members] if members:
                self._add_group(name, threshold, members)
            case ["quorum", name]:
                self._set_quorum(name)
            case _:
                raise MalformedError(f"{fields[0]!r} and what follows is no line of a policy")

    def _add_log(self, log: PolicyLog) -> None:
        self._require_new_key(log.key)
        self.logs.append(log)

    def _add_witness(self, witness: Witness) -> None:
        self._require_new_name(witness.name)
        self._require_new_key(witness.key)
        self.witnesses[witness.name] = witness

    def _add_group(self, name: str, threshold: str, members: list[str]) -> None:
        self._require_new_name(name)
        for member in members:
            self._require_defined(member)
            if member in self._members:
                raise MalformedError(f"{member!r} is a member of a group already")
            self._members.add(member)
        counts = {"any": "1", "all": str(len(members))}
        count = parse_decimal(counts.get(threshold, threshold))
        if not 1 <= count <= len(members):
            raise MalformedError(f"{count} of {len(members)} members")
        self.groups[name] = Group(name, count, tuple(members))

    def _set_quorum(self, name: str) -> None:
        if self.quorum is not None:
            raise MalformedError("a policy has one quorum line")
        if name != NO_QUORUM:
            self._require_defined(name)
        self.quorum = name

    def _require_defined(self, name: str) -> None:
        if name not in self.witnesses and name not in self.groups:
            raise MalformedError(f"{name!r} is no witness or group defined before")

    def _require_new_name(self, name: str) -> None:
        if name == NO_QUORUM or name in self.witnesses or name in self.groups:
            raise MalformedError(f"{name!r} is defined already")

    def _require_new_key(self, key: LogKey | WitnessKey) -> None:
        others = [*(log.key for log in self.logs), *(each.key for each in self.witnesses.values())]
        for other in others:
            is_same = other.public_key == key.public_key
            is_same_line = (other.name, other.key_id) == (key.name, key.key_id)
            if is_same or is_same_line:
                raise MalformedError(f"the key of {key.name} is listed already")
