"""How hrl-serve is started and ends: addresses, options, signals, TLS, the service manager."""
import os
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import unittest

import serve_harness as harness

try:
    import requests
except ImportError:
    harness.skip("python3-requests is not installed")

LONG = {"scenario_name": "bologna_coppia", "num_episodes": 100000}


class Operation(unittest.TestCase):
    def test_failure_reaches_status(self):
        service = harness.Service()
        try:
            with open(service.models, "w"):
                pass  # a file where the folder should be
            answer = requests.post(service.url + "/api/training/start",
                                   json={"scenario_name": "bologna_coppia"},
                                   timeout=harness.PATIENCE)
            self.assertEqual(answer.status_code, 500)
            status = requests.get(service.url + "/api/training/status",
                                  timeout=harness.PATIENCE).json()
            self.assertIs(status["is_training"], False)
            self.assertTrue(status["error"])
        finally:
            self.assertEqual(service.stop()[0], 0)
            service.remove()

    def test_remarks_on_a_scenario_are_logged(self):
        with open(os.path.join(harness.SCENARIOS, "bologna_coppia.yaml")) as file:
            text = file.read()
        for form in ("text", "json"):
            with tempfile.TemporaryDirectory() as folder:
                with open(os.path.join(folder, "slip.yaml"), "w") as file:
                    file.write("environment: {income: 1.800, fixed_expenses: 1,"
                               " variable_expense_mean: 0.1, variable_expense_std: 0,"
                               " inflation: 0, safety_threshold: 2.500, max_months: 12,"
                               " risk_tolerance: 0.5}\n")
                with open(os.path.join(folder, "clean.yaml"), "w") as file:
                    file.write(text)
                service = harness.Service("--log-format", form, scenarios=folder)
                for name in ("slip", "clean"):
                    answer = requests.post(service.url + "/api/training/start",
                                           json={"scenario_name": name, "num_episodes": 1},
                                           timeout=harness.PATIENCE)
                    self.assertEqual(answer.status_code, 202, answer.text)
                    harness.wait_until(lambda: not requests.get(
                        service.url + "/api/training/status").json()["is_training"])
                self.assertEqual(service.stop()[0], 0)
                lines = [line for line in service.log().splitlines()
                         if "scenario slip: " in line]
                self.assertEqual(len(lines), 2, service.log())
                self.assertIn("scenario slip: line 1: environment.income: 1.800 was read "
                              "as 1.8,", lines[0])
                self.assertIn("environment.safety_threshold: 2.500", lines[1])
                self.assertNotIn("scenario clean: ", service.log())
                service.remove()

    def test_its_log_steers_no_terminal(self):
        service = harness.Service()
        try:
            for text in ("\u202e", "\u2066", "\u009b", "%E2%80%AE"):
                service.exchange(b"GET /marker" + text.encode() + b" HTTP/1.1\r\nHost: a\r\n"
                                 b"Connection: close\r\n\r\n")
            harness.wait_until(lambda: "/marker%E2" in service.log()
                               or service.log().count("/marker") >= 4)
        finally:
            self.assertEqual(service.stop()[0], 0)
        self.assertIn("/marker", service.log())
        for text in ("\u202e", "\u2066", "\u009b"):
            self.assertNotIn(text, service.log())
        service.remove()

    def test_bad_scenario_file(self):
        with tempfile.TemporaryDirectory() as folder:
            with open(os.path.join(folder, "bad.yaml"), "w") as file:
                file.write("environment: [")
            service = harness.Service(scenarios=folder)
            answer = requests.post(service.url + "/api/training/start",
                                   json={"scenario_name": "bad"},
                                   timeout=harness.PATIENCE)
            self.assertEqual(answer.status_code, 400, answer.text)
            self.assertEqual(service.stop()[0], 0)
            service.remove()

    def test_scenarios_of_the_folder(self):
        """By the names that the other resources take, and none of another folder."""
        with tempfile.TemporaryDirectory() as outer:
            folder = os.path.join(outer, "scenarios")
            os.mkdir(folder)
            for name in ("plan.yaml", "old.yml", "dotted.plan.yaml", "../secret.yaml"):
                shutil.copy(os.path.join(harness.SCENARIOS, "bologna_coppia.yaml"),
                            os.path.join(folder, name))
            os.symlink("../secret.yaml", os.path.join(folder, "link.yaml"))
            with open(os.path.join(folder, "bad.yaml"), "w") as file:
                file.write("environment: [")
            service = harness.Service(scenarios=folder)
            for given, name in (("plan.yaml", "plan"), ("old.yaml", "old"), ("old.yml", "old"),
                                ("dotted.plan", "dotted.plan"), ("some/plan.yaml", "plan")):
                answer = requests.post(service.url + "/api/training/start",
                                       json={"scenario_name": given, "num_episodes": 1},
                                       timeout=harness.PATIENCE)
                self.assertEqual(answer.status_code, 202, answer.text)
                self.assertEqual(answer.json()["scenario_name"], name)
                self.assertTrue(harness.wait_until(lambda: not requests.get(
                    service.url + "/api/training/status").json()["is_training"]))
                self.assertTrue(os.path.exists(
                    os.path.join(service.models, name + "_high_agent.pt")))
            for given, statuses in (("link", (404, 500)), ("bad.yaml", (400,)),
                                    ("../secret", (404,)), ("plan.json", (404,))):
                answer = requests.post(service.url + "/api/training/start",
                                       json={"scenario_name": given},
                                       timeout=harness.PATIENCE)
                self.assertIn(answer.status_code, statuses, answer.text)
                self.assertNotIn(outer, answer.text)
            self.assertEqual(service.stop()[0], 0)
            service.remove()

    def test_signals_end_it_and_save(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            service = harness.Service()
            requests.post(service.url + "/api/training/start", json=LONG,
                          timeout=harness.PATIENCE)
            harness.wait_until(lambda: requests.get(
                service.url + "/api/training/status").json()["current_episode"] > 0)
            service.process.send_signal(number)
            code, seconds = service.stop()
            self.assertEqual(code, 0, service.log())
            self.assertLess(seconds, 5)
            self.assertTrue(os.path.exists(
                os.path.join(service.models, "bologna_coppia_high_agent.pt")))
            service.remove()

    def test_hosts(self):
        hosts = ["127.0.0.1", "127.0.0.2"] + (["::1"] if harness.IPV6 else [])
        service = harness.Service(*(word for host in hosts for word in ("--host", host)))
        for host in hosts:
            host = f"[{host}]" if ":" in host else host
            answer = requests.get(f"http://{host}:{service.port}/health",
                                  timeout=harness.PATIENCE)
            self.assertEqual(answer.status_code, 200)
        self.assertEqual(service.stop()[0], 0)
        service.remove()

    def test_origins_are_normalised(self):
        service = harness.Service("--cors-origin", " http://A.example/ , HTTPS://b.c:443",
                                  "--cors-origin", "http://[::1]:3000")
        for origin, allowed in (("http://a.example", True), ("https://b.c", True),
                                ("http://[::1]:3000", True), ("http://b.c", False)):
            answer = requests.get(service.url + "/health", timeout=harness.PATIENCE,
                                  headers={"Origin": origin})
            self.assertEqual(answer.headers.get("access-control-allow-origin"),
                             origin if allowed else None)
        self.assertEqual(service.stop()[0], 0)
        service.remove()

    def test_what_is_wrong_at_the_start(self):
        cases = [(["--cors-origin", origin], 2, b"expected * or an origin as browsers send it")
                 for origin in ("C.d", "http://", "http://a.b/path", "http://a b",
                                "http://a.b:", "http://a.b:x", "*,example.org", "ftp:/x")]
        cases += [(["--scenarios", "/no/such"], 1, b"/no/such: no such folder"),
                  (["--scenarios", harness.PROGRAM], 1, b"no such folder"),
                  (["--models", harness.PROGRAM], 1, b"is not a folder; choose another place")]
        for options, code, text in cases:
            done = subprocess.run([harness.PROGRAM, "--port", "0", *options],
                                  capture_output=True, timeout=harness.PATIENCE)
            self.assertEqual(done.returncode, code, options)
            self.assertIn(text, done.stderr)
            self.assertEqual(done.stderr.count(b"\n"), 1)

    def test_what_is_handed_over_must_listen(self):
        """LISTEN_FDS with a file, a pipe, a datagram socket and one that does not listen."""
        code = ("import os, sys\nos.dup2(int(sys.argv[1]), 3)\n"
                "os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS='1')\n"
                "os.execv(sys.argv[2], sys.argv[2:])")
        read_end, write_end = os.pipe()
        with open("/dev/null") as file, \
                socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagram, \
                socket.socket() as silent:
            for descriptor in (file.fileno(), read_end, datagram.fileno(), silent.fileno()):
                done = subprocess.run(
                    ["/usr/bin/python3", "-c", code, str(descriptor), harness.PROGRAM],
                    pass_fds=[descriptor], capture_output=True, timeout=harness.PATIENCE)
                self.assertEqual(done.returncode, 1)
                self.assertIn(b"is no listening stream socket", done.stderr)
        os.close(read_end)
        os.close(write_end)

    def test_usage_errors(self):
        for options in (["--port", "65536"], ["--tls-cert", "x"], ["--log-format", "xml"],
                        ["--token-file", "/nonexistent"], ["--host", "no.such.invalid"],
                        ["--bogus"]):
            done = subprocess.run([harness.PROGRAM, *options], capture_output=True,
                                  timeout=harness.PATIENCE)
            self.assertIn(done.returncode, (1, 2), options)
            self.assertTrue(done.stderr.startswith(b"hrl-serve: "), options)

    def test_port_in_use(self):
        service = harness.Service()
        done = subprocess.run([harness.PROGRAM, "--port", str(service.port)],
                              capture_output=True, timeout=harness.PATIENCE)
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"cannot listen", done.stderr)
        service.stop()
        service.remove()

    def test_socket_activation(self):
        import socket
        with socket.create_server(("127.0.0.1", 0)) as listener:
            port = listener.getsockname()[1]
            code = ("import os, sys\n"
                    "os.dup2(int(sys.argv[1]), 3)\n"
                    "os.set_inheritable(3, True)\n"
                    "os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS='1')\n"
                    "os.execv(sys.argv[2], [sys.argv[2], '--port', '1'])\n")
            process = subprocess.Popen(
                ["/usr/bin/python3", "-c", code, str(listener.fileno()), harness.PROGRAM],
                pass_fds=[listener.fileno()], stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL, text=True)
        self.assertIn(str(port), process.stdout.readline())
        answer = requests.get(f"http://127.0.0.1:{port}/health", timeout=harness.PATIENCE)
        self.assertEqual(answer.status_code, 200)
        process.terminate()
        self.assertEqual(process.wait(harness.PATIENCE), 0)
        process.stdout.close()

    def test_tls(self):
        with tempfile.TemporaryDirectory() as folder:
            key, cert = os.path.join(folder, "key"), os.path.join(folder, "cert")
            try:
                subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048",
                                "-nodes", "-keyout", key, "-out", cert, "-days", "2",
                                "-subj", "/CN=127.0.0.1", "-addext",
                                "subjectAltName=IP:127.0.0.1"],
                               check=True, capture_output=True)
            except (OSError, subprocess.CalledProcessError):
                self.skipTest("openssl is not installed")
            service = harness.Service("--tls-cert", cert, "--tls-key", key)
            self.assertTrue(service.url.startswith("https"))
            answer = requests.get(service.url + "/health", verify=cert,
                                  timeout=harness.PATIENCE)
            self.assertEqual(answer.json()["status"], "healthy")
            context = ssl.create_default_context(cafile=cert)
            with service.connect() as plain, \
                    context.wrap_socket(plain, server_hostname="127.0.0.1") as connection:
                connection.sendall(
                    b"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: x\r\n"
                    b"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: "
                    b"MDEyMzQ1Njc4OWFiY2RlZg==\r\nSec-WebSocket-Version: 13\r\n\r\n"
                    b"\x81\x82\0\0\0\0" b"40")
                connection.settimeout(15)  # before the first ping would bring it on
                received = b""
                while b"connection_established" not in received:
                    piece = connection.recv(4096)
                    self.assertTrue(piece, received)
                    received += piece
                self.assertIn(b"101 Switching Protocols", received)
            with service.connect() as plain, \
                    context.wrap_socket(plain, server_hostname="127.0.0.1") as connection:
                connection.sendall(b"POST /api/training/start HTTP/1.1\r\nHost: x\r\n"
                                   b"Content-Length: 5\r\n\r\n{")
                self.assertTrue(harness.read_all(connection).startswith(b"HTTP/1.1 408 "))
            self.assertEqual(service.stop()[0], 0)
            service.remove()


if __name__ == "__main__":
    harness.main()
