"""What answers look like, for the description of the API; a test holds them against the schema."""

HEAD = {
    "origin": "quanji.example/log",
    "size": 4,
    "root": "5d2e4d8fa4d325ba5b7f1ce35b7c4e5e5a2d0d52b1bb5d1ba60b1c1d2e3f4a5b",
}
CHECKPOINT = {
    **HEAD,
    "note": "quanji.example/log\n4\nXS5Nj6TTJbpbfxzjW3xOXlotDVKxu10bpgscHS4/Sls=\n\n"
    "— quanji.example/log mSsV2h0a…\n",
    "signed_at": "2026-11-25T04:00:01Z",
    "verifier_key": "quanji.example/log+992b15da+AVd…",
}
POSITION = {
    "index": 2,
    "leaf_hash": "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "recorded_at": "2026-11-25T04:00:00Z",
}
SUMMARY = {
    "number": "DA-000000002",
    "name": "2025年全国省级人口数据表",
    "summary": "示例：按省汇总的人口。",
    "registered_at": "2026-11-25T04:00:00Z",
    "url": "https://register.example/api/v1/assets/DA-000000002",
}
VERSION = {
    "number": 1,
    "sha256": "3a6eb0790f39ac87c94f3856b2dd2c5d110e6811602261a9a923d3bb23adc8b7",
    "sm3": "ea4db5f4c18b56e4bb2e9c9c5a1b1e2d3f405162738495a6b7c8d9eaf0b1c2d3",
    "size_bytes": 18234,
    "ledger": POSITION,
}
EDGE = {
    "depth": 1,
    "derived": {"asset": "DA-000000002", "version": 1, "sha256": VERSION["sha256"]},
    "source_version": {
        "asset": "DA-000000001",
        "version": 1,
        "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    },
    "external_source": None,
    "activity": "DERIVE",
    "method": "",
    "code_sha256": "e694707e29bd2a5ec4a6e0d7a7b1c0f2a9b8c7d6e5f4031221304f5e6d7c8b9a",
    "ended_at": "2026-11-24T10:00:00Z",
    "responsible": "示例数据科技有限公司",
    "basis": "",
    "basis_interest": "R-0123456789ABC",
    "basis_instrument": None,
    "is_proven": True,
}
ASSET = {
    "checkpoint": HEAD,
    "asset": {
        **SUMMARY,
        "kind": "PRODUCT",
        "source_kind": "DERIVED",
        "industry_section": "I",
        "industry_division": "65",
        "situation": "DERIVED",
        "grade": "GENERAL",
        "personal_information": "NONE",
        "personal_basis": "",
        "public_data": "NONE",
        "public_data_code": "",
        "region_scope": "NATIONAL",
        "region": "全国",
        "period_from": "2025-01-01",
        "period_to": "2025-12-31",
        "update_frequency": "YEARLY",
        "record_count": 31,
        "form": "TABLE",
        "structure": "STRUCTURED",
        "limit_users": "",
        "limit_qualification": "",
        "limit_environment": "",
        "limit_territory": "",
        "resale_allowed": False,
        "export_allowed": False,
        "responsibilities": [
            {"stage": stage, "party": "示例数据科技有限公司"}
            for stage in ("COLLECT", "MANAGE", "HOLD", "USE")
        ],
        "versions": [VERSION],
        "provenance": [EDGE],
        "rights_url": "https://register.example/api/v1/assets/DA-000000002/rights",
        "remarks_url": "https://register.example/api/v1/assets/DA-000000002/remarks",
        "history_url": "https://register.example/api/v1/assets/DA-000000002/history",
        "ledger": POSITION,
    },
}
ASSETS = {
    "checkpoint": HEAD,
    "assets": [SUMMARY],
    "next": "https://register.example/api/v1/assets?cursor=AAAAAAAAAAI&limit=1",
}
RIGHT = {
    "reference": "R-0123456789ABC",
    "kind": "HOLD",
    "valid_from": "2026-11-25T04:00:00Z",
    "valid_to": "2029-11-24T16:00:00Z",
    "limits": "",
    "holders": [
        {
            "name": "示例数据科技有限公司",
            "kind": "LEGAL",
            "identifier_scheme": "USCC",
            "identifier": "91370100MA00000017",
            "is_example": True,
            "share": "1/3",
        },
        {
            "name": "张**",
            "kind": "NATURAL",
            "identifier_scheme": "RESIDENT_ID",
            "identifier": "3701**********1234",
            "is_example": True,
            "share": "2/3",
        },
    ],
    "ledger": POSITION,
}
RIGHT_IN_FORCE = {
    **RIGHT,
    "revision": 2,
    "granted_from": "",
    "scope": {
        "fields": None,
        "purposes": None,
        "territories": ["CN"],
        "channels": None,
        "environments": None,
    },
    "terms": None,
    "until": "2028-03-01T02:00:00Z",
}
RIGHTS = {
    "checkpoint": HEAD,
    "asset": "DA-000000002",
    "at": "2026-11-25T04:00:01Z",
    "size": 4,
    "rights": [RIGHT_IN_FORCE],
}
REMARK = {
    "reference": "N-0123456789ABC",
    "revision": 1,
    "kind": "PLEDGE",
    "interest": "I-0123456789ABC",
    "party": {
        "name": "示例银行股份有限公司",
        "kind": "LEGAL",
        "identifier": "91370100MA00000210",
    },
    "valid_from": "2026-12-01T02:00:00Z",
    "valid_to": "2028-12-01T02:00:00Z",
    "until": "2028-12-01T02:00:00Z",
    "rank": 1,
    "entered": [2, 0],
    "takes_effect": None,
    "body": {
        "secured_fen": 500000000,
        "currency": "CNY",
        "is_maximum_amount": False,
        "burdens": {"P-0123456789ABC": "1/3"},
        "no_disposal": True,
    },
    "ledger": {**POSITION, "index": 3, "recorded_at": "2026-12-01T02:00:00Z"},
}
REMARKS = {
    "checkpoint": HEAD,
    "asset": "DA-000000002",
    "at": "2026-12-02T00:00:00Z",
    "size": 4,
    "remarks": [REMARK],
    "causes": [
        {
            "reference": "N-9876543210XYZ",
            "kind": "FREEZE",
            "asset": "DA-000000001",
            "interest": "",
        }
    ],
}
HISTORY = {
    "checkpoint": HEAD,
    "asset": "DA-000000002",
    "size": None,
    "acts": [
        {
            "version": 2,
            "acts": ["transfer"],
            "began": [
                {
                    "reference": "I-0123456789ABC",
                    "revision": 2,
                    "kind": "HOLD",
                    "valid_from": "2027-03-01T02:00:00Z",
                    "valid_to": "2029-11-24T16:00:00Z",
                }
            ],
            "ended": [
                {
                    "reference": "I-0123456789ABC",
                    "revision": 1,
                    "until": "2027-03-01T02:00:00Z",
                }
            ],
            "ledger": {**POSITION, "index": 3, "recorded_at": "2027-03-01T02:00:00Z"},
        }
    ],
    "next": "https://register.example/api/v1/assets/DA-000000002/history?before=2&limit=1",
}
PARTY_ADDRESS = "https://register.example/api/v1/parties/P-0123456789ABC"
PARTIES = {
    "checkpoint": HEAD,
    "parties": [
        {
            "reference": "P-0123456789ABC",
            "name": "示例数据科技有限公司",
            "identifier": "91370100MA00000017",
            "portfolio_url": f"{PARTY_ADDRESS}/portfolio",
            "secured_url": f"{PARTY_ADDRESS}/secured",
        }
    ],
}
PORTFOLIO = {
    "checkpoint": HEAD,
    "party": "P-0123456789ABC",
    "at": "2026-12-02T00:00:00Z",
    "size": 4,
    "rights": [{**RIGHT_IN_FORCE, "asset": "DA-000000002"}],
    "next": None,
}
SECURED = {
    "checkpoint": HEAD,
    "party": "P-0123456789ABC",
    "at": "2026-12-02T00:00:00Z",
    "size": 4,
    "pledges": [{**REMARK, "asset": "DA-000000002"}],
    "next": f"{PARTY_ADDRESS}/secured?cursor=AAAAAAAAAAI",
}
CERTIFICATE = {
    "number": "SJ3702026110001",
    "status": "IN_FORCE",
    "issued_at": "2026-11-25T04:00:02Z",
    "sha256": "c0ffee254729296a45a3885639ac7e10f9d54979f3e1a2b3c4d5e6f708192a3b",
    "sm3": "d0ffee254729296a45a3885639ac7e10f9d54979f3e1a2b3c4d5e6f708192a3b",
    "size_bytes": 412345,
    "asset": "DA-000000002",
    "asset_name": "2025年全国省级人口数据表",
    "rights": [RIGHT],
    "registration": POSITION,
    "issuance": {**POSITION, "index": 3},
    "renewal": None,
}
CERTIFICATE_ANSWER = {"checkpoint": HEAD, "certificate": CERTIFICATE}
NUMBER_QUESTION = {"number": "SJ3702026110001", "code": "4T7Q-0XKD-9M2V-HB1S"}
NUMBER_VERDICT = {
    "checkpoint": HEAD,
    "verdict": "valid",
    "sentence": "Valid: the register holds this certificate, and it is in force.",
    "certificate": CERTIFICATE,
    "document": None,
    "since": None,
}
DOCUMENT = {
    "number": "E20261100001",
    "kind": "STATUS",
    "status": None,
    "as_of": "2026-11-25T04:00:00Z",
    "issued_at": "2026-11-25T04:00:02Z",
    "sha256": "c0ffee254729296a45a3885639ac7e10f9d54979f3e1a2b3c4d5e6f708192a3b",
    "sm3": "d0ffee254729296a45a3885639ac7e10f9d54979f3e1a2b3c4d5e6f708192a3b",
    "size_bytes": 412345,
    "asset": "DA-000000002",
    "issuance": {**POSITION, "index": 3},
    "renewal": None,
}
DOCUMENT_ANSWER = {
    "checkpoint": {**HEAD, "size": 9},
    "document": {
        **DOCUMENT,
        "number": "SJ3702026110007",
        "kind": "TITLE",
        "status": "SUSPENDED",
        "events": [
            {
                "number": 1,
                "event": "SUSPENDED",
                "ground": "ORDER",
                "words": "示例：法院通知",
                "effective_at": "2026-11-26T04:00:00Z",
                "successor": None,
                "ledger": {**POSITION, "index": 8},
            }
        ],
        "asset_url": "https://register.example/api/v1/assets/DA-000000002",
        "record_url": "https://register.example/v/SJ3702026110007",
        "proof_url": "https://register.example/v/SJ3702026110007/proof",
        "signature_url": "https://register.example/v/SJ3702026110007/p7s",
    },
    "since": "Correct when issued on 2026-11-25 12:00. Since then: 2026-11-26 12:00 suspended "
    "(Order of a court or an authority: 示例：法院通知).",
}
PAPER_QUESTION = {"text": "HTTPS://REGISTER.EXAMPLE/Q/2KCETIQBEYCEIMRQGI3KAWFYVMAW6U2K"}
PAPER_ANSWER = {
    "paper": {
        "verdict": "valid",
        "reasons": [],
        "kid": "2026",
        "printed": {
            "kind": "STATUS",
            "number": "E20261100001",
            "check_code": "4T7Q-0XKD-9M2V-HB1S",
            "subject": "DA-000000002",
            "party": "",
            "as_of": "2026-11-25T04:00:00Z",
            "tree_size": 3,
            "root_hash": "c0ffee254729296a45a3885639ac7e10",
            "statement_sha256": "c0ffee254729296a45a3885639ac7e10f9d54979f3e1a2b3c4d5e6f708192a3b",
            "issued_day": "2026-11-25",
        },
        "sentence": "Genuine: this was printed on the document E20261100001 (Status extract), "
        "issued on 2026-11-25. It speaks for 2026-11-25T04:00:00Z.",
        "limit": "A QR code proves what was printed, and the document says what held at its "
        "instant. What came later, only the page that the code opens tells.",
    },
    "agrees": True,
    "register": {
        "checkpoint": HEAD,
        "verdict": "valid",
        "sentence": "Valid: the register has issued this document, and it says what held at the "
        "instant that it names.",
        "certificate": None,
        "document": DOCUMENT,
        "since": None,
    },
}
FILE_VERDICT = {
    "verdict": "invalid",
    "reasons": ["NOT_SEALED"],
    "sentence": "Not valid: the file bears no seal.",
    "steps": [
        {
            "name": "seal",
            "outcome": "failed",
            "reason": "NOT_SEALED",
            "facts": {},
            "detail": "The file bears no seal.",
        }
    ],
    "certificate": None,
    "checkpoint": None,
    "register": {
        "is_registered": False,
        "number": None,
        "status": None,
        "checkpoint": HEAD,
    },
    "answers": [
        {
            "question": "integrity",
            "outcome": "failed",
            "code": "NOT_SEALED",
            "sentence": "The file bears no seal.",
        }
    ],
    "since": None,
    "etsi": {"indication": "TOTAL-FAILED", "sub_indication": "FORMAT_FAILURE"},
    "forensics": None,
}
START = {
    "assets": "https://register.example/api/v1/assets",
    "parties": "https://register.example/api/v1/parties",
    "checkpoint": "https://register.example/api/v1/ledger/checkpoint",
    "status_list": "https://register.example/log/status-list",
    "verify_number": "https://register.example/api/v1/verify/number",
    "verify_paper": "https://register.example/api/v1/verify/paper",
    "verify_file": "https://register.example/api/v1/verify/file",
    "openapi": "https://register.example/api/v1/openapi.json",
}
