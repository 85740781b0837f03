"""Reads the whole of somebody's archive, oldest first, with slixmpp: a JSON document a line.

Arguments: the account, the port, the file of the authority to trust. The password comes in on the first line.
"""

import asyncio
import json
import sys

import slixmpp


async def read(client):
    pages = client.plugin["xep_0313"].iterate(rsm={"max": 50})
    async for entry in pages:
        message = entry["mam_result"]["forwarded"]["stanza"]
        origin = message.xml.find("{urn:xmpp:sid:0}origin-id")
        print(
            json.dumps(
                {
                    "from": message["from"].bare,
                    "id": message["id"],
                    "origin_id": None if origin is None else origin.get("id"),
                    "body": message["body"],
                }
            )
        )


async def main(account, port, ca_file, password):
    client = slixmpp.ClientXMPP(account, password)
    client.ca_certs = ca_file
    client.register_plugin("xep_0313")
    started = asyncio.get_event_loop().create_future()
    client.add_event_handler("session_start", lambda _: started.set_result(None))
    client.add_event_handler("failed_all_auth", lambda _: started.set_exception(RuntimeError("refused")))
    client.connect("127.0.0.1", int(port))
    await asyncio.wait_for(started, 30)
    await read(client)
    await client.disconnect()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:4], sys.stdin.readline().rstrip("\n")))
