"""The verdict in words, in English and simplified Chinese.

Plain tables, because the verifier runs without Django. A sentence names only facts of its step.
"""

from typing import NamedTuple

from primitives.canonical_json import JsonObject, instant_text
from verifier.disclosure import Disclosure, DisclosureVerdict
from verifier.paper import PaperVerdict
from verifier.printed import AnyPrinted, PrintedDocument
from verifier.sm2_signature import Sm2Finding, Sm2Reason
from verifier.state import StateVerdict
from verifier.verdict import Outcome, Reason, Step, StepName, StepOutcome, Verdict


class Sentence(NamedTuple):
    """One sentence in both languages, with the names of facts in braces."""

    en: str
    zh: str

    def in_language(self, lang: str) -> str:
        """Return it in the language of a code such as ``en`` or ``zh-hans``."""
        return self.zh if lang.startswith("zh") else self.en

    def filled(self, **facts: str | int) -> "Sentence":
        """Return the sentence with its facts in their places."""
        return Sentence(self.en.format(**facts), self.zh.format(**facts))


TITLES: dict[StepName, Sentence] = {
    StepName.FILE: Sentence("File", "文件"),
    StepName.SEAL: Sentence("Seal", "签章"),
    StepName.ISSUER: Sentence("Issuer", "核发机构"),
    StepName.REGISTRATION: Sentence("Registration", "登记"),
    StepName.ISSUED_BYTES: Sentence("Issued file", "原件"),
    StepName.TERM: Sentence("Term", "期限"),
    StepName.STATUS: Sentence("Status", "状态"),
}

PASSED: dict[StepName, Sentence] = {
    StepName.FILE: Sentence(
        "One revision, one signature, and it covers all {size_bytes} bytes.",
        "文件只有一个版本、一个签名，签名覆盖全部 {size_bytes} 字节。",
    ),
    StepName.SEAL: Sentence(
        "The seal of “{signer}” is intact and forbids any change.",
        "“{signer}”的签章完好，且不允许任何修改。",
    ),
    StepName.ISSUER: Sentence(
        "The seal's certificate leads to a trusted authority and was in its term at {moment}.",
        "签章证书可追溯至受信任的机构，且在 {moment} 处于有效期内。",
    ),
    StepName.REGISTRATION: Sentence(
        "The registration of {asset} is entry {index} of the ledger {origin}, as of its "
        "checkpoint of size {size}.",
        "{asset} 的登记是账本 {origin} 的第 {index} 号条目（以大小为 {size} 的检查点为准）。",
    ),
    StepName.ISSUED_BYTES: Sentence(
        "These very bytes were issued as {number}: entry {index} of the ledger "
        "{origin}, as of its checkpoint of size {size}.",
        "本文件逐字节即为以编号 {number} 核发的原件：账本 {origin} 的第 {index} 号条目"
        "（以大小为 {size} 的检查点为准）。",
    ),
    StepName.TERM: Sentence(
        "A stated right is in force at {at}; the last of them ends at {until}.",
        "所载权利在 {at} 处于有效期内；其中最晚者至 {until} 届满。",
    ),
    StepName.STATUS: Sentence(
        "As of {listed_at} the register said: neither suspended, superseded nor revoked, and none "
        "of its rights changed or ended by an act (status list, entry {index} of the ledger "
        "{origin}).",
        "截至 {listed_at}，登记簿载明：凭证未被中止、替代或者撤销，所载权利未经变更或者终止"
        "（状态清单，账本 {origin} 的第 {index} 号条目）。",
    ),
}

