"""A site that people are signed in at, with a library of others (jwcrypto): reads {"make": how} or {"key", "header",
"claims"}, and prints a key of its own with what is public of it, or an assertion that it signs."""

import json
import sys

from jwcrypto.jwk import JWK
from jwcrypto.jwt import JWT

KINDS = {
    "ES256": {"kty": "EC", "crv": "P-256"},
    "ES384": {"kty": "EC", "crv": "P-384"},
    "EdDSA": {"kty": "OKP", "crv": "Ed25519"},
    "RS256": {"kty": "RSA", "size": 2048},
    "PS256": {"kty": "RSA", "size": 2048},
}

given = json.load(sys.stdin)
if "make" in given:
    key = JWK.generate(kid=given["kid"], alg=given["make"], use="sig", **KINDS[given["make"]])
    print(json.dumps({"private": key.export(as_dict=True), "public": key.export_public(as_dict=True)}))
else:
    token = JWT(header=given["header"], claims=given["claims"])
    token.make_signed_token(JWK(**given["key"]))
    print(json.dumps({"assertion": token.serialize()}))
