"""The page as hrl-serve sends it: who gets it, how it is kept, what it may do."""
import gzip
import os
import re
import tempfile

import serve_harness as harness

try:
    import requests
except ImportError:
    harness.skip("python3-requests is not installed")
if os.environ.get("HRL_PAGE") == "0":
    harness.skip("hrl-serve was built without its page (libjs-dygraphs)")

BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
LIMIT = 300 * 1024


def get(service, path, **headers):
    session = requests.Session()
    session.headers.clear()
    return session.get(service.url + path, headers=headers, timeout=harness.PATIENCE)


def names_of(html):
    return re.findall(r'(?:src|href)="page/([^"]+)"', html)


class Page(harness.ServiceCase):
    def get(self, path, **headers):
        return get(self.service, path, **headers)

    def files(self):
        """Every file of the page: those that it names, and those that these import."""
        found, waiting = {}, names_of(self.get("/", **BROWSER).text)
        while waiting:
            name = waiting.pop()
            if name in found:
                continue
            answer = self.get(f"/page/{name}")
            self.assertEqual(answer.status_code, 200, name)
            found[name] = answer
            waiting += re.findall(r"from '\./([\w.-]+)'", answer.text)
        return found

    def test_browsers_get_the_page_and_programs_the_json(self):
        answer = self.get("/", **BROWSER)
        self.assertEqual(answer.headers["content-type"], "text/html; charset=utf-8")
        self.assertTrue(answer.text.startswith("<!doctype html>"))
        self.assertIn("Accept", answer.headers["vary"])
        for accept in ({}, {"Accept": "*/*"}, {"Accept": "application/json"}):
            answer = self.get("/", **accept)
            self.assertEqual(answer.json()["status"], "operational")
            self.assertIn("Accept", answer.headers["vary"])

    def test_files(self):
        files = self.files()
        self.assertLessEqual({"app.js", "now.js", "base.css", "dygraph.min.js", "icon.svg"}, set(files))
        total = 0
        for name, answer in files.items():
            total += len(answer.content)
            kind = {"js": "text/javascript; charset=utf-8", "css": "text/css; charset=utf-8",
                    "svg": "image/svg+xml"}[name.rpartition(".")[2]]
            self.assertEqual(answer.headers["content-type"], kind, name)
            self.assertEqual(answer.headers["x-content-type-options"], "nosniff")
            if name != "dygraph.min.js":
                self.assertNotRegex(answer.text, r"<script|javascript:|(inner|outer|Adjacent|set)HTML|document\.write", name)
        self.assertLess(total, LIMIT)

    def test_nothing_from_elsewhere(self):
        html = self.get("/", **BROWSER).text
        self.assertNotIn("//", re.sub(r"http://www\.w3\.org/", "", html))
        for address in re.findall(r'(?:src|href)="([^"]*)"', html):
            self.assertRegex(address, r"^(page/|docs$|#)", "relative, so that a prefix works")
        policy = dict(part.strip().partition(" ")[::2] for part in
                      self.get("/", **BROWSER).headers["content-security-policy"].split(";"))
        self.assertEqual(policy["default-src"], "'none'")
        self.assertEqual(policy["script-src"], "'self'")
        self.assertEqual(policy["style-src"], "'self'")
        self.assertEqual(policy["connect-src"], "'self'")
        self.assertEqual(policy["require-trusted-types-for"], "'script'")
        for name in ("frame-ancestors", "base-uri", "form-action"):
            self.assertEqual(policy[name], "'none'", name)
        self.assertNotRegex(html, r"<script>|<style|\son\w+=|\sstyle=")

    def test_kept_and_asked_for_again(self):
        for path, accept in (("/", BROWSER), ("/page/app.js", {})):
            whole = self.get(path, **accept)
            tag = whole.headers["etag"]
            self.assertEqual(whole.headers["cache-control"], "no-cache")
            again = self.get(path, **accept, **{"If-None-Match": tag})
            self.assertEqual((again.status_code, again.content), (304, b""))
            self.assertNotIn("content-type", again.headers)
            self.assertEqual(again.headers["etag"], tag)
            other = self.get(path, **accept, **{"If-None-Match": '"other"'})
            self.assertEqual(other.content, whole.content)

    def test_compressed_for_whoever_takes_it(self):
        plain = self.get("/page/dygraph.min.js")
        self.assertNotIn("content-encoding", plain.headers)
        packed = requests.get(self.service.url + "/page/dygraph.min.js", stream=True,
                              headers={"Accept-Encoding": "br, gzip"}, timeout=harness.PATIENCE)
        self.assertEqual(packed.headers["content-encoding"], "gzip")
        raw = packed.raw.read(decode_content=False)
        self.assertEqual(gzip.decompress(raw), plain.content)
        self.assertLess(len(raw), len(plain.content) / 2)
        self.assertIn("Accept-Encoding", packed.headers["vary"])

    def test_no_other_files(self):
        for name in ("none.js", "..%2fapp.js", "app.js%00", "index.html/x", "APP.JS"):
            self.assertIn(self.get(f"/page/{name}").status_code, (400, 404), name)
        head = requests.head(self.service.url + "/page/app.js", timeout=harness.PATIENCE,
                             headers={"Accept-Encoding": "identity"})
        self.assertEqual((head.status_code, int(head.headers["content-length"])),
                         (200, len(self.get("/page/app.js").content)))


class Locked(harness.ServiceCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        path = os.path.join(cls.folder.name, "token")
        with open(path, "w", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
            file.write("secret-word\n")
        cls.options = ("--token-file", path)
        super().setUpClass()

    @classmethod
    def tearDownClass(cls):
        super().tearDownClass()
        cls.folder.cleanup()

    def test_the_page_asks_by_itself(self):
        """The page is no secret; what it shows is."""
        self.assertEqual(get(self.service, "/", **BROWSER).status_code, 200)
        self.assertEqual(get(self.service, "/page/app.js").status_code, 200)
        for path in ("/", "/api/training/status", "/openapi.json"):
            self.assertEqual(get(self.service, path).status_code, 401, path)
        self.assertEqual(get(self.service, "/", Authorization="Bearer secret-word").status_code, 200)


if __name__ == "__main__":
    harness.main()
