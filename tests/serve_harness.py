"""Starts hrl-serve for a test and stops it again; what the service's tests share.

Environment: HRL_SERVE is the program, HRL_SCENARIOS the folder of scenarios.
"""
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import unittest

PROGRAM = os.path.abspath(os.environ["HRL_SERVE"]) if "HRL_SERVE" in os.environ else ""
SCENARIOS = os.path.abspath(os.environ.get("HRL_SCENARIOS", "scenarios"))
# A sanitizer makes everything slower; nothing here measures time otherwise.
PATIENCE = 60 * float(os.environ.get("HRL_TEST_PATIENCE", 1))


class Service:
    """One running hrl-serve with a folder of its own."""

    def __init__(self, *options, scenarios=SCENARIOS, environment=None, prepare=None):
        self.folder = tempfile.mkdtemp(prefix="hrl-serve-")
        self.models = os.path.join(self.folder, "models")
        self.log_path = os.path.join(self.folder, "log")
        self.options = (*(["--scenarios", scenarios] if scenarios else []),
                        "--models", self.models, *options)
        self.settings = {"cwd": self.folder, "preexec_fn": prepare,
                         "env": {**os.environ, **(environment or {})}}
        self.begin(0)

    def begin(self, port):
        """Starts the program: at first, and after `stop` on the same port and folder."""
        with open(self.log_path, "a") as log:
            self.process = subprocess.Popen([PROGRAM, "--port", str(port), *self.options],
                                            stdout=subprocess.PIPE, stderr=log, text=True,
                                            **self.settings)
        line = self.process.stdout.readline()
        found = re.search(r"(https?)://127\.0\.0\.1:(\d+)", line)
        if not found:
            raise RuntimeError(f"no address: {line!r} {self.log()}")
        self.port = int(found.group(2))
        self.url = f"{found.group(1)}://127.0.0.1:{self.port}"

    def log(self):
        with open(self.log_path, errors="replace") as log:
            return log.read()

    def connect(self):
        return socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE)

    def exchange(self, data, timeout=PATIENCE):
        """Sends bytes on a connection of their own; gives what comes until it closes."""
        with self.connect() as connection:
            connection.settimeout(timeout)
            try:
                connection.sendall(data)
                return read_all(connection)
            except (ConnectionError, BrokenPipeError):
                return b""

    def memory(self):
        """Resident kilobytes."""
        with open(f"/proc/{self.process.pid}/status") as status:
            return int(re.search(r"VmRSS:\s+(\d+)", status.read()).group(1))

    def processor(self):
        """Seconds of processor time."""
        with open(f"/proc/{self.process.pid}/stat") as stat:
            fields = stat.read().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def is_sanitized(self):
        """Whether freed memory is kept on purpose, so that its size says nothing."""
        with open(PROGRAM, "rb") as program:
            code = program.read()
        return b"__asan_init" in code or b"__tsan_init" in code

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def sockets(self):
        """Open sockets: unlike all descriptors, these do not change when a run opens its files."""
        folder = f"/proc/{self.process.pid}/fd"
        links = []
        for name in os.listdir(folder):
            try:
                links.append(os.readlink(os.path.join(folder, name)))
            except FileNotFoundError:
                pass  # closed since
        return sum(link.startswith("socket:") for link in links)

    def stop(self):
        """Ends the service; gives its exit code and how long that took."""
        begun = time.monotonic()
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            code = self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            code = self.process.wait()
        self.process.stdout.close()
        return code, time.monotonic() - begun

    def kill(self):
        """Ends it as a power cut would."""
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()

    def restart(self):
        self.stop()
        self.begin(self.port)

    def remove(self):
        shutil.rmtree(self.folder, ignore_errors=True)


class ServiceCase(unittest.TestCase):
    """A test whose methods share one service, which must end well."""
    options = ()

    @classmethod
    def settings(cls):
        """What the service is made with, beside the options."""
        return {}

    @classmethod
    def setUpClass(cls):
        cls.service = Service(*cls.options, **cls.settings())

    @classmethod
    def tearDownClass(cls):
        code, _ = cls.service.stop()
        log = cls.service.log()
        cls.service.remove()
        if code != 0 or "Sanitizer" in log or "runtime error" in log:
            raise AssertionError(f"hrl-serve ended with {code}:\n{log[-4000:]}")


def read_all(connection):
    """What comes until the other side closes."""
    data = b""
    while True:
        try:
            piece = connection.recv(65536)
        except ConnectionError:
            return data
        if not piece:
            return data
        data += piece


def wait_until(condition, seconds=PATIENCE):
    """Gives whether `condition` became true in time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.02)
    return bool(condition())


def has_ipv6():
    try:
        with socket.create_server(("::1", 0), family=socket.AF_INET6):
            return True
    except OSError:
        return False


IPV6 = has_ipv6()


def main():
    if not PROGRAM:
        print("skipped: HRL_SERVE names no program")
        raise SystemExit(77)
    unittest.main(verbosity=2)


def skip(reason):
    print("skipped:", reason)
    raise SystemExit(77)