OF_A_DOCUMENT: dict[StepName, Sentence] = {
    StepName.REGISTRATION: Sentence(
        "It states the register as of {as_of}; the ledger {origin} signed the tree of {size} "
        "entries that it speaks for.",
        "所载为登记簿截至 {as_of} 的状态；账本 {origin} 已对其所据的含 {size} 个条目的树签名。",
    ),
    StepName.TERM: Sentence(
        "An extract has no term: it says what held at {as_of}, not what holds now.",
        "摘录没有期限：它说明的是 {as_of} 的状态，而非现在的状态。",
    ),
}
STAMPED = Sentence(
    " “{authority}” time-stamped the seal at {stamped_at}.",
    "“{authority}”于 {stamped_at} 为签章加盖时间戳。",
)
RENEWED = Sentence(
    " A further time-stamp over all of it was entered at {renewed_at}.",
    "此后于 {renewed_at} 对全文加盖了新的时间戳，并已入账。",
)
DISCLOSED = Sentence(
    "Valid: each value stands in entry {index} ({kind}) of the ledger {origin}, as of its "
    "checkpoint of size {size}.",
    "有效：各项内容均记载于账本 {origin} 的第 {index} 号条目（{kind}），"
    "以大小为 {size} 的检查点为准。",
)
SAID = Sentence(
    "The file says, unproven: for “{recipient}”, for “{purpose}”, at {at}.",
    "文件自述（未经证明）：提供给“{recipient}”，用于“{purpose}”，时间 {at}。",
)

NOT_REACHED: Sentence = Sentence(
    "Not checked, because an earlier finding leaves nothing to check.",
    "未核验：因前述结果，已无可核验的内容。",
)

NO_STATUS: Sentence = Sentence(
    "Not looked at: no status list was given that speaks of it. Whether it was suspended, "
    "superseded or revoked since, the register says.",
    "未核验：没有提供涉及本文件的状态清单。其后是否被中止、替代或者撤销，以登记簿为准。",
)

