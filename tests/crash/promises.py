"""What must hold after every fault, computed from the rows by plain SQL: none of our own queries.

Entry points: `broken_promises`, and `broken_counts` for a quick look that reads no entry.
"""

import hashlib
import json
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import psycopg
from asn1crypto import cms
from pyhanko.pdf_utils.reader import PdfFileReader

from tests.crash.evidence import Evidence
from tlog.checkpoint import Checkpoint, open_checkpoint
from tlog.note import VerifierKey

SECOND = timedelta(seconds=1)
Query = Callable[[str], list[tuple[Any, ...]]]

ROWS_OF_ACTS = (
    ("party.registered", "SELECT entry_id FROM registry_party"),
    ("registration.initial", "SELECT entry_id FROM registry_dataasset"),
    ("certificate.issued", "SELECT entry_id FROM certificates_certificate WHERE state='ISSUED'"),
    ("document.issued", "SELECT entry_id FROM certificates_document WHERE state='ISSUED'"),
    (
        "file.renewed",
        "SELECT entry_id FROM certificates_archivalfile WHERE entry_id IS NOT NULL",
    ),
)
"""Kind of entry in any version, and the entries that its rows name: one row, one entry."""

NUMBERED = "test.numbered/1"
SERIES = (
    ("asset", "SELECT number FROM registry_dataasset", 3),
    (
        "certificate:",
        """SELECT number FROM certificates_certificate
        UNION ALL SELECT number FROM certificates_document WHERE kind = 'TITLE'""",
        11,
    ),
    ("document:", "SELECT number FROM certificates_document WHERE kind <> 'TITLE'", 7),
    ("filing:", "SELECT number FROM filings_filing", 7),
)
"""How a counter's name begins, where its numbers stand, where in them the serial begins."""
FILES = """
    SELECT number, sha256, issued_at, 0 FROM certificates_certificate WHERE state = 'ISSUED'
    UNION ALL
    SELECT number, sha256, issued_at, 0 FROM certificates_document WHERE state = 'ISSUED'
    UNION ALL
    SELECT 'renewed ' || coalesce(certificate_id, -document_id), sha256, renewed_at,
        row_number() OVER (PARTITION BY certificate_id, document_id ORDER BY id)
    FROM certificates_archivalfile WHERE entry_id IS NOT NULL
"""
"""What is issued or renewed: name, digest, since when, under how many further time-stamps."""
NAMED = """
    SELECT sha256 || '.pdf' FROM certificates_certificate WHERE state <> 'NUMBERED'
    UNION SELECT sha256 || '.pdf' FROM certificates_document WHERE state <> 'NUMBERED'
    UNION SELECT sha256 || '.pdf' FROM certificates_archivalfile
    UNION SELECT sha256 || '.p7s' FROM certificates_certificate WHERE p7s_sha256 <> ''
    UNION SELECT sha256 || '.p7s' FROM certificates_document WHERE p7s_sha256 <> ''
"""
"""Each file that a row names."""
UNSIGNED = "SELECT count(*) FROM {} WHERE state <> 'ISSUED' OR p7s_sha256 = ''"


class Log(NamedTuple):
    """The log's key, and the file in which its signer remembers."""

    key: VerifierKey
    memory: Path

    @property
    def store(self) -> Path:
        """Where the sealed files are."""
        return self.memory.parents[1] / "certificates"

    def remembered(self) -> Checkpoint | None:
        """Return the checkpoint in the signer's memory."""
        if not self.memory.exists():
            return None
        return open_checkpoint(self.memory.read_text(), self.key)


@contextmanager
def snapshot(database_url: str) -> Iterator[Query]:
    """Read the database as it is at one instant, without the product's code."""
    parts = urlsplit(database_url)
    if parts.scheme == "sqlite":
        with closing(sqlite3.connect(f"file:{parts.path[1:]}?mode=ro", uri=True)) as file:
            file.execute("BEGIN")
            yield lambda statement: file.execute(statement).fetchall()
    else:
        with psycopg.connect(database_url) as connection:
            connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield lambda statement: connection.execute(statement.encode()).fetchall()


def broken_counts(query: Query) -> list[str]:
    """Return each promise that counting shows to be broken."""
    ((entries,),) = query("SELECT count(*) FROM ledger_entry")
    ((leaves, last),) = query('SELECT count(*), max("index") FROM ledger_leaf')
    ((waiting,),) = query("SELECT count(*) FROM ledger_pending")
    ((numbered,),) = query(f"SELECT count(*) FROM ledger_entry WHERE kind = '{NUMBERED}'")  # noqa: S608 # a constant
    counters: dict[str, int] = dict(query("SELECT series, value FROM registry_counter"))
    broken = []
    if leaves and last + 1 != leaves:
        broken.append(f"leaf indexes have gaps: {leaves} leaves, the last is {last}")
    if entries != leaves + waiting:
        broken.append(f"{entries} entries, and {leaves} leaves with {waiting} waiting")
    if counters.get("crash", 0) != numbered:
        broken.append(f"numbers have gaps: {counters.get('crash', 0)} given, {numbered} used")
    for kind, rows in ROWS_OF_ACTS:
        ((made,),) = query(f"SELECT count(*) FROM ledger_entry WHERE kind LIKE '{kind}/%'")  # noqa: S608 # a constant
        found = len(query(rows))
        if made != found:
            broken.append(f"an act without its entry or the reverse: {made} {kind}, {found} rows")
    return broken


