"""socket.io-client of npm against hrl-serve; see test_serve_node.js.

The client is installed into the folder HRL_NODE_FOLDER where it is not there yet."""
import os
import shutil
import subprocess
import tempfile

import serve_harness as harness

SCRIPT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "test_serve_node.js")
FOLDER = os.environ.get("HRL_NODE_FOLDER", "")


def check_registry():
    """Ends the test as skipped within ten seconds where npm's registry cannot be had."""
    try:
        done = subprocess.run(["npm", "view", "--fetch-retries=0", "--fetch-timeout=8000",
                               "socket.io-client@4", "version"], capture_output=True, text=True,
                              timeout=10)
        reason = " ".join(done.stderr.split()[:12]) if done.returncode != 0 else None
    except subprocess.TimeoutExpired:
        reason = "no answer in 10 s"
    if reason is not None:
        harness.skip(f"npm's registry cannot be reached ({reason}); to run this test, set npm's "
                     f"`registry` or put socket.io-client into {FOLDER}/node_modules")


def find_client():
    """The folder with socket.io-client; ends the test as skipped without one."""
    if not FOLDER or not shutil.which("node"):
        harness.skip("node is not installed")
    modules = os.path.join(FOLDER, "node_modules")
    if not os.path.isdir(os.path.join(modules, "socket.io-client")):
        if not shutil.which("npm"):
            harness.skip("npm is not installed")
        check_registry()
        done = subprocess.run(
            ["npm", "install", "--fetch-retries=0", "--fetch-timeout=10000", "--no-save", "--no-audit", "--no-fund", "--prefix", FOLDER,
             "socket.io-client@4"], capture_output=True, text=True, timeout=240)
        if done.returncode != 0:
            harness.skip("socket.io-client cannot be installed: " + done.stderr[-500:])
    return modules


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
    MODULES = find_client()
    harness.main()
