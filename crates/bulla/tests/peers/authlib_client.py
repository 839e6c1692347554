"""Authlib, which knows nothing of Bulla, is a client of the server whose binary is named: a line for each thing that went well."""

import json
import os
import socket
import subprocess
import sys
import tempfile
import time

from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2.rfc7523 import PrivateKeyJWT

BINARY = sys.argv[1]


def free_address():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{probe.getsockname()[1]}"


def bulla(*arguments):
    done = subprocess.run([BINARY, *arguments], check=True, capture_output=True, text=True)
    return json.loads(done.stdout)


def until_it_answers(server, url):
    host, port = url.removeprefix("http://").split(":")
    while True:
        assert server.poll() is None, "the server ended"
        try:
            socket.create_connection((host, int(port))).close()
            return
        except ConnectionRefusedError:
            time.sleep(0.01)


def works(url, way, client_id, secret, other_secret):
    """A token, what it is worth, and its end; and that another proof is refused in words that the library knows."""
    method = way if isinstance(way, str) else way.name
    ways = {"token_endpoint_auth_method": way, "revocation_endpoint_auth_method": way}
    session = OAuth2Session(client_id, secret, scope="orders:read", **ways)
    token = session.fetch_token(f"{url}/oauth2/token", grant_type="client_credentials")
    assert token["token_type"].lower() == "bearer" and token["scope"] == "orders:read", token
    ask = lambda what: session.introspect_token(
        f"{url}/oauth2/introspect", token=what, token_type_hint="access_token").json()
    told = ask(token["access_token"])
    assert told["active"] is True and told["sub"] == client_id, told
    ended = session.revoke_token(
        f"{url}/oauth2/revoke", token=token["access_token"], token_type_hint="access_token")
    assert ended.status_code == 200, ended.text
    assert ask(token["access_token"]) == {"active": False}
    forged = OAuth2Session(client_id, other_secret, token_endpoint_auth_method=way)
    try:
        forged.fetch_token(f"{url}/oauth2/token", grant_type="client_credentials")
    except OAuthError as refused:
        assert refused.error == "invalid_client", refused
    else:
        raise AssertionError(f"{method} with another secret is a token")
    print(method, flush=True)


def main():
    public, admin = free_address(), free_address()
    environment = {"BULLA__LISTEN__PUBLIC": public, "BULLA__LISTEN__ADMIN": admin}
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        with open("log", "w", encoding="utf-8") as log:
            server = subprocess.Popen([BINARY, "serve"], env=os.environ | environment, stdout=log, stderr=log)
        try:
            url = f"http://{public}"
            until_it_answers(server, url)
            for way in "client_secret_basic", "client_secret_post":
                client = bulla("client", "add", way, "--scope", "orders:read", "--json")
                secret = client["client_secret"]
                works(url, way, client["client_id"], secret, secret[:-1])
            for key in "own", "other":
                bulla("keys", "generate", "--algorithm", "RS256", "--out", f"{key}.pem", "--jwks", f"{key}.json", "--json")
            client = bulla("client", "add", "signs", "--scope", "orders:read", "--jwks", "own.json", "--json")
            own, other = (open(f"{key}.pem", encoding="utf-8").read() for key in ("own", "other"))
            works(url, PrivateKeyJWT(f"{url}/oauth2/token"), client["client_id"], own, other)
        finally:
            server.terminate()
            server.wait()


main()
