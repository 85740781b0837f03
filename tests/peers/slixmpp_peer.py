"""XMPP clients made of slixmpp, which do what they are told.

A line of standard input is a command, one of standard output an answer or something that was heard; both are JSON.
What slixmpp has a plugin for, the plugin does: it is the judge of what the other side said.

    {"n": 1, "as": "peer", "do": "connect", "jid": "...", "password": "...", "port": 5222, "ca": "ca.pem"}
    {"n": 2, "as": "peer", "do": "send", "xml": "<message .../>"}
    {"n": 3, "as": "peer", "do": "call", "plugin": "xep_0308", "method": "send_correction", "with": {...}}
    {"n": 4, "as": "peer", "do": "close"}

    {"n": 1, "ok": ...} or {"n": 1, "failed": "..."}
    {"as": "peer", "heard": "<message .../>", "read": {...}}
"""

import asyncio
import base64
import inspect
import json
import logging
import sys
from xml.etree import ElementTree

import slixmpp
from slixmpp.xmlstream.stanzabase import ElementBase

PLUGINS = """
    0004 0012 0030 0045 0048 0054 0055 0060 0066 0077 0084 0085 0092 0115 0153 0163 0172 0184 0191 0199 0202 0203 0221
    0223 0249 0280 0292 0297 0300 0308 0313 0317 0319 0333 0334 0335 0359 0372 0394 0402 0410 0421 0424 0425 0428
    0444 0446 0447 0461 0469 0490 0492
""".split()


def say(line):
    sys.stdout.write(json.dumps(line, default=shown) + "\n")
    sys.stdout.flush()


def shown(value):
    """What JSON has no words for: a stanza is its values as the plugins read them, bytes are base64."""
    if isinstance(value, ElementBase):
        return value.values
    if isinstance(value, ElementTree.Element):
        return ElementTree.tostring(value, encoding="unicode")
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, (set, frozenset, tuple)):
        return sorted(value, key=str)
    return str(value)


def plain(value):
    """The same as JSON has it: keys are texts there, and say nothing of the language."""
    if isinstance(value, dict):
        return {str(key).split("|")[0]: plain(inner) for key, inner in value.items() if not str(key).endswith("|*")}
    if isinstance(value, (list, tuple)):
        return [plain(inner) for inner in value]
    if isinstance(value, ElementBase):
        return read(value)
    return value


def read(stanza):
    """What the plugins read in a stanza. Not all of them can read all that there is: 0202 stumbles over a `Z`."""
    try:
        return plain(stanza.values)
    except ValueError as error:
        return str(error)


def meant(value):
    """An argument as plugins want it: {"jid": ...} and {"base64": ...} stand for what JSON has no words for."""
    if isinstance(value, dict):
        if set(value) == {"jid"}:
            return slixmpp.JID(value["jid"])
        if set(value) == {"base64"}:
            return base64.b64decode(value["base64"])
        return {key: meant(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [meant(inner) for inner in value]
    return value


class Peer(slixmpp.ClientXMPP):
    def __init__(self, name, command):
        super().__init__(command["jid"], command["password"])
        self.name = name
        self.ca_certs = command["ca"]
        self.enable_direct_tls = False
        # Nothing is answered by itself that a person would answer.
        self.auto_authorize = None
        self.auto_subscribe = False
        for number in PLUGINS:
            self.register_plugin(f"xep_{number}")
        self.add_filter("in", self.hear)
        self.outcome = asyncio.get_running_loop().create_future()
        self.add_event_handler("session_start", lambda _: self.settle(None))
        self.add_event_handler("failed_all_auth", lambda _: self.settle("not authorized"))
        self.add_event_handler("connection_failed", lambda why: self.settle(f"no connection: {why}"))

    def settle(self, failure):
        if not self.outcome.done():
            self.outcome.set_result(failure)

    def hear(self, stanza):
        if isinstance(stanza, (slixmpp.Message, slixmpp.Presence, slixmpp.Iq)):
            xml = ElementTree.tostring(stanza.xml, encoding="unicode")
            say({"as": self.name, "heard": xml, "read": read(stanza)})
        return stanza


async def obey(peers, command):
    name, what = command["as"], command["do"]
    if what == "connect":
        peer = peers[name] = Peer(name, command)
        peer.connect("127.0.0.1", command["port"])
        failure = await peer.outcome
        if failure:
            raise RuntimeError(failure)
        return peer.boundjid.full
    peer = peers[name]
    if what == "send":
        peer.send_raw(command["xml"])
        return None
    if what == "call":
        plugin = peer if command["plugin"] == "client" else peer.plugin[command["plugin"]]
        result = getattr(plugin, command["method"])(**{key: meant(value) for key, value in command["with"].items()})
        if inspect.isawaitable(result):
            result = await result
        # Some plugins make a stanza for the caller to send.
        if isinstance(result, slixmpp.Message) and command["method"].startswith(("build", "make")):
            result.send()
        return plain(result)
    if what == "close":
        await peers.pop(name).disconnect()
        return None
    raise ValueError(f"nobody knows how to {what}")


async def answer(peers, command):
    try:
        say({"n": command["n"], "ok": await obey(peers, command)})
    except Exception as error:  # Whatever it is, the test is to say it.
        say({"n": command["n"], "failed": f"{type(error).__name__}: {error}"})


async def main():
    # A stream that is closed may have been about to answer; what matters is in the answers and what is heard.
    logging.disable()
    loop = asyncio.get_running_loop()
    lines = asyncio.StreamReader(limit=1 << 24)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    peers, running = {}, set()
    while line := await lines.readline():
        task = asyncio.create_task(answer(peers, json.loads(line)))
        running.add(task)
        task.add_done_callback(running.discard)


asyncio.run(main())
