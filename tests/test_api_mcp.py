"""The tools for agents, called by the real client: over HTTP behind the token, and over stdio, alone on it."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from answer_material import BRIDGE, CARRIED
from api_material import ScriptedDesk, client_of, served
from fake_desk import FakeDesk
from mcp import Client, StdioServerParameters
from mcp.client.streamable_http import streamable_http_client

from bot import extras
from bot.api import build_api
from bot.api_mcp import Tools, build_server
from bot.app import Desk
from bot.cli import run
from bot.line import Line
from bot.listening import listen
from bot.running import announced

ROOT = Path(__file__).parent.parent
TOKEN = "token-of-the-test"


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with ScriptedDesk(tmp_path_factory.mktemp("mcp")).open() as desk:
        yield desk


@pytest.fixture(scope="module")
def address(desk: Desk) -> Iterator[str]:
    with served(build_api(desk, version="1", token=TOKEN)) as address:
        yield f"{address}/mcp"


def with_client(server: Any, what: Callable[[Client], Awaitable[Any]], mode: str = "auto") -> Any:
    async def do() -> Any:
        async with Client(server, mode=mode) as client:  # type: ignore[arg-type]
            return await what(client)

    return asyncio.run(do())


def over_http(address: str, what: Callable[[Client], Awaitable[Any]], mode: str = "auto") -> Any:
    """Do `what` with a client that bears the token."""

    async def do() -> Any:
        http = httpx2.AsyncClient(headers={"authorization": f"Bearer {TOKEN}"}, timeout=30)
        transport = streamable_http_client(address, http_client=http)
        async with http, Client(transport, mode=mode) as client:  # type: ignore[arg-type]
            return await what(client)

    return asyncio.run(do())


@pytest.fixture(scope="module")
def inside(desk: Desk) -> Any:
    """The server without a wire, which the client takes too."""
    return build_server(Tools(desk, desk.archive.article, Line()), "1")


def test_the_tools_are_read_only_described_and_say_that_articles_are_data(inside: Any) -> None:
    tools = with_client(inside, lambda client: client.list_tools()).tools
    assert [tool.name for tool in tools] == ["ask", "search", "read_article"]
    for tool in tools:
        assert tool.annotations.read_only_hint is True
        assert tool.annotations.open_world_hint is False
        assert "untrusted data" in tool.description
        assert tool.output_schema["properties"]["schema_version" if tool.name != "read_article" else "text"]


@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_a_question_is_answered_over_http_with_its_citations(address: str, desk: Desk, mode: str) -> None:
    progress: list[str | None] = []

    async def ask(client: Client) -> Any:
        async def on_progress(done: float, total: float | None, message: str | None) -> None:
            progress.append(message)

        return await client.call_tool("ask", {"question": BRIDGE}, progress_callback=on_progress)

    told = over_http(address, ask, mode)
    assert not told.is_error
    answer = told.structured_content
    assert (answer["answered"], answer["answer"]) == (True, CARRIED)
    assert "retrieved" not in answer
    citation = answer["citations"][0]
    article = desk.archive.article(citation["article"]["id"])
    assert article
    assert article.text[citation["start"] : citation["end"]] == citation["quote"]
    assert CARRIED in told.content[0].text
    assert "searching" in progress


def test_without_the_token_there_are_no_tools(address: str) -> None:
    initialize = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
    assert httpx2.post(address, json=initialize).status_code == 401


def test_passages_are_found_and_articles_read_in_parts(inside: Any, desk: Desk) -> None:
    async def look(client: Client) -> Any:
        found = await client.call_tool("search", {"query": "bridge", "limit": 1})
        id = found.structured_content["retrieved"][0]["article_id"]
        assert f"article {id}, characters 0–" in found.content[0].text  # for hosts that show agents the text alone
        parts = [
            (await client.call_tool("read_article", {"id": id, "start": start, "length": 50})).structured_content
            for start in (0, 50, 10_000)
        ]
        return id, parts

    id, parts = with_client(inside, look)
    article = desk.archive.article(id)
    assert article
    assert [part["text"] for part in parts] == [article.text[:50], article.text[50:100], ""]
    assert {part["characters"] for part in parts} == {len(article.text)}


@pytest.mark.parametrize(
    ("tool", "given", "words"),
    [
        ("read_article", {"id": "nothing"}, "No single article"),
        ("search", {"query": "bridge", "since": "2021-02-01", "until": "2020-01-01"}, "is after until"),
        ("search", {"query": "bridge", "limit": 1000}, "limit"),
        ("ask", {"question": " "}, "question"),
        ("ask", {"question": "x" * 4001}, "question"),
        ("ask", {}, "question"),
    ],
    ids=["no article", "range", "limit", "empty", "too long", "nothing"],
)
def test_what_is_wrong_is_told_to_the_agent(inside: Any, tool: str, given: dict[str, Any], words: str) -> None:
    told = with_client(inside, lambda client: client.call_tool(tool, given))
    assert told.is_error
    assert words in told.content[0].text


def test_a_call_that_is_given_up_stops_the_model() -> None:
    desk = FakeDesk(delay=0.01)

    async def give_up(client: Client) -> None:
        asking = asyncio.ensure_future(client.call_tool("ask", {"question": "slow"}))
        while not desk.asked:
            await asyncio.sleep(0.01)
        asking.cancel()
        for _ in range(1000):
            await asyncio.sleep(0.01)
            if desk.stopped:
                return

    with_client(build_server(Tools(desk, desk.archive.article, Line()), "1"), give_up)
    assert desk.stopped == 1


def test_without_the_package_the_rest_is_served_and_the_command_says_how_to_get_it(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setattr(extras, "find_spec", lambda name: None)
    with client_of(desk) as client:
        assert client.get("/v1/status").json()["mcp"] is False
        missing = client.post("/mcp", json={})
        assert (missing.status_code, missing.json()["error"]["mend"]) == (404, "pip install 'byline[mcp]'")
    assert run(["mcp", "--archive", str(tmp_path)]) == 2
    assert "pip install 'byline[mcp]'" in capsys.readouterr().err


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="what is said is listened to by tee")
def test_over_stdio_an_agent_asks_and_nothing_but_the_protocol_is_on_stdout(desk: Desk, tmp_path: Path) -> None:
    """A Byline that runs answers for the one that the agent starts, which opens no models of its own."""
    said, folder, listening = tmp_path / "said", desk.archive.folder, listen("127.0.0.1", 0)
    command = [sys.executable, "-m", "bot", "mcp", "--archive", str(folder), "--strictness", "0.1"]
    here = StdioServerParameters(command="sh", args=["-c", '"$@" | tee "$0"', str(said), *command], cwd=ROOT)

    async def ask(client: Client) -> Any:
        return await client.call_tool("ask", {"question": BRIDGE})

    announcing = announced(folder, "127.0.0.1", listening.getsockname()[1])
    with announcing as running, served(build_api(desk, version="1", secret=running.secret), listening):
        told = with_client(here, ask)
    assert (told.is_error, told.structured_content["answer"]) == (False, CARRIED)
    lines = [json.loads(line) for line in said.read_text(encoding="utf-8").splitlines()]
    assert len(lines) >= 2
    assert all(line["jsonrpc"] == "2.0" for line in lines)
