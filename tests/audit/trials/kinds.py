"""Every kind of change that a trial makes; docs/tampering.md lists them with what finds them.

Entry points: `ADMINISTRATOR`, for who has the database, and `KEYHOLDER`, for who has our code and
the log key besides. `ONLY_A_COPY` names those that nothing inside can show.
"""

import json
import unicodedata
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db.models import F, Model

from audit.copies import Copy
from audit.findings import FindingKind as K
from certificates.detached import signature_path
from certificates.models import Certificate
from certificates.queries import certificate_path
from filings.models import Filing
from filings.workflow import State
from ledger.entries import parse_entry
from ledger.keys import log_signers, log_verifier_key
from ledger.models import Checkpoint, Entry, EntryKey, Leaf, Tile, TreeHead
from ledger.proofs import prove_entry
from ledger.publishing import publish
from ledger.queries import entry_index
from primitives.canonical_json import canonical_json
from registry.entries import INITIAL_REGISTRATION, PARTY_REGISTERED
from registry.instruments import instrument_path
from registry.kinds import Grade, PartyKind, PersonalInformation, PublicData
from registry.models import (
    AssetVersion,
    Counter,
    DataAsset,
    Derivation,
    ExternalSource,
    Instrument,
    Opening,
    Party,
    Responsibility,
)
from rights.models import Interest, Mark, Remark, Share
from tests.audit.trials.attacker import Attacker
from tests.audit.trials.harness import Change, Expected, Place
from tests.audit.trials.register import checkpoint_sizes
from tests.factories import NOON
from tlog.checkpoint import Checkpoint as Body
from tlog.checkpoint import sign_checkpoint
from tlog.merkle import leaf_hash
from tlog.note import NoteSigner
from tlog.tiles import TILE_WIDTH


def altered(row: Model, *columns: str, entry: Entry) -> Expected:
    """Return that a row is found, column by column, with the entry that wrote it."""
    table, index = row._meta.db_table, entry_index(entry)  # noqa: SLF001 # Django's public model API
    return Expected({(K.ROW_ALTERED, table, str(row.pk), column, index) for column in columns})


def _organisations() -> Any:
    return Party.objects.exclude(kind=PartyKind.NATURAL)


def _people() -> Any:
    return Party.objects.filter(kind=PartyKind.NATURAL)


# Rows of the register.


def _text_of_an_asset(by: Attacker) -> Expected:
    asset = by.pick(DataAsset.objects)
    column = by.random.choice(["name", "summary", "region"])
    by.update(asset, **{column: f"{getattr(asset, column)}*"})
    return altered(asset, column, entry=asset.entry)


def _instant_of_an_asset(by: Attacker) -> Expected:
    asset = by.pick(DataAsset.objects)
    by.update(asset, registered_at=asset.registered_at - timedelta(seconds=by.random.randint(1, 9)))
    return altered(asset, "registered_at", entry=asset.entry)


def _grade_of_an_asset(by: Attacker) -> Expected:
    asset = by.pick(DataAsset.objects)
    values = {
        "grade": Grade.IMPORTANT,
        "personal_information": PersonalInformation.SENSITIVE,
        "public_data": PublicData.UTILITY,
    }
    column = by.random.choice(sorted(values))
    by.update(asset, **{column: values[column]})
    return altered(asset, column, entry=asset.entry)


def _responsibility_of_another(by: Attacker) -> Expected:
    named = by.pick(Responsibility.objects)
    by.update(named, party=by.pick(Party.objects.exclude(pk=named.party_id)))
    return altered(named.asset, "responsibilities", entry=named.asset.entry)


def _responsibility_deleted(by: Attacker) -> Expected:
    named = by.pick(Responsibility.objects)
    asset = named.asset
    named.delete()
    return altered(asset, "responsibilities", entry=asset.entry)


def _name_of_an_organisation(by: Attacker) -> Expected:
    party = by.pick(_organisations())
    by.update(party, name="示例冒名者")
    return altered(party, "name", entry=party.entry)


def _name_in_another_spelling(by: Attacker) -> Expected:
    party = by.pick(_organisations())
    spellings = [
        f"{party.name} ",
        party.name.replace("示", "⽰"),  # the radical, which looks alike
        party.name + "\u200b",
        unicodedata.normalize("NFD", f"{party.name}é"),
    ]
    by.update(party, name=by.random.choice(spellings))
    return altered(party, "name", entry=party.entry)


