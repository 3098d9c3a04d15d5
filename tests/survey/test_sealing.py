"""Boxes and drafts: what does not open them, what size they have, and what openssl makes of the key files."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives import hpke, serialization
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from survey import sealing

INFO = sealing.box_info("w", "ab" * 32)
PAIR = sealing.generate_key_pair()
OTHER = sealing.generate_key_pair()


@given(st.binary(max_size=508))
def test_every_box_of_a_wave_has_one_size_and_opens_to_what_was_sealed(content: bytes):
    box = sealing.seal(content, PAIR.public, INFO, 512)
    assert len(box) == 512 + sealing.OVERHEAD
    assert sealing.open_box(box, PAIR.private, INFO) == content
    assert content == b"" or len(content) < 4 or content not in box


def test_a_box_is_hpke_as_rfc_9180_has_it():
    # Opened by the library alone: X25519, HKDF-SHA256, AES-256-GCM, base mode.
    suite = hpke.Suite(hpke.KEM.X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.AES_256_GCM)
    key = X25519PrivateKey.from_private_bytes(PAIR.private)
    plain = suite.decrypt(sealing.seal(b"abc", PAIR.public, INFO, 16), key, info=INFO)
    assert plain == b"\0\0\0\3abc" + bytes(9)


def test_sealing_twice_shows_no_likeness():
    assert sealing.seal(b"same", PAIR.public, INFO, 64) != sealing.seal(b"same", PAIR.public, INFO, 64)


def test_another_key_wave_or_plan_opens_nothing():
    box = sealing.seal(b"answers", PAIR.public, INFO, 64)
    for key, info in (
        (OTHER.private, INFO),
        (PAIR.private, sealing.box_info("v", "ab" * 32)),
        (PAIR.private, sealing.box_info("w", "cd" * 32)),
    ):
        with pytest.raises(sealing.SealBroken):
            sealing.open_box(box, key, info)


def test_an_altered_or_cut_box_opens_nothing():
    box = sealing.seal(b"answers", PAIR.public, INFO, 64)
    for bad in (box[:-1], box[:40] + bytes([box[40] ^ 1]) + box[41:], b"", bytes([box[0] ^ 1]) + box[1:]):
        with pytest.raises(sealing.SealBroken):
            sealing.open_box(bad, PAIR.private, INFO)


def test_padding_that_is_not_ours_is_refused():
    suite = hpke.Suite(hpke.KEM.X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.AES_256_GCM)
    key = X25519PrivateKey.from_private_bytes(PAIR.private).public_key()
    with pytest.raises(sealing.SealBroken):
        sealing.open_box(suite.encrypt(b"\xff\xff\xff\xffabc", key, info=INFO), PAIR.private, INFO)


def test_what_does_not_fit_is_refused_before_sealing():
    with pytest.raises(sealing.TooLarge, match="61 bytes do not fit a box of 64"):
        sealing.seal(bytes(61), PAIR.public, INFO, 64)


def test_info_cannot_be_read_two_ways():
    assert sealing.box_info("a", "61" * 32) != sealing.box_info("aa", "61" * 32)


def test_key_files_are_standard_pem_and_come_back():
    private, public = sealing.private_pem(PAIR.private), sealing.public_pem(PAIR.public)
    assert private.startswith(b"-----BEGIN PRIVATE KEY-----")
    assert public.startswith(b"-----BEGIN PUBLIC KEY-----")
    assert sealing.read_private_pem(private) == PAIR
    assert sealing.read_public_pem(public) == PAIR.public
    assert len(sealing.fingerprint(PAIR.public)) == 64


def test_other_files_are_no_keys():
    curve = generate_private_key(SECP256R1())
    private = curve.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    locked = X25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.BestAvailableEncryption(b"x")
    )
    public = curve.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    for file in (b"", b"\xff\0", sealing.public_pem(PAIR.public), locked):
        with pytest.raises(ValueError, match="is no unencrypted PEM private key"):
            sealing.read_private_pem(file)
    with pytest.raises(ValueError, match="another kind than X25519"):
        sealing.read_private_pem(private)
    with pytest.raises(ValueError, match="is no PEM public key"):
        sealing.read_public_pem(sealing.private_pem(PAIR.private))
    with pytest.raises(ValueError, match="another kind than X25519"):
        sealing.read_public_pem(public)


def test_a_draft_needs_code_wave_key_salt_and_its_own_row():
    key = sealing.draft_key("C" * 12, b"k" * 32, b"s" * 32)
    sealed = sealing.seal_draft(b"half a form", key, b"row")
    assert sealing.open_draft(sealed, key, b"row") == b"half a form"
    for other in (
        sealing.draft_key("D" * 12, b"k" * 32, b"s" * 32),
        sealing.draft_key("C" * 12, b"l" * 32, b"s" * 32),
        sealing.draft_key("C" * 12, b"k" * 32, b"t" * 32),
    ):
        with pytest.raises(sealing.SealBroken):
            sealing.open_draft(sealed, other, b"row")
    for bad, row in ((sealed, b"another row"), (sealed[:-1], b"row"), (b"", b"row")):
        with pytest.raises(sealing.SealBroken):
            sealing.open_draft(bad, key, row)


def test_drafts_come_in_whole_steps():
    key = sealing.draft_key("C" * 12, b"k" * 32, b"s" * 32)
    sizes = {len(sealing.seal_draft(bytes(n), key, b"row")) - 28 for n in (0, 1, 876, 877, 1756)}
    assert sizes == {880, 1760}
