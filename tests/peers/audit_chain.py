"""Looks at an export of the audit log as docs/API.md describes it, with nothing of ours: reads lines of JSON, and says
how many entries fit the one before, and the last hash."""

import hashlib
import json
import sys

before = bytes(32)
entries = 0
for line in sys.stdin:
    entry = json.loads(line)
    told = entry.pop("hash")
    # Of texts and integers this is RFC 8785.
    canonical = json.dumps(entry, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    before = hashlib.sha256(before + canonical.encode()).digest()
    if before.hex() != told:
        sys.exit(f"entry {entry['position']} does not fit")
    entries += 1
print(entries, before.hex())