def _name_of_a_person(by: Attacker) -> Expected:
    party = by.pick(_people())
    by.update(party, name="示例冒名者")
    return altered(party, "name", entry=party.entry)


def _opening_altered(by: Attacker) -> Expected:
    opening = by.pick(Opening.objects.filter(entry__party__isnull=False))
    by.update(opening, disclosure=opening.disclosure[:-1] + "_")
    party = Party.objects.get(entry=opening.entry)
    return altered(party, opening.path[1:], entry=opening.entry)


def _opening_deleted(by: Attacker) -> Expected:
    opening = by.pick(Opening.objects.filter(entry__party__isnull=False))
    party, entry = Party.objects.get(entry=opening.entry), opening.entry
    opening.delete()
    return altered(party, opening.path[1:], entry=entry)


def _party_example(by: Attacker) -> Expected:
    party = by.pick(Party.objects)
    by.update(party, is_example=False)
    return altered(party, "is_example", entry=party.entry)


def _shares_moved(by: Attacker) -> Expected:
    right = by.pick(
        Interest.objects.filter(shares__numerator__lt=F("shares__denominator")).distinct()
    )
    part = by.random.randint(3, 9)
    first, second = right.shares.order_by("pk")
    by.update(first, numerator=part - 1, denominator=part)
    by.update(second, numerator=1, denominator=part)
    return altered(right, "shares", entry=right.entry)


def _share_of_another(by: Attacker) -> Expected:
    share = by.pick(Share.objects)
    by.update(share, party=by.pick(Party.objects.exclude(shares__interest=share.interest)))
    return altered(share.interest, "shares", entry=share.interest.entry)


def _right_prolonged(by: Attacker) -> Expected:
    right = by.pick(Interest.objects)
    end = right.valid_to + timedelta(days=by.random.randint(1, 400))
    by.update(right, valid_to=end, until=end)
    return altered(right, "valid_to", entry=right.entry)


def _right_without_limits(by: Attacker) -> Expected:
    right = by.pick(Interest.objects)
    by.update(right, limits="无")
    return altered(right, "limits", entry=right.entry)


def _right_deleted(by: Attacker) -> Expected:
    right = by.pick(Interest.objects)
    index = entry_index(right.entry)
    right.shares.all().delete()
    right.delete()
    return Expected({(K.ROW_MISSING, "rights_interest", "", "", index)})


def _digest_of_a_version(by: Attacker) -> Expected:
    version = by.pick(AssetVersion.objects)
    by.update(version, sha256=version.sha256[::-1])
    return altered(version, "sha256", entry=version.entry)


def _source_from_outside(by: Attacker) -> Expected:
    source = by.pick(ExternalSource.objects)
    by.update(source, edition="2.0")
    return altered(source, "edition", entry=source.entry)


def _provenance(by: Attacker) -> Expected:
    derivation = by.pick(Derivation.objects)
    by.update(derivation, code_sha256="b" * 64)
    return altered(derivation, "code_sha256", entry=derivation.derived_version.entry)


def _registering_entry(instrument: Instrument) -> Entry:
    return Filing.objects.get(papers__instrument=instrument).asset.entry  # type: ignore[union-attr] # every case of a trial is registered


def _digest_of_a_paper(by: Attacker) -> Expected:
    paper = by.pick(Instrument.objects)
    by.update(paper, sha256=paper.sha256[::-1])
    expected = altered(paper, "sha256", entry=_registering_entry(paper))
    file = (K.FILE_DAMAGED, "registry_instrument", str(paper.pk), "sha256", None)
    return Expected({*expected.places, file})


def _kind_of_a_paper(by: Attacker) -> Expected:
    paper = by.pick(Instrument.objects)
    by.update(paper, kind="OTHER")
    return altered(paper, "kind", entry=_registering_entry(paper))


def _writer_of_a_right(by: Attacker) -> Expected:
    right = by.pick(Interest.objects)
    by.update(right, entry=by.pick(Entry.objects.filter(kind=PARTY_REGISTERED)))
    return altered(right, "entry", entry=right.entry)


def _case_undone(by: Attacker) -> Expected:
    filing = by.pick(Filing.objects)
    index = entry_index(filing.asset.entry)
    by.update(filing, state=State.REFUSED, asset=None, entry=None)
    return Expected({(K.ROW_MISSING, "filings_filing", "", "", index)})


