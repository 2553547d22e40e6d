"""A server on the loopback address that speaks the hub's protocol, as far as reading needs it.

- `/api/{models,datasets}/NAME[/revision/REVISION]`: what a repository is, and the commit that a revision means
- `/api/.../tree/REVISION[/PATH]` and `/api/.../paths-info/REVISION` (POST): its files
- `/[datasets/]NAME/resolve/REVISION/PATH`: a file, whole or in ranges

Every error has the code and the header by which clients tell an absent repository, revision or file from a gated one.
An absent repository is 401 to someone without a token, as on the real hub, which does not tell private from absent;
clients know what that means at the real address alone, so here the code says it besides.
The header X-Xet-Hash is never sent: with it clients would ask another server.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from hub.listings import File, Listing, Tree

RANGE = re.compile(r"bytes=(\d*)-(\d*)")


class _RefusalError(Exception):
    """An answer other than 200 or 206."""

    def __init__(self, status: int, message: str, code: str | None = None):
        super().__init__(message)
        self.status = status
        self.code = code


class Server(ThreadingHTTPServer):
    """Serves a folder of repositories until it is left as a context.

    gated: repositories whose files need a token, each with that token. moved: old names, each with the new one.
    requests: what was asked for since it was last cleared, such as "GET /google/mt5-small/resolve/main/config.json".
    """

    daemon_threads = True

    def __init__(self, root: Path, gated: Mapping[str, str], moved: Mapping[str, str]):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.tree, self.gated, self.moved = Tree(root), dict(gated), dict(moved)
        self.requests: list[str] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def __enter__(self) -> Server:
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.server_close()


class _Handler(BaseHTTPRequestHandler):
    server: Server
    protocol_version = "HTTP/1.1"  # one connection for many requests
    disable_nagle_algorithm = True  # else an answer waits until its head is acknowledged

    def do_GET(self) -> None:
        self._answer(b"")

    def do_HEAD(self) -> None:
        self._answer(b"")

    def do_POST(self) -> None:
        self._answer(self.rfile.read(int(self.headers.get("Content-Length", 0))))

    def log_message(self, *_: object) -> None:
        pass

    def _answer(self, body: bytes) -> None:
        self.server.requests.append(f"{self.command} {self.path}")
        address = urlsplit(self.path)
        parts = [unquote(part) for part in address.path.strip("/").split("/")]  # a revision is quoted: one part
        query = {name: values[-1] for name, values in parse_qs(address.query).items()}
        try:
            if (new := self._moved(parts)) is not None:
                self._send(307, b"", {"Location": new + (f"?{address.query}" if address.query else "")})
            elif parts[0] == "api":
                self._send_json(self._describe(parts[1:], query, body))
            else:
                self._send_file(parts)
        except _RefusalError as refused:
            headers = {"X-Error-Message": str(refused)} | ({"X-Error-Code": refused.code} if refused.code else {})
            self._send(refused.status, json.dumps({"error": str(refused)}).encode(), headers)

    def _moved(self, parts: list[str]) -> str | None:
        """The address under the new name of a repository that had only one word for a name."""
        at = {"api": 2, "datasets": 1}.get(parts[0], 0)
        new = self.server.moved.get(parts[at]) if len(parts) > at else None
        raw = urlsplit(self.path).path.strip("/").split("/")
        return None if new is None else "/" + "/".join([*raw[:at], new, *raw[at + 1 :]])

    # ---- what a repository is and holds ----

    def _describe(self, parts: list[str], query: Mapping[str, str], body: bytes) -> object:
        if len(parts) < 3 or parts[0] not in ("models", "datasets"):
            raise _RefusalError(404, "Sorry, we can't find the page you are looking for.")
        kind, name, rest = parts[0], "/".join(parts[1:3]), parts[3:]
        match rest:
            case []:
                return self._information(kind, name, self._listing(kind, name, "main"))
            case ["revision", revision]:
                return self._information(kind, name, self._listing(kind, name, revision))
            case ["tree", revision, *under]:
                listing, path = self._listing(kind, name, revision), "/".join(under)
                if path and listing.named(path) is None:
                    raise _RefusalError(404, f"{path} does not exist on {revision}", "EntryNotFound")
                return listing.entries(path, recursive=query.get("recursive", "").lower() in ("true", "1"))
            case ["paths-info", revision]:
                listing = self._listing(kind, name, revision)
                found = map(listing.named, parse_qs(body.decode()).get("paths", []))
                return [entry for entry in found if entry is not None]
            case _:
                raise _RefusalError(404, "Sorry, we can't find the page you are looking for.")

    def _information(self, kind: str, name: str, listing: Listing) -> dict[str, Any]:
        return {
            "id": name, "author": name.split("/")[0], "sha": listing.commit, "private": False, "disabled": False,
            "gated": "manual" if name in self.server.gated else False, "downloads": 1, "likes": 0, "tags": [],
            "createdAt": "2022-03-02T23:29:04.000Z", "lastModified": "2025-01-01T00:00:00.000Z",
            "siblings": [{"rfilename": path} for path in listing.files],
        } | ({"modelId": name} if kind == "models" else {})  # fmt: skip

    def _listing(self, kind: str, name: str, revision: str) -> Listing:
        if not self.server.tree.has(kind, name):
            if self._token() is None:
                raise _RefusalError(401, "Invalid username or password.", "RepoNotFound")
            raise _RefusalError(404, "Repository not found", "RepoNotFound")
        listing = self.server.tree.find(kind, name, revision)
        if listing is None:
            raise _RefusalError(404, f"Invalid rev id: {revision}", "RevisionNotFound")
        return listing

    # ---- files ----

    def _send_file(self, parts: list[str]) -> None:
        kind = "datasets" if parts[0] == "datasets" else "models"
        parts = parts[1:] if kind == "datasets" else parts
        if len(parts) < 5 or parts[2] != "resolve":
            raise _RefusalError(404, "Sorry, we can't find the page you are looking for.")
        name, revision, path = "/".join(parts[:2]), parts[3], "/".join(parts[4:])
        listing = self._listing(kind, name, revision)
        self._refuse_stranger(name)
        file = listing.files.get(path)
        commit = {"X-Repo-Commit": listing.commit}
        if file is None:
            content = b"Entry not found"
            self._send(404, content, commit | {"X-Error-Code": "EntryNotFound", "X-Error-Message": "Entry not found"})
            return
        headers = commit | {"ETag": f'"{file.tag}"', "Accept-Ranges": "bytes"}
        content = file.content.read_bytes()
        if (asked := RANGE.fullmatch(self.headers.get("Range", ""))) is None:
            self._send(200, content, headers)
            return
        start, stop = _range(asked[1], asked[2], file)
        if start >= stop:
            self._send(416, b"", headers | {"Content-Range": f"bytes */{file.size}"})
            return
        self._send(206, content[start:stop], headers | {"Content-Range": f"bytes {start}-{stop - 1}/{file.size}"})

    def _refuse_stranger(self, name: str) -> None:
        """Raise where the files of a gated repository are asked for without its token."""
        wanted, token = self.server.gated.get(name), self._token()
        if wanted is None or token == wanted:
            return
        if token is None:
            message = f"Access to model {name} is restricted. You must have access to it and be authenticated."
            raise _RefusalError(401, message, "GatedRepo")
        raise _RefusalError(403, f"Access to model {name} is restricted and you are not authorized.", "GatedRepo")

    def _token(self) -> str | None:
        kind, _, token = self.headers.get("Authorization", "").partition(" ")
        return token if kind == "Bearer" and token else None

    # ---- answers ----

    def _send_json(self, value: object) -> None:
        self._send(200, json.dumps(value).encode(), {"Content-Type": "application/json; charset=utf-8"})

    def _send(self, status: int, content: bytes, headers: Mapping[str, str]) -> None:
        """A HEAD request gets the length of what it would have got, and nothing else."""
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)


def _range(first: str, last: str, file: File) -> tuple[int, int]:
    """Where a range begins and ends: "0-99", "100-" or the last 100, "-100"."""
    if not first:
        return max(0, file.size - int(last or 0)), file.size
    return int(first), min(int(last) + 1, file.size) if last else file.size
