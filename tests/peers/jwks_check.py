"""Checks a token by the gateway's JWKS with a library of others (jwcrypto), as a service beside the gateway would: reads
{"jwks", "token", "iss", "aud"} and prints what the token says, or why it is not taken."""

import json
import sys

from jwcrypto.common import JWException
from jwcrypto.jwk import JWKSet
from jwcrypto.jwt import JWT

given = json.load(sys.stdin)
keys = JWKSet.from_json(json.dumps(given["jwks"]))
try:
    token = JWT(
        jwt=given["token"],
        key=keys,
        algs=["EdDSA"],
        expected_type="JWS",
        check_claims={"iss": given["iss"], "aud": given["aud"], "exp": None, "nbf": None, "sub": None},
    )
except (JWException, ValueError) as error:
    sys.exit(f"refused: {type(error).__name__}")
header = json.loads(token.header)
print(json.dumps({"typ": header["typ"], "kid": header["kid"], "claims": json.loads(token.claims)}))