def _party_without_an_act(by: Attacker) -> Expected:
    party = by.pick(_organisations())
    party.pk, party.reference, party.identifier = None, "P-FORGED", f"X{by.random.random()}"
    party.entry = by.pick(Entry.objects.filter(kind=INITIAL_REGISTRATION))
    party.save(force_insert=True)
    return Expected({(K.ROW_WITHOUT_ENTRY, "registry_party", str(party.pk), "", None)})


def _freeze_lifted_without_an_act(by: Attacker) -> Expected:
    freeze = by.pick(Remark.objects)
    by.update(freeze, until=freeze.valid_from, ended_by=by.pick(Entry.objects))
    return Expected({(K.ROW_WITHOUT_ENTRY, "rights_remark", str(freeze.pk), "", None)})


def _freeze_shortened(by: Attacker) -> Expected:
    freeze = by.pick(Remark.objects)
    by.update(freeze, body=freeze.body | {"months": 1})
    return altered(freeze, "body", entry=freeze.entry)


def _mark_deleted(by: Attacker) -> Expected:
    mark = by.pick(Mark.objects)
    index = entry_index(mark.entry)
    mark.delete()
    return Expected({(K.ROW_MISSING, "rights_mark", "", "", index)})


def _mark_added(by: Attacker) -> Expected:
    mark = by.pick(Mark.objects)
    source = Remark.objects.get(reference=mark.cause).asset
    cause = by.random.choice([mark.cause, "N-FORGED"])
    added = Mark.objects.create(cause=cause, asset=source, entry=mark.entry)
    return Expected({(K.ROW_WITHOUT_ENTRY, "rights_mark", str(added.pk), "", None)})


def _writer_of_a_mark(by: Attacker) -> Expected:
    mark = by.pick(Mark.objects)
    by.update(mark, entry=by.pick(Entry.objects.filter(kind=PARTY_REGISTERED)))
    return altered(mark, "entry", entry=mark.entry)


def _counter_set_back(by: Attacker) -> Expected:
    counter = by.pick(Counter.objects.filter(value__gt=0))
    by.update(counter, value=counter.value - 1)
    return Expected({(K.COUNTER_BEHIND, "registry_counter", counter.pk, "value", None)})


# Certificates and files.


def _digest_of_a_certificate(by: Attacker) -> Expected:
    certificate = by.pick(Certificate.objects)
    by.update(certificate, sha256=certificate.sha256[::-1])
    expected = altered(certificate, "sha256", entry=certificate.entry)
    # The second signature lies beside the file, under the same digest.
    files = (_damaged(certificate), _damaged(certificate, "p7s_sha256"))
    return Expected({*expected.places, *files})


def _statement_of_a_certificate(by: Attacker) -> Expected:
    certificate = by.pick(Certificate.objects)
    statement = json.loads(bytes(certificate.statement)) | {"forged": True}
    by.update(certificate, statement=canonical_json(statement))
    return altered(certificate, "statement_sha256", entry=certificate.entry)


def _code_of_a_certificate(by: Attacker) -> Expected:
    certificate = by.pick(Certificate.objects)
    by.update(certificate, check_code="AAAA-AAAA-AAAA-AAAA")
    return altered(certificate, "check_code", entry=certificate.entry)


def _certificate_outside_the_ledger(by: Attacker) -> Expected:
    certificate = by.pick(Certificate.objects)
    certificate.pk, certificate.number = None, "SJ3709001010001"
    certificate.entry, certificate.registration = Entry.objects.filter(party__isnull=False)[:2]
    certificate.save(force_insert=True)
    row = (K.ROW_WITHOUT_ENTRY, "certificates_certificate", str(certificate.pk), "", None)
    series = (K.COUNTER_BEHIND, "registry_counter", "certificate:900101", "value", None)
    return Expected({row, series})


def _damaged(row: Certificate | Instrument, column: str = "sha256") -> Place:
    return (K.FILE_DAMAGED, row._meta.db_table, str(row.pk), column, None)  # noqa: SLF001 # Django's public model API


def _sealed_file_changed(by: Attacker) -> Expected:
    certificate = by.pick(Certificate.objects)
    path = certificate_path(certificate.sha256)
    by.write(path, by.flip(path.read_bytes()))
    return Expected({_damaged(certificate)})


