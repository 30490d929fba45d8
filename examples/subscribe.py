#!/usr/bin/env python3
"""Subscribes to a flashwire, prints what is told, and resumes where it stopped.

    pip install websockets
    python3 examples/subscribe.py ws://127.0.0.1:7788/v1/wire wire.cursor
    python3 examples/subscribe.py 'ws://127.0.0.1:7788/v1/wire?q=ferry' ferry.cursor --json

The file keeps the cursor, `epoch:seq`: what was printed is never printed again, and what was told
meanwhile is not missed, however this program or the server ends. A token is read from the
environment variable FLASHWIRE_TOKEN.
"""

import argparse
import asyncio
import json
import os
import random
import sys
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import websockets


def with_cursor(url: str, cursor: str) -> str:
    """The address that resumes after the cursor; it replaces whatever said where to begin."""
    parts = urlsplit(url)
    query = [pair for pair in parse_qsl(parts.query) if pair[0] not in ("cursor", "since", "last")]
    return urlunsplit(parts._replace(query=urlencode([*query, ("cursor", cursor)])))


def keep(path: Path, cursor: str) -> None:
    """Writes the cursor so that a crash leaves the old one or the new one, never half of one."""
    fresh = path.with_name(path.name + ".new")
    fresh.write_text(cursor)
    fresh.replace(path)


def show(event: dict) -> None:
    """One line for one event."""
    item = event["item"]
    told = item.get("headline") or "(no headline) " + (item.get("body") or "")[:100]
    source = event["source"].get("name") or event["source"].get("host") or "-"
    action = "" if event["action"] == "new" else f" [{event['action']}]"
    print(f"{event['time'][11:19]} {event['kind']:7} {source}: {told}{action}", flush=True)


async def subscribe(url: str, path: Path, as_json: bool) -> None:
    """Reads until the server says that coming back is of no use."""
    wait = 0.5
    while True:
        address = with_cursor(url, path.read_text().strip()) if path.exists() else url
        try:
            wait = await listen(address, path, as_json) or wait
        except websockets.InvalidStatus as refused:
            status = refused.response.status_code
            if status < 500:
                sys.exit(f"refused with {status}: {(refused.response.body or b'').decode(errors='replace')}")
            print(f"refused with {status}", file=sys.stderr)
        except websockets.ConnectionClosed as closed:
            code = closed.rcvd.code if closed.rcvd else 1006
            # 4500 to 4999: the same again would be refused again.
            if 4500 <= code < 5000:
                sys.exit(f"the server closed with {code}: {closed.rcvd.reason}")
            print(f"connection closed with {code}; resuming", file=sys.stderr)
        except OSError as lost:
            print(f"can't connect: {lost}", file=sys.stderr)
        await asyncio.sleep(wait * random.uniform(0.75, 1.25))
        wait = min(wait * 2, 15)


async def listen(address: str, path: Path, as_json: bool) -> float | None:
    """Reads one connection to its end; the seconds after which the server wants to be asked again."""
    token = os.environ.get("FLASHWIRE_TOKEN")
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    epoch, wait = "", None
    async with websockets.connect(
        address, subprotocols=["flashwire.v1"], additional_headers=headers, max_size=2**20
    ) as socket:
        try:
            while True:
                message = await socket.recv()
                frame = json.loads(message)
                match frame["type"]:
                    case "hello":
                        epoch, wait = frame["epoch"], 0.5
                        if not frame["recovered"]:
                            print(f"not all can be had: {frame['reason']}", file=sys.stderr)
                        if not path.exists():
                            keep(path, frame["resumedFrom"])
                    case "event":
                        print(message, flush=True) if as_json else show(frame)
                        keep(path, f"{epoch}:{frame['seq']}")
                    # These may lie far beyond the last event that matched.
                    case "caughtUp" | "heartbeat":
                        keep(path, frame["cursor"])
                    case "gap":
                        print(f"missing {frame['from']} to {frame['to']}: {frame['reason']}", file=sys.stderr)
                    case "error":
                        print(f"refused: {frame['message']}", file=sys.stderr)
                    case "goodbye" if frame.get("retryAfterMs"):
                        wait = frame["retryAfterMs"] / 1000
        except websockets.ConnectionClosed as closed:
            if closed.rcvd and closed.rcvd.code == 1001:
                print("the server stops; resuming when it is back", file=sys.stderr)
                return wait
            raise


def main() -> None:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("url", nargs="?", default="ws://127.0.0.1:7788/v1/wire?cursor=earliest")
    parser.add_argument("cursor_file", nargs="?", type=Path, default=Path("wire.cursor"))
    parser.add_argument("--json", action="store_true", help="print the events as they came")
    options = parser.parse_args()
    try:
        asyncio.run(subscribe(options.url, options.cursor_file, options.json))
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
