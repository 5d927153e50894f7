"""What `meson install` gives to others: test_install.py SOURCE_ROOT MESON BUILD_ROOT

Builds the tree without optimisation for a prefix of its own, installs it there and below a
DESTDIR, and then uses it as strangers do: the installed programs with nothing in the
environment that helps them, and programs in C and C++ that know no more than `hrl`, built
by make, CMake and meson. BUILD_ROOT is only asked for the options it was set up with.
"""

import fnmatch
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

SOURCE, MESON, BUILD = pathlib.Path(sys.argv[1]), sys.argv[2], pathlib.Path(sys.argv[3])
CONSUMERS = SOURCE / "tests" / "consumers"
TRAINED = "libhrl 0.2.0 trained 8 episodes\n"
SHIPPED = ["aggressive", "balanced", "bologna_coppia", "bologna_coppia_with_returns",
           "conservative", "milano_junior", "milano_senior", "roma_famiglia", "torino_single"]
LIBDIR = "lib/deep"  # a place that no loader and no compiler looks into by itself


def run(*command, cwd, env=None, status=0):
    """Standard output of a command, which must end with `status`."""
    done = subprocess.run([str(word) for word in command], cwd=cwd, env=env,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          stdin=subprocess.DEVNULL, timeout=300, check=False)
    if done.returncode != status:
        raise AssertionError(f"{command}: exit {done.returncode}, expected {status}\n"
                             f"{done.stdout}{done.stderr}")
    return done.stdout


def same_options():
    """Options of the build that decide what can be built here."""
    text = run(MESON, "introspect", "--buildoptions", BUILD, cwd=SOURCE)
    wanted = ("blis", "server", "man")
    return [f"-D{option['name']}={option['value']}" for option in json.loads(text)
            if option["name"] in wanted]


