"""What the server's guard lets pass, without a server."""

import asyncio
from typing import Any
from urllib.parse import parse_qs, urlencode

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from gatesviz.experiments.claims import BENCHMARKS, CLAIMS, Benchmark, Claim
from gatesviz.ui.compare.parameters import PARAMETERS
from gatesviz.ui.failures import UNEXPECTED
from gatesviz.ui.folders import UI
from gatesviz.ui.guard import Guard, is_known
from gatesviz.ui.links import complaints
from tests.ui.requests import answered


def test_no_browser_can_clear_the_caches_of_everybody() -> None:
    calm, padded = BackMsg(app_heartbeat=True), BackMsg(clear_cache=True)
    coming = [BackMsg(clear_cache=True), padded, BackMsg(stop_script=True), calm]
    data = [each.SerializeToString() for each in coming]
    data[1] = data[3] + data[1] + b"\xfa\x7f\x90\x4e" + bytes(10_000)  # an unknown field
    messages: list[Any] = [
        *({"type": "websocket.receive", "bytes": each} for each in data),
        {"type": "websocket.receive", "bytes": b"\xff not a message"},
        {"type": "websocket.receive", "text": "text"},
        {"type": "websocket.disconnect"},
    ]
    expected, read = messages[2:], []

    async def receive() -> Any:
        return messages.pop(0)

    async def app(_: Any, receive: Any, __: Any) -> None:
        while (not read) or read[-1]["type"] != "websocket.disconnect":
            read.append(await receive())

    scope = {"type": "websocket", "path": "/", "headers": [(b"host", b"127.0.0.1")]}
    asyncio.run(Guard(app)(scope, receive, app))
    assert read == expected


def answer(path: str, query: bytes = b"", host: bytes = b"127.0.0.1") -> dict[str, Any]:
    """Return how a request is answered: the status and the headers."""
    return answered(Guard, path, query, host=host)


def test_a_link_of_too_many_parameters_leads_to_the_page_that_says_so() -> None:
    assert answer("/feed", b"&".join([b"a=1"] * 1_000))["status"] == 200
    for path in ("/train", "//evil.example/"):
        told = answer(path, b"&".join([b"a=1"] * 1_001))
        assert (told["status"], told[b"location"]) == (307, b"?ignored=1001")


@pytest.mark.parametrize(
    "claim",
    [each for each in (*BENCHMARKS.values(), *CLAIMS.values()) if each.former],
    ids=lambda claim: claim.key,
)
def test_a_link_with_the_earlier_sentence_of_a_claim_leads_to_the_claim(
    claim: Benchmark | Claim,
) -> None:
    for sentence in claim.former:
        old = urlencode({"coview": "what people say", "coclaim": sentence, "codata": ""})
        redirect = answer("/compare", old.encode())
        assert redirect["status"] == 307
        link = redirect[b"location"].decode()
        assert link[0] == "?"
        query = parse_qs(link[1:], keep_blank_values=True)
        assert query == {
            "coview": ["what people say"],
            "coclaim": [claim.sentence],
            "codata": [""],
        }
        assert complaints({"coclaim": query["coclaim"]}, PARAMETERS) == []
        assert answer("/compare", link[1:].encode())["status"] == 200


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("grfate", "is thrown off", "jumps far away"),
        ("grfate", "moves down", "moves downhill"),
        ("grwhich", "one between", "one in between"),
        ("grwhich", "one in the middle", "one in between"),
        ("grwhich", "a step in between", "one in between"),
        ("wiview", "one gate for good", "one gate at all steps"),
        ("inview", "which way round is z?", "GRU: does z = 1 keep the state?"),
        ("inview", "does z keep or replace?", "GRU: does z = 1 keep the state?"),
        ("inview", "GRU: does z = 1 keep or replace?", "GRU: does z = 1 keep the state?"),
        ("inlose", "a part", "some"),
        ("trinit", "as drawn", "PyTorch's default"),
        ("scale", "unit", "−1 to 1"),
        ("shape", "step", "jump"),
        ("shape", "chirp", "rising frequency"),
        ("cell", "GRU reset before", "GRU, r first"),
        ("cell", "side by side", "several cells"),
        ("unview", "where else is it on?", "which steps have the same active units?"),
        ("unview", "where else are they active?", "which steps have the same active units?"),
        ("unview", "where are the same units active?", "which steps have the same active units?"),
        ("unview", "which unit tracks it?", "which unit tracks a property?"),
        ("unprop", "bracket depth", "open brackets"),
        ("wiguess", "the answers stay as good", "as well as before"),
        ("wiguess", "the answers stay as good as before", "as well as before"),
        ("grcourse", "stays", "stays the same"),
        ("wiguess", "the answers get worse", "worse, but better than guessing"),
        ("wiguess", "the answers get worse, but beat guessing", "worse, but better than guessing"),
        ("wiguess", "it only guesses", "no better than guessing"),
        ("wiguess", "the model only guesses", "no better than guessing"),
        ("wiguess", "it does worse than guessing", "worse than guessing"),
        ("wiguess", "the model does worse than guessing", "worse than guessing"),
        ("trtask", "A column of your own", "Forecast a column of your own table"),
    ],
)
def test_a_link_with_an_earlier_wording_leads_to_the_present_one(
    name: str, old: str, new: str
) -> None:
    redirect = answer("/gradients", urlencode({name: old}).encode())
    assert parse_qs(redirect[b"location"].decode()[1:]) == {name: [new]}


def test_metrics_are_closed_and_unknown_names_refused() -> None:
    assert answer("/app/_stcore/metrics")["status"] == 404
    assert answer("/", host=b"evil.example")["status"] == 421
    assert answer("/_stcore/health", host=b"evil.example")["status"] == 200


@pytest.mark.parametrize("host", ["", "a b", "evil.example", "1.2.3.4.evil.example", "x@localhost"])
def test_a_name_that_nobody_gave_is_unknown(host: str) -> None:
    assert not is_known(host)


def test_names_can_be_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATESVIZ_HOSTS", "Gates.example.org, *.school.example")
    assert is_known("gates.example.org:8501")
    assert is_known("ROOM.school.example")
    assert not is_known("school.example")
    monkeypatch.setenv("GATESVIZ_HOSTS", "*")
    assert is_known("anything.example")


def test_a_frame_holds_no_path_and_no_words_of_an_error() -> None:
    began, failed, other = ForwardMsg(), ForwardMsg(), ForwardMsg()
    began.new_session.main_script_path = str(UI / "main.py")
    failed.backend_operation_response.error_msg = "Callable execution failed: /srv/place.py"
    other.page_config_changed.title = "gatesviz"
    sent: list[bytes] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        for told in (began, failed, other):
            await send({"type": "websocket.send", "bytes": told.SerializeToString()})

    async def keep(message: Any) -> None:
        sent.append(message["bytes"])

    scope = {"type": "websocket", "path": "/", "headers": [(b"host", b"localhost")]}
    asyncio.run(Guard(app)(scope, None, keep))  # type: ignore[arg-type]
    found = [ForwardMsg.FromString(data) for data in sent]
    assert found[0].new_session.main_script_path == "main.py"
    assert found[1].backend_operation_response.error_msg == UNEXPECTED
    assert sent[2] == other.SerializeToString()
