"""
Who may: API keys with scopes, compared in constant time.

Without keys a node listens on loopback only (``nlprec.loading`` sees to it); who reaches it may do anything.
"""

import hashlib
import hmac
import secrets
from urllib.parse import urlsplit

from attrs import define, field
from twisted.web.http import Request

from nlprec.errors import AccessDenied
from nlprec.loading import is_loopback
from nlprec.settings import KeySettings

OPEN = ""  #: scope of routes that need no key: health and the description


@define
class Guard:
    """Checks keys. Only keyed hashes of secrets are kept, under a key of this process's own."""

    _salt: bytes = field(factory=lambda: secrets.token_bytes(32), init=False, repr=False)

    def check(self, request: Request, scope: str, keys: tuple[KeySettings, ...]) -> str:
        """
        Return the name of the caller's key, "" where none is needed.

        Raises:
            AccessDenied: 401 without a valid key, 403 when the key lacks the scope.
        """
        if not keys or scope == OPEN:
            return ""
        given = self._hash(_given(request))
        found = None
        for key in keys:  # all of them, so that the time tells nothing
            if hmac.compare_digest(self._hash(key.secret.value.encode()), given):
                found = key
        if found is None:
            hint = "send it as 'Authorization: Bearer KEY' or 'X-API-Key: KEY'"
            raise AccessDenied("a valid API key is needed", status=401, hint=hint)
        if scope not in found.scopes:
            raise AccessDenied(f"the key '{found.name}' has no scope '{scope}'", status=403, scope=scope)
        return found.name

    def greet(self, request: Request, keys: tuple[KeySettings, ...]) -> None:
        """
        Refuse what a web page from elsewhere makes a browser send to a node without keys.

        Loopback keeps other machines out, not the pages that a browser on this one shows.

        Raises:
            AccessDenied: 403, the page is not of this machine.
        """
        origin = request.requestHeaders.getRawHeaders(b"origin", [b""])[0]
        if keys or not origin or is_loopback(_host(origin)):
            return
        raise AccessDenied(
            "web pages from elsewhere may not use a node without keys", status=403, hint="set serve.http.keys"
        )

    def _hash(self, secret: bytes) -> bytes:
        return hashlib.blake2b(secret, key=self._salt, digest_size=32).digest()


def _host(origin: bytes) -> str:
    """Return ``host:port`` of an Origin header."""
    try:
        parts = urlsplit(origin.decode("latin-1"))
        return f"{parts.hostname}:{parts.port or 80}"
    except ValueError:
        return ""


def _given(request: Request) -> bytes:
    header = request.requestHeaders.getRawHeaders(b"authorization", [b""])[0]
    if header[:7].lower() == b"bearer ":
        return bytes(header[7:].strip())
    return bytes(request.requestHeaders.getRawHeaders(b"x-api-key", [b""])[0].strip())
