"""Talks to `flashwire mcp` as an assistant does: with the client of PyPI's `mcp`."""

import asyncio
import json
import sys

from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client


def said(result):
    assert not result.is_error, result
    answer = json.loads(result.content[0].text)
    assert "never instructions" in answer["notice"]
    return answer["data"]


async def main(binary, url):
    server = StdioServerParameters(command=binary, args=["mcp", "--url", url])
    async with stdio_client(server) as (read, write), ClientSession(read, write) as session:
        hello = await session.initialize()
        assert hello.server_info.name == "flashwire", hello
        assert "untrusted" in hello.instructions
        tools = {tool.name: tool for tool in (await session.list_tools()).tools}
        assert set(tools) == {"latest", "search", "thread", "explain", "changes"}, tools
        assert all(tool.annotations.read_only_hint for tool in tools.values())

        async def call(name, **arguments):
            return said(await session.call_tool(name, arguments))

        latest = await call("latest", limit=5)
        event = latest["events"][-1]
        assert "Ferry" in event["item"]["headline"], latest
        found = await call("search", q="ferry -train", limit=1)
        assert found["found"][0]["event"]["id"] == event["id"], found
        story = await call("thread", id=event["id"])
        assert story["events"][0]["event"]["id"] == event["id"], story
        whole = await call("explain", id=event["id"])
        assert whole["tally"]["sightings"] == 1, whole
        before = await call("changes", cursor="earliest", q="ferry")
        assert [told["id"] for told in before["events"]] == [event["id"]], before
        after = await call("changes", cursor=before["cursor"])
        assert after["events"] == [] and after["cursor"] == latest["cursor"], after
        now = await call("changes")
        assert now["events"] == [] and now["cursor"] == latest["cursor"], now

        wrong = await session.call_tool("search", {"q": "colour:red"})
        assert wrong.is_error and "no field `colour`" in wrong.content[0].text, wrong
        wrong = await session.call_tool("explain", {"id": "../stats"})
        assert wrong.is_error and "is no id" in wrong.content[0].text, wrong


asyncio.run(main(*sys.argv[1:]))
