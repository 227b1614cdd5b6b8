"""Signatures of bundles: Ed25519, by a key of the server that made them."""


def public_key(key: str) -> str:
    """The public half of a key of 32 bytes in hex, in hex too."""
    return _private(key).public_key().public_bytes_raw().hex()  # type: ignore[no-any-return]


def sign(content: bytes, key: str) -> bytes:
    """The signature, in hex."""
    return _private(key).sign(content).hex().encode()  # type: ignore[no-any-return]


def is_signed(content: bytes, signature: bytes, signer: str) -> bool:
    """Whether the owner of a public key signed this."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(signer)).verify(bytes.fromhex(signature.decode()), content)
    except (InvalidSignature, ValueError):
        return False
    return True


def _private(key: str) -> "Ed25519PrivateKey":  # type: ignore[name-defined]  # noqa: F821
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(key))
