"""hrl-eval --report from outside: pages that stand alone, say what the table says, and take
whatever a scenario is called or says as text.

test_cli_report.py HRL_TRAIN HRL_EVAL LIST_KEYS SOURCE_ROOT; HRL_PDF is 1 where there is PDF."""
import html.parser
import os
import re
import shutil
import subprocess
import tempfile
import unittest
import xml.etree.ElementTree as tree

from cli_harness import HOUSEHOLD, PATIENCE, CliTest, EVAL, SOURCE, TRAIN, parse_json, read

HOSTILE = "</style><script>alert(1)</script>\" onload='x' & <b>"

VOID = {"meta", "link", "br", "img", "input"}
EMPTY = {"path", "circle", "rect", "polyline"}


class Page(html.parser.HTMLParser):
    """The texts of a page by element; elements must be closed as they were opened."""

    def __init__(self, text):
        super().__init__()
        self.open, self.elements, self.attributes, self.texts = [], [], [], []
        self.rows = []
        self.feed(text)
        self.close()
        assert not self.open, self.open

    def handle_starttag(self, tag, attrs):
        self.elements.append(tag)
        self.attributes += attrs
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        assert tag in EMPTY, tag
        self.elements.append(tag)
        self.attributes += attrs

    def handle_endtag(self, tag):
        assert self.open.pop() == tag, tag

    def handle_data(self, data):
        if not self.open:
            return
        if self.open[-1] in ("td", "th"):
            self.rows[-1][-1] += data
        self.texts.append((self.open[-1], data))

    def row(self, *cells):
        """The first row that begins with these cells."""
        return next(row for row in self.rows if row[:len(cells)] == list(cells))

    def has(self, element, text):
        return any(element == e and text in t for e, t in self.texts)


def number(text):
    return float(text.replace(",", ""))