class Install(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="hrl-install-"))
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        cls.prefix = cls.folder / "prefix"
        cls.build = cls.folder / "build"
        clean = {name: value for name, value in os.environ.items()
                 if not name.startswith(("HRL_", "LD_LIBRARY", "DESTDIR"))}
        run(MESON, "setup", cls.build, SOURCE, f"--prefix={cls.prefix}",
            f"--libdir={LIBDIR}", "-Dtests=disabled", "-Dexamples=false",
            "-Dbuildtype=plain", *same_options(), cwd=SOURCE, env=clean)
        run(MESON, "install", "-C", cls.build, "--quiet", cwd=SOURCE, env=clean)
        cls.environment = {"PATH": clean["PATH"], "HOME": str(cls.folder)}
        cls.consumer = dict(cls.environment, PKG_CONFIG_PATH=str(
            cls.prefix / LIBDIR / "pkgconfig"), LC_ALL="C")

    def test_configures_without_check(self):
        """Building needs no test library; the tests are then off, and a line says so."""
        folder = self.make_folder()
        path = run("pkg-config", "--variable", "pc_path", "pkg-config", cwd=folder).strip()
        for place in path.split(":"):
            for file in pathlib.Path(place).glob("*.pc"):
                if file.name != "check.pc" and not (folder / file.name).exists():
                    (folder / file.name).symlink_to(file)
        environment = dict(os.environ, PKG_CONFIG_LIBDIR=str(folder))
        told = run(MESON, "setup", folder / "off", SOURCE, *same_options(), cwd=SOURCE,
                   env=environment)
        self.assertIn("the tests are off: Check is missing", told)
        told = run(MESON, "setup", folder / "on", SOURCE, "-Dtests=enabled", *same_options(),
                   cwd=SOURCE, env=environment, status=1)
        self.assertIn('Dependency "check" not found', told)

    def make_folder(self, *names):
        folder = pathlib.Path(tempfile.mkdtemp(dir=self.folder))
        for name in names:
            shutil.copy(CONSUMERS / name, folder)
        return folder

    def check_trains(self, program, shared=True, told=True):
        """A consumer runs. `shared`: with the shared library; `told`: the loader must be
        told where that is, since whoever built the program did not."""
        needed = "Shared library: [libhrl.so.0]"
        listed = run("readelf", "-d", program, cwd=self.folder)
        (self.assertIn if shared else self.assertNotIn)(needed, listed)
        environment = dict(self.environment)
        if shared and told:
            environment["LD_LIBRARY_PATH"] = str(self.prefix / LIBDIR)
        self.assertEqual(run(program, cwd=program.parent, env=environment), TRAINED)

    def list_installed(self, root):
        return sorted(str(path.relative_to(root)) for path in root.rglob("*")
                      if not path.is_dir())

    def test_files_are_where_they_belong(self):
        files = self.list_installed(self.prefix)
        headers = sorted(path.name for path in (SOURCE / "include/hrl").glob("*.h"))
        for header in headers:
            self.assertIn(f"include/hrl/{header}", files)
        self.assertEqual(len(headers), len([f for f in files if f.startswith("include/")]))
        for name in SHIPPED:
            self.assertIn(f"share/hrl/scenarios/{name}.yaml", files)
        for name in ("libhrl.a", "libhrl.so", "libhrl.so.0", "libhrl.so.0.2.0",
                     "pkgconfig/hrl.pc"):
            self.assertIn(f"{LIBDIR}/{name}", files)
        programs = ["hrl-train", "hrl-eval", "hrl-advise", "hrl-sweep"]
        if "bin/hrl-runs" in files:
            programs.append("hrl-runs")
        if "bin/hrl-serve" in files:
            programs.append("hrl-serve")
        for program in programs:
            self.assertIn(f"bin/{program}", files)
            self.assertIn(f"share/bash-completion/completions/{program}", files)
            self.assertIn(f"share/zsh/site-functions/_{program}", files)
        for page in ("README.md", "CHANGELOG.md", "docs/architecture.md", "docs/model.md",
                     "docs/formats.md", "examples/01_train.c", "examples/README.md"):
            self.assertIn(f"share/doc/libhrl/{page}", files)
        if shutil.which("scdoc"):
            for page in ("man1/hrl-train.1", "man1/hrl-eval.1", "man1/hrl-sweep.1", "man3/libhrl.3",
                         "man5/hrl-scenario.5"):
                self.assertIn(f"share/man/{page}", files)
        if "bin/hrl-serve" in files and (SOURCE / "man/hrl-serve.1.scd").exists():
            self.assertIn("lib/systemd/system/hrl-serve.service", files)
        strays = [f for f in files if f.split("/")[0] not in ("bin", "include", "lib", "share")]
        self.assertEqual(strays, [])
        private = [f for f in files if f.endswith(".a") and f != f"{LIBDIR}/libhrl.a"]
        self.assertEqual(private, [])

    def test_each_file_is_in_one_package(self):
        """As debian/*.install says, which must name no other files: a package build fails otherwise."""
        packages = {path.stem: [line.split()[0] for line in path.read_text(encoding="utf-8").splitlines()
                                if not line.startswith("#")]
                    for path in [*(SOURCE / "debian").glob("*.install"), SOURCE / "debian/not-installed"]}
        files = self.list_installed(self.prefix)
        places = [re.sub(r"lib/(deep/)?python3[^/]*/[a-z]+-packages/", "lib/python3/dist-packages/",
                         "usr/" + file) for file in files]
        met = {pattern: [place for place in places if fnmatch.fnmatch(place, pattern) or
                         fnmatch.fnmatch(place, pattern + "/*")]
               for patterns in packages.values() for pattern in patterns}
        for place in places:
            self.assertEqual(len([name for name, patterns in packages.items()
                                  if any(place in met[pattern] for pattern in patterns)]), 1, place)
        optional = ["bin/hrl-runs", "bin/hrl-serve", "bin/hrl-train-mpi", "share/man/man3/libhrl.3"]
        if set(optional) <= set(files):
            self.assertEqual([pattern for pattern in met if not met[pattern]], [])

    def test_python_module(self):
        """It finds the library of its own prefix."""
        module, = self.prefix.glob("lib/**/hrl/__init__.py")
        if subprocess.run(["/usr/bin/python3", "-c", "import numpy"], check=False,
                          stderr=subprocess.DEVNULL).returncode:
            self.skipTest("/usr/bin/python3 has no numpy (Debian: python3-numpy)")
        told = run("/usr/bin/python3", "-B", "-c", "import hrl; print(hrl._library.lib._name, "
                   "hrl.Scenario('bologna_coppia').source)", cwd=self.folder,
                   env=dict(self.environment, PYTHONPATH=str(module.parent.parent)))
        self.assertEqual(told.split(), [
            str(self.prefix / LIBDIR / "libhrl.so.0"),
            str(self.prefix / "share/hrl/scenarios/bologna_coppia.yaml")])

    def test_destdir_holds_the_same_files(self):
        destination = self.folder / "destination"
        run(MESON, "install", "-C", self.build, "--quiet", "--no-rebuild", cwd=SOURCE,
            env=dict(os.environ, DESTDIR=str(destination)))
        below = destination / self.prefix.relative_to("/")
        self.assertEqual(self.list_installed(below), self.list_installed(self.prefix))
        self.assertEqual(self.list_installed(destination), sorted(
            f"{self.prefix.relative_to('/')}/{f}" for f in self.list_installed(self.prefix)))
        hrl_pc = (below / LIBDIR / "pkgconfig/hrl.pc").read_text(encoding="utf-8")
        self.assertIn(f"prefix={self.prefix}\n", hrl_pc)
        self.assertNotIn(str(destination), hrl_pc)

    def test_installed_programs_find_the_installed_scenarios(self):
        folder = self.make_folder()
        programs = self.prefix / "bin"
        listed = run(programs / "hrl-train", "--list", cwd=folder, env=self.environment)
        self.assertEqual([line.split()[0] for line in listed.splitlines()
                          if line.split()[0] in SHIPPED], SHIPPED)
        run(programs / "hrl-train", "bologna_coppia", "--episodes", "8", cwd=folder,
            env=self.environment)
        table = run(programs / "hrl-eval", "bologna_coppia", "--episodes", "8", cwd=folder,
                    env=self.environment)
        self.assertIn("trained agents", table)

    def test_libraries_go_where_the_loader_looks(self):
        """Without --libdir: where dpkg-dev is missing, meson would guess lib64."""
        options = json.loads(run(MESON, "introspect", "--buildoptions",
                                 SOURCE / "meson.build", cwd=SOURCE))
        self.assertIn(("libdir", "lib"), [(o["name"], o["value"]) for o in options])

    def test_soname(self):
        names = run("readelf", "-d", self.prefix / LIBDIR / "libhrl.so", cwd=self.folder)
        self.assertIn("Library soname: [libhrl.so.0]", names)
        self.assertNotIn("RUNPATH", names)
        self.assertNotIn("RPATH", names)

    def test_pkg_config(self):
        def ask(*words):
            return run("pkg-config", *words, "hrl", cwd=self.folder,
                       env=self.consumer).split()
        self.assertEqual(ask("--modversion"), ["0.2.0"])
        self.assertEqual(ask("--libs"), [f"-L{self.prefix / LIBDIR}", "-lhrl"])
        self.assertEqual(ask("--cflags"), [f"-I{self.prefix / 'include'}"])
        self.assertEqual(ask("--variable=scenariodir"),
                         [str(self.prefix / "share/hrl/scenarios")])
        everything = ask("--static", "--libs")
        for library in ("-lyaml", "-ljansson", "-lzip", "-lz", "-lm", "-lpthread"):
            self.assertIn(library, everything)

    def test_make_shared(self):
        folder = self.make_folder("train.c", "make/Makefile")
        run("make", "shared", cwd=folder, env=self.consumer)
        self.check_trains(folder / "train_shared")

    def test_make_static(self):
        folder = self.make_folder("train.c", "make/Makefile")
        run("make", "static", cwd=folder, env=self.consumer)
        self.check_trains(folder / "train_static", shared=False)

    def test_static_library_alone(self):
        """Without the shared library beside it, plain --static flags are enough."""
        alone = self.folder / "alone"
        shutil.copytree(self.prefix, alone, symlinks=True)
        for library in (alone / LIBDIR).glob("libhrl.so*"):
            library.unlink()
        hrl_pc = alone / LIBDIR / "pkgconfig/hrl.pc"
        hrl_pc.write_text(hrl_pc.read_text(encoding="utf-8").replace(
            f"prefix={self.prefix}\n", f"prefix={alone}\n"), encoding="utf-8")
        folder = self.make_folder("train.c", "make/Makefile")
        flags = run("pkg-config", "--static", "--cflags", "--libs", "hrl", cwd=folder,
                    env=dict(self.consumer, PKG_CONFIG_PATH=str(hrl_pc.parent)))
        run("cc", "train.c", "-o", "train_alone", *flags.split(), cwd=folder,
            env=self.consumer)
        self.check_trains(folder / "train_alone", shared=False)

    @unittest.skipUnless(shutil.which("g++"), "no g++ here")
    def test_cpp(self):
        folder = self.make_folder("train.cpp", "make/Makefile")
        run("make", "cpp", "CXX=g++", cwd=folder, env=self.consumer)
        self.check_trains(folder / "train_cpp")

    @unittest.skipUnless(shutil.which("cmake"), "no cmake here")
    def test_cmake(self):
        folder = self.make_folder("train.c", "cmake/CMakeLists.txt")
        run("cmake", "-S", ".", "-B", "build", cwd=folder, env=self.consumer)
        run("cmake", "--build", "build", cwd=folder, env=self.consumer)
        # CMake writes the library's folder into programs that it did not install
        self.check_trains(folder / "build/train_cmake", told=False)

    def test_meson(self):
        folder = self.make_folder("train.c", "meson/meson.build")
        run(MESON, "setup", "build", cwd=folder, env=self.consumer)
        run(MESON, "compile", "-C", "build", cwd=folder, env=self.consumer)
        # meson does so too where the library comes from pkg-config
        self.check_trains(folder / "build/train_meson", told=False)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
