"""The official Python client against the server: python_client.py <node> <main.js> <folder> <question>. Prints one line of JSON.

Runs with both generations of the package `mcp`; field names changed from camelCase to snake_case between them.
"""

import asyncio
import json
import os
import sys

from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client


def field(value, camel, snake):
    return getattr(value, snake) if hasattr(value, snake) else getattr(value, camel)


async def main(node, entry, folder, question):
    server = StdioServerParameters(command=node, args=[entry], env=dict(os.environ))
    async with stdio_client(server) as (read, write), ClientSession(read, write) as session:
        greeting = await session.initialize()
        tools = (await session.list_tools()).tools

        async def ask(name, arguments):
            result = await session.call_tool(name, arguments)
            if field(result, "isError", "is_error"):
                raise RuntimeError(result.content[0].text)
            return field(result, "structuredContent", "structured_content")

        job = (await ask("reindex", {"source": folder, "wait": True}))["job"]
        answer = await ask("retrieve", {"query": question})
        health = await ask("health", {})
        wrong = await session.call_tool("retrieve", {"query": question, "topk": 3})
        print(
            json.dumps(
                {
                    "protocol": str(field(greeting, "protocolVersion", "protocol_version")),
                    "tools": [tool.name for tool in tools],
                    "job": job["state"],
                    "documents": [result["source"]["document"] for result in answer["results"]],
                    "health": health["status"],
                    "refused": field(wrong, "isError", "is_error"),
                }
            )
        )


asyncio.run(main(*sys.argv[1:]))
