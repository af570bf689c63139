"""Search by name: every substring of two or more characters, newest first, by an index of our own.

The index is derived from names and no fact of the register: `rebuild_search` makes it again. A name
is folded (`fold`), so that full and half width, capitals and compatible forms find one another, and
stands under each two, three and five neighbouring characters that it has, its grams. A question
walks the rarest gram of its own from the newest name down and looks into each name that has the
next rarest too; so it is exact, and what it costs depends on the grams and not on the register.
Natural persons are not in it: their names are not public.

Entry points: `write` and `forget` for whoever saves a name, `find` for whoever looks for one,
`alike` for whoever looks for names that have much of one.
"""

import json
import unicodedata
from collections.abc import Iterable, Mapping

from django.db import connection

from registry.kinds import PartyKind
from registry.models import Named, Party, SearchGram, SearchName
from registry.statements import fetch

PAIR = 2
LENGTHS = (PAIR, 3, 5)
"""Of the grams of a name; of a question, those of the greatest length that it has are asked."""
MAX_KEY = 2**63 - 1
BATCH = 2_000
COUNTED = 200
"""How far a gram is followed to see how rare it is."""
MAX_GRAMS = 40
"""Of how many grams of a question the rarest is taken."""

# Where the newest names that have a gram end says how dense they are; of few there is no such end.
RARITY = f"""
    SELECT gram.value, (
        SELECT target FROM registry_searchgram AS under
        WHERE under.named = %s AND under.gram = gram.value
        ORDER BY target DESC LIMIT 1 OFFSET {COUNTED}
    ) FROM {{grams}}"""  # noqa: S608 # a number of ours
GRAMS = {
    "postgresql": "unnest(%s::text[]) AS gram (value)",
    "sqlite": "json_each(%s) AS gram",
}
# The looks into each name are subqueries, so that no planner reads all names beside a common gram;
# that for the second gram comes first, for its rows lie beside one another and names do not;
# the limit stands in the text, so that a plan which is kept knows that it is small.
FOUND = """
    SELECT target FROM registry_searchgram AS under
    WHERE named = %s AND gram = %s AND target < %s AND (
        SELECT second.target FROM registry_searchgram AS second
        WHERE second.named = under.named AND second.gram = %s AND second.target = under.target
    ) IS NOT NULL AND (
        SELECT {contains} FROM registry_searchname AS name
        WHERE name.named = under.named AND name.target = under.target
    )
    ORDER BY target DESC LIMIT {limit:d}"""
SCANNED = """
    SELECT name.target FROM registry_searchname AS name
    WHERE name.named = %s AND name.target < %s AND {contains}
    ORDER BY name.target DESC LIMIT {limit:d}"""
NEWEST_OF_GRAM = """
    SELECT named, target FROM (
        SELECT named, target FROM registry_searchgram
        WHERE named = %s AND gram = %s AND target < %s ORDER BY target DESC LIMIT {limit:d}
    ) AS newest"""
ALIKE = """
    SELECT name.named, name.target, name.text FROM (
        SELECT named, target, COUNT(*) AS shared FROM ({newest}) AS sharing
        GROUP BY named, target ORDER BY shared DESC, target DESC LIMIT {limit:d}
    ) AS best JOIN registry_searchname AS name
        ON name.named = best.named AND name.target = best.target
    ORDER BY best.shared DESC, name.target DESC"""
CONTAINS = {
    "postgresql": "strpos(name.text, %s) > 0",
    "sqlite": "instr(name.text, %s) > 0",
}


def fold(text: str) -> str:
    """Return the form in which names are compared: NFKC without capitals, as Unicode has it."""
    caseless = unicodedata.normalize("NFKC", text).casefold()
    return unicodedata.normalize("NFKC", caseless).replace("\0", " ").strip()


def grams(folded: str, length: int) -> list[str]:
    """Return each so many neighbouring characters of a folded text once, in order."""
    places = range(len(folded) - length + 1)
    return list(dict.fromkeys(folded[place : place + length] for place in places))


def write(named: Named, target: int, text: str) -> None:
    """Let the thing with this key be found by ``text``, and by nothing else."""
    folded = fold(text)
    old = SearchName.objects.filter(named=named, target=target).first()
    if old and old.text == folded:
        return
    forget(named, target)
    if folded:
        SearchName(named=named, target=target, text=folded).save(force_insert=True)
        SearchGram.objects.bulk_create(_grams_of(named, target, folded))


