"""A certificate for the name of the example, by an authority that nobody but a test trusts."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.tools import tool

NAME = "line.example.fi"
CERTIFICATE, KEY, CA = "etc/ssl/line.example.fi.pem", "etc/ssl/private/line.example.fi.key", "etc/ssl/authority.pem"
KINDS = f"""
[req]
distinguished_name = name
[name]
[authority]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign
subjectKeyIdentifier = hash
[server]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = serverAuth
subjectAltName = DNS:{NAME}
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
"""


def certify(root: Path) -> None:
    """Write the certificate and its key where deploy/nginx/kemi.conf has them, below `root`, and the authority's."""
    (root / KEY).parent.mkdir(parents=True, exist_ok=True)
    kinds = root / "etc" / "ssl" / "openssl.cnf"
    kinds.write_text(KINDS, encoding="utf-8")
    signs = root / "etc" / "ssl" / "private" / "authority.key"
    _made(kinds, "authority", "/CN=An authority of the tests", signs, root / CA)
    _made(kinds, "server", f"/CN={NAME}", root / KEY, root / CERTIFICATE, "-CA", root / CA, "-CAkey", signs)


def _made(kinds: Path, kind: str, subject: str, key: Path, certificate: Path, *by: str | Path) -> None:
    done = subprocess.run(
        [
            *(tool("openssl"), "req", "-x509", "-config", kinds, "-extensions", kind, "-subj", subject, "-days", "1"),
            *("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", key, "-out", certificate),
            *by,
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