def _second_signature_changed(by: Attacker) -> Expected:
    certificate = by.pick(Certificate.objects)
    path = signature_path(certificate)
    by.write(path, by.flip(path.read_bytes()))
    return Expected({_damaged(certificate, "p7s_sha256")})


def _paper_file_changed(by: Attacker) -> Expected:
    paper = by.pick(Instrument.objects)
    path = instrument_path(paper.sha256)
    by.write(path, by.flip(path.read_bytes()))
    return Expected({_damaged(paper)})


def _paper_file_deleted(by: Attacker) -> Expected:
    paper = by.pick(Instrument.objects)
    by.write(instrument_path(paper.sha256), None)
    return Expected({_damaged(paper)})


# Rows of the ledger, behind guards that were switched off and on again.


def _column_of_an_entry(by: Attacker) -> Expected:
    entry = by.pick(Entry.objects)
    values = {
        "kind": "party.registered/9",
        "actor": "U-OTHER",
        "officer": "U-OTHER",
        "recorded_at": entry.recorded_at + timedelta(seconds=1),
    }
    column = by.random.choice(sorted(values))
    with by.unguarded():
        by.update(entry, **{column: values[column]})
    place = (K.ENTRY_ALTERED, "ledger_entry", str(entry.pk), column, entry_index(entry))
    return Expected({place})


def _bit_of_an_entry(by: Attacker) -> Expected:
    entry = by.pick(Entry.objects)
    with by.unguarded():
        by.update(entry, content=by.flip(bytes(entry.content)))
    index = entry_index(entry)
    places = {
        (K.ENTRY_ALTERED, "ledger_entry", str(entry.pk), "leaf_hash", index),
        (K.LEAF_MISMATCH, "ledger_leaf", str(index), "entry", index),
    }
    return Expected(places, is_exact=False)


def _entry_with_its_hash(by: Attacker) -> Expected:
    entry = by.pick(_party_entries())
    with by.unguarded():
        by.change_entry(entry, _renamed(entry))
    index = entry_index(entry)
    place = (K.LEAF_MISMATCH, "ledger_leaf", str(index), "entry", index)
    return Expected({place}, is_exact=False)


def _log_rewritten_without_the_key(by: Attacker) -> Expected:
    entry = by.pick(_party_entries())
    index = entry_index(entry) or 0
    sizes = checkpoint_sizes()
    with by.unguarded():
        by.change_entry(entry, _renamed(entry))
        by.update(entry.party, name="示例冒名者")
        by.rewrite_log(sign=False)
    first_bad = min(size for size in sizes if size > index)
    last_good = max([0, *(size for size in sizes if size <= index)])
    place = (K.CHECKPOINT_INVALID, "ledger_checkpoint", str(first_bad), "note", last_good)
    # The memory of the signer, which is outside of the database, says the same.
    memory = (K.COPY_CONTRADICTS, "copy", "the signer's memory", "", None)
    return Expected({place, memory})


def _party_entries() -> Any:
    return Entry.objects.filter(party__isnull=False).exclude(party__kind=PartyKind.NATURAL)


def _renamed(entry: Entry) -> bytes:
    content = parse_entry(bytes(entry.content))
    content["payload"]["name"] = "示例冒名者"
    return canonical_json(content)


def _two_places_swapped(by: Attacker) -> Expected:
    one, other = by.random.sample(
        list(Leaf.objects.filter(entry__party__isnull=False).order_by("index")), 2
    )
    with by.unguarded():
        place = 'UPDATE ledger_leaf SET entry_id = %s WHERE "index" = %s'
        by.sql(place, -1, one.index)
        by.sql(place, one.entry_id, other.index)
        by.sql(place, other.entry_id, one.index)
    places: set[Place] = {
        (K.LEAF_MISMATCH, "ledger_leaf", str(leaf.index), "entry", leaf.index)
        for leaf in (one, other)
    }
    return Expected(places, is_exact=False)


def _entry_deleted(by: Attacker) -> Expected:
    entry = by.pick(_party_entries())
    with by.unguarded():
        by.sql("DELETE FROM ledger_entry WHERE id = %s", entry.pk)
    place = (K.ENTRY_MISSING, "ledger_entry", str(entry.pk), "", entry_index(entry))
    return Expected({place}, is_exact=False)