REASONS: dict[Reason, Sentence] = {
    Reason.ALTERED_AFTER_ISSUE: Sentence(
        "The first {issued} bytes are the issued certificate {number}; {added} bytes were "
        "added after issue.",
        "前 {issued} 字节是核发的登记凭证 {number}；核发后被追加了 {added} 字节。",
    ),
    Reason.NOT_THE_REGISTERED_BYTES: Sentence(
        "These are not the bytes that the ledger holds for certificate {number}: the file was "
        "changed, or the proof belongs to another file.",
        "本文件与账本为登记凭证 {number} 记载的内容不一致：文件被改动，或证明属于另一文件。",
    ),
    Reason.NOT_SEALED: Sentence("The file bears no seal.", "文件没有签章。"),
    Reason.MORE_THAN_ONE_SIGNATURE: Sentence(
        "The file bears {count} signatures; a certificate bears one.",
        "文件有 {count} 个签名；登记凭证只应有一个。",
    ),
    Reason.MORE_THAN_ONE_REVISION: Sentence(
        "The file was changed after it was written: it holds {count} revisions.",
        "文件写成后被修改过：含有 {count} 个版本。",
    ),
    Reason.NOT_WHOLLY_COVERED: Sentence(
        "The seal does not cover every byte of the file: something was added around it.",
        "签章没有覆盖文件的全部字节：签章之外被添加了内容。",
    ),
    Reason.VERIFICATION_REPORT: Sentence(
        "The file is a verification report: it says what was found of another file, and is itself "
        "no certificate.",
        "该文件是核验报告：它说明对另一文件的核验结果，本身不是登记凭证。",
    ),
    Reason.LETTER: Sentence(
        "The file is letter {number} of case {case}, of {written_at}: a notice of the procedure "
        "and no certificate of any right. The ledger holds no letters, so that nothing but the "
        "seal speaks for it.",
        "该文件是案件 {case} 的程序文书 {number}，作成时间 {written_at}：属于程序通知，"
        "不是登记凭证，不证明任何权利。账本不收录程序文书，其真实性仅由签章证明。",
    ),
    Reason.STATEMENT_MISSING: Sentence(
        "The file does not carry the statement and the proof of registration of a certificate.",
        "文件没有携带登记凭证应有的登记声明与登记证明。",
    ),
    Reason.SEAL_BROKEN: Sentence(
        "The seal is broken: the content is not what was sealed.",
        "签章已被破坏：内容与签章时不一致。",
    ),
    Reason.SEAL_PROFILE: Sentence(
        "The signature is not a registrar's seal: it lacks a property that every seal has "
        "(PAdES, certification without changes, SHA-256, the signed certificate hash).",
        "该签名不是登记机构的签章：缺少签章必备的属性"
        "（PAdES、禁止修改的认证签名、SHA-256、已签名的证书摘要）。",
    ),
    Reason.ISSUER_NOT_TRUSTED: Sentence(
        "The seal's certificate does not lead to an authority that you trust for this registrar.",
        "签章证书不能追溯至您所信任的该登记机构的证书颁发机构。",
    ),
    Reason.SEAL_OUT_OF_TERM: Sentence(
        "The seal's certificate was not in its term at {moment}.",
        "签章证书在 {moment} 不在有效期内。",
    ),
    Reason.SEAL_REVOKED: Sentence(
        "The seal's certificate had been revoked by {moment}.",
        "签章证书在 {moment} 之前已被吊销。",
    ),
    Reason.TIMESTAMP_FALSE: Sentence(
        "The time-stamp beside the seal is false: it is damaged, or stamps another signature.",
        "签章所附的时间戳不成立：已损坏，或者并非对本签章加盖。",
    ),
    Reason.TIMESTAMP_CONTRADICTS: Sentence(
        "The seal's time-stamp says {stamped}, after the ledger took the file in at {recorded}: "
        "one of the two clocks lied.",
        "签章的时间戳为 {stamped}，晚于账本收录本文件的时间 {recorded}：二者必有一误。",
    ),
    Reason.TIMESTAMP_NOT_TRUSTED: Sentence(
        "The time-stamp is that of “{authority}”, which is none of the authorities that you trust.",
        "时间戳由“{authority}”加盖，不属于您所信任的时间戳机构。",
    ),
    Reason.LOG_SIGNATURE_FALSE: Sentence(
        "The checkpoint bears a false signature of the ledger {origin}.",
        "检查点上账本 {origin} 的签名是假的。",
    ),
    Reason.PROOF_FALSE: Sentence(
        "The proof is false: entry {index} is not in the ledger that the checkpoint describes.",
        "证明不成立：第 {index} 号条目不在检查点所描述的账本中。",
    ),
    Reason.OPENING_FALSE: Sentence(
        "The file carries an opening that belongs to no commitment of the registration.",
        "文件携带的开示值与登记条目中的任何承诺都不相符。",
    ),
    Reason.OPENING_MISSING: Sentence(
        "The registration holds {member} as a commitment, and the file carries nothing to open it.",
        "登记条目中的 {member} 以承诺形式记载，而文件没有携带其开示值。",
    ),
    Reason.LOG_CONTRADICTS_ITSELF: Sentence(
        "The ledger contradicts itself: two different trees of {size} entries. Report this.",
        "账本自相矛盾：存在两个不同的含 {size} 个条目的树。请举报。",
    ),
    Reason.REGISTRATION_CONTRADICTS: Sentence(
        "The file states a registration other than the one its proof proves: {member} differs.",
        "文件所载的登记与其证明所证明的登记不一致：{member} 不同。",
    ),
    Reason.ISSUANCE_CONTRADICTS: Sentence(
        "The ledger issued this file with another number, asset or statement than it carries.",
        "账本核发记录中的编号、数据资产或登记声明与文件所载不一致。",
    ),
    Reason.TERM_ENDED: Sentence(
        "No stated right is in force at {at}: the last of them ended at {ended}.",
        "所载权利在 {at} 均已届满：其中最晚者于 {ended} 届满。",
    ),
    Reason.NOT_YET_IN_FORCE: Sentence(
        "No stated right is in force at {at}: the first of those to come begins at {begins}.",
        "所载权利在 {at} 尚未生效：其中最早者自 {begins} 起生效。",
    ),
    Reason.CERTIFICATE_SUSPENDED: Sentence(
        "As of {listed_at} the register said: certificate {number} has been suspended since "
        "{since}.",
        "截至 {listed_at}，登记簿载明：登记凭证 {number} 自 {since} 起被中止。",
    ),
    Reason.CERTIFICATE_SUPERSEDED: Sentence(
        "As of {listed_at} the register said: a later certificate has superseded certificate "
        "{number} since {since}.",
        "截至 {listed_at}，登记簿载明：登记凭证 {number} 自 {since} 起被其后的凭证替代。",
    ),
    Reason.CERTIFICATE_REVOKED: Sentence(
        "As of {listed_at} the register said: certificate {number} has been revoked since {since}.",
        "截至 {listed_at}，登记簿载明：登记凭证 {number} 自 {since} 起被撤销。",
    ),
    Reason.RIGHTS_CHANGED: Sentence(
        "As of {listed_at} the register said: rights that certificate {number} states have changed "
        "since {since}.",
        "截至 {listed_at}，登记簿载明：登记凭证 {number} 所载权利自 {since} 起已有变更。",
    ),
    Reason.RIGHTS_ENDED: Sentence(
        "As of {listed_at} the register said: every right that certificate {number} states was "
        "ended by {since}.",
        "截至 {listed_at}，登记簿载明：登记凭证 {number} 所载权利自 {since} 起均已终止。",
    ),
    Reason.STATUS_LIST_MALFORMED: Sentence(
        "The status list is damaged, or of a form that this program does not know. Get it again.",
        "状态清单已损坏，或采用本程序不认识的格式。请重新获取。",
    ),
    Reason.STATUS_LIST_FALSE: Sentence(
        "The status list is false: it is not the one that the ledger holds. Get it from the "
        "registrar.",
        "状态清单不成立：与账本所记载的不一致。请向登记机构获取。",
    ),
    Reason.STATUS_LIST_OLD: Sentence(
        "The status list of {listed_at} is too old to speak of this certificate at that instant; "
        "a later one was due by {next_issue}. Get the latest from the registrar.",
        "{listed_at} 的状态清单过旧，不能说明本凭证在该时点的状态；新清单应于 {next_issue} 前发布。"
        "请向登记机构获取最新清单。",
    ),
    Reason.STATUS_NOT_SAID: Sentence(
        "The status list says what holds since {since}, and not what held at {at}, before. Ask the "
        "registrar.",
        "状态清单说明的是自 {since} 起的状态，而非此前 {at} 的状态。请向登记机构查询。",
    ),
    Reason.STATE_ITEM_FALSE: Sentence(
        "The proof is false: an item of the file is not in the map to which the ledger committed.",
        "证明不成立：文件中的某一项不在账本所承诺的状态映射中。",
    ),
    Reason.STATE_NOT_SHOWN: Sentence(
        "The proof is false: the items of the file do not show what it claims of {key}.",
        "证明不成立：文件中的各项不能证明其关于 {key} 的主张。",
    ),
    Reason.NOT_A_PDF: Sentence("The file is not a PDF.", "该文件不是 PDF 文件。"),
    Reason.TOO_LARGE: Sentence(
        "The file has {size_bytes} bytes; no certificate is larger than {limit}.",
        "文件有 {size_bytes} 字节；登记凭证不会超过 {limit} 字节。",
    ),
    Reason.UNREADABLE: Sentence(
        "The file could not be read ({error}): it is damaged, or built to mislead.",
        "文件无法读取（{error}）：已损坏，或为误导而构造。",
    ),
    Reason.RESOURCE_LIMIT: Sentence(
        "Reading the file took more time or memory than any certificate needs.",
        "读取该文件所需的时间或内存超出任何登记凭证所需。",
    ),
    Reason.STATEMENT_UNREADABLE: Sentence(
        "The embedded statement is of a form that this program does not know.",
        "内嵌的登记声明采用本程序不认识的格式。",
    ),
    Reason.PROOF_MISSING: Sentence(
        "No proof of the file was given, so nothing shows that these very bytes were issued. "
        "Get <file>.tlog-proof from the registrar and put it beside the file.",
        "没有提供文件的证明，因此无法证明这些字节即为核发的原件。"
        "请向登记机构索取“<文件名>.tlog-proof”并放在文件旁。",
    ),
    Reason.PROOF_MALFORMED: Sentence(
        "The proof is damaged or is not a proof file.",
        "证明已损坏，或不是证明文件。",
    ),
    Reason.PROOF_OF_ANOTHER_ACT: Sentence(
        "The proof is about another act ({kind}), not the one that is needed here.",
        "该证明所证明的是另一行为（{kind}），并非此处所需。",
    ),
    Reason.LOG_KEY_UNKNOWN: Sentence(
        "The checkpoint is not signed with the key of the ledger {origin} that you trust. If "
        "the ledger has changed its key, get the new one from the registrar.",
        "检查点并非由您所信任的账本 {origin} 的密钥签署。如密钥已更换，请向登记机构获取新密钥。",
    ),
    Reason.STATE_KEY_UNKNOWN: Sentence(
        "This program does not know that acts are entered under keys such as {key}: that nothing "
        "stands there says nothing about the register. Check how it is written.",
        "本程序不知道有登记行为会以 {key} 这类键入账：该键下没有条目，不能说明登记簿的任何情况。"
        "请核对其写法。",
    ),
    Reason.PAPER_SIGNATURE_FALSE: Sentence(
        "The QR code bears a false signature: the registrar did not print this.",
        "二维码的签名是假的：该内容并非由登记机构印制。",
    ),
    Reason.PAPER_KEY_OUT_OF_TERM: Sentence(
        "The QR code is signed with the key {kid}, which signs nothing that is issued on {day}.",
        "二维码由密钥 {kid} 签署，而该密钥不用于签署 {day} 核发的凭证。",
    ),
    Reason.PAPER_MALFORMED: Sentence(
        "This is not what the QR code of a certificate or document of ours holds ({error}): read "
        "it again, whole; or it is of a later form, which a newer program knows.",
        "这不是登记凭证或文件二维码的内容（{error}）：请重新完整扫描；"
        "如属更新的格式，请使用更新的程序。",
    ),
    Reason.PAPER_ALGORITHM: Sentence(
        "The QR code is signed in a way that this program does not know; it knows ES256.",
        "二维码采用本程序不认识的签名算法；本程序只认识 ES256。",
    ),
    Reason.PAPER_KEY_UNKNOWN: Sentence(
        "The QR code names the key {kid}, which is not among the registrar's keys that you have. "
        "Get them anew from the registrar.",
        "二维码所称密钥 {kid} 不在您持有的登记机构密钥之中。请向登记机构重新获取。",
    ),
}

