"""Witnesses: others who saw each checkpoint extend all before it, and say so under it.

Which ones, and how many make a checkpoint public, stands in a C2SP tlog-policy file that the
operator configures; without one a checkpoint is public as soon as it is signed. We ask them by C2SP
tlog-witness, at the addresses of that file and no others. What a witness has seen it remembers for
us, too: a register that was set back learns it from them (`learn_from_witnesses`).

Entry points: `Collector.collect`, `learn_from_witnesses`.
"""

import http.client
import logging
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from urllib.parse import urlsplit

from ledger.keys import log_verifier_key
from ledger.memory import held
from ledger.models import Checkpoint, Cosignature
from ledger.policy import witness_policy
from ledger.tiles import stored_tiles
from tlog.checkpoint import open_checkpoint
from tlog.errors import TlogError
from tlog.policy import Witness
from tlog.tiles import TileReader
from tlog.witness import (
    AddCheckpoint,
    WitnessConflictError,
    hash_origin,
    read_answer,
)
from tlog.witness import Cosignature as Line

TIMEOUT_SECONDS = 2
MAX_ANSWER_BYTES = 512 * 1024
PAUSE_AFTER_FAILURE = timedelta(seconds=30)

logger = logging.getLogger(__name__)


class WitnessUnreachableError(Exception):
    """A witness could not be asked."""


class Answer(NamedTuple):
    """What a witness answered over HTTP."""

    status: int
    content_type: str
    body: bytes


@dataclass(slots=True)
class Collector:
    """Collects cosignatures; a witness that failed is left alone for a while."""

    _not_before: dict[str, datetime] = field(default_factory=dict)

    def collect(self, checkpoint: Checkpoint, *, at: datetime) -> int:
        """Ask every witness that has not cosigned the checkpoint; return how many new lines came.

        All are asked at once. One that cannot be asked, or refuses, is logged and tried again
        later; it holds up nobody.
        """
        witnesses = [
            each for each in _missing(checkpoint) if self._not_before.get(each.name, at) <= at
        ]
        if not witnesses:
            return 0
        requests = [_request(checkpoint, _last_size(witness)) for witness in witnesses]
        with ThreadPoolExecutor(len(witnesses)) as pool:
            results = list(pool.map(_ask, witnesses, requests))
        return sum(
            self._take(witness, checkpoint, result, at)
            for witness, result in zip(witnesses, results, strict=True)
        )

    def _take(
        self,
        witness: Witness,
        checkpoint: Checkpoint,
        result: "Sequence[Line] | Exception",
        at: datetime,
    ) -> int:
        if isinstance(result, WitnessConflictError) and result.size <= checkpoint.pk:
            # It knows of another size than we remember: asked again from there, once.
            result = _ask(witness, _request(checkpoint, result.size))
        if isinstance(result, Exception):
            logger.warning("The witness %s did not cosign: %s", witness.name, result)
            self._not_before[witness.name] = at + PAUSE_AFTER_FAILURE
            return 0
        return sum(_store(checkpoint, line) for line in result)


def learn_from_witnesses() -> None:
    """Ask every witness for the latest checkpoint of ours, and remember it if we do not.

    A checkpoint that bears our signature is ours, whoever shows it. If it is of a larger tree than
    the stored one, `ledger.memory.require_no_rollback` stops what comes next.

    Raises:
        SignerMemoryError: the memory is unreadable or another log's.
    """
    for name, note in kept_by_witnesses():
        try:
            size = open_checkpoint(note, log_verifier_key()).size
        except TlogError as error:
            logger.warning("The witness %s keeps no checkpoint of ours: %s", name, error)
            continue
        with held() as memory:
            known = memory.checkpoint()
            if known is None or known.size < size:
                memory.remember(note)


def kept_by_witnesses() -> Iterator[tuple[str, str]]:
    """Yield the name of each witness that answers, and our latest checkpoint as it shows it."""
    policy = witness_policy()
    for witness in policy.witnesses.values() if policy else ():
        try:
            yield witness.name, _latest(witness)
        except WitnessUnreachableError as error:
            logger.warning("The witness %s could not be asked: %s", witness.name, error)


def _missing(checkpoint: Checkpoint) -> Iterable[Witness]:
    policy = witness_policy()
    have = set(checkpoint.cosignatures.values_list("name", "key_id"))
    for witness in policy.witnesses.values() if policy else ():
        if witness.url and (witness.key.name, witness.key.key_id.hex()) not in have:
            yield witness


def _last_size(witness: Witness) -> int:
    """Return the size of the last tree that the witness cosigned for us, 0 for none."""
    cosigned = Cosignature.objects.filter(name=witness.key.name, key_id=witness.key.key_id.hex())
    return cosigned.order_by("-checkpoint").values_list("checkpoint", flat=True).first() or 0


def _request(checkpoint: Checkpoint, old_size: int) -> AddCheckpoint:
    reader = TileReader(checkpoint.pk, stored_tiles)
    return AddCheckpoint(
        old_size=old_size,
        proof=reader.consistency_proof(old_size),
        checkpoint=checkpoint.note,
    )


def _ask(witness: Witness, request: AddCheckpoint) -> "Sequence[Line] | Exception":
    try:
        answer = _http(witness, "POST", "add-checkpoint", request.format())
        return read_answer(
            status=answer.status,
            content_type=answer.content_type,
            body=answer.body,
            checkpoint=request.checkpoint,
            keys=[witness.key],
        )
    except (WitnessUnreachableError, TlogError) as error:
        return error


def _latest(witness: Witness) -> str:
    answer = _http(witness, "GET", f"{hash_origin(log_verifier_key().name)}/checkpoint")
    if answer.status != http.client.OK:
        raise WitnessUnreachableError(f"it answers {answer.status}")
    return answer.body.decode(errors="replace")


def _http(witness: Witness, method: str, path: str, body: bytes | None = None) -> Answer:
    parts = urlsplit(witness.url or "")
    kinds = {"https": http.client.HTTPSConnection, "http": http.client.HTTPConnection}
    if parts.scheme not in kinds:
        raise WitnessUnreachableError(f"{witness.url} is no address of HTTP")
    connection = kinds[parts.scheme](parts.netloc, timeout=TIMEOUT_SECONDS)
    try:
        connection.request(method, f"{parts.path.rstrip('/')}/{path}", body=body)
        answer = connection.getresponse()
        return Answer(
            answer.status, answer.headers.get("Content-Type", ""), answer.read(MAX_ANSWER_BYTES)
        )
    except (OSError, http.client.HTTPException) as error:
        raise WitnessUnreachableError(repr(error)) from error
    finally:
        connection.close()


def _store(checkpoint: Checkpoint, line: Line) -> bool:
    return Cosignature.objects.get_or_create(
        checkpoint=checkpoint,
        name=line.name,
        key_id=line.key_id.hex(),
        defaults={
            "line": line.line,
            "signed_at": datetime.fromtimestamp(line.timestamp, UTC),
        },
    )[1]
