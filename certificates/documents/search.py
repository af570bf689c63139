"""The search certificate: what the register has under a number, a digest or a party's identifier.

"Nothing registered" is provable where the ledger commits to its state: the proof of absence under
the asset's number then travels in the file (C9). For a digest or an identifier the registrar's
seal vouches.
"""

from certificates.documents.extracts import Content
from certificates.documents.statement import Field, Section, Table
from certificates.documents.wording import NOTHING, plain, right_name, term_text
from certificates.drawing.words import Words
from certificates.models import Document
from ledger.state_map import NoStateMapError, StateMapWrongError, prove_state
from registry.entries import asset_key
from registry.kinds import IdentifierScheme
from registry.models import DataAsset
from registry.queries import find_asset
from rights.models import Interest
from rights.queries import AsOf, interests_of
from tlog.state_map import is_state_key

DIGEST_CHARACTERS = 64
COLUMNS = (
    Words("资产编号", "Asset"),
    Words("数据名称", "Name"),
    Words("权利", "Right"),
    Words("期限", "Term"),
)


def search(document: Document, as_of: AsOf) -> Content:
    """State what was searched for and every hit; of several ways each is tried exactly."""
    query = document.query
    found = [asset for asset in _assets(query) if _is_known(asset, as_of)]
    held = _held(query, as_of)
    subject = Section(
        Words("查询条件", "Searched for"),
        [
            Field(Words("查询内容", "Query"), plain(query)),
            Field(
                Words("查询方式", "How"),
                Words(
                    "资产编号、数据摘要值（SHA-256）、统一社会信用代码，均为精确匹配",
                    "exact: asset number, digest of the data (SHA-256), USCC of a holder",
                ),
            ),
            Field(
                Words("查询结果", "Result"),
                Words(f"查得 {len(found) + len(held)} 项", f"{len(found) + len(held)} hits")
                if found or held
                else Words("截至查询时，未查得登记", "Nothing is registered as of the search"),
            ),
        ],
    )
    rows = [_hit(interest) for asset in found for interest in _rights(asset, as_of)]
    rows += [_hit(interest) for interest in held]
    title = Words("查得的登记", "What is registered")
    none = Field(Words("登记", "Registrations"), NOTHING)
    return Content(
        [subject, Section(title, [Table(COLUMNS, (20, 36, 18, 26), rows)] if rows else [none])],
        {
            "query": query,
            "assets": [asset.number for asset in found],
            "interests": [interest.reference for interest in held],
        },
    )


def absence_proof(query: str) -> str | None:
    """Return the state proof of what the latest act under an asset's number is, or that none is.

    None if the query is no number, or the ledger has committed to no state map.
    """
    key = asset_key(query)
    if not is_state_key(key) or len(query) == DIGEST_CHARACTERS:
        return None
    try:
        return prove_state(key).format()
    except (NoStateMapError, StateMapWrongError):
        return None


def _assets(query: str) -> list[DataAsset]:
    if asset := find_asset(query.upper()):
        return [asset]
    digest = query.lower()
    return list(DataAsset.objects.filter(versions__sha256=digest).distinct().order_by("pk"))


def _is_known(asset: DataAsset, as_of: AsOf) -> bool:
    leaf = getattr(asset.entry, "leaf", None)
    return leaf is not None and (as_of.size is None or leaf.index < as_of.size)


def _rights(asset: DataAsset, as_of: AsOf) -> list[Interest]:
    return interests_of(asset, at=as_of.at, size=as_of.size)


def _held(query: str, as_of: AsOf) -> list[Interest]:
    rows = Interest.objects.filter(
        # Of people nobody is told by their identifier alone what they hold.
        shares__party__identifier_scheme=IdentifierScheme.USCC,
        shares__party__identifier=query.upper(),
    )
    return list(as_of.in_force(rows.select_related("asset")).distinct().order_by("pk"))


def _hit(interest: Interest) -> list[Words]:
    return [
        plain(interest.asset.number),
        plain(interest.asset.name),
        right_name(interest.kind),
        plain(term_text(interest.valid_from, interest.until)),
    ]
