# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: 2026 The qemu-teeio authors
"""The algorithms that this requester offers, by their bits in
NEGOTIATE_ALGORITHMS (DSP0274 10.4).
"""
import hashlib
import hmac

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.ciphers import aead
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand
from cryptography.hazmat.primitives.serialization import (Encoding,
                                                          PublicFormat)


class Hash:
    """One hash function with what is built from it."""

    def __init__(self, name, algorithm):
        self.name = name
        self.algorithm = algorithm
        self.size = algorithm.digest_size

    def digest(self, data):
        return hashlib.new(self.name, data).digest()

    def hmac(self, key, data):
        return hmac.new(key, data, self.name).digest()

    def expand(self, secret, info, size):
        return HKDFExpand(self.algorithm, size, info).derive(secret)


class Group:
    """One elliptic curve, for signatures and for key exchange."""

    def __init__(self, curve, size):
        self.curve = curve
        self.size = size

    def generate(self):
        return ec.generate_private_key(self.curve)

    def public_bytes(self, private):
        point = private.public_key().public_bytes(
            Encoding.X962, PublicFormat.UncompressedPoint)
        return point[1:]

    def agree(self, private, peer):
        point = ec.EllipticCurvePublicKey.from_encoded_point(
            self.curve, b'\x04' + peer)
        return private.exchange(ec.ECDH(), point)

    def verify(self, public_key, signature, message, function):
        """Raises InvalidSignature."""
        r = int.from_bytes(signature[:self.size], 'big')
        s = int.from_bytes(signature[self.size:], 'big')
        public_key.verify(utils.encode_dss_signature(r, s), message,
                          ec.ECDSA(function.algorithm))


SHA256 = Hash('sha256', hashes.SHA256())
SHA384 = Hash('sha384', hashes.SHA384())
P256 = Group(ec.SECP256R1(), 32)
P384 = Group(ec.SECP384R1(), 48)

HASHES = {1 << 0: SHA256, 1 << 1: SHA384}
SIGNATURES = {1 << 4: P256, 1 << 7: P384}
GROUPS = {1 << 3: P256, 1 << 4: P384}
CIPHERS = {1 << 0: (aead.AESGCM, 16), 1 << 1: (aead.AESGCM, 32),
           1 << 2: (aead.ChaCha20Poly1305, 32)}
