"""Who may: API keys with scopes, compared in constant time. Without keys the node listens on loopback only (``nlprec.loading``)."""

import hashlib
import hmac
import secrets

from attrs import define, field
from twisted.web.http import Request

from nlprec.errors import AccessDenied
from nlprec.settings import KeySettings

OPEN = ""  #: scope of routes that need no key: health, metrics on loopback's side of the door, the description


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

    def _hash(self, secret: bytes) -> bytes:
        return hashlib.blake2b(secret, key=self._salt, digest_size=32).digest()


def _given(request: Request) -> bytes:
    header = request.requestHeaders.getRawHeaders(b"authorization", [b""])[0]
    if header[:7].lower() == b"bearer ":
        return bytes(header[7:].strip())
    return bytes(request.requestHeaders.getRawHeaders(b"x-api-key", [b""])[0].strip())
