"""Title and naive world brought into one form, so that they can be held against each other."""

from typing import Any

from rights.remarks import RemarkFacts
from rights.title import InterestFacts, Title
from tests.rights.machine.model import Note, Right, World


def of_title(title: Title) -> dict[str, Any]:
    """Return each fact as a tuple; ranks as places among those of the same asset."""
    ranks = sorted({(fact.asset, fact.rank) for fact in title.remarks.values()})
    places = {rank: place for place, rank in enumerate(ranks)}
    return {
        **{name: _of_interest(fact) for name, fact in title.interests.items()},
        **{
            name: _of_remark(fact, places[fact.asset, fact.rank])
            for name, fact in title.remarks.items()
        },
        **{
            number: (dict(asset.description), asset.resale_allowed, asset.export_allowed)
            for number, asset in title.assets.items()
        },
    }


def of_world(world: World) -> dict[str, Any]:
    """Return the same of a naive world."""
    ranks = sorted({(note.asset, note.place) for note in world.notes.values()})
    places = {rank: place for place, rank in enumerate(ranks)}
    return {
        **{name: _of_right(right) for name, right in world.rights.items()},
        **{name: _of_note(n, places[n.asset, n.place]) for name, n in world.notes.items()},
        **{
            number: (values, values["resale_allowed"], values["export_allowed"])
            for number, values in world.assets.items()
        },
    }


def _of_interest(fact: InterestFacts) -> tuple[Any, ...]:
    term = (fact.revision, fact.asset, fact.valid_from, fact.valid_to, fact.until)
    rest = (fact.kind, dict(fact.shares), fact.granted_from, fact.scope, fact.terms, fact.limits)
    return (*term, *rest)


def _of_right(right: Right) -> tuple[Any, ...]:
    term = (right.revision, right.asset, right.start, right.end, right.end)
    rest = (right.kind, right.shares, right.source, right.scope, right.terms, right.limits)
    return (*term, *rest)


def _of_remark(fact: RemarkFacts, place: int) -> tuple[Any, ...]:
    term = (fact.revision, fact.asset, fact.valid_from, fact.valid_to, fact.until, place)
    return (*term, fact.interest, fact.party, fact.body, fact.words)


def _of_note(note: Note, place: int) -> tuple[Any, ...]:
    term = (note.revision, note.asset, note.start, note.end, note.stops(), place)
    return (*term, note.right, note.party, note.body, note.words)
