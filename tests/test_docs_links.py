"""What the documents refer to is there: test_docs_links.py SOURCE_ROOT PROGRAM_FOLDER

Every page is linked from docs/index.md and installed; relative links and their anchors resolve;
paths are those of files; programs and their options exist.
"""

import os
import pathlib
import re
import subprocess
import sys
import unittest

SOURCE, PROGRAMS = (pathlib.Path(word).resolve() for word in sys.argv[1:3])
INDEX = SOURCE / "docs/index.md"
PAGES = sorted([*SOURCE.glob("*.md"), *SOURCE.glob("docs/*.md"), *SOURCE.glob("examples/*.md"),
                *SOURCE.glob("tests/bench/*.md")])
MANUALS = sorted(SOURCE.glob("man/*.scd"))
LINK = re.compile(r"\]\(([^)\s]+)\)")
# Names that look like programs: Debian packages, units, a secret.
PACKAGES = {"hrl-tools", "hrl-mpi", "hrl-doc", "hrl-token"}
# Options of launchers, before the program that they launch.
LAUNCHED = re.compile(r"#SBATCH.*|\b(?:sbatch|srun|mpirun)\b[^\n`]*?(?=hrl-|`|$)", re.MULTILINE)
# Options of other programs that the documents show.
OTHERS = {
    "--benchmark", "--buildtype", "--list", "--suite", "--verbose", "--no-suite",  # meson
    "--variable", "--cflags", "--libs", "--define-prefix",  # pkg-config
    "--fail", "--http2", "--retry", "--name", "--secret",  # curl, podman
    "--mca", "--signal", "--logdir",  # Open MPI, Slurm, TensorBoard
    "--leak-check", "--now", "--stdio", "--prefix",  # valgrind, systemctl, perf, meson
    "--write", "--golden", "--only", "--cpu", "--brief", "--seeds", "--random", "--user", "--build",
}


def read(path):
    return path.read_text(encoding="utf-8")


def read_anchors(page):
    """Anchors as GitHub makes them of headings."""
    text = re.sub(r"^```.*?^```$", "", read(page), flags=re.DOTALL | re.MULTILINE)
    anchors = set()
    for heading in re.findall(r"^#+ (.*)$", text, re.MULTILINE):
        heading = re.sub(r"[^\w\- ]", "", heading.strip().lower())
        anchors.add(heading.replace(" ", "-"))
    return anchors


def read_options():
    """Of each program that was built: the options in its --help."""
    options = {}
    for program in sorted(PROGRAMS.glob("hrl-*")):
        if program.is_file() and "." not in program.name:
            env = dict(os.environ)
            if program.name == "hrl-train-mpi":  # MPI leaks at its end
                env["ASAN_OPTIONS"] = env.get("ASAN_OPTIONS", "") + ":detect_leaks=0"
            text = subprocess.run([program, "--help"], stdout=subprocess.PIPE, text=True,
                                  timeout=60, check=True, env=env).stdout
            options[program.name] = set(re.findall(r"(?<![\w>-])--[a-z][a-z0-9-]+", text))
    return options


class Links(unittest.TestCase):
    def test_every_page_is_in_the_index(self):
        linked = {(INDEX.parent / target.split("#")[0]).resolve()
                  for target in LINK.findall(read(INDEX)) if not target.startswith("http")}
        for page in [*SOURCE.glob("docs/*.md"), *MANUALS, *SOURCE.glob("examples/*.md")]:
            if page != INDEX:
                self.assertIn(page, linked, "not linked from docs/index.md")
        self.assertIn("docs/index.md", LINK.findall(read(SOURCE / "README.md")))

    def test_every_page_is_installed(self):
        text = read(SOURCE / "docs/meson.build")
        for page in SOURCE.glob("docs/*.md"):
            self.assertIn(f"'{page.stem}'", text)
        for picture in SOURCE.glob("docs/pictures/*.*g"):
            self.assertIn(f"'pictures/{picture.name}'", text)

    def test_links_lead_somewhere(self):
        count = 0
        for page in PAGES:
            for link in LINK.findall(read(page)):
                if link.startswith("http"):
                    continue
                target, _, anchor = link.partition("#")
                target = (page.parent / target).resolve() if target else page
                count += 1
                self.assertTrue(target.exists(), f"{page}: {link}")
                if anchor:
                    self.assertIn(anchor, read_anchors(target), f"{page}: {link}")
        self.assertGreater(count, 80)

    def test_paths_exist(self):
        """What looks like a file of the tree is one."""
        path = re.compile(r"(?<![\w/.-])((?:tests|libhrl|cli|docs|examples|scenarios|man|debian"
                          r"|include|python|systemd|pretrained)/[\w/.-]*\w\.(?:c|h|py|md|sh|map|scd"
                          r"|yaml|symbols|build|svg|png|js))\b")
        count = 0
        for page in [*PAGES, *MANUALS]:
            for name in path.findall(read(page)):
                if "NAME" in name:
                    continue
                count += 1
                self.assertTrue((SOURCE / name).exists(), f"{page}: {name}")
        self.assertGreater(count, 10)

    def test_programs_exist(self):
        known = {page.name.split(".")[0] for page in MANUALS} | PACKAGES
        for page in [*PAGES, *MANUALS]:
            for name in re.findall(r"(?:(?<=build/cli/)|(?<![\w/.:-]))hrl-[a-z]+(?:-[a-z]+)*"
                                   r"(?![\w-])", read(page)):
                self.assertIn(name, known, str(page))

    def test_options_exist(self):
        """In code, an option is one of the program that is named before it; elsewhere, of any."""
        programs = read_options()
        every = set().union(*programs.values()) | OTHERS
        count = 0
        for page in [*PAGES, *MANUALS]:
            text = read(page).replace("\\-", "-").replace("\\\n", " ")
            text = re.sub(LAUNCHED, "", text)
            for option in re.findall(r"(?<![\w>-])--[a-z][a-z0-9-]+", text):
                count += 1
                self.assertTrue(option in every, f"{page}: {option}")
            lines = re.findall(r"^(?:    |\t|\$ )([^*\n]*)$", text, re.MULTILINE)
            for command in lines + re.findall(r"`([^`\n]+)`", text):
                words = re.split(r"(?<![\w-])(hrl-[a-z-]+)", command)
                for name, rest in zip(words[1::2], words[2::2]):
                    for option in re.findall(r"(?<![\w>-])--[a-z][a-z0-9-]+", rest):
                        if name in programs:
                            self.assertIn(option, programs[name], f"{page}: {command}")
        self.assertGreater(count, 100)

    def test_manuals_have_every_option(self):
        for name, options in read_options().items():
            if name == "hrl-train-mpi":  # its manual refers to hrl-train(1)
                continue
            text = read(SOURCE / f"man/{name}.1.scd")
            found = set(re.findall(r"^\*(--[a-z][a-z0-9-]+)\*", text, re.MULTILINE))
            self.assertEqual(found, options, name)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
