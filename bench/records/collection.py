"""The records as they stand in the collection's files, and what each names as its parents.

Pure. Entry points: `read_records`, `plan_of`. A parent is named in words. It is taken for a record
only if its name fits exactly one; whatever else it may be, it is a source from outside.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any

from bench.records.licences import HOLD, OPERATE, USE, rights_of

TEMPLATE = "_template.json"
HUB = re.compile(
    r"^(?:https?://)?(?:www\.)?(?:huggingface\.co|hf\.co)/(?:datasets/)?", re.IGNORECASE
)
SCHEME = re.compile(r"^https?://(?:www\.)?", re.IGNORECASE)
NOUN = re.compile(r"\s+(?:datasets?|corpus|collection)$")
FROM_THE_WEB = re.compile(
    r"\w\.[a-z]{2,}(?:/|$)|\bweb|crawl|github|youtube|reddit|twitter|facebook|quora|flickr|tiktok"
)
"""An address, a word that says so, or where people post."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One data set as its record describes it.

    Attributes:
        place: file and key, which name the record.
        content: the record's own bytes, as canonical as JSON gets; the collection holds no data.
        names: folded, every name by which another record may mean this one.
        creators: organisations, each once, in the order of the record.
        website: where the record says it is published; "" if nowhere.
        page_licences: what the pages of the same data set elsewhere state, as the record noted it.
    """

    place: str
    content: bytes
    medium: str
    name: str
    names: frozenset[str]
    collection: str
    website: str
    creators: tuple[str, ...]
    licences: tuple[str, ...]
    licence_notes: tuple[str, ...]
    page_licences: tuple[str, ...]
    parents: tuple[str, ...]
    sources: tuple[str, ...]
    languages: tuple[str, ...]

    @property
    def is_from_the_web(self) -> bool:
        """Whether a source of its text, speech or video is on the open web."""
        return any(FROM_THE_WEB.search(source.casefold()) for source in self.sources)

    @property
    def rights(self) -> tuple[str, ...]:
        """The rights that it shows: what its licences allow, and art. 21(4) of public data."""
        allowed = rights_of(self.licences)
        if self.is_from_the_web and not self.parents:
            allowed -= {OPERATE}
        return tuple(kind for kind in (HOLD, USE, OPERATE) if kind in allowed)


class Outcome(Enum):
    """What a parent's name led to."""

    RECORD = "one record"
    MISSING = "no record"
    SEVERAL = "several records"
    COLLECTION = "a whole collection"
    ITSELF = "the record itself"
    CYCLE = "a record that came from this one"


@dataclass(frozen=True, slots=True, kw_only=True)
class Parent:
    """One parent of a record.

    Attributes:
        record: set if it is registered before it; anything else is a source from outside.
        website: of the collection, where the name is a collection's.
    """

    name: str
    outcome: Outcome
    record: Record | None = None
    website: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The records, parents first, and the parents of each by its place.

    Attributes:
        named_twice: how often a record names the same parent again; it is cited once.
        repeating: places of the records that are, byte for byte, an earlier one.
    """

    records: Sequence[Record]
    parents: Mapping[str, Sequence[Parent]]
    named_twice: int
    repeating: frozenset[str]


def read_records(folder: Path) -> list[Record]:
    """Return the records of every JSON file in the folder's folders, but for the template.

    Raises:
        ValueError: a file is no object of records.
    """
    return [
        record
        for path in sorted(folder.glob("data_summaries*/*.json"))
        if path.name != TEMPLATE
        for record in _records_in(path)
    ]


def plan_of(records: Sequence[Record]) -> Plan:
    """Say what each named parent is, and put the parents first."""
    repeating = frozenset(_repeating(records))
    known = Names([record for record in records if record.place not in repeating])
    parents = {record.place: known.parents_of(record) for record in records}
    order = _parents_first(records, parents)
    named = sum(len(record.parents) for record in records)
    cited = sum(map(len, parents.values()))
    return Plan(records=order, parents=parents, named_twice=named - cited, repeating=repeating)


def folded(name: str) -> str:
    """Return a name as it is compared: without case, the hub's address and words like dataset."""
    name = SCHEME.sub("", HUB.sub("", name.strip())).rstrip("/")
    return NOUN.sub("", name.casefold())


