"""A browser's side of Web Push, with libraries of others. `new` prints the keys of a subscription. `read` takes
{"keys", "body", "authorization"} and prints what was pushed, decrypted by http_ece, and what the token of RFC 8292 says
whose signature jwcrypto has checked."""

import base64
import json
import os
import sys

import http_ece
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from jwcrypto.jwk import JWK
from jwcrypto.jwt import JWT


def encoded(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decoded(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def new():
    private = ec.generate_private_key(ec.SECP256R1())
    point = private.public_key().public_bytes(
        serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
    )
    number = private.private_numbers().private_value
    return {"private": encoded(number.to_bytes(32, "big")), "p256dh": encoded(point), "auth": encoded(os.urandom(16))}


def read(keys, body, authorization):
    number = int.from_bytes(decoded(keys["private"]), "big")
    plain = http_ece.decrypt(
        base64.b64decode(body),
        private_key=ec.derive_private_key(number, ec.SECP256R1()),
        auth_secret=decoded(keys["auth"]),
        version="aes128gcm",
    )
    scheme, _, rest = authorization.partition(" ")
    parts = dict(part.strip().split("=", 1) for part in rest.split(","))
    point = decoded(parts["k"])
    key = JWK(kty="EC", crv="P-256", x=encoded(point[1:33]), y=encoded(point[33:]))
    token = JWT(jwt=parts["t"], key=key, algs=["ES256"], expected_type="JWS")
    return {"scheme": scheme, "key": parts["k"], "claims": json.loads(token.claims), "push": json.loads(plain)}


if sys.argv[1] == "new":
    print(json.dumps([new() for _ in range(int(sys.argv[2]))]))
else:
    print(json.dumps([read(**one) for one in json.load(sys.stdin)]))