VALID: Sentence = Sentence(
    "Valid: this is the certificate {number} as issued, and a right it states is in force. The "
    "register may have changed since the checkpoint; it prevails.",
    "有效：本文件即为核发的登记凭证 {number} 原件，所载权利在有效期内。"
    "检查点之后登记簿可能已有变更，以登记簿为准。",
)
VALID_DOCUMENT: Sentence = Sentence(
    "Valid: this is the document {number} as issued. It says what the register held at the instant "
    "that it names; the register may have changed since.",
    "有效：本文件即为核发的文件 {number} 原件，说明登记簿在所载时点的状态；"
    "此后登记簿可能已有变更。",
)
ONLY_PROOF_MISSING: Sentence = Sentence(
    "Cannot verify: the seal, its issuer, the stated registration and the term are in order, "
    "but without its proof file nothing shows that this is the file that was issued.",
    "无法核验：签章、核发机构、所载登记与期限均无误，但缺少证明文件，"
    "无法证明本文件即为核发的原件。",
)
GENUINE_LETTER: Sentence = Sentence(
    "No certificate, but a genuine letter: {number} of case {case}, unchanged since “{signer}” "
    "sealed it. It is a notice of the procedure and evidences no right.",
    "不是登记凭证，是真实的程序文书：案件 {case} 的文书 {number}，自“{signer}”签章后未经改动。"
    "它是程序通知，不证明任何权利。",
)
PREFIXES: dict[Outcome, Sentence] = {
    Outcome.INVALID: Sentence("Not valid: ", "无效："),
    Outcome.CANNOT_VERIFY: Sentence("Cannot verify: ", "无法核验："),
}

