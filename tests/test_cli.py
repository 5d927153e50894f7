"""hrl-train and hrl-eval from outside: test_cli.py HRL_TRAIN HRL_EVAL LIST_KEYS SOURCE_ROOT

LIST_KEYS prints the keys of scenario files in the manual's notation. No test waits for a
time to pass: what a program is to be interrupted in is known by the line it printed.
"""

import csv
import fcntl
import filecmp
import io
import json
import os
import pty
import re
import resource
import shlex
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import unittest

TRAIN, EVAL, LIST_KEYS, SOURCE = (os.path.abspath(path) for path in sys.argv[1:5])
# hrl-serve is built where libwebsockets is
PROGRAMS = [program for program in
            [TRAIN, EVAL, os.path.join(os.path.dirname(TRAIN), "hrl-serve")]
            if os.path.exists(program)]
PATIENCE = 120  # seconds; only a test that fails waits that long

HOUSEHOLD = """
description: A household of the tests
environment:
  income: 1600
  fixed_expenses: 1000
  variable_expense_mean: 400
  variable_expense_std: 80
  inflation: 0.02
  safety_threshold: 1500
  max_months: {months}
  risk_tolerance: 0.5
  initial_cash: 2500
{more}
"""

NUMBER = r"-?\d+\.\d{%d}"
LINE = re.compile(
    r"episode +(\d+)/(\d+)  reward N2  months N1  cash N2  invested N2  stability N3"
    r"  adherence N4  elapsed N1s".replace("N1", NUMBER % 1).replace("N2", NUMBER % 2)
    .replace("N3", NUMBER % 3).replace("N4", NUMBER % 4))
PROGRESS_KEYS = ["event", "episode", "total_episodes", "avg_reward", "avg_duration",
                 "avg_cash", "avg_invested", "stability", "goal_adherence", "elapsed_time"]
ROWS = ["policy", "constant", "fixed_05", "fixed_10", "fixed_15", "fixed_20", "nothing",
        "optimum"]
FIGURES = ["strategic_return", "strategic_return_stderr", "reward", "months", "solvent",
           "stability", "final_cash", "invested", "wealth", "goal_adherence"]


def refuse_constant(name):
    raise ValueError(f"{name} is no JSON")


def parse_json(text):
    return json.loads(text, parse_constant=refuse_constant)


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def words(text):
    return " ".join(text.split())


class CliTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.env = dict(os.environ, HRL_SCENARIO_PATH=os.path.join(SOURCE, "scenarios"),
                        PATH=os.path.dirname(TRAIN) + ":" + os.environ["PATH"])
        for name in ["NO_COLOR", "COLUMNS"]:
            self.env.pop(name, None)

    def path(self, *names):
        return os.path.join(self.folder, *names)

    def write(self, name, text):
        with open(self.path(name), "w", encoding="utf-8") as file:
            file.write(text)
        return name

    def write_household(self, name="house.yaml", months=24, more=""):
        return self.write(name, HOUSEHOLD.format(months=months, more=more))

    def run_program(self, *arguments, **options):
        options.setdefault("stdout", subprocess.PIPE)
        options.setdefault("env", self.env)
        return subprocess.run(arguments, stderr=subprocess.PIPE, cwd=self.folder,
                              text=True, errors="surrogateescape", timeout=PATIENCE,
                              **options)

    def train(self, *arguments, **options):
        return self.run_program(TRAIN, *arguments, **options)

    def eval(self, *arguments, **options):
        return self.run_program(EVAL, *arguments, **options)

    def start(self, *arguments, **options):
        """A program in the background that does not outlive the test."""
        options.setdefault("stdout", subprocess.PIPE)
        process = subprocess.Popen(arguments, stderr=subprocess.PIPE, cwd=self.folder,
                                   env=self.env, text=True, **options)

        def end():
            process.kill()
            process.communicate()
        self.addCleanup(end)
        return process

    def read_until(self, stream, pattern):
        for line in stream:
            if re.search(pattern, line):
                return line
        return self.fail(f"no line with '{pattern}'")

    def finish(self, process):
        """What is left of its output and its messages. (communicate would miss what
        read_until has read ahead.)"""
        rest, messages = process.stdout.read(), process.stderr.read()
        process.wait(PATIENCE)
        return rest, messages.splitlines()

    def assert_fails(self, result, exit_code, message):
        """One line of error, and nothing on standard output."""
        self.assertEqual(result.stderr.splitlines(), [message])
        self.assertEqual(result.stdout or "", "")
        self.assertEqual(result.returncode, exit_code)

    def assert_done(self, result):
        self.assertEqual(result.stderr, "")
        self.assertEqual(result.returncode, 0)

    def assert_same_files(self, first, second):
        """Two output folders with the same files, times of day and clocks apart."""
        def files(folder):
            return sorted(os.path.relpath(os.path.join(place, name), folder)
                          for place, _, names in os.walk(folder) for name in names)

        def without_times(path):
            content = parse_json(read(path))
            del content["start_time"], content["checksum"]
            del content["progress"]["elapsed_time"]
            return content
        self.assertEqual(files(first), files(second))
        for name in files(first):
            paths = os.path.join(first, name), os.path.join(second, name)
            if name.endswith("metadata.json"):
                self.assertEqual(*map(without_times, paths), name)
            else:
                self.assertTrue(filecmp.cmp(*paths, shallow=False), name)


