"""Every public name is documented, as doxygen sees it: test_docs_api.py DOXYGEN SOURCE_ROOT

Runs docs/Doxyfile on a copy of the headers; it must have nothing to say. A header from which
a comment was taken away must make it complain, so that its silence means something.
"""

import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

DOXYGEN, SOURCE = sys.argv[1], pathlib.Path(sys.argv[2])


class Reference(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="hrl-api-"))
        self.addCleanup(shutil.rmtree, self.folder)
        shutil.copytree(SOURCE / "include", self.folder / "include")
        shutil.copytree(SOURCE / "docs", self.folder / "docs")
        (self.folder / "build").mkdir()

    def run_doxygen(self):
        done = subprocess.run([DOXYGEN, "docs/Doxyfile"], cwd=self.folder, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=True)
        return done.stdout

    def test_nothing_is_undocumented(self):
        self.assertEqual(self.run_doxygen(), "")
        pages = self.folder / "build/api/html"
        for header in (SOURCE / "include/hrl").glob("*.h"):
            self.assertTrue((pages / f"{header.stem}_8h.html").exists(), header.name)
        trainer = (pages / "trainer_8h.html").read_text(encoding="utf-8")
        self.assertIn("hrl_trainer_start", trainer)
        self.assertIn("training the two agents of a household", trainer)

    def check_missed(self, header, comment):
        path = self.folder / "include/hrl" / header
        text = path.read_text(encoding="utf-8")
        self.assertIn(comment, text)
        path.write_text(text.replace(comment, ""), encoding="utf-8")
        self.assertIn("is not documented", self.run_doxygen())

    def test_an_undocumented_function_is_found(self):
        self.check_missed("household.h", "/** N. */")

    def test_an_undocumented_member_is_found(self):
        self.check_missed("policy.h", "/**< to the portfolio */")


if __name__ == "__main__":
    if not DOXYGEN:
        print("no doxygen here")
        sys.exit(77)
    unittest.main(argv=sys.argv[:1])