class Names:
    """Which records go by which name, and which names are those of collections."""

    def __init__(self, records: Iterable[Record]) -> None:
        self._records: dict[str, list[Record]] = {}
        self._websites: dict[str, str] = {}
        for record in records:
            self._websites.setdefault(folded(record.collection), record.website)
            for name in record.names:
                self._records.setdefault(name, []).append(record)

    def parents_of(self, record: Record) -> list[Parent]:
        """Return what the record's parents are, each once."""
        found: dict[object, Parent] = {}
        for name in record.parents:
            parent = self._parent(record, name)
            found.setdefault(parent.record.place if parent.record else folded(name), parent)
        return list(found.values())

    def _parent(self, record: Record, name: str) -> Parent:
        fitting = self._records.get(folded(name), [])
        others = [other for other in fitting if other.place != record.place]
        if len(others) == 1:
            return Parent(name=name, outcome=Outcome.RECORD, record=others[0])
        if others:
            return Parent(name=name, outcome=Outcome.SEVERAL)
        if fitting:
            return Parent(name=name, outcome=Outcome.ITSELF)
        website = self._websites.get(folded(name))
        if website is None:
            return Parent(name=name, outcome=Outcome.MISSING)
        return Parent(name=name, outcome=Outcome.COLLECTION, website=website)


def _parents_first(records: Sequence[Record], parents: dict[str, list[Parent]]) -> list[Record]:
    """Return the records in an order in which each comes after its parents.

    A parent that closes a cycle becomes, in ``parents``, a source from outside.
    """
    by_place = {record.place: record for record in records}
    while True:
        graph = {
            place: [parent.record.place for parent in named if parent.record]
            for place, named in parents.items()
        }
        try:
            return [by_place[place] for place in TopologicalSorter(graph).static_order()]
        except CycleError as error:
            # In the list that it gives, each record is a parent of the next.
            parent, child, *_rest = error.args[1]
            parents[child] = [_outside(named, parent) for named in parents[child]]


def _outside(named: Parent, place: str) -> Parent:
    if named.record is None or named.record.place != place:
        return named
    return Parent(name=named.name, outcome=Outcome.CYCLE)


def _repeating(records: Iterable[Record]) -> Iterator[str]:
    seen = set()
    for record in records:
        if record.content in seen:
            yield record.place
        seen.add(record.content)


def _records_in(path: Path) -> Iterator[Record]:
    members = json.loads(path.read_text("utf-8"))
    if not isinstance(members, dict):
        raise ValueError(f"{path} is no object of records")  # noqa: TRY004 # what the file holds, not what was passed
    for key, member in members.items():
        yield _record(f"{path.parent.name}/{path.name}: {key}", key, member)


def _record(place: str, key: str, member: Mapping[str, Any]) -> Record:
    name = member["Dataset Name"].strip()
    statements = member["Licenses"]
    names = (key, name, member["Unique Dataset Identifier"], member["Hugging Face URL"])
    content = json.dumps(member, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return Record(
        place=place,
        content=content.encode(),
        medium=place.partition("/")[0].removeprefix("data_summaries").strip("-"),
        name=name,
        names=frozenset(map(folded, filter(None, names))),
        collection=member["Collection"].strip(),
        website=_website(member),
        creators=_each_once(member["Creators"]),
        licences=_each_once(statement["License"] for statement in statements),
        licence_notes=_each_once(
            [
                *(statement.get("License URL") or "" for statement in statements),
                member.get("License Notes") or "",
            ]
        ),
        page_licences=_page_licences(member),
        parents=tuple(member.get("Derived from Datasets") or ()),
        sources=_each_once(
            source
            for kind in ("Text Sources", "Video Sources", "Source")
            for source in member.get(kind) or ()
        ),
        languages=_each_once(member.get("Languages") or ()),
    )


def _website(member: Mapping[str, Any]) -> str:
    pages = member.get("Website URL") or ()
    addresses = (
        member.get("Collection URL"),
        *pages,
        member.get("Dataset URL"),
        member.get("Hugging Face URL"),
        member.get("GitHub URL"),
    )
    return next((address for address in addresses if address), "")


def _page_licences(member: Mapping[str, Any]) -> tuple[str, ...]:
    noted = member.get("Inferred Metadata") or {}
    pages = ("GitHub License", "HF Yaml License", "HF Config License", "PwC License Name")
    return _each_once(noted.get(page) or "" for page in pages)


def _each_once(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text.strip() for text in texts if text.strip()))