def _act_deleted_whole(by: Attacker) -> Expected:
    party = by.pick(Party.objects.filter(shares=None, externalsource=None, activities=None))
    index, entry = entry_index(party.entry), party.entry_id
    with by.unguarded():
        party.delete()
        for table, column in (
            ("registry_opening", "entry_id"),
            ("ledger_entrykey", "entry_id"),
            ("ledger_leaf", "entry_id"),
            ("ledger_entry", "id"),
        ):
            by.sql(f"DELETE FROM {table} WHERE {column} = %s", entry)  # noqa: S608 # constants
    place = (K.INDEX_GAP, "ledger_leaf", str(index), "index", index)
    last = Leaf.objects.order_by("-index").first()
    if last and last.index < (index or 0):
        # The last leaf of all: the heads and the memory still count it.
        place = (K.ROOT_MISMATCH, "ledger_treehead", str((index or 0) + 1), "root_hash", index)
    return Expected({place}, is_exact=False)


def _tail_cut_off(by: Attacker) -> Expected:
    size = by.random.choice([size for size in checkpoint_sizes() if size >= _first_bulk()][:-1])
    with by.unguarded():
        by.cut_log(size, keep_entries=False)
    return Expected({(K.COPY_CONTRADICTS, "copy", "the signer's memory", "", size)})


def _first_bulk() -> int:
    """Return the size behind which only parties were entered."""
    last = Leaf.objects.exclude(entry__kind=PARTY_REGISTERED).order_by("index").last()
    return last.index + 1 if last else 0


def _version_of_a_key(by: Attacker) -> Expected:
    key = by.pick(EntryKey.objects)
    version = by.random.randint(key.version + 9, 99)
    with by.unguarded():
        by.sql(
            "UPDATE ledger_entrykey SET version = %s WHERE key = %s AND version = %s",
            version,
            key.key,
            key.version,
        )
    index = entry_index(key.entry)
    place = (K.KEY_MISMATCH, "ledger_entrykey", f"{key.key}/{version}", "version", index)
    return Expected({place}, is_exact=False)


def _key_deleted(by: Attacker) -> Expected:
    key = by.pick(EntryKey.objects)
    with by.unguarded():
        by.sql("DELETE FROM ledger_entrykey WHERE key = %s AND version = %s", key.key, key.version)
    # The version that follows it then follows nothing.
    broken = [key, *EntryKey.objects.filter(key=key.key, version=key.version + 1)]
    return Expected(
        {
            (
                K.KEY_MISMATCH,
                "ledger_entrykey",
                f"{each.key}/{each.version}",
                "version",
                entry_index(each.entry),
            )
            for each in broken
        }
    )


def _key_of_no_entry(by: Attacker) -> Expected:
    with by.unguarded():
        by.sql(
            "INSERT INTO ledger_entrykey (key, version, entry_id) VALUES (%s, 1, %s)",
            "asset:FORGED",
            -by.random.randint(1, 99),
        )
    return Expected({(K.KEY_MISMATCH, "ledger_entrykey", "asset:FORGED/1", "version", None)})


def _bit_of_a_tile(by: Attacker) -> Expected:
    tile = by.pick(Tile.objects.filter(level=0))
    data = bytearray(bytes(tile.data))
    place = by.random.randrange(len(data))
    data[place] ^= 1 << by.random.randrange(8)
    with by.unguarded():
        by.sql(
            'UPDATE ledger_tile SET data = %s WHERE level = 0 AND "index" = %s',
            bytes(data),
            tile.index,
        )
    leaf = tile.index * TILE_WIDTH + place // 32
    return Expected({(K.TILE_ALTERED, "ledger_tile", f"0/{tile.index}", "data", leaf)})


def _tile_deleted(by: Attacker) -> Expected:
    tile = by.pick(Tile.objects.filter(level=0))
    with by.unguarded():
        by.sql('DELETE FROM ledger_tile WHERE level = 0 AND "index" = %s', tile.index)
    pk = f"0/{tile.index}"
    place = (K.TILE_ALTERED, "ledger_tile", pk, "data", tile.index * TILE_WIDTH)
    # With the edge of the tree gone, the signer's memory cannot be compared.
    return Expected({place}, is_exact=False)


def _root_of_a_head(by: Attacker) -> Expected:
    head = by.pick(TreeHead.objects)
    with by.unguarded():
        by.update(head, root_hash=by.flip(bytes(head.root_hash)))
    place = (K.ROOT_MISMATCH, "ledger_treehead", str(head.pk), "root_hash", head.pk - 1)
    return Expected({place})