class TrainOutput(CliTest):
    def test_text_line_by_line(self):
        self.write_household()
        result = self.train("house.yaml", "--episodes", "105", "--seed=7")
        self.assert_done(result)
        lines = result.stdout.splitlines()
        self.assertEqual(lines[0], "scenario house  episodes 105  seed 7")
        episodes = list(range(10, 105, 10)) + [105]
        for line, episode in zip(lines[1:12], episodes):
            self.assertRegex(line, "^" + LINE.pattern + "$")
            self.assertTrue(line.startswith(f"episode {episode:3d}/105  "), line)
        self.assertRegex(lines[12], r"^evaluation  episodes 10  strategic return N \+- N  "
                         r"reward N  months N  solvent N  stability N  cash N  invested N  "
                         r"wealth N  adherence N$".replace("N", r"-?\d+\.\d+"))
        self.assertRegex(lines[13], r"^comparison  episodes 1000  strategic return "
                         r"-?\d+\.\d\d  best constant share [01]\.\d\d gives -?\d+\.\d\d$")
        self.assertEqual(lines[14:], [
            "saved models/house_high_agent.pt", "saved models/house_low_agent.pt",
            "saved models/house_history.json",
            "saved models/checkpoints/house/checkpoint_episode_105"])
        for line in lines[14:]:
            self.assertTrue(os.path.exists(self.path(line.split()[1])))

    def test_progress_every(self):
        self.write_household()
        result = self.train("--progress-every", "7", "house.yaml", "--episodes=20")
        self.assert_done(result)
        self.assertEqual(re.findall(r"^episode +(\d+)/20 ", result.stdout, re.M),
                         ["7", "14", "20"])

    def test_json(self):
        self.write_household()
        result = self.train("house.yaml", "--episodes", "23", "--json")
        self.assert_done(result)
        events = [parse_json(line) for line in result.stdout.splitlines()]
        started, progress, completed = events[0], events[1:-1], events[-1]
        self.assertEqual(list(started), ["event", "scenario_name", "num_episodes",
                                         "start_time"])
        self.assertEqual((started["event"], started["scenario_name"],
                          started["num_episodes"]), ("training_started", "house", 23))
        self.assertRegex(started["start_time"],
                         r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}$")
        self.assertEqual([event["episode"] for event in progress], list(range(1, 24)))
        for event in progress:
            self.assertEqual(list(event), PROGRESS_KEYS)
            self.assertEqual((event["event"], event["total_episodes"]),
                             ("training_progress", 23))
            for key in PROGRESS_KEYS[3:]:
                self.assertIsInstance(event[key], float, key)
        last = progress[-1]
        self.assertEqual(completed, {
            "event": "training_completed", "scenario_name": "house",
            "episodes_completed": 23,
            "final_metrics": {key: last[key]
                              for key in ["avg_reward", "avg_duration", "stability"]}})

    def test_quiet(self):
        self.write_household()
        result = self.train("house.yaml", "--episodes", "5", "--quiet")
        self.assert_done(result)
        self.assertEqual(result.stdout, "")
        self.assertTrue(os.path.exists(self.path("models", "house_low_agent.pt")))

    def test_descriptions_steer_no_terminal(self):
        os.mkdir(self.path("scenarios"))
        with open(self.path("scenarios", "evil.yaml"), "w", encoding="utf-8") as file:
            file.write(HOUSEHOLD.format(months=24, more="").replace(
                "A household of the tests", '"a\\e[31mred\\u009b5m\\tb\\nc\\n"'))
        result = self.train("--list", env={"HRL_SCENARIO_PATH": ""})
        self.assertRegex(result.stdout, r"(?m)^evil +a\?\[31mred\?\?5m b c$")

    def test_remarks_on_a_scenario(self):
        self.write_household("house.yaml", more="  investment_return_std: 0.1\n"
                             "  investment_return_type: fixed\n")
        remark = ("note: line 13: environment.investment_return_std: 0.1 has no effect while "
                  "environment.investment_return_type is fixed; set it to stochastic, or leave "
                  "the line out\n")
        result = self.train("house.yaml", "--episodes", "8")
        self.assertEqual(result.stderr, "hrl-train: " + remark)
        result = self.run_program(EVAL, "house", "./house.yaml", "--episodes", "4")
        self.assertEqual(result.stderr, "hrl-eval: " + remark)

    def test_list(self):
        result = self.train("--list")
        self.assert_done(result)
        shown = [line.split(None, 1) for line in result.stdout.splitlines()]
        known = sorted(name[:-5] for name in os.listdir(os.path.join(SOURCE, "scenarios"))
                       if name.endswith(".yaml"))
        self.assertEqual([name for name, _ in shown], known)
        self.assertEqual(len(set(result.stdout.find(text) for _, text in shown)),
                         len(known), "every scenario has a description of its own")

    def test_list_shows_a_bad_scenario_as_such(self):
        os.mkdir(self.path("bad"))
        self.write("bad/broken.yaml", "environment: 1\n")
        self.env["HRL_SCENARIO_PATH"] = self.path("bad")
        self.assertRegex(self.train("--list").stdout, r"(?m)^broken +bad: .*broken\.yaml:1:")

    def test_help_and_version(self):
        for program in PROGRAMS:
            name = os.path.basename(program)
            result = self.run_program(program, "--help")
            self.assert_done(result)
            self.assertTrue(result.stdout.startswith(f"Usage: {name} "))
            self.assertLess(max(map(len, result.stdout.splitlines())), 80)
            result = self.run_program(program, "--version")
            self.assert_done(result)
            self.assertRegex(result.stdout,
                             rf"\A{name} \d+\.\d+\.\d+ \(libhrl \d+\.\d+\.\d+\)\n\Z")

    def test_same_seed_same_files_for_any_number_of_threads(self):
        self.write_household()
        for folder, threads in [("one", "1"), ("again", "1"), ("three", "3")]:
            self.assert_done(self.train(
                "house.yaml", "--episodes", "30", "--save-interval", "12", "--seed", "5",
                "--output", folder, "--threads", threads, "--quiet"))
        self.assert_same_files(self.path("one"), self.path("again"))
        self.assert_same_files(self.path("one"), self.path("three"))
        self.assert_done(self.train("house.yaml", "--episodes", "30", "--seed", "6",
                                    "--output", "other", "--quiet"))
        self.assertFalse(filecmp.cmp(self.path("one", "house_low_agent.pt"),
                                     self.path("other", "house_low_agent.pt"), False))

    def test_keep(self):
        self.write_household()
        self.assert_done(self.train("house.yaml", "--episodes", "40", "--save-interval",
                                    "10", "--keep", "2", "--quiet"))
        kept = os.listdir(self.path("models", "checkpoints", "house"))
        self.assertEqual(sorted(name for name in kept if name.startswith("checkpoint_")),
                         ["checkpoint_best", "checkpoint_episode_30",
                          "checkpoint_episode_40"])


