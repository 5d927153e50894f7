#!/usr/bin/env python3
"""Programs of version 0.1 run with the library as it is: hrl/version.h says what may change.

    test_abi.py SOURCE_ROOT NM LIBRARY COMPILER...

tests/data/version_0_1/include has the headers of that version. Functions and constants are as
they were there; structs are as they were, and those that begin with `size` may have grown at
their end; a program that was compiled with those headers runs.
"""
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

SOURCE, NM, LIBRARY = pathlib.Path(sys.argv[1]), sys.argv[2], pathlib.Path(sys.argv[3]).resolve()
COMPILER = sys.argv[4:]
DATA = SOURCE / "tests/data/version_0_1"
OLD, NEW = DATA / "include", SOURCE / "include"

# The library fills it, and behind the old struct's last member there was room: the program
# of that time never looked there.
IN_PADDING = {("hrl_trajectory_month", "job")}


def read_headers(folder):
    """The headers without comments."""
    text = "".join(path.read_text(encoding="utf-8") for path in sorted((folder / "hrl").glob("*.h")))
    return re.sub(r"/\*.*?\*/", " ", text, flags=re.DOTALL)


def find_functions(text):
    """Name and declaration of each public function."""
    return {re.search(r"(\w+)\s*\(", words)[1]: f"extern {words};" for words in
            re.findall(r"^HRL_API\s+([^;]*?\))\s*;", text, re.MULTILINE)}


def find_structs(text, wanted=None):
    """The members of each struct whose members are public, as (name, type)."""
    structs = {}
    for name, body in re.findall(r"typedef struct (\w+) \{(.*?)\} \1;", text, re.DOTALL):
        if wanted is not None and name not in wanted:
            continue
        structs[name] = []
        for member in re.findall(r"\s*([^;]+);", body):
            parts = re.fullmatch(r"(.*?)(\w+)\s*(\[\w+\])?", " ".join(member.split()))
            structs[name].append((parts[2], parts[1] + (parts[3] or "")))
    return structs


def find_constants(text):
    """Enumerators and numbers that are defined."""
    listed = re.findall(r"\bX\((HRL_\w+),", text)
    listed += re.findall(r"^\s+(HRL_\w+) = \d+", text, re.MULTILINE)
    listed += re.findall(r"^#define (HRL_\w+) [0-9(]", text, re.MULTILINE)
    return [name for name in listed if not name.startswith("HRL_VERSION")]


