"""Who may use hrl-serve: other origins, the token, and what its log tells."""
import json
import os
import tempfile

import serve_harness as harness

try:
    import requests
except ImportError:
    harness.skip("python3-requests is not installed")


class Anybody(harness.ServiceCase):
    def get(self, path, **options):
        return requests.get(self.service.url + path, timeout=harness.PATIENCE, **options)

    def test_cors(self):
        simple = self.get("/health", headers={"Origin": "http://page.example"})
        self.assertEqual(simple.headers["access-control-allow-origin"], "*")
        self.assertEqual(simple.headers["access-control-allow-credentials"], "true")
        self.assertNotIn("access-control-allow-origin", self.get("/health").headers)
        # errors are read by pages, too
        for method, path, status in (("GET", "/nope", 404), ("DELETE", "/health", 405),
                                     ("POST", "/api/training/start", 422),
                                     ("GET", "/api/scenarios/nope", 404),
                                     ("POST", "/api/training/stop", 400),
                                     ("GET", "/api/simulation/results/nope", 404)):
            answer = requests.request(method, self.service.url + path, timeout=harness.PATIENCE,
                                      headers={"Origin": "http://page.example"})
            self.assertEqual(answer.status_code, status)
            self.assertEqual(answer.headers["access-control-allow-origin"], "*", path)
            self.assertIn("retry-after", answer.headers["access-control-expose-headers"])
        preflight = requests.options(
            self.service.url + "/api/training/start", timeout=harness.PATIENCE,
            headers={"Origin": "http://page.example",
                     "Access-Control-Request-Method": "POST",
                     "Access-Control-Request-Headers": "content-type, x-mine"})
        self.assertEqual(preflight.status_code, 200)
        for name, value in (("origin", "http://page.example"),
                            ("headers", "content-type, x-mine"),
                            ("methods", "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT"),
                            ("credentials", "true")):
            self.assertEqual(preflight.headers["access-control-allow-" + name], value)
        self.assertEqual(preflight.headers["access-control-max-age"], "600")


class Guarded(harness.ServiceCase):
    """With a token, one origin, and JSON for a log."""

    @classmethod
    def setUpClass(cls):
        with tempfile.NamedTemporaryFile("w", delete=False) as file:
            file.write("correct-horse\n")
        cls.token_file = file.name
        cls.options = ("--token-file", file.name, "--cors-origin", "http://a.example",
                       "--cors-origin=http://b.example", "--log-format", "json")
        super().setUpClass()

    @classmethod
    def tearDownClass(cls):
        os.unlink(cls.token_file)
        super().tearDownClass()

    def request(self, method, path, headers=None):
        return requests.request(method, self.service.url + path, headers=headers or {},
                                timeout=harness.PATIENCE)

    def test_token(self):
        right = {"Authorization": "Bearer correct-horse"}
        self.assertEqual(self.request("GET", "/health").status_code, 200)
        for path in ("/", "/docs", "/openapi.json", "/api/training/status", "/nope",
                     "/metrics", "/socket.io/?EIO=4&transport=polling"):
            for headers in ({}, {"Authorization": "Bearer correct-hors"},
                            {"Authorization": "Bearer correct-horse2"},
                            {"Authorization": "correct-horse"},
                            {"Authorization": "Bearer " + "x" * 300}):
                answer = self.request("GET", path, headers)
                self.assertEqual((answer.status_code, answer.json()),
                                 (401, {"detail": "Not authenticated"}), path)
                self.assertEqual(answer.headers["www-authenticate"], "Bearer")
            self.assertNotEqual(self.request("GET", path, right).status_code, 401)
        self.assertEqual(self.request("GET", "/?token=correct-horse").status_code, 200)
        self.assertEqual(self.request("GET", "/?token=wrong").status_code, 401)

    def test_origins(self):
        def allowed(origin):
            answer = self.request("GET", "/health", {"Origin": origin})
            return answer.headers.get("access-control-allow-origin")
        self.assertEqual(allowed("http://a.example"), "http://a.example")
        self.assertEqual(allowed("http://b.example"), "http://b.example")
        self.assertIsNone(allowed("http://c.example"))
        self.assertIsNone(allowed("http://a.example.c.example"))
        preflight = {"Access-Control-Request-Method": "POST",
                     "Origin": "http://c.example"}
        self.assertEqual(
            self.request("OPTIONS", "/api/training/start", preflight).status_code, 400)
        token = {"Authorization": "Bearer correct-horse"}
        for origin, status in (("http://c.example", 403), ("http://a.example", 400),
                               (self.service.url, 400)):
            answer = self.request("POST", "/api/training/stop",
                                  {**token, "Origin": origin})
            self.assertEqual(answer.status_code, status, origin)

    def test_log_is_json_without_secrets(self):
        self.request("GET", "/?token=correct-horse")
        self.assertTrue(harness.wait_until(lambda: '"path":"/"' in self.service.log()))
        lines = self.service.log().splitlines()
        self.assertTrue(all(isinstance(json.loads(line), dict) for line in lines))
        self.assertNotIn("correct-horse", self.service.log())


if __name__ == "__main__":
    harness.main()