class BadInput(CliTest):
    def test_usage(self):
        number = "--%s: '%s' is not a whole number from %s"
        episodes = "1 to 1000000000"
        cases = [
            ([], "SCENARIO is missing; 'hrl-train --list' shows the known ones, "
                 "'hrl-train --help' the options"),
            (["--"], "SCENARIO is missing; 'hrl-train --list' shows the known ones, "
                     "'hrl-train --help' the options"),
            (["a", "b"], "unexpected argument 'b'; usage: hrl-train SCENARIO [OPTION]..."),
            (["a", "--episode", "3"],
             "unknown option '--episode'; did you mean '--episodes'?"),
            (["--sede=3", "a"], "unknown option '--sede'; did you mean '--seed'?"),
            (["-h"], "unknown option '-h'; did you mean '--help'?"),
            (["--frobnicate"],
             "unknown option '--frobnicate'; 'hrl-train --help' lists the options"),
            (["a", "--json=yes"], "--json takes no value"),
            (["a", "--output"], "--output needs a value: DIR"),
            (["a", "--output", "--json"], "--output needs a value: DIR"),
            (["a", "--output="], "--output: its DIR is empty"),
            (["a", "--seed"],
             "--seed needs a value: a whole number from 0 to 9223372036854775807"),
            (["a", "--seed", "9223372036854775808"],
             number % ("seed", "9223372036854775808", "0 to 9223372036854775807")),
            (["a", "--threads", "0"], number % ("threads", "0", "1 to 256")),
            (["a", "--eval-episodes", "100001"],
             number % ("eval-episodes", "100001", "1 to 100000")),
            (["a", "--episodes", "1\n2"], number % ("episodes", "1?2", episodes)),
        ]
        for bad in ["0", "-1", "1000000000000", "99999999999999999999999", "1e3", "12abc",
                    "", " 5", "+5", "0x10", "5.0", "NaN"]:
            cases.append((["a", "--episodes", bad], number % ("episodes", bad, episodes)))
            cases.append((["a", "--episodes=" + bad], number % ("episodes", bad, episodes)))
        for arguments, message in cases:
            with self.subTest(arguments=arguments):
                self.assert_fails(self.train(*arguments), 2, "hrl-train: " + message)
        self.assertEqual(os.listdir(self.folder), [])

    def test_scenario(self):
        known = ", ".join(sorted(
            name[:-5] for name in os.listdir(os.path.join(SOURCE, "scenarios"))
            if name.endswith(".yaml")))
        self.write("empty.yaml", "")
        self.write("text.yaml", "environment:\n  income: much\n")
        self.write("tab.yaml", "environment:\n\tincome: 1\n")
        self.write_household("key.yaml", more="reward: {apha: 3}")
        self.write_household("months.yaml", months="1000000000")
        with open(self.path("binary.yaml"), "wb") as file:
            file.write(bytes(range(256)))
        with open(self.path("huge.yaml"), "wb") as file:
            file.truncate(2 << 20)
        cases = [
            ("nosuch", f"^scenario 'nosuch' not found; known scenarios: {known}$"),
            ("bologna_copia", "^scenario 'bologna_copia' not found; did you mean "
                              f"'bologna_coppia'. known scenarios: {known}$"),
            ("./none.yaml", r"^\./none\.yaml: no such file; "),
            ("/", "^/: is a folder, a file was expected$"),
            ("empty.yaml", r"^empty\.yaml:1:1: "),
            ("text.yaml", r"^text\.yaml:2:11: environment\.income: found 'much', expected a "
                          r"number greater than 0 and at most 1000000000$"),
            ("tab.yaml", r"^tab\.yaml:2:1: .*tab"),
            ("key.yaml", r"^key\.yaml:13:10: .*apha.*did you mean 'reward\.alpha'"),
            ("months.yaml", r"^months\.yaml:10:15: environment\.max_months: found "),
            ("binary.yaml", r"^binary\.yaml"),
            ("huge.yaml", r"^huge\.yaml: .*1048576|^huge\.yaml: .*MiB"),
        ]
        for scenario, pattern in cases:
            with self.subTest(scenario=scenario):
                for program in [[TRAIN], [EVAL, "model"]]:
                    result = self.run_program(*program, scenario)
                    prefix = os.path.basename(program[0]) + ": "
                    self.assertEqual(result.stderr.count("\n"), 1, result.stderr)
                    self.assertTrue(result.stderr.startswith(prefix))
                    self.assertRegex(result.stderr[len(prefix):-1], pattern)
                    self.assertEqual((result.stdout, result.returncode), ("", 2))

    def test_json_tells_a_failure_as_an_event_too(self):
        result = self.train("nosuch", "--json")
        event = parse_json(result.stdout)
        self.assertEqual(list(event), ["event", "message", "details"])
        self.assertEqual((event["event"], event["details"]),
                         ("training_error", "HRL_ERROR_NOT_FOUND"))
        self.assertEqual(result.stderr, f"hrl-train: {event['message']}\n")
        self.assertEqual(result.returncode, 2)

    def test_arguments_that_are_not_utf8(self):
        result = self.train(b"\xff.yaml", "--json")
        self.assertIn("?.yaml: no such file", parse_json(result.stdout)["message"])
        self.assertEqual(result.returncode, 2)

    def test_output_is_a_file(self):
        self.write("file", "precious")
        result = self.train("bologna_coppia", "--episodes", "5", "--output", "file")
        self.assertRegex(result.stderr, r"\Ahrl-train: file: .*; --output names another "
                         r"folder\n\Z")
        self.assertEqual((result.stdout, result.returncode), ("", 1))
        self.assertEqual(read(self.path("file")), "precious")

    def test_output_cannot_be_written(self):
        if os.geteuid() == 0:
            place = "/proc/hrl"  # where root too may make nothing
        else:
            place = self.path("closed")
            os.mkdir(place, 0o555)
        result = self.train("bologna_coppia", "--episodes", "5", "--output", place)
        self.assertRegex(result.stderr, r"\Ahrl-train: .*; --output names another folder\n\Z")
        self.assertEqual((result.stdout, result.returncode), ("", 1))

    def test_files_that_may_not_grow(self):
        def limit():
            resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))
        self.write_household()
        result = self.train("house.yaml", "--episodes", "5", preexec_fn=limit)
        self.assertRegex(result.stderr.splitlines()[-1], r"^hrl-train: .*File too large; "
                         r"there is no checkpoint to go on from$")
        self.assertEqual(result.returncode, 1)

    def test_last_checkpoint_cannot_be_written(self):
        self.write_household()
        os.makedirs(self.path("models", "checkpoints", "house"))
        self.write("models/checkpoints/house/checkpoint_episode_5", "in the way")
        result = self.train("house.yaml", "--episodes", "5", "--quiet")
        self.assert_fails(result, 1, "hrl-train: the trained agents are saved in models, but "
                          "the last checkpoint is not; make room there and train on with "
                          "--resume auto")
        self.assertTrue(os.path.exists(self.path("models", "house_low_agent.pt")))

    def test_output_in_use(self):
        self.write_household(months=2400, more="training: {epochs_low: 200, hidden_low: 512}")
        first = self.start(TRAIN, "house.yaml", "--json")
        self.read_until(first.stdout, "training_started")
        result = self.train("house.yaml", "--episodes", "5")
        self.assertRegex(result.stderr, r"\Ahrl-train: .*; --output names another folder\n\Z")
        self.assertEqual((result.stdout, result.returncode), ("", 1))


