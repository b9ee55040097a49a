"""The web server on a real socket, asked by a client that is not ours."""

import http.client
import json
import socket
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from twisted.internet.epollreactor import EPollReactor
from twisted.internet.threads import blockingCallFromThread, deferToThreadPool

from nlprec.services.web.site import make_site
from tests.unit.services.web.bench import Bench, archive_at

PATIENCE = 30.0  #: seconds a client waits
LIMIT = 1_000_000  #: bytes of a body


@pytest.fixture(scope="module")
def port(tmp_path_factory):
    """Serve a bench from a reactor of its own, in a thread; give its port."""
    bench = Bench(archive=archive_at(tmp_path_factory.mktemp("archive"))).with_limit(LIMIT)
    reactor = EPollReactor()
    pool = reactor.getThreadPool()
    site = make_site(bench.desk, reactor, lambda function, *args: deferToThreadPool(reactor, pool, function, *args))
    listening = reactor.listenTCP(0, site, interface="127.0.0.1")
    thread = threading.Thread(target=reactor.run, kwargs={"installSignalHandlers": False})
    thread.start()
    yield listening.getHost().port
    blockingCallFromThread(reactor, listening.stopListening)
    reactor.callFromThread(reactor.stop)
    thread.join(PATIENCE)


def ask(port, method, target, body=None, **headers):
    """Ask once with the standard library's client."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    try:
        connection.request(method, target, body, {"Content-Type": "application/json", **headers})
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def test_a_record_there_and_back(port):
    """What is put over the wire can be had over the wire, whatever its id."""
    put, _ = ask(port, "PUT", "/v1/items/caf%C3%A9%2F1", json.dumps({"title": "Café"}).encode())
    got, body = ask(port, "GET", "/v1/items/caf%C3%A9%2F1")
    assert (put, got, json.loads(body)["title"]) == (200, 200, "Café")


def test_files_are_read_beside_the_reactor(port):
    """Releases come from the archive through a thread."""
    assert ask(port, "GET", "/v1/releases") == (200, b'{"releases":[]}')


def test_many_askers_at_once(port):
    """Everybody gets an answer."""
    with ThreadPoolExecutor(16) as pool:
        found = list(pool.map(lambda at: ask(port, "POST", "/v1/recommend", b'{"n": 2}')[0], range(64)))
    assert found == [200] * 64


def test_a_sender_of_too_much_reads_why(port):
    """A client that sends its whole body before it looks still finds the answer."""
    status, body = ask(port, "POST", "/v1/events", b" " * (LIMIT + 1))
    assert (status, json.loads(body)["status"]) == (413, 413)


def test_half_a_request_harms_nobody(port):
    """Who hangs up in the middle of a body leaves nothing behind."""
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as half:
        half.sendall(b"POST /v1/events HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{")
    assert ask(port, "GET", "/healthz")[0] == 200


def test_what_is_not_http(port):
    """Noise is answered 400 and the connection is closed."""
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as noise:
        noise.sendall(b"\x16\x03\x01\x02\x00\x01\r\n\r\n")
        first = noise.recv(1000)
    assert first.startswith(b"HTTP/1.1 400")