def _last_head_deleted(by: Attacker) -> Expected:
    size = checkpoint_sizes()[-1]
    with by.unguarded():
        by.sql("DELETE FROM ledger_checkpoint WHERE tree_head_id = %s", size)
        by.sql("DELETE FROM ledger_treehead WHERE size = %s", size)
    return Expected(
        {
            (K.HEAD_MISSING, "ledger_treehead", str(size), "", size - 1),
            (K.HEAD_UNSIGNED, "ledger_checkpoint", str(size), "", None),
        }
    )


def _with_note(by: Attacker, write: Callable[[Checkpoint], str]) -> Expected:
    checkpoint = by.pick(Checkpoint.objects)
    with by.unguarded():
        by.update(checkpoint, note=write(checkpoint))
    pk = str(checkpoint.pk)
    return Expected({(K.CHECKPOINT_INVALID, "ledger_checkpoint", pk, "note", checkpoint.pk - 1)})


def _signature_changed(by: Attacker) -> Expected:
    def write(checkpoint: Checkpoint) -> str:
        text, _separator, signature = checkpoint.note.rpartition(" ")
        place = by.random.randrange(8, 40)
        other = "A" if signature[place] != "A" else "B"
        return f"{text} {signature[:place]}{other}{signature[place + 1 :]}"

    return _with_note(by, write)


def _checkpoint_of_another_log(by: Attacker) -> Expected:
    signer = NoteSigner.generate("example.com/other-log")
    return _with_note(by, lambda checkpoint: _signed(checkpoint, signer))


def _checkpoint_of_another_key(by: Attacker) -> Expected:
    signer = NoteSigner.generate(log_verifier_key().name)
    return _with_note(by, lambda checkpoint: _signed(checkpoint, signer))


def _checkpoint_of_another_size(by: Attacker) -> Expected:
    return _with_note(
        by, lambda checkpoint: by.pick(Checkpoint.objects.exclude(pk=checkpoint.pk)).note
    )


def _signed(checkpoint: Checkpoint, signer: NoteSigner) -> str:
    root = bytes(checkpoint.tree_head.root_hash)
    return sign_checkpoint(Body(origin=signer.name, size=checkpoint.pk, root=root), signer)


def _guard_hollowed_out(by: Attacker) -> Expected:
    name = "guard_ledger_tile_grow"
    with by.unguarded():
        pass
    if by.is_postgresql:
        by.sql(
            "CREATE OR REPLACE FUNCTION ledger_tile_grows() RETURNS trigger LANGUAGE plpgsql"
            " AS $$ BEGIN RETURN NEW; END $$"
        )
    else:
        by.sql(f"DROP TRIGGER {name}")
        by.sql(
            f"CREATE TRIGGER {name} BEFORE UPDATE ON ledger_tile"
            " WHEN 0 BEGIN SELECT RAISE(ABORT, 'ledger_tile only grows'); END"
        )
    return Expected({(K.TRIGGER_MISSING, name, "", "", None)})


def _guard_left_off(by: Attacker) -> Expected:
    table = by.random.choice(["ledger_entry", "ledger_leaf", "ledger_checkpoint"])
    with by.unguarded():
        pass
    if by.is_postgresql:
        name = f"guard_{table}_refuse"
        by.sql(f"ALTER TABLE {table} DISABLE TRIGGER {name}")
    else:
        name = f"guard_{table}_update"
        by.sql(f"DROP TRIGGER {name}")
    return Expected({(K.TRIGGER_MISSING, name, "", "", None)})


def _queued_again(by: Attacker) -> Expected:
    leaf = by.pick(Leaf.objects)
    with by.unguarded():
        by.sql("INSERT INTO ledger_pending (entry_id) VALUES (%s)", leaf.entry_id)
    place = (K.ENTRY_REQUEUED, "ledger_pending", str(leaf.entry_id), "", leaf.index)
    return Expected({place})


def _pulled_out_of_the_log(by: Attacker) -> Expected:
    leaf = by.pick(Leaf.objects.exclude(index=Leaf.objects.count() - 1))
    with by.unguarded():
        by.sql('DELETE FROM ledger_leaf WHERE "index" = %s', leaf.index)
    return Expected(
        {
            (K.INDEX_GAP, "ledger_leaf", str(leaf.index), "index", leaf.index),
            (K.ENTRY_UNSEQUENCED, "ledger_entry", str(leaf.entry_id), "", None),
        },
        is_exact=False,
    )


