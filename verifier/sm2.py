"""SM2 signatures (GB/T 32918.2-2016) on the curve of GB/T 32918.5-2017, with SM3.

Entry point: `is_signed`. Only verification, whose inputs are all public: nothing here runs in
constant time. Written out because no library that the verifier depends on knows SM2. The published
examples and OpenSSL agree with it (tests/verifier/test_sm2.py).
"""

from typing import TypeAlias

from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from primitives.digests import sm3

Point: TypeAlias = tuple[int, int, int]
"""In Jacobian coordinates: (X, Y, Z) stands for (X / Z^2, Y / Z^3); Z is 0 at infinity."""

P = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF
A = P - 3
B = 0x28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93
N = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123
G: Point = (
    0x32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7,
    0xBC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0,
    1,
)
INFINITY: Point = (1, 1, 0)
BITS, BYTES = 256, 32
UNCOMPRESSED = 4

IDENTITY = b"1234567812345678"
"""Who signs, where nothing else is agreed (GM/T 0009-2012, 10)."""


def is_signed(
    data: bytes, signature: bytes, public_key: bytes, *, identity: bytes = IDENTITY
) -> bool:
    """Say whether ``signature`` over ``data`` is that of ``public_key`` (GB/T 32918.2, 7.1).

    Args:
        data: what is signed.
        signature: r and s as DER (GB/T 35276).
        public_key: 65 bytes, the uncompressed point.
        identity: the signer's distinguishing identifier, at most 8191 bytes.

    Returns:
        False also if signature or key are malformed.
    """
    key = _point(public_key)
    try:
        r, s = decode_dss_signature(signature)
    except ValueError:
        return False
    t = (r + s) % N
    if key is None or not (0 < r < N and 0 < s < N and t):
        return False
    x, _, z = _sum_of_multiples(s, G, t, key)
    if not z:
        return False
    digest = int.from_bytes(sm3(_bound_to(public_key, identity) + data), "big")
    return (digest + x * pow(z, -2, P) % P) % N == r


def _point(encoded: bytes) -> Point | None:
    """Return the point on the curve, or None."""
    if len(encoded) != 1 + 2 * BYTES or encoded[0] != UNCOMPRESSED:
        return None
    x, y = (int.from_bytes(half, "big") for half in (encoded[1 : 1 + BYTES], encoded[1 + BYTES :]))
    is_on_curve = x < P and y < P and (y * y - x**3 - A * x - B) % P == 0
    return (x, y, 1) if is_on_curve else None


def _bound_to(public_key: bytes, identity: bytes) -> bytes:
    """Return Z, the digest of identity, curve and key (GB/T 32918.2, 5.5)."""
    curve = b"".join(number.to_bytes(BYTES, "big") for number in (A, B, G[0], G[1]))
    return sm3((8 * len(identity)).to_bytes(2, "big") + identity + curve + public_key[1:])


def _sum_of_multiples(s: int, first: Point, t: int, second: Point) -> Point:
    """Return ``s first + t second``, doubling once for both."""
    table = (INFINITY, first, second, _add(first, second))
    total = INFINITY
    for bit in reversed(range(BITS)):
        total = _add(_double(total), table[(s >> bit & 1) | (t >> bit & 1) << 1])
    return total


def _double(point: Point) -> Point:
    """Return twice the point (for a = -3)."""
    x, y, z = point
    yy, zz = y * y % P, z * z % P
    slope = 3 * (x - zz) * (x + zz) % P
    xyy = 4 * x * yy % P
    doubled = (slope * slope - 2 * xyy) % P
    return doubled, (slope * (xyy - doubled) - 8 * yy * yy) % P, 2 * y * z % P


def _add(one: Point, other: Point) -> Point:
    if not one[2] or not other[2]:
        return one if one[2] else other
    (x1, y1, z1), (x2, y2, z2) = one, other
    zz1, zz2 = z1 * z1 % P, z2 * z2 % P
    u, v = x1 * zz2 % P, y1 * zz2 * z2 % P
    over, up = (x2 * zz1 - u) % P, (y2 * zz1 * z1 - v) % P
    if not over:
        return INFINITY if up else _double(one)
    square = over * over % P
    cube, corner = square * over % P, u * square % P
    x = (up * up - cube - 2 * corner) % P
    return x, (up * (corner - x) - v * cube) % P, over * z1 * z2 % P
