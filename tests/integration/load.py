"""A bounded load of keep-alive connections for tests: every answer is read whole and counted by status."""

import asyncio
import collections
import json
import threading
from collections.abc import Sequence

from attrs import define, field


@define
class Load:
    """
    ``connections`` clients that ask for rankings one after the other until ``stop``; use it as a context manager.

    ``statuses`` counts answers; ``broken`` lists connections that ended without an answer.
    """

    port: int
    users: Sequence[str]
    connections: int = 64
    statuses: collections.Counter = field(factory=collections.Counter)
    releases: collections.Counter = field(factory=collections.Counter)
    broken: list = field(factory=list)
    _stopping: threading.Event = field(factory=threading.Event)
    _thread: threading.Thread | None = None

    def __enter__(self):
        self._thread = threading.Thread(target=lambda: asyncio.run(self._all()), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *exception):
        self.stop()

    def stop(self):
        """Let every client finish its request and leave."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join(60)

    async def _all(self):
        await asyncio.gather(*(self._client(number) for number in range(self.connections)))

    async def _client(self, number):
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
            at = number
            while not self._stopping.is_set():
                body = json.dumps({"user": self.users[at % len(self.users)], "n": 5}).encode()
                head = "POST /v1/recommend HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                head += f"Content-Length: {len(body)}\r\n\r\n"
                writer.write(head.encode() + body)
                await writer.drain()
                status, answer = await self._answer(reader)
                self.statuses[status] += 1
                if status == 200:
                    self.releases[json.loads(answer)["release"]] += 1
                at += 1
            writer.close()
        except (OSError, asyncio.IncompleteReadError, ValueError) as error:
            self.broken.append(f"{type(error).__name__}: {error}")

    async def _answer(self, reader):
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        fields = dict(line.lower().split(": ", 1) for line in head[1:] if ": " in line)
        if fields.get("transfer-encoding") == "chunked":
            body = b""
            while size := int((await reader.readline()).strip(), 16):
                body += await reader.readexactly(size)
                await reader.readexactly(2)
            await reader.readexactly(2)
        else:
            body = await reader.readexactly(int(fields["content-length"]))
        return int(head[0].split()[1]), body
