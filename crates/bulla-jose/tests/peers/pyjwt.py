"""PyJWT makes tokens, and verifies those of others. A JSON line each."""

import base64
import json
import os
import sys

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

CLAIMS = {
    "iss": "bulla", "aud": "api", "sub": "usr_1", "exp": 4000000000, "roles": ["admin"], "name": 'Çelebi "1"',
}
CURVES = {"ES256": ec.SECP256R1, "ES384": ec.SECP384R1, "ES512": ec.SECP521R1, "ES256K": ec.SECP256K1}
ALGORITHMS = [
    "HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", *CURVES, "EdDSA",
]


def key_pair(algorithm):
    """A private key, and what verifies its signatures as a JWK."""
    if algorithm.startswith("HS"):
        secret = os.urandom(64)
        return secret, {"kty": "oct", "k": base64.urlsafe_b64encode(secret).rstrip(b"=").decode()}
    if algorithm == "EdDSA":
        key = ed25519.Ed25519PrivateKey.generate()
    elif algorithm in CURVES:
        key = ec.generate_private_key(CURVES[algorithm]())
    else:
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key, jwt.get_algorithm_by_name(algorithm).to_jwk(key.public_key(), as_dict=True)


def make():
    for algorithm in ALGORITHMS:
        private, jwk = key_pair(algorithm)
        jwk |= {"alg": algorithm, "kid": "theirs", "use": "sig"}
        jwk.pop("key_ops", None)
        token = jwt.encode(CLAIMS, private, algorithm=algorithm, headers={"kid": "theirs"})
        yield {"algorithm": algorithm, "keys": [jwk], "token": token}


def verify():
    for line in map(json.loads, sys.stdin):
        algorithm = line["algorithm"]
        key = jwt.PyJWK(line["keys"][0], algorithm=algorithm).key
        try:
            claims = jwt.decode(
                line["token"], key, algorithms=[algorithm], issuer="bulla", audience="api",
                options={"require": ["exp", "iss", "aud", "sub"]},
            )
            yield {"algorithm": algorithm, "valid": True, "claims": claims}
        except jwt.InvalidTokenError as error:
            yield {"algorithm": algorithm, "valid": False, "error": repr(error)}


for verdict in {"make": make, "verify": verify}[sys.argv[1]]():
    print(json.dumps(verdict), flush=True)