class Report(CliTest):
    @classmethod
    def setUpClass(cls):
        cls.models = tempfile.TemporaryDirectory()
        folder = cls.models.name
        with open(os.path.join(folder, "house.yaml"), "w", encoding="utf-8") as file:
            file.write(HOUSEHOLD.format(months=24, more=""))
        life = read(os.path.join(SOURCE, "scenarios", "first_portfolio.yaml"))
        life = re.sub(r"max_months: *\d+", "max_months: 48", life)
        with open(os.path.join(folder, "life.yaml"), "w", encoding="utf-8") as file:
            file.write(life)
        for name in ["house", "life"]:
            subprocess.run([TRAIN, name + ".yaml", "--episodes", "16", "--quiet"], check=True,
                           cwd=folder, timeout=PATIENCE)

    @classmethod
    def tearDownClass(cls):
        cls.models.cleanup()

    def setUp(self):
        super().setUp()
        shutil.copytree(self.models.name, self.folder, dirs_exist_ok=True)

    def page(self, *arguments):
        self.assert_done(self.eval(*arguments, "--episodes", "200", "--report", "r.html"))
        text = read(self.path("r.html"))
        page = Page(text)
        self.assertEqual([e for e in page.elements if e in ("script", "link", "img", "iframe")],
                         [])
        # nothing is fetched, nothing is run
        for name, value in page.attributes:
            self.assertFalse(name in ("src", "href", "style") or name.startswith("on"),
                             (name, value))
        self.assertNotRegex(text, r"url\(|@import|https?://")
        self.assertNotRegex(text, r"\bnan\b|\binf\b")
        return page

    def test_base_model(self):
        page = self.page("house")
        figures = parse_json(self.eval("house", "--episodes", "200", "--json").stdout)
        for row, name in [("policy", "Trained agents"), ("constant", "Best simple rule"),
                          ("optimum", "Optimum")]:
            cells = page.row(name)
            self.assertAlmostEqual(number(cells[1]), figures[row]["strategic_return"], delta=.006)
            self.assertAlmostEqual(number(cells[3]), 100 * figures[row]["solvent"], delta=.06)
            self.assertAlmostEqual(number(cells[6]), figures[row]["wealth"], delta=.6)
        for section in ["Summary", "Results", "Strategy", "Training", "Scenario"]:
            self.assertTrue(page.has("h2", section), section)
        for chart in ["Wealth, euro", "Wealth at the end", "Invested", "Learning curve"]:
            self.assertTrue(page.has("text", chart), chart)
        self.assertEqual(page.row("environment", "income")[2], "1600")
        self.assertTrue(page.has("p", "A household of the tests"))
        self.assertTrue(page.has("p", "trained for 16 episodes"))

    def test_percentiles_are_those_of_the_csv(self):
        page = self.page("house")
        self.assert_done(self.eval("house", "--episodes", "200", "--percentiles", "fan.csv"))
        lines = [line.split(",") for line in read(self.path("fan.csv")).splitlines()]
        last = dict(zip(lines[0], [line for line in lines if line[0] == "policy"][-1]))
        wealth = next(row for row in page.rows if row[0] == "Trained agents" and
                      len(row) == 6)
        for cell, level in zip(wealth[1:], [5, 25, 50, 75, 95]):
            self.assertAlmostEqual(number(cell), float(last[f"wealth_{level}"]), delta=.6)

    def test_lifecycle(self):
        page = self.page("life")
        figures = parse_json(self.eval("life", "--episodes", "200", "--json").stdout)
        for row, name in [("policy", "Trained agents"), ("best_rule", "Best simple rule"),
                          ("optimum", "Optimum")]:
            cells = page.row(name)
            self.assertAlmostEqual(number(cells[1]), figures[row]["certainty_equivalent"],
                                   delta=.006)
            self.assertAlmostEqual(number(cells[4]), 100 * figures[row]["rescued"], delta=.06)
        for chart in ["Held in the portfolio", "Consumption, euro a month",
                      "What a reserve is worth"]:
            self.assertTrue(page.has("text", chart), chart)
        self.assertEqual(page.row("utility", "risk_aversion")[2], "4")

    def test_whatever_it_says_is_text(self):
        text = read(self.path("house.yaml")).replace(
            "A household of the tests", "'" + HOSTILE.replace("'", "''") + "'")
        self.write("house.yaml", text)
        for part in ["high_agent.pt", "low_agent.pt", "history.json"]:
            shutil.copy(self.path("models", "house_" + part), self.path("<b>&'_" + part))
        page = self.page("./<b>&'", "house.yaml")
        self.assertTrue(page.has("p", "trained agents ./<b>&'"))
        self.assertTrue(page.has("p", "trained for 16 episodes"))
        self.assertIn(HOSTILE, "".join(text for element, text in page.texts if element == "p"))

    def test_without_history(self):
        os.remove(self.path("models", "house_history.json"))
        self.assertTrue(self.page("house").has("p", "history of the training is missing"))
        for bad in ["", "{", "[]", '{"episode_rewards": 3}', '{"episode_rewards": [1]}',
                    '{"episode_rewards": ["a", null, {}]}']:
            with self.subTest(history=bad):
                self.write("models/house_history.json", bad)
                self.page("house")

    def test_checkpoint(self):
        page = self.page("models/checkpoints/house/checkpoint_episode_16")
        self.assertTrue(page.has("p", "trained for 16 episodes"))

    def test_svg(self):
        for model in ["house", "life"]:
            self.assert_done(self.eval(model, "--episodes", "50", "--report", "r.svg"))
            root = tree.parse(self.path("r.svg")).getroot()
            self.assertEqual(root.tag, "{http://www.w3.org/2000/svg}svg")
            titles = [e.text for e in root.iter("{http://www.w3.org/2000/svg}title")]
            self.assertIn("Wealth, euro", titles)
            self.assertIn("Learning curve", titles)

    def test_threads_do_not_change_it(self):
        texts = []
        for threads in ["1", "3"]:
            self.assert_done(self.eval("life", "--episodes", "150", "--threads", threads,
                                       "--report", "r.svg"))
            texts.append(read(self.path("r.svg")))
        self.assertEqual(*texts)

    def test_pdf(self):
        result = self.eval("life", "--episodes", "50", "--report", "r.pdf")
        if os.environ["HRL_PDF"] != "1":
            self.assertRegex(result.stderr, "^hrl-eval: this program makes no PDF: ")
            self.assertEqual((result.returncode, os.path.exists(self.path("r.pdf"))), (2, False))
            return
        self.assert_done(result)
        with open(self.path("r.pdf"), "rb") as file:
            pdf = file.read()
        self.assertTrue(pdf.startswith(b"%PDF-1.") and pdf.rstrip().endswith(b"%%EOF"))
        if shutil.which("pdftotext"):
            text = self.run_program("pdftotext", "-layout", "r.pdf", "-").stdout
            figures = parse_json(self.eval("life", "--episodes", "50", "--json").stdout)
            for part in ["Summary", "Strategy", "What a reserve is worth", "risk_aversion",
                         f"{figures['policy']['certainty_equivalent']:,.2f}"]:
                self.assertIn(part, text)

    def test_cannot_be_written(self):
        cases = [("r.txt", 2, "hrl-eval: --report: expected a file name that ends in .html, .pdf or .svg"),
                 (".html", 2, "hrl-eval: --report: expected a file name that ends in .html, .pdf or .svg"),
                 ("no/r.html", 1, "hrl-eval: --report: cannot write no/r.html: No such file or "
                  "directory"),
                 ("full.html", 1, "hrl-eval: --report: cannot write full.html: No space left on "
                  "device"),
                 ("full.svg", 1, "hrl-eval: --report: cannot write full.svg: No space left on "
                  "device")]
        if os.environ["HRL_PDF"] == "1":
            cases.append(("full.pdf", 1, "hrl-eval: --report: cannot write full.pdf: No space "
                          "left on device"))
        for ending in ["html", "svg", "pdf"]:
            os.symlink("/dev/full", self.path("full." + ending))
        for name, exit_code, message in cases:
            with self.subTest(name=name):
                self.assert_fails(self.eval("house", "--episodes", "5", "--report", name),
                                  exit_code, message)


if __name__ == "__main__":
    unittest.main(argv=["test_cli_report"], verbosity=1)