class Standard(CliTest):
    """The standard streams."""

    def test_reader_goes_away(self):
        self.write_household()
        process = self.start(TRAIN, "house.yaml", "--json", "--episodes", "1000000")
        self.read_until(process.stdout, "training_progress")
        process.stdout.close()
        message = process.stderr.read()
        self.assertEqual(process.wait(PATIENCE), 1)
        self.assertRegex(message, r"\Ahrl-train: cannot write to standard output: Broken "
                         r"pipe; stopped and saved; go on with: hrl-train house\.yaml "
                         r"--episodes 1000000 --json --resume (\S+)\n\Z")
        self.assertTrue(os.path.isdir(self.path(message.split()[-1])))
        self.assertTrue(os.path.exists(self.path("models", "house_low_agent.pt")))

    def test_full_disk(self):
        self.write_household()
        self.assert_done(self.train("house.yaml", "--episodes", "5", "--quiet"))
        lost = "cannot write to standard output: No space left on device"
        cases = [
            ([TRAIN, "house.yaml", "--episodes", "1000000"], lost + "; stopped and saved; "),
            ([TRAIN, "--list"], lost + "\n"),
            ([TRAIN, "--help"], lost + "\n"),
            ([TRAIN, "--version"], lost + "\n"),
            ([EVAL, "house", "--episodes", "5"], lost + "\n"),
            ([EVAL, "house", "--episodes", "5", "--json"], lost + "\n"),
            ([EVAL, "house", "--episodes", "500", "--trajectory", "-"],
             "--trajectory: cannot write standard output: No space left on device\n"),
            ([EVAL, "house", "--episodes", "500", "--trajectory", "/dev/full"],
             "--trajectory: cannot write /dev/full: No space left on device\n"),
        ]
        for arguments, message in cases:
            with self.subTest(arguments=arguments), open("/dev/full", "w") as full:
                result = self.run_program(*arguments, stdout=full)
                name = os.path.basename(arguments[0])
                self.assertTrue(result.stderr.startswith(f"{name}: {message}"),
                                result.stderr)
                self.assertEqual((result.stderr.count("\n"), result.returncode), (1, 1))

    def test_closed_streams(self):
        """No file that the library opens becomes a standard stream."""
        self.write_household()
        command = shlex.join([TRAIN, "house.yaml", "--episodes", "5"])
        result = self.run_program("sh", "-c", command + " >&-")
        self.assertRegex(result.stderr, r"\Ahrl-train: cannot write to standard output: Bad "
                         r"file descriptor; ")
        self.assertEqual(result.returncode, 1)
        self.assert_done(self.run_program("sh", "-c", command + " --quiet <&- >&- 2>&-"))
        self.assert_done(self.train("house.yaml", "--episodes", "5", "--quiet", "--output",
                                    "other"))
        for name in ["house_high_agent.pt", "house_low_agent.pt", "house_history.json"]:
            self.assertTrue(filecmp.cmp(self.path("models", name), self.path("other", name),
                                        shallow=False))

    def run_on_terminal(self, *arguments, columns=80, **env):
        """What a terminal at standard error received, and standard output."""
        controller, terminal = pty.openpty()
        fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        process = subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=terminal,
                                   cwd=self.folder, env=dict(self.env, **env), text=True)
        os.close(terminal)
        lines = process.stdout.read()
        process.stdout.close()
        self.assertEqual(process.wait(PATIENCE), 0)
        shown = b""
        while True:
            try:
                piece = os.read(controller, 65536)
            except OSError:  # how Linux tells that the other side is closed
                break
            shown += piece
        os.close(controller)
        return shown.decode(), lines

    def test_progress_bar(self):
        self.write_household()
        command = [TRAIN, "house.yaml", "--episodes", "60"]
        shown, lines = self.run_on_terminal(*command, TERM="xterm")
        self.assertIn("\r\x1b[K[\x1b[32m", shown)
        self.assertRegex(shown, r"\d+%  \d+/60  \d+(\.\d)? episodes/s  \d+s left")
        self.assertTrue(shown.endswith("\r\x1b[K"), "it is taken away at the end")
        self.assertNotIn("\x1b", lines)
        self.assertEqual(len(LINE.findall(lines)), 6)
        shown, _ = self.run_on_terminal(*command, TERM="xterm", NO_COLOR="1")
        self.assertIn("\r\x1b[K[", shown)
        self.assertNotIn("\x1b[3", shown)
        for columns in [1, 12, 30, 50, 200]:
            shown, _ = self.run_on_terminal(*command, columns=columns, TERM="xterm")
            for line in re.sub(r"\x1b\[\d*[mK]", "", shown).split("\r"):
                self.assertLess(len(line), max(columns, 1))
        for quiet in [dict(TERM="dumb"), dict(TERM="")]:
            self.assertEqual(self.run_on_terminal(*command, **quiet)[0], "")
        self.assertEqual(self.run_on_terminal(*command, "--quiet", TERM="xterm"), ("", ""))