def write_party(party: Party) -> None:
    """Let an organisation be found by its name; a natural person, or nobody, is not."""
    is_public = party.kind != PartyKind.NATURAL
    write(Named.PARTY, party.pk, party.name if is_public else "")


def forget(named: Named, target: int) -> None:
    """Leave nothing of a name in the index."""
    for name in SearchName.objects.filter(named=named, target=target):
        indexed = [gram.gram for gram in _grams_of(named, target, name.text)]
        SearchGram.objects.filter(named=named, target=target, gram__in=indexed).delete()
        name.delete()


def rebuild(named: Named, names: Iterable[tuple[int, str]]) -> int:
    """Index these names, by key, instead of what is there; return how many there are."""
    SearchGram.objects.filter(named=named).delete()
    SearchName.objects.filter(named=named).delete()
    return write_new(named, names)


def write_new(named: Named, names: Iterable[tuple[int, str]]) -> int:
    """Index the names of new things, by key; return how many there are."""
    count, batch = 0, []
    for target, text in names:
        if folded := fold(text):
            batch.append((target, folded))
            count += 1
        if len(batch) == BATCH:
            _insert(named, batch)
            batch = []
    _insert(named, batch)
    return count


def find(named: Named, text: str, *, limit: int, before: int | None = None) -> list[int]:
    """Return the keys of the newest things whose name contains ``text``, newest first.

    Args:
        named: what is looked for.
        text: of two or more characters; with one, every name is read.
        limit: how many at most.
        before: only keys below this one.
    """
    folded, end = fold(text), MAX_KEY if before is None else before
    contains = CONTAINS[connection.vendor]
    if not folded:
        return []
    among = next((found for each in LENGTHS[::-1] if (found := grams(folded, each))), [])
    if not among:
        rows = fetch(SCANNED.format(contains=contains, limit=limit), (named, end, folded))
    else:
        rarest, *others = _by_rarity(named, among[:MAX_GRAMS])
        parameters = (named, rarest, end, others[0] if others else rarest, folded)
        rows = fetch(FOUND.format(contains=contains, limit=limit), parameters)
    return [target for (target,) in rows]


def alike(before: Mapping[Named, int], text: str, *, limit: int) -> list[tuple[Named, int, str]]:
    """Return what shares the most of the rarest pairs of ``text``, with the folded names.

    Half of the pairs are looked at, the rarest among the first kind of name; of each, the newest
    `COUNTED` names. A name that shares more than half of the pairs is therefore missed only if
    every pair that it shares is in more than `COUNTED` names.

    Args:
        before: what is looked for, and of each kind only keys below this one.
        text: without a pair nothing is alike.
        limit: how many of all kinds together at most.
    """
    among = grams(fold(text), PAIR)[:MAX_GRAMS]
    if not among:
        return []
    chosen = _by_rarity(next(iter(before)), among)[: len(among) // 2 + 1]
    each = [(kind, pair, end) for kind, end in before.items() for pair in chosen]
    newest = " UNION ALL ".join([NEWEST_OF_GRAM.format(limit=COUNTED)] * len(each))
    parameters = tuple(value for values in each for value in values)
    rows = fetch(ALIKE.format(newest=newest, limit=limit), parameters)
    return [(Named(named), target, folded) for named, target, folded in rows]


def _by_rarity(named: Named, among: list[str]) -> list[str]:
    """Return the grams, rarest first; those in fewer than `COUNTED` names count as equally rare."""
    if len(among) == 1:
        return among
    sql = RARITY.format(grams=GRAMS[connection.vendor])
    chosen = among if connection.vendor == "postgresql" else json.dumps(among)
    rows = fetch(sql, (named, chosen))
    return [str(gram) for gram, _end in sorted(rows, key=lambda row: row[1] or 0)]


def _insert(named: Named, batch: list[tuple[int, str]]) -> None:
    SearchName.objects.bulk_create(
        SearchName(named=named, target=target, text=folded) for target, folded in batch
    )
    SearchGram.objects.bulk_create(
        gram for target, folded in batch for gram in _grams_of(named, target, folded)
    )


def _grams_of(named: Named, target: int, folded: str) -> list[SearchGram]:
    return [
        SearchGram(named=named, target=target, gram=gram)
        for length in LENGTHS
        for gram in grams(folded, length)
    ]
