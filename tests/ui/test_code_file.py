"""The file of JavaScript that a browser loads once."""

import gzip
from typing import Any

from starlette.applications import Starlette

from gatesviz.ui.code_file import CodeFile
from gatesviz.ui.components import CODE
from tests.ui.requests import answered


def get(served: CodeFile, path: str, encoding: bytes = b"") -> dict[Any, Any]:
    server = Starlette(routes=[served.route()])
    return answered(lambda _: server, path, b"", headers=((b"accept-encoding", encoding),))


def test_the_file_is_served_as_it_is_and_compressed() -> None:
    code = CodeFile("const π = 3;\n" * 100)
    plain, zipped = (get(code, code.address, kind) for kind in (b"identity", b"gzip, br"))
    assert plain["body"].decode() == gzip.decompress(zipped["body"]).decode() == code.text
    assert len(zipped["body"]) < 100
    assert b"content-encoding" not in plain
    assert zipped[b"content-encoding"] == b"gzip"
    for answer in (plain, zipped):
        assert answer["status"] == 200
        assert int(answer[b"content-length"]) == len(answer["body"])
        assert answer[b"content-type"] == b"text/javascript; charset=utf-8"
        assert b"immutable" in answer[b"cache-control"]
        assert answer[b"vary"] == b"Accept-Encoding"


def test_another_text_has_another_address_and_an_old_address_is_not_answered() -> None:
    old, new = CodeFile("1"), CodeFile("2")
    assert old.address != new.address
    assert get(new, old.address)["status"] == 404


def test_only_a_server_with_the_route_counts() -> None:
    code = CodeFile("1")
    assert not code.served
    code.route()
    assert code.served


def test_the_code_of_the_parts_is_one_module_without_imports() -> None:
    assert "\nimport " not in CODE.text
    assert "\nexport " not in CODE.text
    assert CODE.text.startswith("const STYLES = {")