LATEST: Sentence = Sentence(
    "As of tree size {tree_size} at {recorded_at}, the latest act on {key} is entry {index} "
    "(version {version}, leaf hash {leaf_hash}).",
    "截至 {recorded_at}、树大小 {tree_size}，{key} 的最新登记行为是第 {index} 号条目"
    "（版本 {version}，叶哈希 {leaf_hash}）。",
)
NOTHING: Sentence = Sentence(
    "As of tree size {tree_size} at {recorded_at}, nothing is registered under {key}.",
    "截至 {recorded_at}、树大小 {tree_size}，{key} 下没有任何登记。",
)
PROVEN_UNDER: Sentence = Sentence(
    "The ledger {origin} says so in entry {commitment}, proven under its checkpoint of size "
    "{size}. What came later is not in this proof.",
    "账本 {origin} 在第 {commitment} 号条目中如此记载，并以大小为 {size} 的检查点证明。"
    "此后的变化不在本证明之内。",
)

GENUINE: Sentence = Sentence(
    "Genuine: this was printed on the certificate {number}, issued on {issued_day}.",
    "属实：{issued_day} 核发的登记凭证 {number} 所印即为上述内容。",
)
GENUINE_DOCUMENT: Sentence = Sentence(
    "Genuine: this was printed on the document {number} ({kind}), issued on {issued_day}. It "
    "speaks for {as_of}.",
    "属实：{issued_day} 核发的文件 {number}（{kind}）所印即为上述内容，说明 {as_of} 的状态。",
)
ONLY_PRINTED: Sentence = Sentence(
    "A QR code proves what was printed. Whether the certificate is in force, only the page that it "
    "opens or the file tells.",
    "二维码只证明所印内容。凭证是否现行有效，只有其打开的网页或电子原件可以说明。",
)
ONLY_PRINTED_DOCUMENT: Sentence = Sentence(
    "A QR code proves what was printed, and the document says what held at its instant. What came "
    "later, only the page that the code opens tells.",
    "二维码只证明所印内容，文件只说明所载时点的状态。此后的变化，只有其打开的网页可以说明。",
)
KINDS: dict[str, Sentence] = {
    "TITLE": Sentence("Certificate after a change", "变更后登记凭证"),
    "STATUS": Sentence("Status extract", "登记簿摘录"),
    "SEARCH": Sentence("Search certificate", "查询证明"),
    "PLEDGE": Sentence("Pledge extract", "质权摘录"),
    "ACCOUNTING": Sentence("Accounting evidence", "会计证据摘录"),
    "CANCELLATION": Sentence("Cancellation note", "注销证明"),
    "CIRCULATION": Sentence("Circulation receipt", "流转备案回执"),
}
"""Of a kind that is not among them, the code itself is shown: it may be of a later release."""
PRINTED: dict[str, Sentence] = {
    "kind": Sentence("Document", "文件种类"),
    "number": Sentence("Number", "编号"),
    "check_code": Sentence("Verification code", "核验码"),
    "holder": Sentence("First holder", "首位权利人"),
    "holders": Sentence("Number of holders", "权利人数"),
    "asset": Sentence("Asset number", "数据资产编号"),
    "asset_name": Sentence("Data name", "数据名称"),
    "sha256": Sentence("SHA-256 of the data", "数据 SHA-256"),
    "entry_index": Sentence("Ledger entry", "账本条目"),
    "leaf_hash": Sentence("Leaf hash, first 16 bytes", "叶哈希（前 16 字节）"),
    "issued_day": Sentence("Issued on", "核发日"),
    "last_day": Sentence("Last day of the term", "期限末日"),
    "subject": Sentence("About", "对象"),
    "party": Sentence("Party", "当事人"),
    "as_of": Sentence("As of", "截至时点"),
    "tree_size": Sentence("Entries in the ledger", "账本条目数"),
    "root_hash": Sentence("Root hash, first 16 bytes", "树根（前 16 字节）"),
    "statement_sha256": Sentence("SHA-256 of the statement", "声明 SHA-256"),
}
SM2_HOLDS: Sentence = Sentence(
    "SM2 signature, beside the verdict: “{signer}” signed this very file, by its own word at "
    "{signed_at}.",
    "SM2 签名（不影响结论）：“{signer}”签署的正是本文件，其自述签署时间为 {signed_at}。",
)
SM2_REASONS: dict[Sm2Reason, Sentence] = {
    Sm2Reason.UNREADABLE: Sentence(
        "SM2 signature, beside the verdict: it cannot be read.",
        "SM2 签名（不影响结论）：无法读取。",
    ),
    Sm2Reason.PROFILE: Sentence(
        "SM2 signature, beside the verdict: it is of a form that this program does not know.",
        "SM2 签名（不影响结论）：采用本程序不认识的格式。",
    ),
    Sm2Reason.OTHER_FILE: Sentence(
        "SM2 signature, beside the verdict: it is over another file, or this one was changed.",
        "SM2 签名（不影响结论）：签署的是另一文件，或本文件已被修改。",
    ),
    Sm2Reason.BROKEN: Sentence(
        "SM2 signature, beside the verdict: it is broken.",
        "SM2 签名（不影响结论）：签名已损坏。",
    ),
    Sm2Reason.SIGNER_NOT_TRUSTED: Sentence(
        "SM2 signature, beside the verdict: the certificate of “{signer}” leads to nobody whom you "
        "trust.",
        "SM2 签名（不影响结论）：“{signer}”的证书不能追溯至您所信任的机构。",
    ),
    Sm2Reason.OUT_OF_TERM: Sentence(
        "SM2 signature, beside the verdict: a certificate behind “{signer}” was not in its term at "
        "{signed_at}.",
        "SM2 签名（不影响结论）：“{signer}”的证书链在 {signed_at} 不在有效期内。",
    ),
}


