"""The documents, tried: test_docs.py SOURCE_ROOT PROGRAM_FOLDER LIBRARY CC... [--write]

Commands of README.md and docs/tutorial.md are run and must print what stands below them, but for numbers; the README's
program is compiled and run; paths and links lead somewhere; keys of files are those of
files that were just written; tables of households are those of the households. --write puts
fresh output below those commands.
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

WRITE = "--write" in sys.argv
ARGUMENTS = [word for word in sys.argv[1:] if word != "--write"]
SOURCE, PROGRAMS, LIBRARY = (pathlib.Path(word).resolve() for word in ARGUMENTS[:3])
CC = ARGUMENTS[3:]
README = SOURCE / "README.md"
TUTORIAL = SOURCE / "docs/tutorial.md"
RUN = (README, TUTORIAL)  # pages whose commands are run
PAGES = sorted([*SOURCE.glob("*.md"), *SOURCE.glob("docs/*.md"), *SOURCE.glob("examples/*.md")])
ENVIRONMENT = dict(os.environ, HRL_SCENARIO_PATH=str(SOURCE / "scenarios"), LC_ALL="C.UTF-8",
                   HRL_MODEL_PATH=str(SOURCE / "pretrained"),
                   PATH=f"{PROGRAMS}:{os.environ['PATH']}")
BLOCK = re.compile(r"(?<=^```\n)\$ .*?(?=^```$)", re.DOTALL | re.MULTILINE)
WHOLE, HEAD, TAIL = 24, 3, 7  # lines of an output, shown of a longer one


def prepare(folder, page):
    """Writes the household that the tutorial asks its reader to save."""
    if page == TUTORIAL:
        household = re.search(r"^```yaml\n(.*?)^```$", read(page), re.DOTALL | re.MULTILINE)[1]
        (folder / "mine.yaml").write_text(household, encoding="utf-8")
    return folder


def run_line(command, folder):
    """Output of a line of the README. `make train` is what it comes down to."""
    command = command.replace("make train", "hrl-train bologna_coppia --episodes 1000")
    command = command.replace("build/cli/", f"{PROGRAMS}/")
    done = subprocess.run(command, shell=True, cwd=folder, env=ENVIRONMENT,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          stdin=subprocess.DEVNULL, timeout=300, check=False)
    if done.returncode not in (0, 2):  # a slip that is shown on purpose is 2
        raise AssertionError(f"{command}: exit {done.returncode}\n{done.stdout}")
    return done.stdout.splitlines()


def shorten(lines):
    if len(lines) <= WHOLE:
        return lines
    return lines[:HEAD] + ["..."] + lines[-TAIL:]


def renew(block, folder):
    command = block.splitlines()[0]
    return "\n".join([command, *shorten(run_line(command[2:], folder))]) + "\n"


def form(line):
    """A line with numbers masked, and the padding that depends on them."""
    return re.sub(r" *-?\d[\d.,]*| +-(?= |$)", " N", re.sub(r" +", " ", line))


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
            folder = prepare(self.make_folder(), page)
            blocks = BLOCK.findall(read(page))
            self.assertGreater(len(blocks), 2)
            for block in blocks:
                with self.subTest(page=page.name, command=block.splitlines()[0]):
                    shown = [line for line in block.splitlines()[1:] if line != "..."]
                    printed = run_line(block.splitlines()[0][2:], folder)
                    self.assertEqual([form(line) for line in shown],
                                     [form(line) for line in shorten(printed) if line != "..."])

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

    def test_readme_household(self):
        folder = self.make_folder()
        household = re.search(r"^```yaml\n(.*?)^```$", read(README),
                              re.DOTALL | re.MULTILINE)[1]
        (folder / "mine.yaml").write_text(household, encoding="utf-8")
        run_line("hrl-train ./mine.yaml --episodes 8", folder)
        self.assertIn("skill", run_line("hrl-eval mine --episodes 8", folder)[-1])

    def test_links_lead_somewhere(self):
        count = 0
        for page in PAGES:
            for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", read(page)):
                if not target.startswith("http"):
                    count += 1
                    self.assertTrue((page.parent / target).exists(), f"{page}: {target}")
        self.assertGreater(count, 10)

    def test_paths_exist(self):
        """What looks like a file of the tree is one."""
        path = re.compile(r"(?<![\w/.-])((?:tests|libhrl|cli|docs|examples|scenarios|man|debian"
                          r"|include)/[\w/.-]*\w\.(?:c|h|py|md|sh|map|scd|yaml|symbols|build))\b")
        count = 0
        for page in PAGES:
            for name in path.findall(read(page)):
                if "NAME" in name:
                    continue
                count += 1
                self.assertTrue((SOURCE / name).exists(), f"{page}: {name}")
        self.assertGreater(count, 10)

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
        self.assertTrue(read(SOURCE / "debian/changelog").startswith(f"libhrl ({version}) "))
        self.assertIn(version, read(SOURCE / "CHANGELOG.md"))


def write_outputs():
    for page in RUN:
        with tempfile.TemporaryDirectory() as folder:
            prepare(pathlib.Path(folder), page)
            text = BLOCK.sub(lambda block: renew(block.group(), folder), read(page))
        page.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    if WRITE:
        write_outputs()
    else:
        unittest.main(argv=sys.argv[:1])
