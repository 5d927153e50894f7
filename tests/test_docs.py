"""The documents, tried: test_docs.py SOURCE_ROOT PROGRAM_FOLDER LIBRARY CC... [--write]

Commands of the pages in RUN are run and must print what stands below
them, but for numbers; programs are compiled and run; keys of files are those of files that were
just written; tables of households are those of the households. --write puts fresh output below
those commands. test_docs_links.py looks at links and names.
"""

import json
import os
import pathlib
import pickle
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
import zipfile

from page_commands import BLOCK, SAVED, Session, form, shorten, split_block

WRITE = "--write" in sys.argv
ARGUMENTS = [word for word in sys.argv[1:] if word != "--write"]
SOURCE, PROGRAMS, LIBRARY = (pathlib.Path(word).resolve() for word in ARGUMENTS[:3])
CC = ARGUMENTS[3:]
README = SOURCE / "README.md"
TUTORIAL = SOURCE / "docs/tutorial.md"
HOWTO = SOURCE / "docs/howto.md"
LIFECYCLE = SOURCE / "docs/lifecycle.md"
RUN = (README, TUTORIAL, HOWTO, LIFECYCLE)  # pages whose commands are run
ENVIRONMENT = dict(os.environ, HRL_SCENARIO_PATH=str(SOURCE / "scenarios"), LC_ALL="C.UTF-8",
                   HRL_MODEL_PATH=str(SOURCE / "pretrained"),
                   PATH=f"{PROGRAMS}:{os.environ['PATH']}")


# Set-up, what other tests do (test_install.py, test_readme_program), launchers that
# need a cluster, and the configuration of a proxy.
NOT_RUN = ("make train ", "make check ", "cc program.c", "srun",
           "location /hrl/", "}")
# What a page asks its reader to save: name and first line of the block.
FILES = {TUTORIAL: {"mine.yaml": "model: lifecycle"}, LIFECYCLE: {}, README: {"mine.yaml": "environment:"},
         HOWTO: {"plan.yaml": "scenarios:", "family.yaml": "environment:",
                 "CMakeLists.txt": "cmake_minimum", "advisor.cpp": "#include"}}


def prepare(folder, page):
    """A folder with what the page's commands need: the files that it shows, a libhrl that
    pkg-config finds, the scenarios of the sources."""
    saved = SAVED.findall(read(page))
    for name, start in FILES[page].items():
        text, = (text for text in saved if text.startswith(start))
        (folder / name).write_text(text, encoding="utf-8")
    (folder / "scenarios").symlink_to(SOURCE / "scenarios")
    (folder / "pkgconfig").mkdir()
    (folder / "pkgconfig/hrl.pc").write_text(
        f"Name: hrl\nDescription: built\nVersion: 0\nCflags: -I{SOURCE}/include\n"
        f"Libs: -L{LIBRARY.parent} -lhrl -Wl,-rpath,{LIBRARY.parent}\n", encoding="utf-8")
    return folder


def open_session(folder, page=None):
    sanitizers = " ".join(word for word in CC if word.startswith("-fsanitize"))
    environment = dict(ENVIRONMENT, PKG_CONFIG_PATH=str(folder / "pkgconfig"), CXXFLAGS=sanitizers)
    return Session(prepare(folder, page) if page else folder, PROGRAMS, environment)


def run_line(command, folder):
    return open_session(folder).run(command)


def read(page):
    return page.read_text(encoding="utf-8")


class Archive(pickle.Unpickler):
    """Reads the outline of a .pt file: tensors stay tuples."""

    def find_class(self, module, name):
        return dict if name == "OrderedDict" else lambda *arguments: arguments

    def persistent_load(self, pid):
        return pid