class Interrupted(CliTest):
    def interrupt(self, number, *options):
        """Interrupts a run in its midst; gives its events and messages."""
        # under nohup, say, it is ignored, which hrl-train respects
        process = self.start(TRAIN, "house.yaml", "--episodes", "100000", "--json", *options,
                             preexec_fn=lambda: signal.signal(number, signal.SIG_DFL))
        first = self.read_until(process.stdout, '"episode": 20,')
        process.send_signal(number)
        rest, messages = self.finish(process)
        events = [parse_json(line) for line in [first] + rest.splitlines()]
        return events, messages, process.returncode

    def test_stops_saves_and_tells_how_to_go_on(self):
        self.write_household()
        for number in [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]:
            with self.subTest(signal=number):
                events, messages, exit_code = self.interrupt(number, "--output", "my models")
                self.assertEqual(exit_code, 128 + number)
                done = events[-2]["episode"]
                self.assertEqual(events[-1], {"event": "training_stopped",
                                              "scenario_name": "house",
                                              "episodes_completed": done})
                checkpoint = f"my models/checkpoints/house/checkpoint_episode_{done}"
                self.assertEqual(messages, [
                    "hrl-train: stopping after the work in hand; once more ends at once",
                    "hrl-train: stopped and saved; go on with: hrl-train house.yaml "
                    "--episodes 100000 --output 'my models' --json --resume "
                    f"'{checkpoint}'"])
                self.assertTrue(os.path.isdir(self.path(checkpoint)))
                self.assertTrue(os.path.exists(self.path("my models", "house_low_agent.pt")))
                shutil.rmtree(self.path("my models"))

    def test_text_tells_what_was_saved(self):
        self.write_household()
        process = self.start(TRAIN, "house.yaml", "--episodes", "100000")
        self.read_until(process.stdout, r"episode +20/100000 ")
        process.send_signal(signal.SIGINT)
        lines = self.finish(process)[0].splitlines()
        self.assertEqual(process.returncode, 130)
        done = int(re.fullmatch(r"stopped after episode (\d+) of 100000", lines[-5])[1])
        self.assertEqual(lines[-4:], [
            "saved models/house_high_agent.pt", "saved models/house_low_agent.pt",
            "saved models/house_history.json",
            f"saved models/checkpoints/house/checkpoint_episode_{done}"])

    def test_the_command_it_tells_goes_on_exactly(self):
        # More lines than a pipe holds: it cannot be done before it is interrupted.
        self.write_household(more="training: {epochs_low: 1, epochs_high: 1, hidden_low: 8}")
        self.assert_done(self.train("house.yaml", "--episodes", "1000", "--save-interval",
                                    "1000", "--output", "whole", "--seed", "3", "--quiet"))
        process = self.start(TRAIN, "house.yaml", "--episodes", "1000", "--save-interval",
                             "1000", "--output", "it's parts", "--seed", "3",
                             "--progress-every", "1")
        self.read_until(process.stdout, r"episode +\d+/1000 ")
        process.send_signal(signal.SIGINT)
        message = self.finish(process)[1][-1]
        self.assertEqual(process.returncode, 130)
        prefix = "hrl-train: stopped and saved; go on with: "
        self.assertTrue(message.startswith(prefix))
        command = message[len(prefix):]
        self.assertIn(r"'it'\''s parts'", command)
        result = self.run_program("sh", "-c", command)
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertRegex(result.stdout, r"\Ascenario house  episodes 1000  seed 3  resumed "
                         r"after episode \d+\n")
        for name in ["house_high_agent.pt", "house_low_agent.pt", "house_history.json"]:
            self.assertTrue(filecmp.cmp(self.path("whole", name),
                                        self.path("it's parts", name), shallow=False), name)

    def test_a_second_signal_ends_at_once(self):
        # Its episodes are told quickly, then it learns from them for minutes.
        self.write_household(months=600, more="training: {epochs_low: 200, hidden_low: 512}")
        process = self.start(TRAIN, "house.yaml", "--progress-every", "1")
        self.read_until(process.stdout, r"episode +1/")
        process.send_signal(signal.SIGINT)
        self.read_until(process.stderr, "once more ends at once")
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(PATIENCE), 130)
        self.assertFalse(os.path.exists(self.path("models", "house_low_agent.pt")))

    def test_signals_that_the_parent_ignores(self):
        self.write_household()

        def ignore():
            signal.signal(signal.SIGINT, signal.SIG_IGN)
        process = self.start(TRAIN, "house.yaml", "--episodes", "100000", "--json",
                             preexec_fn=ignore)
        self.read_until(process.stdout, '"episode": 20,')
        process.send_signal(signal.SIGINT)
        self.read_until(process.stdout, '"episode": 200,')
        process.send_signal(signal.SIGTERM)
        self.finish(process)
        self.assertEqual(process.returncode, 143)


class Suspended(CliTest):
    def test_ctrl_z_pauses(self):
        """SIGTSTP ends the work in hand and stops the process; SIGCONT goes on, and what is
        written is what an undisturbed run writes."""
        self.write_household()
        arguments = ["house.yaml", "--episodes", "4000", "--save-interval", "4000"]
        self.assert_done(self.train(*arguments, "--output", "calm", "--quiet"))
        process = self.start(TRAIN, *arguments, "--json", preexec_fn=lambda: (
            os.setpgid(0, 0), signal.signal(signal.SIGTSTP, signal.SIG_DFL)))
        self.read_until(process.stdout, '"episode": 20,')
        process.send_signal(signal.SIGTSTP)
        _, status = os.waitpid(process.pid, os.WUNTRACED)
        self.assertTrue(os.WIFSTOPPED(status), status)
        process.send_signal(signal.SIGCONT)
        _, messages = self.finish(process)
        self.assertEqual((messages, process.returncode), ([], 0))
        for name in "house_high_agent.pt", "house_low_agent.pt", "house_history.json":
            self.assertTrue(filecmp.cmp(self.path("calm", name), self.path("models", name),
                                        shallow=False), name)


