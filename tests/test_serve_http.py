"""The routes of hrl-serve: answers, errors, validation, names."""
import json
import os
import re

import serve_harness as harness

try:
    import requests
except ImportError:
    harness.skip("python3-requests is not installed")

TIME = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}$")
PROGRESS = {"episode", "total_episodes", "avg_reward", "avg_duration", "avg_cash",
            "avg_invested", "stability", "goal_adherence", "elapsed_time"}
LONG = {"scenario_name": "bologna_coppia", "num_episodes": 100000}


class Routes(harness.ServiceCase):
    def get(self, path, **options):
        return requests.get(self.service.url + path, timeout=harness.PATIENCE, **options)

    def post(self, path, **options):
        return requests.post(self.service.url + path, timeout=harness.PATIENCE, **options)

    def start(self, **body):
        return self.post("/api/training/start", json=body)

    def status(self):
        return self.get("/api/training/status").json()

    def errors(self, body):
        answer = self.post("/api/training/start", **body)
        self.assertEqual(answer.status_code, 422, answer.text)
        return answer.json()["detail"]

    def test_health(self):
        answer = self.get("/health")
        self.assertEqual(answer.status_code, 200)
        self.assertEqual(answer.headers["content-type"], "application/json")
        body = answer.json()
        self.assertEqual(set(body), {"status", "version", "timestamp"})
        self.assertEqual(body["status"], "healthy")
        self.assertRegex(body["timestamp"], TIME)

    def test_root(self):
        body = self.get("/").json()
        self.assertEqual(set(body), {"message", "version", "documentation", "endpoints",
                                     "websocket", "status"})
        self.assertLessEqual({"scenarios", "training", "simulation", "models", "reports"},
                             set(body["endpoints"]))
        self.assertEqual((body["websocket"], body["status"]),
                         ("/socket.io", "operational"))

    def test_unknown_path_and_method(self):
        for path in ("/nope", "/api/training", "/nope/", "/health/x"):
            answer = self.get(path)
            self.assertEqual((answer.status_code, answer.json()),
                             (404, {"detail": "Not Found"}), path)
        for method, path, allow in (("GET", "/api/training/start", "POST"),
                                    ("DELETE", "/api/training/status", "GET, HEAD"),
                                    ("PUT", "/health", "GET, HEAD"),
                                    ("OPTIONS", "/health", "GET, HEAD"),
                                    ("PATCH", "/api/training/stop", "POST")):
            answer = requests.request(method, self.service.url + path,
                                      timeout=harness.PATIENCE)
            self.assertEqual((answer.status_code, answer.json()),
                             (405, {"detail": "Method Not Allowed"}), (method, path))
            self.assertEqual(answer.headers["allow"], allow)
        for path in ("/health", "/", "/docs", "/openapi.json", "/api/training/status"):
            head = requests.head(self.service.url + path, timeout=harness.PATIENCE)
            whole = self.get(path)
            self.assertEqual((head.status_code, head.text), (200, ""))
            if path != "/health":  # which tells the time
                self.assertEqual(head.headers["content-length"],
                                 whole.headers["content-length"])

    def test_one_slash_too_many(self):
        for method, path in (("GET", "/api/training/status/"), ("POST", "/api/training/stop/"),
                             ("HEAD", "/health/")):
            answer = requests.request(method, self.service.url + path + "?a=b%20c&d=%26",
                                      timeout=harness.PATIENCE, allow_redirects=False)
            self.assertEqual((answer.status_code, answer.headers["location"]),
                             (307, path[:-1] + "?a=b%20c&d=%26"))
        self.assertEqual(self.get("/health/").json()["status"], "healthy")

    def test_pages_with_cookies(self):
        """Browsers refuse '*' for requests that carry cookies."""
        for path in ("/health", "/socket.io/?EIO=4&transport=polling"):
            answer = requests.get(self.service.url + path, timeout=harness.PATIENCE,
                                  headers={"Origin": "http://a.example", "Cookie": "k=v"})
            self.assertEqual(answer.headers["access-control-allow-origin"], "http://a.example")
            self.assertEqual(answer.headers["vary"], "Origin")
            answer = requests.get(self.service.url + path, timeout=harness.PATIENCE,
                                  headers={"Origin": "http://a.example"})
            self.assertEqual(answer.headers["access-control-allow-origin"], "*")

    def test_expectations_are_answered(self):
        body = b'{"scenario_name": "no_such_household"}'
        with self.service.connect() as connection:
            connection.sendall(b"POST /api/training/start HTTP/1.1\r\nHost: x\r\n"
                               b"Content-Type: application/json\r\nExpect: 100-continue\r\n"
                               b"Connection: close\r\nContent-Length: %d\r\n\r\n" % len(body))
            self.assertEqual(connection.recv(1000), b"HTTP/1.1 100 Continue\r\n\r\n")
            connection.sendall(body)
            self.assertTrue(harness.read_all(connection).startswith(b"HTTP/1.1 404 "))

    def test_connections_are_kept(self):
        """Many requests on one connection, of every kind."""
        with self.service.connect() as connection:
            for method, path, body, status in (
                    ("GET", "/health", "", 200), ("HEAD", "/docs", "", 200),
                    ("GET", "/nope", "", 404), ("POST", "/api/training/start", "{}", 422),
                    ("POST", "/api/training/start", " " * 70000, 413),
                    ("PUT", "/health", "x", 405), ("GET", "/%zz", "", 400),
                    ("GET", "/health/", "", 307), ("GET", "/docs", "", 200)):
                connection.sendall(f"{method} {path} HTTP/1.1\r\nHost: x\r\nContent-Length: "
                                   f"{len(body)}\r\n\r\n{body}".encode())
                head = b""
                while not head.endswith(b"\r\n\r\n"):
                    piece = connection.recv(1)
                    self.assertTrue(piece, (method, path, head))
                    head += piece
                self.assertTrue(head.startswith(b"HTTP/1.1 %d " % status), (path, head))
                self.assertNotIn(b"connection: close", head.lower())
                length = int(re.search(rb"(?i)content-length: (\d+)", head).group(1))
                while length > 0 and method != "HEAD":
                    length -= len(connection.recv(length))

    def test_a_frame_behind_the_handshake(self):
        """What comes together with the offer of a WebSocket is taken, not waited for."""
        with self.service.connect() as connection:
            connection.settimeout(15)  # before the first ping would bring it on
            connection.sendall(
                b"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: x\r\n"
                b"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: "
                b"MDEyMzQ1Njc4OWFiY2RlZg==\r\nSec-WebSocket-Version: 13\r\n\r\n"
                b"\x81\x82\0\0\0\0" b"40")
            received = b""
            while b"connection_established" not in received:
                piece = connection.recv(4096)
                self.assertTrue(piece, received)
                received += piece
            self.assertIn(b"sec-websocket-accept: BACScCJPNqyz+UBoqMH89VmURoA=", received)

    def test_localhost_is_either(self):
        """Names such as localhost are ::1 first for many clients."""
        if not harness.IPV6:
            self.skipTest("no IPv6 here")
        answer = requests.get(f"http://[::1]:{self.service.port}/health",
                              timeout=harness.PATIENCE)
        self.assertEqual(answer.status_code, 200)

    def test_start_status_stop(self):
        self.assertEqual(self.post("/api/training/stop").status_code, 400)
        self.assertEqual(self.post("/api/training/stop").json(),
                         {"detail": "No training in progress"})
        answer = self.start(**LONG, unknown_key=[1])
        self.assertEqual(answer.status_code, 202)
        body = answer.json()
        self.assertEqual(set(body), {"message", "data", "scenario_name"})
        self.assertEqual(set(body["data"]), {"status", "scenario_name", "num_episodes",
                                             "start_time"})
        self.assertEqual(body["data"]["status"], "started")
        self.assertEqual(body["data"]["num_episodes"], 100000)
        self.assertRegex(body["data"]["start_time"], TIME)
        second = self.start(**LONG)
        self.assertEqual((second.status_code, second.json()), (400, {
            "detail": "Training already in progress for scenario: bologna_coppia"}))
        self.assertTrue(harness.wait_until(lambda: self.status()["latest_progress"]))
        status = self.status()
        self.assertEqual(set(status), {"is_training", "scenario_name", "current_episode",
                                       "total_episodes", "start_time",
                                       "latest_progress"})
        self.assertIs(status["is_training"], True)
        self.assertEqual(set(status["latest_progress"]), PROGRESS)
        self.assertEqual(status["start_time"], body["data"]["start_time"])
        stopped = self.post("/api/training/stop")
        self.assertEqual(stopped.status_code, 200)
        data = stopped.json()["data"]
        self.assertEqual(set(data), {"status", "scenario_name", "episodes_completed",
                                     "total_episodes"})
        self.assertEqual((data["status"], data["total_episodes"]), ("stopped", 100000))
        # the files are there when the answer is
        for name in ("high_agent.pt", "low_agent.pt", "history.json"):
            path = os.path.join(self.service.models, "bologna_coppia_" + name)
            self.assertTrue(os.path.exists(path), path)
        with open(os.path.join(self.service.models, "bologna_coppia_history.json")) as f:
            history = json.load(f)
        self.assertEqual(len(history["episode_rewards"]), data["episodes_completed"])
        after = self.status()
        self.assertIs(after["is_training"], False)
        self.assertEqual(after["current_episode"], data["episodes_completed"])

    def test_seed_repeats(self):
        means = []
        for seed in (7, "7", 7.0, 8):
            self.start(scenario_name="bologna_coppia", num_episodes=20, seed=seed)
            self.assertTrue(harness.wait_until(
                lambda: not self.status()["is_training"]))
            means.append(self.status()["latest_progress"]["avg_reward"])
        self.assertEqual(means[0], means[1])
        self.assertEqual(means[0], means[2])
        self.assertNotEqual(means[0], means[3])

    def test_all_fields_are_checked_at_once(self):
        errors = self.errors({"json": {"scenario_name": "", "num_episodes": 0,
                                       "save_interval": "ten", "eval_episodes": 1.5,
                                       "seed": {}}})
        self.assertEqual(errors, [
            {"type": "string_too_short", "loc": ["body", "scenario_name"],
             "msg": "String should have at least 1 character", "input": "",
             "ctx": {"min_length": 1}},
            {"type": "greater_than", "loc": ["body", "num_episodes"],
             "msg": "Input should be greater than 0", "input": 0, "ctx": {"gt": 0}},
            {"type": "int_parsing", "loc": ["body", "save_interval"],
             "msg": "Input should be a valid integer, unable to parse string as an "
                    "integer", "input": "ten"},
            {"type": "int_from_float", "loc": ["body", "eval_episodes"],
             "msg": "Input should be a valid integer, got a number with a fractional "
                    "part", "input": 1.5},
            {"type": "int_type", "loc": ["body", "seed"],
             "msg": "Input should be a valid integer", "input": {}}])

    def test_each_kind_of_error(self):
        name = "bologna_coppia"
        for body, kind, loc in (
                ({}, "missing", ["body", "scenario_name"]),
                ({"scenario_name": 5}, "string_type", ["body", "scenario_name"]),
                ({"scenario_name": None}, "string_type", ["body", "scenario_name"]),
                ({"scenario_name": name, "num_episodes": None}, "int_type",
                 ["body", "num_episodes"]),
                ({"scenario_name": name, "num_episodes": "-3"}, "greater_than",
                 ["body", "num_episodes"]),
                ({"scenario_name": name, "num_episodes": "1.5"}, "int_parsing",
                 ["body", "num_episodes"]),
                ({"scenario_name": name, "num_episodes": "1\x00"}, "int_parsing",
                 ["body", "num_episodes"]),
                ({"scenario_name": name, "eval_episodes": 10 ** 6}, "less_than_equal",
                 ["body", "eval_episodes"]),
                ([], "model_attributes_type", ["body"])):
            errors = self.errors({"json": body})
            self.assertEqual([(e["type"], e["loc"]) for e in errors], [(kind, loc)], body)
        missing = self.errors({"json": {"seed": 1}})
        self.assertEqual(missing[0]["input"], {"seed": 1})
        for text in ("{", "[1,", "nope", "{\"a\":1}x", "\xff", "[" * 60000,
                     '"\\u\xdd\x9e800"'):  # what is wrong is quoted, cut within a character
            errors = self.errors({"data": text.encode("latin-1"),
                                  "headers": {"Content-Type": "application/json"}})
            self.assertEqual(errors[0]["type"], "json_invalid", text[:20])
            self.assertTrue(errors[0]["ctx"]["error"].isascii(), text[:20])
        self.assertEqual(self.errors({})[0]["type"], "missing")
        # what a page of another origin can send unasked is not looked into
        errors = self.errors({"data": '{"scenario_name": "bologna_coppia"}',
                              "headers": {"Content-Type": "text/plain"}})
        self.assertEqual(errors[0]["type"], "model_attributes_type")

    def test_names(self):
        for name, status, detail in (
                ("../../etc/passwd", 404, "Scenario 'passwd' not found"),
                ("no/such one", 404, "Scenario 'such_one' not found"),
                (".hidden", 404, "Scenario '_hidden' not found"),
                ("a\x00b", 404, "Scenario 'a_b' not found"),
                ("no.yaml", 404, "Scenario 'no' not found"),
                ("a/", 400, None), ("_", 400, None), ("x" * 10000, 400, None)):
            answer = self.start(scenario_name=name)
            self.assertEqual(answer.status_code, status, name[:30])
            if detail:
                self.assertEqual(answer.json(), {"detail": detail})

    def read_metrics(self):
        """{name and labels: value}, after a check of the format."""
        answer = self.get("/metrics")
        self.assertEqual(answer.headers["content-type"],
                         "text/plain; version=0.0.4; charset=utf-8")
        kinds, values, helped = {}, {}, set()
        for line in answer.text.splitlines():
            if line.startswith("# HELP "):
                helped.add(line.split()[2])
            elif line.startswith("# TYPE "):
                _, _, name, kind = line.split()
                self.assertIn(name, helped)
                self.assertNotIn(name, kinds)
                kinds[name] = kind
            else:
                found = re.fullmatch(r'([a-z_]+)(\{(?:[a-z]+="[^"\\]*",?)+\})? (\S+)', line)
                self.assertTrue(found, line)
                name = re.sub("_(bucket|sum|count)$", "", found[1]) \
                    if found[1] not in kinds else found[1]
                self.assertIn(kinds[name], ("counter", "gauge", "histogram"))
                self.assertNotIn(found[1] + (found[2] or ""), values)
                values[found[1] + (found[2] or "")] = float(found[3])
        return values

    def test_metrics(self):
        before = self.read_metrics()
        for path in ("/docs", "/docs", "/nope/%22%7b%0a", "/health?x=1"):
            self.get(path)
        after = self.read_metrics()

        def grown(name):
            return after.get(name, 0) - before.get(name, 0)
        requests_of = 'hrl_http_requests_total{route="%s",method="GET",code="%d"}'
        self.assertEqual(grown(requests_of % ("/docs", 200)), 2)
        self.assertEqual(grown(requests_of % ("other", 404)), 1)
        self.assertEqual(grown(requests_of % ("/health", 200)), 1)
        self.assertEqual(grown(requests_of % ("/metrics", 200)), 1)
        name = "hrl_http_request_duration_seconds"
        self.assertEqual(grown(name + '_count{route="/docs"}'), 2)
        self.assertGreater(grown(name + '_sum{route="/docs"}'), 0)
        buckets = [value for key, value in after.items()
                   if key.startswith(name + '_bucket{route="/docs"')]
        self.assertEqual(len(buckets), 11)
        self.assertEqual(buckets, sorted(buckets))
        self.assertEqual(buckets[-1], after[name + '_count{route="/docs"}'])
        self.assertGreater(after["process_resident_memory_bytes"], 1e6)
        self.assertGreaterEqual(after["hrl_connections"], 1)
        self.assertEqual(after["hrl_runs_running"], 0)
        self.assertFalse([key for key in after if "nope" in key])

    def test_metrics_of_a_run(self):
        before = self.read_metrics()
        body = {"scenario_name": "torino_single", "num_episodes": 10**6}
        self.assertEqual(self.post("/api/training/start", json=body).status_code, 202)
        self.assertEqual(self.read_metrics()["hrl_runs_running"], 1)
        self.assertEqual(self.post("/api/training/stop").status_code, 200)
        after = self.read_metrics()
        self.assertEqual(after["hrl_runs_running"], 0)
        ended = 'hrl_runs_ended_total{state="stopped"}'
        self.assertEqual(after[ended] - before[ended], 1)
        status = self.get("/api/training/status").json()
        self.assertEqual(after["hrl_episodes_total"] - before["hrl_episodes_total"],
                         status["current_episode"])

    def test_openapi_and_docs(self):
        api = self.get("/openapi.json").json()
        self.assertTrue(api["openapi"].startswith("3.1"))
        self.assertEqual(set(api["paths"]), {
            "/api/training/start", "/api/training/stop", "/api/training/status",
            "/api/training/pause", "/api/training/resume", "/api/training/compare",
            "/api/training/runs", "/api/training/runs/{id}", "/api/training/runs/{id}/progress",
            "/api/training/runs/{id}/pause", "/api/training/runs/{id}/resume",
            "/api/training/runs/{id}/stop",
            "/api/scenarios", "/api/scenarios/templates", "/api/scenarios/{name}",
            "/api/models", "/api/models/{name}",
            "/api/reports/generate", "/api/reports/list", "/api/reports/{report_id}",
            "/api/reports/{report_id}/metadata", "/api/simulation/run", "/api/simulation/history",
            "/api/simulation/results/{simulation_id}",
            "/api/advice", "/health", "/metrics", "/", "/page/{file}", "/openapi.json", "/docs"})
        body = api["components"]["schemas"]["TrainingRequest"]
        self.assertEqual(body["required"], ["scenario_name"])
        self.assertEqual(body["properties"]["num_episodes"]["default"], 1000)
        listed = api["components"]["schemas"]["ScenarioList"]
        self.assertEqual(listed["items"]["$ref"], "#/components/schemas/ScenarioSummary")
        for reference in re.findall(r'"\$ref": "([^"]+)"', json.dumps(api)):
            self.assertIn(reference.split("/")[-1], api["components"]["schemas"])
        page = self.get("/docs")
        self.assertIn("text/html", page.headers["content-type"])
        self.assertNotRegex(page.text, r'(src|href)="(https?:)?//')


if __name__ == "__main__":
    harness.main()
