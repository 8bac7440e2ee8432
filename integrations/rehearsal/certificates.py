"""An authority of our own and a certificate below it, so that clients that insist on https and on Salesforce's hosts can practise."""

import ipaddress
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

NAMES = ("localhost", "login.salesforce.com", "test.salesforce.com", "*.salesforce.com", "*.my.salesforce.com")
AUTHORITY_LIFE = timedelta(days=3650)
LEAF_LIFE = timedelta(days=365)
_RENEW_BEFORE = timedelta(days=14)


def certificate_files(folder: Path) -> tuple[Path, Path, Path]:
    """Authority, certificate and key. Made once, then kept: a browser that trusts the authority goes on trusting it."""
    authority, authority_key = folder / "rehearsal-ca.pem", folder / "rehearsal-ca-key.pem"
    leaf, leaf_key = folder / "rehearsal-cert.pem", folder / "rehearsal-cert-key.pem"
    if not (_lasts(authority) and authority_key.exists()):
        _make_authority(authority, authority_key)
        leaf.unlink(missing_ok=True)
    if not (_lasts(leaf) and leaf_key.exists()):
        _make_leaf(authority, authority_key, leaf, leaf_key)
    return authority, leaf, leaf_key


def _lasts(path: Path) -> bool:
    if not path.exists():
        return False
    certificate = x509.load_pem_x509_certificate(path.read_bytes())
    return certificate.not_valid_after_utc > datetime.now(UTC) + _RENEW_BEFORE


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _builder(subject: str, issuer: str, key: ec.EllipticCurvePublicKey, life: timedelta) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(_name(subject))
        .issuer_name(_name(issuer))
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + life)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


_AUTHORITY = "Skalin Sync rehearsal authority"


def _make_authority(path: Path, key_path: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    usage = x509.KeyUsage(False, False, False, False, False, True, True, False, False)
    certificate = (
        _builder(_AUTHORITY, _AUTHORITY, key.public_key(), AUTHORITY_LIFE)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        # Whoever trusts this authority trusts it for nothing but what the rehearsal serves.
        .add_extension(x509.NameConstraints([*_permitted()], None), critical=True)
        .sign(key, hashes.SHA256())
    )
    _write(path, certificate, key_path, key)


def _permitted() -> list[x509.GeneralName]:
    loopback = x509.IPAddress(ipaddress.ip_network("127.0.0.1/32"))
    return [x509.DNSName("localhost"), x509.DNSName("salesforce.com"), loopback]


def _make_leaf(authority_path: Path, authority_key_path: Path, path: Path, key_path: Path) -> None:
    authority = x509.load_pem_x509_certificate(authority_path.read_bytes())
    signer = serialization.load_pem_private_key(authority_key_path.read_bytes(), None)
    assert isinstance(signer, ec.EllipticCurvePrivateKey)
    key = ec.generate_private_key(ec.SECP256R1())
    names = [*(x509.DNSName(name) for name in NAMES), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    usage = x509.KeyUsage(True, False, False, False, False, False, False, False, False)
    certificate = (
        _builder("localhost", _AUTHORITY, key.public_key(), LEAF_LIFE)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False)
        .sign(signer, hashes.SHA256())
    )
    assert authority.subject == certificate.issuer
    _write(path, certificate, key_path, key)


def _write(path: Path, certificate: x509.Certificate, key_path: Path, key: ec.EllipticCurvePrivateKey) -> None:
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    handle = os.open(key_path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(secret)
    path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