class Documents(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="hrl-docs-"))
        cls.addClassCleanup(shutil.rmtree, cls.folder)

    def make_folder(self):
        return pathlib.Path(tempfile.mkdtemp(dir=self.folder))

    def test_commands_print_what_is_shown(self):
        for page in RUN:
            session = open_session(self.make_folder(), page)
            self.addCleanup(session.close)
            blocks = BLOCK.findall(read(page))
            self.assertGreater(len(blocks), 0)
            for command, shown in (pair for block in blocks for pair in split_block(block)):
                with self.subTest(page=page.name, command=command):
                    if not session.can_run(command):
                        continue
                    shown = [form(line) for line in shown if line != "..."]
                    printed = shorten(session.run(command))
                    self.assertEqual(shown, [form(line) for line in printed if line != "..."])

    def test_nothing_else_is_shown_as_a_command(self):
        """Indented lines of those pages are files, or commands that a test cannot run."""
        for page in RUN:
            text = re.sub(r"^```.*?^```$", "", read(page), flags=re.DOTALL | re.MULTILINE)
            for line in re.findall(r"^    (\S.*)$", text, re.MULTILINE):
                self.assertTrue(line.startswith(NOT_RUN), f"{page}: {line}: show it as $ COMMAND")

    def test_make_train_is_what_the_readme_says(self):
        text = read(SOURCE / "Makefile")
        self.assertIn("EPISODES ?= 1000\nSCENARIO ?= bologna_coppia\n", text)
        self.assertIn("hrl-train $(SCENARIO) --episodes $(EPISODES)", text)

    def test_readme_program(self):
        folder = self.make_folder()
        program = re.search(r"^```c\n(.*?)^```$", read(README), re.DOTALL | re.MULTILINE)[1]
        body = program.split("int main")[1].splitlines()
        self.assertLessEqual(len(body), 15)
        asked = 'options.output = "models";'
        self.assertIn(asked, program)
        (folder / "program.c").write_text(
            program.replace(asked, asked + " options.episodes = 8;"), encoding="utf-8")
        subprocess.run([*CC, "-Wall", "-Wextra", "-Werror", "program.c", "-o", "program",
                        f"-I{SOURCE / 'include'}", str(LIBRARY),
                        f"-Wl,-rpath,{LIBRARY.parent}"], cwd=folder, check=True)
        subprocess.run(["./program"], cwd=folder, env=ENVIRONMENT, check=True)
        self.assertTrue((folder / "models/bologna_coppia_low_agent.pt").exists())

    def build_heating(self, folder, program):
        (folder / "heating.c").write_text(program, encoding="utf-8")
        subprocess.run([*CC, "-Wall", "-Wextra", "-Werror", "heating.c", "-o", "heating",
                        f"-I{SOURCE / 'include'}", str(LIBRARY), "-lm",
                        f"-Wl,-rpath,{LIBRARY.parent}"], cwd=folder, check=True)

    def test_tasks_program(self):
        """The pieces of C of docs/tasks.md are a program that prints what stands there, and with
        the change shown the checker says what stands there."""
        folder = self.make_folder()
        text = read(SOURCE / "docs/tasks.md")
        fence = r"^```{}\n(.*?)^```$"
        pieces = re.findall(fence.format("c"), text, re.DOTALL | re.MULTILINE)
        program = "".join(pieces)
        change = re.search(fence.format("diff"), text, re.DOTALL | re.MULTILINE)[1]
        good, bad = BLOCK.findall(text)
        self.build_heating(folder, program)
        self.assertEqual([form(line) for line in run_line(good.splitlines()[0][2:], folder)],
                         [form(line) for line in good.splitlines()[1:]])
        agents, rule = re.search(r"agents (\S+) .* degrees\) (\S+)", good).groups()
        self.assertGreater(float(agents), float(rule))
        lines = change.splitlines()
        for old, new in zip(lines[::2], lines[1::2]):
            self.assertEqual((old[0], new[0], program.count(old[1:])), ("-", "+", 1))
            program = program.replace(old[1:], new[1:])
        self.build_heating(folder, program)
        self.assertEqual([form(line) for line in run_line(bad.splitlines()[0][2:], folder)],
                         [form(line) for line in bad.splitlines()[1:]])

    def test_promises_have_their_tests(self):
        """docs/reliability.md names a test file, then cases of it."""
        count = 0
        rows = re.findall(r"^\| .* \| (`tests/.*) \|$", read(SOURCE / "docs/reliability.md"),
                          re.MULTILINE)
        for row in rows:
            for name, cases in re.findall(r"`(tests/[\w.]+)`: ([\w, ]+)", row):
                for case in cases.split(", "):
                    count += 1
                    self.assertRegex(read(SOURCE / name),
                                     rf"START_TEST\({case}\)|def test_{case}\(", name)
        self.assertGreater(count, 40)

    def test_formats_has_every_key(self):
        folder = self.make_folder()
        run_line("hrl-train torino_single --episodes 12 --save-interval 4", folder)
        text = read(SOURCE / "docs/formats.md")
        point = folder / "models/checkpoints/torino_single/checkpoint_episode_12"
        metadata = json.loads(read(point / "metadata.json"))
        history = json.loads(read(folder / "models/torino_single_history.json"))
        keys = [*metadata, *metadata["counters"], *history]
        for agent in ("high", "low"):
            with zipfile.ZipFile(folder / f"models/torino_single_{agent}_agent.pt") as archive:
                top = archive.namelist()[0].split("/")[0]
                outline = Archive(archive.open(f"{top}/data.pkl")).load()
            keys += [*outline, *outline["config"], *outline["policy_network_state_dict"],
                     *outline["optimizer_state_dict"],
                     *outline["optimizer_state_dict"]["param_groups"][0],
                     *outline["optimizer_state_dict"]["state"][0]]
        for key in keys:
            self.assertIn(f"`{key}`", text, "not in docs/formats.md")
        self.assertEqual(len(metadata["recent_episodes"][0]), 12)
        for name in sorted(p.name for p in point.iterdir()):
            self.assertIn(name, text)

    def test_model_has_the_households(self):
        """The table of scenarios, from the files."""
        text = read(SOURCE / "docs/model.md").split("## The households that ship")[1]
        keys = ("income", "fixed_expenses", "variable_expense_mean", "variable_expense_std",
                "inflation", "safety_threshold", "max_months", "initial_cash",
                "risk_tolerance")
        rows = re.findall(r"^\| (\w+) \| (\d.*?) \|$", text, re.MULTILINE)
        self.assertEqual(len(rows), 8)
        for name, row in rows:
            yaml = read(SOURCE / f"scenarios/{name}.yaml")
            values = [float(re.search(rf"^  {key}: ([\d.]+)", yaml, re.MULTILINE)[1])
                      for key in keys]
            self.assertEqual([float(x) for x in re.findall(r"[\d.]+", row)], values, name)

    def test_model_has_the_yardsticks(self):
        """The best constant share and the optimum of two households."""
        folder = self.make_folder()
        text = read(SOURCE / "docs/model.md")
        for name in ("torino_single", "bologna_coppia"):
            row = re.search(rf"^\| {name} \| [\d.]+ \| ([\d.]+) ± [\d.]+ \| ([\d.]+) \| "
                            r"([\d.]+) \|$", text, re.MULTILINE)
            run_line(f"hrl-train {name} --episodes 8 --quiet", folder)
            found = json.loads("".join(run_line(f"hrl-eval {name} --json", folder)))
            self.assertAlmostEqual(float(row[1]), found["optimum"]["strategic_return"],
                                   delta=0.06)
            self.assertAlmostEqual(float(row[2]), found["constant"]["share"], delta=1e-9)
            self.assertAlmostEqual(float(row[3]), found["constant"]["strategic_return"],
                                   delta=0.06)

    def test_history_thins_as_formats_says(self):
        text = read(SOURCE / "docs/formats.md")
        most = re.search(r"#define HRLP_HISTORY_ENTRIES (\d+)",
                         read(SOURCE / "libhrl/storage/history.h"))[1]
        self.assertIn(f"at most {int(most) - 1:,} entries", text)

    def test_every_public_function_has_a_debian_symbol(self):
        declared = set()
        for header in (SOURCE / "include/hrl").glob("*.h"):
            declared |= set(re.findall(r"\bHRL_API\b[^;{}()]*?\b(hrl_\w+)\s*\(", read(header)))
        listed = set(re.findall(r"^ (hrl_\w+)@HRL_0 ", read(SOURCE / "debian/libhrl0.symbols"),
                                re.MULTILINE))
        self.assertEqual(declared, listed)

    def test_versions_agree(self):
        version = re.search(r"version: '([\d.]+)'", read(SOURCE / "meson.build"))[1]
        self.assertIn(f'HRL_VERSION_STRING "{version}"', read(SOURCE / "include/hrl/version.h"))
        changes = read(SOURCE / "CHANGELOG.md")
        self.assertIn(version, changes)
        # packages made before a release already follow those of the last one
        coming = re.search(r"^What will be ([\d.]+)\.$", changes, re.MULTILINE)
        packaged = coming[1] if coming else version
        self.assertTrue(read(SOURCE / "debian/changelog").startswith(f"libhrl ({packaged}) "))


def write_outputs():
    for page in RUN:
        with tempfile.TemporaryDirectory() as folder:
            session = open_session(pathlib.Path(folder), page)
            try:
                text = BLOCK.sub(lambda block: session.renew(block.group()), read(page))
            finally:
                session.close()
        page.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    if WRITE:
        write_outputs()
    else:
        unittest.main(argv=sys.argv[:1])