def step_title(name: StepName, lang: str) -> str:
    """Return a step's name for readers; ``lang`` is a code such as ``en`` or ``zh-hans``."""
    return _in(lang, TITLES[name])


def step_sentence(step: Step, lang: str) -> str:
    """Return what the step found."""
    if step.reason:
        sentence = REASONS[step.reason]
    elif step.outcome == StepOutcome.PASSED:
        sentence = (OF_A_DOCUMENT if "as_of" in step.facts else PASSED)[step.name]
    else:
        sentence = NO_STATUS if step.name == StepName.STATUS else NOT_REACHED
    said = _in(lang, sentence).format(**step.facts)
    more = (("stamped_at", STAMPED), ("renewed_at", RENEWED))
    return said + "".join(
        _in(lang, text).format(**step.facts) for f, text in more if f in step.facts
    )


def verdict_sentence(verdict: Verdict, lang: str) -> str:
    """Return the whole answer in one sentence: for anything but VALID, the gravest reason."""
    if verdict.outcome == Outcome.VALID:
        issued = next(step for step in verdict.steps if step.name == StepName.ISSUED_BYTES)
        term = next(step for step in verdict.steps if step.name == StepName.TERM)
        sentence = VALID_DOCUMENT if "as_of" in term.facts else VALID
        return " ".join([_in(lang, sentence).format(**issued.facts), *_status(verdict, lang)])
    if verdict.is_genuine_letter:
        facts = {name: fact for step in verdict.steps for name, fact in step.facts.items()}
        stamped = _in(lang, STAMPED).format(**facts) if "stamped_at" in facts else ""
        return _in(lang, GENUINE_LETTER).format(**facts) + stamped
    if verdict.reasons == (Reason.PROOF_MISSING,):
        return _in(lang, ONLY_PROOF_MISSING)
    return _in(lang, PREFIXES[verdict.outcome]) + step_sentence(_decisive(verdict), lang)