class Resume(CliTest):
    def setUp(self):
        super().setUp()
        self.write_household()
        self.assert_done(self.train("house.yaml", "--episodes", "20", "--save-interval",
                                    "10", "--quiet"))
        self.checkpoints = os.path.join("models", "checkpoints", "house")

    def resume(self, *arguments):
        return self.train("house.yaml", "--episodes", "30", "--save-interval", "10",
                          "--resume", *arguments)

    def test_forms(self):
        newest = os.path.join(self.checkpoints, "checkpoint_episode_20")
        for folder in [newest, self.checkpoints, "auto"]:
            with self.subTest(folder=folder):
                result = self.resume(folder)
                self.assertEqual(result.returncode, 0, result.stderr)
                self.assertTrue(result.stdout.startswith(
                    "scenario house  episodes 30  seed 0  resumed after episode 20\n"))
                self.assertEqual(re.findall(r"^episode +(\d+)", result.stdout, re.M), ["30"])
                shutil.rmtree(self.path(self.checkpoints, "checkpoint_episode_30"))
                if folder != newest:
                    self.assertEqual(result.stderr,
                                     f"hrl-train: note: resuming from {newest}\n")

    def test_a_damaged_one_is_skipped(self):
        with open(self.path(self.checkpoints, "checkpoint_episode_20", "low_agent.pt"),
                  "r+b") as file:
            file.truncate(1000)
        result = self.resume("auto")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn("resumed after episode 10\n", result.stdout)
        self.assertRegex(result.stderr, r"\Ahrl-train: note: skipped "
                         r"models/checkpoints/house/checkpoint_episode_20: .*\n"
                         r"hrl-train: note: resuming from "
                         r"models/checkpoints/house/checkpoint_episode_10\n\Z")

    def test_what_cannot_be_resumed(self):
        os.mkdir(self.path("empty"))
        newest = os.path.join(self.checkpoints, "checkpoint_episode_20")
        anew = "; leave --resume out to begin anew"
        self.write_household("other.yaml", months=25)
        cases = [
            (["house.yaml", "--resume", "nosuch"], 1, "^nosuch: .*" + anew),
            (["house.yaml", "--resume", "empty"], 1, "^empty: .*" + anew),
            (["house.yaml", "--resume", "house.yaml"], 1, r"^house\.yaml: .*" + anew),
            (["other.yaml", "--resume", newest], 1,
             f"^{newest}/metadata.json: .*'house', not to 'other'"),
            (["house.yaml", "--resume", newest, "--seed", "4"], 2,
             "^--seed: the run to go on with has seed 0, not 4; leave --seed out$"),
            (["house.yaml", "--resume", newest, "--episodes", "5"], 1,
             f"^{newest}: has 20 episodes behind it, more than the 5 asked for"),
        ]
        for arguments, exit_code, pattern in cases:
            with self.subTest(arguments=arguments):
                result = self.train(*arguments)
                self.assertEqual(result.stderr.count("\n"), 1, result.stderr)
                self.assertTrue(result.stderr.startswith("hrl-train: "))
                self.assertRegex(result.stderr[len("hrl-train: "):-1], pattern)
                self.assertEqual((result.stdout, result.returncode), ("", exit_code))

    def test_auto_begins_anew_where_there_is_nothing(self):
        self.write_household("other.yaml", months=25)
        os.mkdir(self.path("models", "checkpoints", "third"))
        shutil.copy(self.path("other.yaml"), self.path("third.yaml"))
        for name in "other", "third":
            result = self.train(f"{name}.yaml", "--resume", "auto", "--episodes", "8", "--quiet")
            self.assertEqual(result.returncode, 0, result.stderr)
            self.assertEqual(result.stderr, "hrl-train: --resume auto: nothing to go on from in "
                             f"models/checkpoints/{name}; the run begins anew\n")
        self.assertTrue(os.path.exists(self.path("models", "other_high_agent.pt")))

    def test_auto_takes_the_run_that_was_written_last(self):
        """Not the one with the highest number."""
        newest = os.path.join(self.checkpoints, "checkpoint_episode_")
        result = self.train("house.yaml", "--episodes", "10", "--save-interval", "5",
                            "--seed", "7")
        self.assertEqual(result.returncode, 0)
        self.assertRegex(result.stderr, r"\Ahrl-train: note: models/checkpoints/house holds "
                         r"checkpoints of another run \(seed 0, begun \S+, up to episode 20\); "
                         r"this run begins anew and replaces those of the same episodes\n\Z")
        shutil.copytree(self.path("models"), self.path("kept"))
        aside = (r"resuming from %s(\d+)\nhrl-train: note: models/checkpoints/house: left "
                 r"aside: a run of seed (\d), begun \S+, up to episode (\d+)\n\Z" % newest)
        # a seed chooses its run, and begins one where there is none
        for arguments, seed, episode, other in [([], 7, 10, ("0", "20")),
                                                (["--seed", "0"], 0, 20, ("7", "10"))]:
            result = self.resume("auto", *arguments)
            self.assertIn(f"seed {seed}  resumed after episode {episode}\n", result.stdout)
            found = re.search(aside, result.stderr)
            self.assertTrue(found, result.stderr)
            self.assertEqual(found.groups(), (str(episode), *other))
            shutil.rmtree(self.path("models"))
            shutil.copytree(self.path("kept"), self.path("models"))
        result = self.resume("auto", "--seed", "5")
        self.assertIn("scenario house  episodes 30  seed 5\n", result.stdout)
        self.assertRegex(result.stderr, "nothing to go on from in models/checkpoints/house with "
                         "this seed; the run begins anew\n")

    def test_a_changed_scenario_is_told_once(self):
        self.write_household("house.yaml", months=25)
        result = self.resume("auto")
        self.assertEqual(result.returncode, 1)
        self.assertEqual(result.stderr.count("environment.max_months 24, the scenario has 25"),
                         2, result.stderr)  # where it was found, and at the end
        self.assertIn("skipped 1 more checkpoint(s) for the same reason\n", result.stderr)

    def test_a_complete_run_writes_its_files_again(self):
        before = read(self.path("models", "house_history.json"))
        os.remove(self.path("models", "house_history.json"))
        result = self.train("house.yaml", "--resume", "auto")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertEqual(read(self.path("models", "house_history.json")), before)