def _entry_without_an_act(by: Attacker) -> Expected:
    entry = by.pick(_party_entries())
    content = parse_entry(bytes(entry.content))
    content["payload"]["reference"] = reference = f"P-{by.random.randint(1, 10**9)}"
    content["keys"] = {f"party:{reference}": 1}
    entry.pk, entry.content = None, canonical_json(content)
    entry.leaf_hash = leaf_hash(entry.content)
    entry.save(force_insert=True)
    return Expected({(K.ROW_MISSING, "registry_party", "", "", None)})


# With our code and the log key.


def _record(kind: str, payload: dict[str, Any], key: str) -> Entry:
    """Write an entry of any payload, publish it, and return it."""
    entry_keys = {key: 1}
    content: dict[str, Any] = {
        "schema": "quanji.entry/1",
        "kind": kind,
        "keys": entry_keys,
        "recorded_at": f"{NOON:%Y-%m-%dT%H:%M:%SZ}",
        "actor": "U-1",
        "officer": "U-1",
        "nonce": "0" * 64,
        "payload": payload,
    }
    return _append(kind, canonical_json(content))


def _append(kind: str, content: bytes) -> Entry:
    entry = Entry.objects.create(
        kind=kind,
        recorded_at=NOON,
        actor="U-1",
        officer="U-1",
        content=content,
        leaf_hash=leaf_hash(content),
    )
    publish(at=NOON)
    return entry


def _content_of(kind: K, entry: Entry) -> Place:
    return (kind, "ledger_entry", str(entry.pk), "content", entry_index(entry))


def _second_entry_of_a_certificate(by: Attacker) -> Expected:
    by.keep_memory()
    certificate = by.pick(Certificate.objects)
    issued = parse_entry(bytes(certificate.entry.content))
    entry = _record(issued["kind"], issued["payload"], "other:1")
    row = "certificates_certificate"
    writer = (K.ROW_ALTERED, row, str(certificate.pk), "entry", entry_index(entry))
    return Expected({_content_of(K.ENTRY_REPEATED, entry), writer})


def _act_of_garbage(by: Attacker) -> Expected:
    by.keep_memory()
    kind = by.random.choice([PARTY_REGISTERED, INITIAL_REGISTRATION])
    entry = _record(kind, {"reference": []}, "other:2")
    return Expected({_content_of(K.ENTRY_ALTERED, entry)})


def _member_that_stands_twice(by: Attacker) -> Expected:
    by.keep_memory()
    entry = by.pick(_party_entries())
    content = bytes(entry.content).replace(b'"payload":{', b'"payload":{"name":"A",', 1)
    smuggled = _append(entry.kind, _with_keys(content, by))
    return Expected({_content_of(K.ENTRY_ALTERED, smuggled)}, is_exact=False)


def _with_keys(content: bytes, by: Attacker) -> bytes:
    """Give an entry's bytes a key that is new, and the actor and officer of `_append`."""
    parsed = parse_entry(content)
    for member in ("actor", "officer"):
        old = json.dumps(parsed[member]).encode()
        content = content.replace(
            b'"%b":%b' % (member.encode(), old), b'"%b":"U-1"' % member.encode()
        )
    (key,) = parsed["keys"]
    return content.replace(key.encode(), f"party:P-{by.random.randint(1, 10**9)}".encode(), 1)


def _act_without_its_rows(by: Attacker) -> Expected:
    by.keep_memory()
    entry = by.pick(_party_entries())
    payload = parse_entry(bytes(entry.content))["payload"] | {"reference": "P-FORGED"}
    forged = _record(entry.kind, payload, "party:P-FORGED")
    return Expected({(K.ROW_MISSING, "registry_party", "", "", entry_index(forged))})