def disclosure_sentence(verdict: DisclosureVerdict, lang: str) -> str:
    """Return the whole answer on a disclosure file in one sentence."""
    if verdict.entry:
        facts = {**verdict.entry.position(), "kind": verdict.entry.kind}
        return _in(lang, DISCLOSED).format(**facts)
    reason = REASONS[verdict.reason or Reason.UNREADABLE]
    facts = {"error": "", **verdict.facts}
    return _in(lang, PREFIXES[verdict.outcome]) + _in(lang, reason).format(**facts)


def disclosure_said(disclosure: Disclosure, lang: str) -> str:
    """Return for whom and for what the fields were disclosed, as the file says it."""
    return _in(lang, SAID).format(
        recipient=disclosure.recipient,
        purpose=disclosure.purpose,
        at=instant_text(disclosure.disclosed_at),
    )


def sm2_sentence(finding: Sm2Finding, lang: str) -> str:
    """Return what was found of the second signature."""
    sentence = SM2_REASONS[finding.reason] if finding.reason else SM2_HOLDS
    signed_at = instant_text(finding.signed_at) if finding.signed_at else ""
    return _in(lang, sentence).format(signer=finding.signer, signed_at=signed_at)


def report(verdict: Verdict, lang: str) -> JsonObject:
    """Return the verdict as data with its sentences."""
    return {
        **verdict.to_json(),
        "sentence": verdict_sentence(verdict, lang),
        "steps": [
            {**step.to_json(), "detail": step_sentence(step, lang)} for step in verdict.steps
        ],
    }