class Eval(CliTest):
    @classmethod
    def setUpClass(cls):
        cls.models = tempfile.TemporaryDirectory()
        with open(os.path.join(cls.models.name, "house.yaml"), "w", encoding="utf-8") as file:
            file.write(HOUSEHOLD.format(months=24, more=""))
        subprocess.run([TRAIN, "house.yaml", "--episodes", "16", "--quiet"], check=True,
                       cwd=cls.models.name, timeout=PATIENCE)

    @classmethod
    def tearDownClass(cls):
        cls.models.cleanup()

    def setUp(self):
        super().setUp()
        shutil.copytree(self.models.name, self.folder, dirs_exist_ok=True)

    def test_table(self):
        result = self.eval("house", "--episodes", "50", "--seed", "3")
        self.assert_done(result)
        lines = result.stdout.splitlines()
        self.assertEqual(lines[0], "model house  scenario house  episodes 50  seed 3")
        self.assertEqual(lines[2].split(), ["return", "+-", "reward", "months", "solvent",
                                            "stability", "final", "cash", "invested",
                                            "wealth", "adherence"])
        labels = ["trained agents", r"best constant share, \d+ %", "invest 5 %",
                  "invest 10 %", "invest 15 %", "invest 20 %", "invest nothing", "optimum"]
        for line, label in zip(lines[3:11], labels):
            self.assertRegex(line, rf"^{label} +" + r" +".join([r"(-?\d+\.\d+|-)"] * 10) + "$")
        self.assertEqual(len(set(map(len, lines[2:11]))), 1, "columns are aligned")
        self.assertEqual(lines[11], "")
        self.assertRegex(lines[12], r"^skill -?\d+\.\d{3}  \(0: the best constant share, "
                         r"1: the optimum\)$")
        self.assertEqual(len(lines), 13)

    def test_json(self):
        result = self.eval("models/house", "--json", "--episodes=50")
        self.assert_done(result)
        report = parse_json(result.stdout)
        self.assertEqual(list(report), ["scenario", "model", "episodes", "seed", "skill",
                                        "differences"] + ROWS)
        self.assertIsNone(report["differences"])
        self.assertEqual([report[key] for key in list(report)[:4]],
                         ["house", "models/house", 50, 20240229])
        for name in ROWS:
            expected = (["share"] if name == "constant" else []) + FIGURES
            self.assertEqual(list(report[name]), expected, name)
            for key in expected:
                if key == "goal_adherence" and name != "policy":
                    self.assertIsNone(report[name][key])
                else:
                    self.assertIsInstance(report[name][key], float, f"{name}.{key}")
        policy, constant, optimum = (report[name]["strategic_return"]
                                     for name in ["policy", "constant", "optimum"])
        self.assertAlmostEqual(report["skill"], (policy - constant) / (optimum - constant))
        self.assertGreaterEqual(constant, max(
            report[name]["strategic_return"] for name in ROWS[2:7]))
        self.assertAlmostEqual(report["constant"]["share"] * 100 % 1, 0)

    def test_no_optimum_with_stochastic_returns(self):
        arguments = ["house", "bologna_coppia_with_returns", "--episodes", "5"]
        report = parse_json(self.eval(*arguments, "--json").stdout)
        self.assertEqual(report["scenario"], "bologna_coppia_with_returns")
        self.assertIsNone(report["optimum"])
        self.assertIsNone(report["skill"])
        table = self.eval(*arguments)
        self.assertEqual(table.returncode, 0)
        self.assertIn("the household lies outside what the pair was trained on: ",
                      table.stderr)
        self.assertEqual(table.stdout.splitlines()[-1], "skill not defined: the optimum is "
                         "not known where the portfolio's returns are stochastic")
        self.assertNotIn("\noptimum ", table.stdout)

    def test_another_household(self):
        with open(self.path("rich.yaml"), "w", encoding="utf-8") as file:
            file.write(HOUSEHOLD.format(months=24, more="").replace("income: 1600",
                                                                    "income: 2000"))
        result = self.eval("house", "./rich.yaml", "--episodes", "5", "--json")
        difference = ("what expenses leave is 0.3 of income, trained on 0.125; fixed_expenses is "
                      "0.5 of income, trained on 0.625")
        self.assertEqual(parse_json(result.stdout)["differences"][:len(difference)], difference)
        self.assertRegex(result.stderr, "^hrl-eval: note: the household lies outside what the "
                         f"pair was trained on: {difference}.*; it may do worse than a simple "
                         "rule\n$")

    def test_one_episode_has_no_spread(self):
        result = self.eval("house", "--episodes", "1")
        self.assertRegex(result.stdout, r"(?m)^trained agents +[-\d.]+ +n/a ")
        report = parse_json(self.eval("house", "--episodes", "1", "--json").stdout)
        self.assertIsNone(report["policy"]["strategic_return_stderr"])

    def test_small_stacks(self):
        """An error, not a crash; training brings a stack of its own."""
        with open(EVAL, "rb") as program:
            if b"__asan_init" in program.read():
                self.skipTest("a sanitizer needs more itself")
        small = dict(preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_STACK,
                                                           (64 << 10, 64 << 10)))
        result = self.eval("house", "--episodes", "5", **small)
        self.assertRegex(result.stderr, r"^hrl-eval: the calling thread has \d+ KiB of stack "
                         r"left, 96 are needed; give it more \(ulimit -s, "
                         r"pthread_attr_setstacksize\)\n$")
        self.assertEqual(result.returncode, 1)
        self.assert_done(self.train("house.yaml", "--episodes", "16", "--quiet",
                                    "--output", "small", **small))

    def test_numbers_are_the_shortest(self):
        text = self.eval("house", "--episodes", "50", "--json").stdout
        numbers = re.findall(r"-?\d+\.\d+(?:e[-+]?\d+)?", text)
        self.assertGreater(len(numbers), 50)
        for number in numbers:
            self.assertEqual(number, repr(float(number)), number)

    def test_a_reader_that_has_seen_enough(self):
        command = shlex.join([EVAL, "house", "--trajectory", "-", "--episodes", "2000"])
        result = self.run_program("bash", "-c", f"{command} | head -n 1; echo ${{PIPESTATUS[0]}}")
        self.assertTrue(result.stdout.startswith("episode,month,"), result.stdout)
        self.assertTrue(result.stdout.endswith("\n0\n"), result.stdout)
        self.assertEqual(result.stderr, "")

    def test_csv(self):
        report = parse_json(self.eval("house", "--json", "--episodes", "20").stdout)
        result = self.eval("house", "--csv", "--episodes", "20")
        self.assert_done(result)
        rows = list(csv.DictReader(io.StringIO(result.stdout)))
        self.assertEqual(list(rows[0]), ["row", "share"] + FIGURES + ["skill"])
        self.assertEqual([row["row"] for row in rows], ROWS)
        for row in rows:
            for key in FIGURES:
                number = float(row[key]) if row[key] else None
                self.assertEqual(number, report[row["row"]][key])
        self.assertEqual(float(rows[0]["skill"]), report["skill"])
        self.assertEqual([row["share"] for row in rows[2:]],
                         ["0.05", "0.1", "0.15", "0.2", "0", ""])

    def test_same_for_any_number_of_threads(self):
        one, three = (self.eval("house", "--json", "--episodes", "300", "--threads", threads)
                      for threads in ["1", "3"])
        self.assert_done(one)
        self.assertEqual(one.stdout, three.stdout)
        other = self.eval("house", "--json", "--episodes", "300", "--seed", "1")
        self.assertNotEqual(one.stdout, other.stdout)

    def test_models(self):
        for model in ["house", "models/house", self.path("models", "house"),
                      "models/checkpoints/house/checkpoint_episode_16"]:
            with self.subTest(model=model):
                result = self.eval(model, "--episodes", "5")
                self.assert_done(result)
                self.assertTrue(result.stdout.startswith(f"model {model}  scenario house  "))

    def test_trajectory(self):
        result = self.eval("house", "--episodes", "3", "--trajectory", "months.csv")
        self.assert_done(result)
        self.assertTrue(result.stdout.startswith("model house "))
        text = read(self.path("months.csv"))
        rows = list(csv.DictReader(io.StringIO(text)))
        self.assertEqual(list(rows[0]), [
            "episode", "month", "target_invest_ratio", "safety_buffer", "aggressiveness",
            "invest", "save", "consume", "fixed", "variable", "cash", "portfolio", "reward",
            "insolvent"])
        self.assertEqual(sorted(set(int(row["episode"]) for row in rows)), [0, 1, 2])
        cash = portfolio = month = episode = None
        for row in rows:
            number = {key: float(value) for key, value in row.items()}
            if number["episode"] != episode:
                episode, month, cash, portfolio = number["episode"], 0, 2500, 0
            month += 1
            self.assertEqual(number["month"], month)
            self.assertAlmostEqual(number["invest"] + number["save"] + number["consume"], 1)
            invested = 1600 * number["invest"]
            cash += 1600 - number["fixed"] - number["variable"] - invested
            portfolio += invested
            self.assertAlmostEqual(number["cash"], cash, places=4)
            self.assertAlmostEqual(number["portfolio"], portfolio, places=4)
            self.assertEqual(number["insolvent"], float(number["cash"] < 0))
            cash, portfolio = number["cash"], number["portfolio"]
        dash = self.eval("house", "--episodes", "3", "--trajectory", "-")
        self.assert_done(dash)
        self.assertEqual(dash.stdout, text)

    def test_bad_input(self):
        with open(self.path("models", "house_low_agent.pt"), "r+b") as file:
            file.truncate(1000)
        cases = [
            ([], 2, "^MODEL is missing; 'hrl-eval --help' tells what it may be$"),
            (["a", "b", "c"], 2,
             r"^unexpected argument 'c'; usage: hrl-eval MODEL \[SCENARIO\] \[OPTION\]\.\.\.$"),
            (["a", "--episodes", "1000001"], 2,
             "^--episodes: '1000001' is not a whole number from 1 to 1000000$"),
            (["a", "--csv", "--json"], 2,
             "^--json and --csv exclude each other; leave one out$"),
            (["a", "--json", "--trajectory", "-"], 2,
             "^--trajectory - prints instead of the table; leave --json and --csv out, or "
             "name a file$"),
            (["nosuch"], 1, "nosuch_high_agent.pt"),
            (["."], 1, r"\."),
            (["house"], 1, r"^models/house_low_agent\.pt: "),
        ]
        for arguments, exit_code, pattern in cases:
            with self.subTest(arguments=arguments):
                result = self.eval(*arguments)
                self.assertEqual(result.stderr.count("\n"), 1, result.stderr)
                self.assertTrue(result.stderr.startswith("hrl-eval: "))
                self.assertRegex(result.stderr[len("hrl-eval: "):-1], pattern)
                self.assertEqual((result.stdout, result.returncode), ("", exit_code))

    def test_trajectory_cannot_be_written(self):
        self.assert_fails(self.eval("house", "--episodes", "5", "--trajectory", "no/file"), 1,
                          "hrl-eval: --trajectory: cannot write no/file: No such file or "
                          "directory")