def _history_rewritten_with_the_key(by: Attacker) -> Expected:
    entry = by.pick(_party_entries())
    index = entry_index(entry)
    kept = Copy("a bank's proof", prove_entry(entry).format())
    size = checkpoint_sizes()[-1]
    older = by.random.choice([each for each in checkpoint_sizes() if each > (index or 0)])
    checkpoint = Copy("a court's checkpoint", Checkpoint.objects.get(pk=older).note)
    with by.unguarded():
        by.change_entry(entry, _renamed(entry))
        by.update(entry.party, name="示例冒名者")
        by.rewrite_log(sign=True)
    assert size == checkpoint_sizes()[-1]
    return Expected(
        {
            (K.COPY_CONTRADICTS, "copy", kept.source, "", None),
            (K.COPY_CONTRADICTS, "copy", kept.source, "", index),
            (K.COPY_CONTRADICTS, "copy", checkpoint.source, "", None),
        },
        copies=[kept, checkpoint],
    )


def _fork_shown_to_one(by: Attacker) -> Expected:
    size = by.random.choice(checkpoint_sizes())
    signer, *others = log_signers(at=NOON)
    root = by.random.randbytes(32)
    note = sign_checkpoint(Body(origin=signer.name, size=size, root=root), signer, *others)
    kept = Copy("what one bank was shown", note)
    return Expected({(K.COPY_CONTRADICTS, "copy", kept.source, "", None)}, copies=[kept])


def _set_back_with_the_memory(by: Attacker) -> Expected:
    return _set_back(by, keep_entries=False)


def _later_acts_withheld(by: Attacker) -> Expected:
    return _set_back(by, keep_entries=True)


def _set_back(by: Attacker, *, keep_entries: bool) -> Expected:
    sizes = [size for size in checkpoint_sizes() if size >= _first_bulk()]
    size = by.random.choice(sizes[:-1])
    later = by.random.choice([each for each in sizes if each > size])
    kept = Copy("a later checkpoint", Checkpoint.objects.get(pk=later).note)
    with by.unguarded():
        by.cut_log(size, keep_entries=keep_entries)
    by.forget()
    return Expected({(K.COPY_CONTRADICTS, "copy", kept.source, "", size)}, copies=[kept])


def _named(*changes: Change) -> dict[str, Change]:
    return {change.__name__.strip("_"): change for change in changes}


ADMINISTRATOR = _named(
    _text_of_an_asset,
    _instant_of_an_asset,
    _grade_of_an_asset,
    _responsibility_of_another,
    _responsibility_deleted,
    _name_of_an_organisation,
    _name_in_another_spelling,
    _name_of_a_person,
    _opening_altered,
    _opening_deleted,
    _party_example,
    _shares_moved,
    _share_of_another,
    _right_prolonged,
    _right_without_limits,
    _right_deleted,
    _digest_of_a_version,
    _source_from_outside,
    _provenance,
    _digest_of_a_paper,
    _kind_of_a_paper,
    _writer_of_a_right,
    _case_undone,
    _party_without_an_act,
    _freeze_lifted_without_an_act,
    _freeze_shortened,
    _mark_deleted,
    _mark_added,
    _writer_of_a_mark,
    _counter_set_back,
    _digest_of_a_certificate,
    _statement_of_a_certificate,
    _code_of_a_certificate,
    _certificate_outside_the_ledger,
    _sealed_file_changed,
    _second_signature_changed,
    _paper_file_changed,
    _paper_file_deleted,
    _column_of_an_entry,
    _bit_of_an_entry,
    _entry_with_its_hash,
    _log_rewritten_without_the_key,
    _two_places_swapped,
    _entry_deleted,
    _act_deleted_whole,
    _tail_cut_off,
    _version_of_a_key,
    _key_deleted,
    _key_of_no_entry,
    _bit_of_a_tile,
    _tile_deleted,
    _root_of_a_head,
    _last_head_deleted,
    _signature_changed,
    _checkpoint_of_another_log,
    _checkpoint_of_another_key,
    _checkpoint_of_another_size,
    _guard_left_off,
    _guard_hollowed_out,
    _queued_again,
    _pulled_out_of_the_log,
    _entry_without_an_act,
)

KEYHOLDER = _named(
    _second_entry_of_a_certificate,
    _act_of_garbage,
    _member_that_stands_twice,
    _act_without_its_rows,
    _history_rewritten_with_the_key,
    _fork_shown_to_one,
    _set_back_with_the_memory,
    _later_acts_withheld,
)

ONLY_A_COPY = frozenset(
    {
        "history_rewritten_with_the_key",
        "fork_shown_to_one",
        "set_back_with_the_memory",
        "later_acts_withheld",
    }
)
