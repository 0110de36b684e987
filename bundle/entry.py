"""The program inside the bundle: without arguments the plugin, as Mattermost starts it; else the command line."""

import os
import sys

CERTIFICATES = (
    "/etc/ssl/certs/ca-certificates.crt",  # Debian, Ubuntu, Alpine, Arch
    "/etc/pki/tls/certs/ca-bundle.crt",  # Fedora, RHEL
    "/etc/ssl/ca-bundle.pem",  # openSUSE
    "/etc/ssl/cert.pem",
)
"""Where the distributions keep whom they trust; the OpenSSL in here only knows the place of its own."""


def main() -> int:
    """An exit code."""
    if "SSL_CERT_FILE" not in os.environ:
        there = next((path for path in CERTIFICATES if os.path.exists(path)), None)
        if there:
            os.environ["SSL_CERT_FILE"] = there
    arguments = sys.argv[1:] or ["native"]
    from plugin.__main__ import main as command_line

    return command_line(arguments)


if __name__ == "__main__":
    sys.exit(main())