class Abi(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="hrl-abi-"))
        cls.addClassCleanup(subprocess.run, ["rm", "-r", str(cls.folder)], check=True)
        cls.text = {OLD: read_headers(OLD), NEW: read_headers(NEW)}
        cls.functions = find_functions(cls.text[OLD])
        cls.structs = find_structs(cls.text[OLD])

    def compile(self, code, include, *words):
        """What the compiler complains about, if anything; a program where words say so."""
        file = self.folder / "code.c"
        file.write_text("#include <hrl/hrl.h>\n#include <stddef.h>\n#include <stdio.h>\n" + code,
                        encoding="utf-8")
        done = subprocess.run([*COMPILER, "-std=gnu17", "-Wall", "-Werror", f"-I{include}", str(file),
                               *(words or ["-fsyntax-only"])], stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, check=False)
        return done.stdout if done.returncode else ""

    def ask(self, expressions, include):
        """The numbers that these expressions are, with the headers of a folder."""
        lines = "".join(f'  printf("%lld\\n", (long long)({e}));\n' for e in expressions)
        self.assertEqual(self.compile(f"int main(void) {{\n{lines}  return 0;\n}}\n", include,
                                      "-o", str(self.folder / "ask")), "")
        told = subprocess.run([str(self.folder / "ask")], stdout=subprocess.PIPE, text=True, check=True)
        return dict(zip(expressions, map(int, told.stdout.split())))

    def test_headers_are_understood(self):
        self.assertGreaterEqual(len(self.functions), 43)
        self.assertIn("hrl_trainer_wait", self.functions)
        self.assertGreaterEqual(len(self.structs), 12)
        self.assertIn(("message", "char [256]"), [(n, re.sub(r"HRL_\w+", "256", t))
                                                  for n, t in self.structs["hrl_error"]])
        self.assertIn("HRL_EVENT_ERROR", find_constants(self.text[OLD]))

    def test_symbols(self):
        listed = (SOURCE / "debian/libhrl0.symbols").read_text(encoding="utf-8")
        packaged = set(re.findall(r"^ (\w+)@HRL_0 0\.1\.0$", listed, re.MULTILINE)) - {"HRL_0"}
        self.assertEqual(packaged, set(self.functions))
        told = subprocess.run([NM, "-D", "--defined-only", "--with-symbol-versions", str(LIBRARY)],
                              stdout=subprocess.PIPE, text=True, check=True).stdout
        exported = set(re.findall(r" T (\w+)@@HRL_0$", told, re.MULTILINE))
        self.assertEqual(set(self.functions) - exported, set())

    def test_declarations(self):
        """C takes a second declaration of a function if it is compatible with the first."""
        self.assertEqual(self.compile("\n".join(self.functions.values()) + "\n", NEW), "")
        changed = self.functions["hrl_policy_load"].replace("const char", "char")
        self.assertIn("conflicting types", self.compile(changed + "\n", NEW))

    def test_constants(self):
        names = find_constants(self.text[OLD])
        self.assertEqual(self.ask(names, NEW), self.ask(names, OLD))

    def test_structs(self):
        sizes = [f"sizeof({name})" for name in self.structs]
        members = [(name, member, kind) for name, list_ in self.structs.items() for member, kind in list_]
        offsets = [f"offsetof({name}, {member})" for name, member, _ in members]
        old, new = self.ask(sizes + offsets, OLD), self.ask(sizes + offsets, NEW)
        self.assertEqual({o: new[o] for o in offsets}, {o: old[o] for o in offsets})
        for name, list_ in self.structs.items():
            size = f"sizeof({name})"
            if list_[0][0] == "size":
                self.assertGreaterEqual(new[size], old[size], name)
            else:
                self.assertEqual(new[size], old[size], name)
        types = "".join(f"_Static_assert(__builtin_types_compatible_p(__typeof__((({name} *)0)->{member}), "
                        f'{kind}), "{name}.{member}");\n' for name, member, kind in members)
        self.assertEqual(self.compile(types, NEW), "")
        self.assertNotEqual(self.compile(types.replace("uint64_t", "double"), NEW), "")

    def test_what_was_added_lies_behind(self):
        old = self.ask([f"sizeof({name})" for name in self.structs], OLD)
        now = find_structs(self.text[NEW], self.structs)
        added = [(name, member) for name, list_ in self.structs.items()
                 for member, _ in now[name][len(list_):]]
        self.assertIn(("hrl_trainer_options", "record"), added)
        offsets = self.ask([f"offsetof({name}, {member})" for name, member in added], NEW)
        inside = {(name, member) for name, member in added
                  if offsets[f"offsetof({name}, {member})"] < old[f"sizeof({name})"]}
        self.assertEqual(inside, IN_PADDING)

    def test_a_program_of_that_version(self):
        program = self.folder / "program"
        built = subprocess.run([*COMPILER, "-std=gnu17", "-Wall", "-Wextra", "-Werror", f"-I{OLD}",
                                str(SOURCE / "tests/consumers/version_0_1.c"), "-o", str(program),
                                str(LIBRARY)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                               text=True, check=False)
        self.assertEqual(built.stdout, "")
        paths = [str(LIBRARY.parent), os.environ.get("LD_LIBRARY_PATH", "")]
        ran = subprocess.run([str(program), str(DATA / "even.yaml")], cwd=self.folder, text=True,
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
                             env=dict(os.environ, LD_LIBRARY_PATH=":".join(filter(None, paths))))
        self.assertEqual(ran.returncode, 0, ran.stdout)
        self.assertRegex(ran.stdout, r"\Atrained 16 of 16, state 3, events( \d+)+\n"
                                     r"evaluated, mean of 2\d\.\d months\nstepped, portfolio 160 and 320\n\Z")


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