def state_sentences(verdict: StateVerdict, lang: str) -> list[str]:
    """Return the answer, and under which checkpoint it is proven; or why nothing is proven."""
    if verdict.proven is None:
        reason = REASONS[verdict.reason or Reason.PROOF_MALFORMED]
        return [_in(lang, PREFIXES[verdict.outcome]) + _in(lang, reason).format(**verdict.facts)]
    answer = LATEST if verdict.proven.item else NOTHING
    facts = verdict.proven.facts()
    return [_in(lang, sentence).format(**facts) for sentence in (answer, PROVEN_UNDER)]


def state_report(verdict: StateVerdict, lang: str) -> JsonObject:
    """Return the verdict on a state proof as data with its sentence."""
    return {**verdict.to_json(), "sentence": state_sentences(verdict, lang)[0]}


def _status(verdict: Verdict, lang: str) -> list[str]:
    """Return what a status list said, if it was asked."""
    return [
        step_sentence(step, lang)
        for step in verdict.steps
        if step.name == StepName.STATUS and step.outcome == StepOutcome.PASSED
    ]


def paper_title(name: str, lang: str) -> str:
    """Return the name for readers of a member of `verifier.printed.AnyPrinted`."""
    return _in(lang, PRINTED[name])


def paper_texts(printed: AnyPrinted, lang: str) -> dict[str, str]:
    """Return the members that say something, by their names, a document's kind in words."""
    texts = {name: str(value) for name, value in printed.to_json().items() if value != ""}
    if isinstance(printed, PrintedDocument) and printed.kind in KINDS:
        texts["kind"] = _in(lang, KINDS[printed.kind])
    return texts


def paper_sentence(verdict: PaperVerdict, lang: str) -> str:
    """Return the whole answer on a QR code in one sentence."""
    if verdict.reason:
        reason = _in(lang, REASONS[verdict.reason]).format(**verdict.facts)
        return _in(lang, PREFIXES[verdict.outcome]) + reason
    is_document = isinstance(verdict.printed, PrintedDocument)
    sentence = GENUINE_DOCUMENT if is_document else GENUINE
    return _in(lang, sentence).format(**_texts(verdict, lang))


def paper_lines(verdict: PaperVerdict, lang: str) -> list[str]:
    """Return what is proven to have been printed, line by line, then the answer and its limit."""
    printed = [f"{paper_title(name, lang)}: {text}" for name, text in _texts(verdict, lang).items()]
    return [*printed, "", paper_sentence(verdict, lang), paper_limit(verdict, lang)]


def paper_limit(verdict: PaperVerdict, lang: str) -> str:
    """Return what a QR code never proves, however genuine it is."""
    is_document = isinstance(verdict.claimed, PrintedDocument)
    return _in(lang, ONLY_PRINTED_DOCUMENT if is_document else ONLY_PRINTED)


def _texts(verdict: PaperVerdict, lang: str) -> dict[str, str]:
    return paper_texts(verdict.printed, lang) if verdict.printed else {}


def _decisive(verdict: Verdict) -> Step:
    """Return the first step that failed, else the first that could not be checked."""
    stopped = [step for step in verdict.steps if step.reason]
    failed = [step for step in stopped if step.outcome == StepOutcome.FAILED]
    return (failed or stopped)[0]


def _in(lang: str, sentence: Sentence) -> str:
    return sentence.in_language(lang)
