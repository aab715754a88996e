"""A stand-in for a process of the register: answers /ready with 200, after a while or never, or dies."""

from __future__ import annotations

import argparse
import http.server
import subprocess
import sys
from pathlib import Path


class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"ready")

    def log_message(self, *args: object) -> None:
        pass


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--starts", type=Path, required=True, help="a line is added at every start")
    parser.add_argument("--name", default="fake")
    parser.add_argument("--dies", action="store_true")
    parser.add_argument("--child", type=Path, help="start a child and write its id there")
    given = parser.parse_args()
    with given.starts.open("a") as file:
        file.write(f"{given.name}\n")
    sys.stdout.write("a fake service speaks\n")
    if given.dies:
        sys.exit(3)
    if given.child is not None:
        given.child.write_text(str(subprocess.Popen(["sleep", "600"]).pid))
    http.server.HTTPServer(("127.0.0.1", given.port), Answer).serve_forever()


if __name__ == "__main__":
    main()