def unfinished(query: Query) -> list[str]:
    """Return what still waits although everything that waits has been taken up again."""
    ((waiting,),) = query("SELECT count(*) FROM ledger_pending")
    ((unsigned,),) = query(
        "SELECT count(*) FROM ledger_treehead"
        " WHERE size = (SELECT max(size) FROM ledger_treehead)"
        " AND size NOT IN (SELECT tree_head_id FROM ledger_checkpoint)"
    )
    ((uncertified,),) = query(
        "SELECT count(*) FROM registry_dataasset LEFT JOIN certificates_certificate AS issued"
        " ON issued.asset_id = registry_dataasset.id AND issued.state = 'ISSUED'"
        " WHERE issued.id IS NULL"
    )
    counts = {"entries": waiting, "heads": unsigned, "registrations": uncertified}
    for table in ("certificates_certificate", "certificates_document"):
        ((counts[table],),) = query(UNSIGNED.format(table))
    ((counts["renewals"],),) = query(
        "SELECT count(*) FROM certificates_archivalfile WHERE entry_id IS NULL"
    )
    return [f"{number} {what} still wait" for what, number in counts.items() if number]


def unnamed(query: Query, log: Log) -> list[str]:
    """Return each file in the store that no row names, and each that is named and not there."""
    kept = {path.name for path in log.store.rglob("*") if path.is_file()}
    named = {name for (name,) in query(NAMED)}
    return [
        *(f"nothing names the file {name}" for name in sorted(kept - named)),
        *(f"the named file {name} is gone" for name in sorted(named - kept)),
    ]


def broken_promises(database_url: str, evidence: Evidence, log: Log) -> list[str]:
    """Return each promise that is broken, as a sentence; everything is computed from the rows."""
    evidence.refresh()
    # A head is committed before it is remembered, and remembered before it is handed out.
    before = log.remembered()
    with snapshot(database_url) as query:
        return [
            *broken_counts(query),
            *_acts(query, evidence),
            *_rows(query),
            *_keys(query),
            *_numbers(query),
            *_certificates(query, evidence, log),
            *_tree(query, evidence, log, before),
        ]


def _acts(query: Query, evidence: Evidence) -> Iterator[str]:
    stored = {}
    for entry, content, leaf_hash in query("SELECT id, content, leaf_hash FROM ledger_entry"):
        stored[entry] = bytes(leaf_hash).hex()
        if hashlib.sha256(b"\0" + bytes(content)).digest() != bytes(leaf_hash):
            yield f"entry {entry} is not what its leaf hash says"
    lost = [entry for entry, digest in evidence.acts.items() if stored.get(entry) != digest]
    if lost:
        yield f"{len(lost)} acknowledged acts are lost, the first is entry {min(lost)}"


def _rows(query: Query) -> Iterator[str]:
    for kind, rows in ROWS_OF_ACTS:
        made = Counter(query(f"SELECT id FROM ledger_entry WHERE kind LIKE '{kind}/%'"))  # noqa: S608 # a constant
        found = Counter(query(rows))
        if made - found:
            yield f"{len(made - found)} entries {kind} without their act"
        if found - made:
            yield f"{len(found - made)} acts {kind} without their entry"


def _keys(query: Query) -> Iterator[str]:
    stored: dict[int, dict[str, int]] = defaultdict(dict)
    for entry, key, version in query("SELECT entry_id, key, version FROM ledger_entrykey"):
        stored[entry][key] = version
    versions: dict[str, list[int]] = defaultdict(list)
    for entry, content in query("SELECT id, content FROM ledger_entry"):
        keys = json.loads(bytes(content))["keys"]
        for key, version in keys.items():
            versions[key].append(version)
        if keys != stored[entry]:
            yield f"the keys of entry {entry} are not what its bytes say"
    for key, given in versions.items():
        if sorted(given) != list(range(1, len(given) + 1)):
            yield f"the versions of {key} have a gap or a duplicate"


def _numbers(query: Query) -> Iterator[str]:
    contents = query(f"SELECT content FROM ledger_entry WHERE kind = '{NUMBERED}'")  # noqa: S608 # a constant
    numbers = {"crash": [json.loads(bytes(row[0]))["payload"]["number"] for row in contents]}
    counters: dict[str, int] = dict(query("SELECT series, value FROM registry_counter"))
    for prefix, statement, start in SERIES:
        rows = query(statement)
        for series in counters:
            if series.startswith(prefix):
                month = series.removeprefix(prefix)
                numbers[series] = [int(row[0][start:]) for row in rows if month in row[0]]
    for series, given in numbers.items():
        if sorted(given) != list(range(1, counters.get(series, 0) + 1)):
            yield f"the numbers of {series} have a gap or a duplicate"


