"""HTTPS for the platform's names: a test authority made here, and a fresh certificate for each start.

The authority may vouch for nothing but the platform's and local names (critical name constraints), so
that trusting it for a test opens no door to anything else. Its key never leaves its directory.
"""

import ipaddress
import os
import ssl
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from wechat_sandbox.hosts import LOCAL_ADDRESSES, LOCAL_HOSTS, PLATFORM_HOSTS, SMS_HOST

CA_DAYS = 3650
LEAF_DAYS = 365
_RENEW_DAYS = 30
# Below these names, and in these networks, the authority may vouch.
_PERMITTED_NAMES = ("weixin.qq.com", "qpic.cn", "qlogo.cn", "wxaurl.cn", SMS_HOST, "localhost")
_PERMITTED_NETWORKS = ("127.0.0.0/8", "::1/128", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")


class Authority:
    """A certificate authority that lives in a directory of its own."""

    def __init__(
        self, directory: Path, key: ec.EllipticCurvePrivateKey, certificate: x509.Certificate
    ) -> None:
        self.directory = directory
        self._key = key
        self._certificate = certificate

    @classmethod
    def open(cls, directory: Path) -> "Authority":
        """Return the authority of a directory; make one where there is none that may vouch for all names.

        One that ends within 30 days counts as none.

        Raises:
            ValueError: the files there are not an authority.
            OSError: the directory cannot be used.
        """
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        key_file, certificate_file = directory / "ca.key", directory / "ca.pem"
        if key_file.exists() and certificate_file.exists():
            key = serialization.load_pem_private_key(key_file.read_bytes(), None)
            certificate = x509.load_pem_x509_certificate(certificate_file.read_bytes())
            if not isinstance(key, ec.EllipticCurvePrivateKey):
                raise ValueError(f"{key_file} is not a key of this sandbox")
            is_fresh = certificate.not_valid_after_utc - _now() > timedelta(days=_RENEW_DAYS)
            if is_fresh and _constraints_of(certificate) == _constraints():
                return cls(directory, key, certificate)
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = _make_authority(key)
        _write_secret(key_file, _key_pem(key))
        certificate_file.write_bytes(_pem(certificate))
        return cls(directory, key, certificate)

    @property
    def ca_pem(self) -> bytes:
        """The authority's certificate, to be trusted by the programs under test."""
        return _pem(self._certificate)

    def server_context(self, *, addresses: Iterable[str] = ()) -> ssl.SSLContext:
        """Return a server context with a fresh certificate for all platform and local names."""
        key = ec.generate_private_key(ec.SECP256R1())
        chain = self.directory / "server.pem"
        leaf = self._make_leaf(key, (*LOCAL_ADDRESSES, *addresses))
        _write_secret(chain, _key_pem(key) + _pem(leaf) + self.ca_pem)
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(chain)
        return context

    def _make_leaf(self, key: ec.EllipticCurvePrivateKey, addresses: Iterable[str]) -> x509.Certificate:
        names: list[x509.GeneralName] = [x509.DNSName(name) for name in (*PLATFORM_HOSTS, *LOCAL_HOSTS)]
        names += [x509.IPAddress(ipaddress.ip_address(address)) for address in dict.fromkeys(addresses)]
        issuer = self._certificate.subject
        return (
            _builder(PLATFORM_HOSTS[0], key.public_key(), issuer, LEAF_DAYS)
            .add_extension(x509.SubjectAlternativeName(names), critical=False)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()), critical=False
            )
            .sign(self._key, hashes.SHA256())
        )


def write_bundle(path: Path, ca_pem: bytes) -> None:
    """Write the authorities this process trusts anyway, with ours added, for one process under test."""
    usual = _usual_bundle()
    path.write_bytes((usual.read_bytes() + b"\n" if usual else b"") + ca_pem)


def _usual_bundle() -> Path | None:
    paths = ssl.get_default_verify_paths()
    candidates = [os.environ.get("SSL_CERT_FILE"), os.environ.get("REQUESTS_CA_BUNDLE"), paths.cafile]
    try:
        import certifi

        candidates.append(certifi.where())
    except ImportError:
        pass
    return next((Path(file) for file in candidates if file and Path(file).is_file()), None)


def _constraints() -> x509.NameConstraints:
    permitted: list[x509.GeneralName] = [x509.DNSName(name) for name in _PERMITTED_NAMES]
    permitted += [x509.IPAddress(ipaddress.ip_network(network)) for network in _PERMITTED_NETWORKS]
    return x509.NameConstraints(permitted, None)


def _constraints_of(certificate: x509.Certificate) -> x509.NameConstraints | None:
    try:
        return certificate.extensions.get_extension_for_class(x509.NameConstraints).value
    except x509.ExtensionNotFound:
        return None


def _make_authority(key: ec.EllipticCurvePrivateKey) -> x509.Certificate:
    public = key.public_key()
    title = "WeChat sandbox test authority"
    # The name differs from one authority to the next: stores that look up by name must not confuse them.
    subject = _name(f"{title} {x509.SubjectKeyIdentifier.from_public_key(public).digest.hex()[:8]}")
    usage = x509.KeyUsage(
        digital_signature=False, content_commitment=False, key_encipherment=False, data_encipherment=False,
        key_agreement=False, key_cert_sign=True, crl_sign=True, encipher_only=False, decipher_only=False,
    )  # fmt: skip
    return (
        _builder(subject, public, subject, CA_DAYS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(_constraints(), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .sign(key, hashes.SHA256())
    )


def _builder(
    subject: str | x509.Name, public: ec.EllipticCurvePublicKey, issuer: x509.Name, days: int
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(_name(subject) if isinstance(subject, str) else subject)
        .issuer_name(issuer)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(_now() - timedelta(days=1))
        .not_valid_after(_now() + timedelta(days=days))
    )


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _now() -> datetime:
    """Certificates are checked against real time, whatever the virtual clock says."""
    return datetime.now(UTC)


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def _key_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _write_secret(path: Path, content: bytes) -> None:
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
