"""socket.io-client of npm against hrl-serve; see test_serve_node.js.

The client is installed into the folder HRL_NODE_FOLDER where it is not there yet
(npm_client.py)."""
import os
import subprocess
import tempfile

import npm_client
import serve_harness as harness

SCRIPT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "test_serve_node.js")
FOLDER = os.environ.get("HRL_NODE_FOLDER", "")


class Node(harness.ServiceCase):
    def run_client(self, kind, url=None, **environment):
        done = subprocess.run(
            ["node", SCRIPT, url or self.service.url, kind], capture_output=True,
            text=True, timeout=120 * int(os.environ.get("HRL_TEST_PATIENCE", "1")),
            env={**os.environ, "HRL_NODE_MODULES": MODULES, **environment})
        self.assertEqual(done.returncode, 0, done.stderr[-2000:])

    def test_polling(self):
        self.run_client("polling")

    def test_websocket(self):
        self.run_client("websocket")

    def test_upgrade(self):
        self.run_client("upgrade")

    def test_token(self):
        with tempfile.NamedTemporaryFile("w") as file:
            file.write("s3cret\n")
            file.flush()
            service = harness.Service("--token-file", file.name)
        self.run_client("upgrade", service.url, HRL_TOKEN="s3cret")
        self.assertEqual(service.stop()[0], 0)
        service.remove()


if __name__ == "__main__":
    try:
        MODULES = npm_client.find_client(FOLDER)
    except npm_client.Unavailable as reason:
        harness.skip(str(reason))
    harness.main()