def _certificates(query: Query, evidence: Evidence, log: Log) -> Iterator[str]:
    issued: dict[str, str] = dict(
        query("SELECT number, sha256 FROM certificates_certificate WHERE state = 'ISSUED'")
    )
    for number, sha256 in evidence.certificates.items():
        if issued.get(number) != sha256:
            yield f"certificate {number} was seen issued and is not"
    for number, sha256, since, further in query(FILES):
        file = log.store / sha256[:2] / f"{sha256}.pdf"
        if not file.exists() or hashlib.sha256(file.read_bytes()).hexdigest() != sha256:
            yield f"the file of {number} is gone or another"
        else:
            yield from _time_stamps(number, file, since, further)


def _time_stamps(number: str, file: Path, since: datetime | str, further: int) -> Iterator[str]:
    """Yield what is wrong with the time-stamps that a file is said to have."""
    stamped = _stamped(file)
    begun = datetime.fromisoformat(since) if isinstance(since, str) else since
    if len(stamped) != 1 + further or None in stamped:
        yield f"{number} has the time-stamps {stamped}, not {1 + further} good ones"
    elif max(filter(None, stamped)) > begun.replace(tzinfo=begun.tzinfo or UTC) + SECOND:
        yield f"{number} is entered for {begun} and stamped later"


@cache
def _stamped(file: Path) -> tuple[datetime | None, ...]:
    """Return the instant of each time-stamp, None for one over other bytes or none at all.

    A file's name is its digest, so that one look is enough.
    """
    reader = PdfFileReader(BytesIO(file.read_bytes()))
    (seal,) = reader.embedded_regular_signatures
    return (
        _stamp_of_seal(seal.signer_info),
        *(
            _instant(stamp.signed_data, stamp.compute_digest)
            for stamp in reader.embedded_timestamp_signatures
        ),
    )


def _stamp_of_seal(seal: cms.SignerInfo) -> datetime | None:
    for attribute in seal["unsigned_attrs"] or ():
        if attribute["type"].native == "signature_time_stamp_token":
            token = attribute["values"][0]["content"]
            return _instant(
                token, lambda name: hashlib.new(name, seal["signature"].native).digest()
            )
    return None


def _instant(token: cms.SignedData, digest: Callable[[str], bytes]) -> datetime | None:
    content = token["encap_content_info"]["content"].parsed
    imprint = content["message_imprint"]
    name = imprint["hash_algorithm"]["algorithm"].native
    instant: datetime = content["gen_time"].native
    return instant if imprint["hashed_message"].native == digest(name) else None


def _tree(query: Query, evidence: Evidence, log: Log, before: Checkpoint | None) -> Iterator[str]:
    """Grow the tree again; every checkpoint that anybody ever saw must be one of its roots."""
    leaves = query(
        'SELECT "index", content FROM ledger_leaf JOIN ledger_entry ON id = entry_id ORDER BY 1'
    )
    if [index for index, _content in leaves] != list(range(len(leaves))):
        yield "leaf indexes are not contiguous"
    roots = prefix_roots([bytes(content) for _index, content in leaves])
    stored = {note for (note,) in query("SELECT note FROM ledger_checkpoint")}
    released = [open_checkpoint(note, log.key) for note in stored | evidence.checkpoints]
    remembered = log.remembered()
    for checkpoint in (*released, *filter(None, [before])):
        if checkpoint.size >= len(roots) or roots[checkpoint.size] != checkpoint.root:
            yield f"the checkpoint of {checkpoint.size} is no prefix of the log"
    if evidence.checkpoints - stored:
        yield "a checkpoint that was handed out is no longer stored"
    newest = max((checkpoint.size for checkpoint in released), default=0)
    if newest > (remembered.size if remembered else 0):
        yield f"the checkpoint of {newest} was handed out and its signer does not remember it"
    for size, root in query("SELECT size, root_hash FROM ledger_treehead"):
        if size >= len(roots) or roots[size] != bytes(root):
            yield f"the head of {size} is not the root of the entries"


def prefix_roots(entries: Sequence[bytes]) -> list[bytes]:
    """Return the RFC 6962 root of each prefix, from that of none to that of all."""
    roots = [hashlib.sha256().digest()]
    peaks: list[bytes] = []
    for index, entry in enumerate(entries):
        node = hashlib.sha256(b"\0" + entry).digest()
        while index & 1:
            node = _parent(peaks.pop(), node)
            index >>= 1  # noqa: PLW2901 # its trailing ones say how many peaks merge
        peaks.append(node)
        root = peaks[-1]
        for peak in reversed(peaks[:-1]):
            root = _parent(peak, root)
        roots.append(root)
    return roots


def _parent(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\1" + left + right).digest()
