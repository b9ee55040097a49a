"""Is it alive, can it answer, how does it do: for machines that watch."""

from nlprec import __version__
from nlprec.services.desk import Desk
from nlprec.services.metrics import CONTENT_TYPE
from nlprec.services.web.routes import Call, Reply
from nlprec.services.web.types import Health, Index


async def healthz(desk: Desk, call: Call) -> Reply:
    """Answer as long as the reactor turns."""
    return Reply(Health("ok", desk.node, _release(desk)))


async def readyz(desk: Desk, call: Call) -> Reply:
    """Answer 200 when questions can be answered, else 503 with the reason."""
    why = desk.ready()
    return (
        Reply(Health("not ready", desk.node, _release(desk), why), 503)
        if why
        else Reply(Health("ready", desk.node, _release(desk)))
    )


async def metrics(desk: Desk, call: Call) -> Reply:
    """Give Prometheus what it scrapes."""
    return Reply(desk.metrics.render(), content_type=CONTENT_TYPE)


async def index(desk: Desk, call: Call) -> Reply:
    """Say who answers here, and where its description is."""
    return Reply(Index("nlprec", __version__, desk.node, "/openapi.json"))


def _release(desk: Desk) -> str:
    live = desk.rankings.release()
    return live.digest if live is not None else ""