class Manual(CliTest):
    """Manual pages, completions and --help say the same."""

    def help_options(self, program):
        """{name: (argument, range, default)} of --help."""
        text = self.run_program(program, "--help").stdout
        text = text.split("Options:\n")[1].split("\n\n")[0]
        options = {}
        for entry in re.split(r"\n  (?=--)", "\n" + text)[1:]:
            name, argument, rest = re.fullmatch(r"--([a-z-]+)(?: ([A-Z]+))?\s+(.*)",
                                                words(entry)).groups()
            bounds = re.search(r"\((\d+ to \d+)", rest)
            default = re.search(r"default: ([^)]*)\)$", rest)
            options[name] = (argument, bounds and bounds[1], default and default[1])
        self.assertIn("help", options)
        return options

    def test_options(self):
        for program in PROGRAMS:
            name = os.path.basename(program)
            options = self.help_options(program)
            page = read(os.path.join(SOURCE, "man", name + ".1.scd"))
            entries = re.findall(r"(?m)^\*--([a-z-]+)\*(?: _([A-Z]+)_)?\n((?:\t.*\n)+)",
                                 page.split("# OPTIONS")[1].split("\n# ")[0])
            self.assertEqual([entry[0] for entry in entries], list(options))
            for option, argument, text in entries:
                with self.subTest(program=name, option=option):
                    expected = options[option]
                    self.assertEqual(argument or None, expected[0])
                    text = words(text).replace("\\*", "*")
                    if expected[1]:
                        self.assertIn(expected[1], text)
                    if expected[2]:
                        self.assertIn("Default: " + expected[2], text)
                    else:
                        self.assertNotIn("Default:", text)

    def test_completions(self):
        for program in PROGRAMS:
            name = os.path.basename(program)
            options = set(self.help_options(program))
            bash = read(os.path.join(SOURCE, "completions", name + ".bash"))
            offered = re.search(r'compgen -W "(--[^"]*)"', bash)[1]
            self.assertEqual(set(re.findall(r"--([a-z-]+)", offered)), options)
            zsh = read(os.path.join(SOURCE, "completions", "_" + name))
            self.assertEqual(set(re.findall(r"--([a-z-]+)\[", zsh)), options)

    def test_bash_completion_works(self):
        def complete(*typed, program="train"):
            script = os.path.join(SOURCE, "completions", f"hrl-{program}.bash")
            line = " ".join(f"'{word}'" for word in typed)
            return self.run_program("bash", "-c", f"""
                compopt() {{ :; }}
                source '{script}'
                COMP_WORDS=(hrl-{program} {line}); COMP_CWORD={len(typed)}
                _hrl_{program}; printf '%s\\n' "${{COMPREPLY[@]}}" """).stdout.split()
        self.assertEqual(complete("--ep"), ["--episodes"])
        self.assertEqual(complete("tori"), ["torino_single"])
        self.assertEqual(complete("--resume", "a"), ["auto"])
        self.assertEqual(complete("--resume", "=", "a"), ["auto"])
        self.assertEqual(complete("--seed", ""), [])
        self.assertEqual(complete("--log-format", "j", program="serve"), ["json"])
        self.assertEqual(complete("--po", program="serve"), ["--port"])
        self.assertEqual(complete("--port", "", program="serve"), [])

    def test_scenario_keys(self):
        expected = self.run_program(LIST_KEYS).stdout
        page = read(os.path.join(SOURCE, "man", "hrl-scenario.5.scd"))
        listed = page.split("\n## ", 1)[1].split("\n# ")[0]
        self.maxDiff = None
        self.assertEqual([words(part) for part in ("## " + listed).split("\n\n")
                          if part.strip()],
                         [words(part) for part in expected.split("\n\n") if part.strip()],
                         "man/hrl-scenario.5.scd: paste what tests/list_scenario_keys prints")

    def test_example_of_the_manual_loads(self):
        page = read(os.path.join(SOURCE, "man", "hrl-scenario.5.scd"))
        self.write("example.yaml", page.split("```")[1])
        self.assert_done(self.train("example.yaml", "--episodes", "2", "--quiet"))


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1] + sys.argv[5:], verbosity=1)
