"""hrl-train from outside: what it prints and writes, bad input, the standard streams.

test_cli.py HRL_TRAIN HRL_EVAL LIST_KEYS SOURCE_ROOT; no test waits for a time to pass."""
import fcntl
import filecmp
import os
import pty
import re
import resource
import shlex
import struct
import subprocess
import termios

import cli_harness
from cli_harness import (CliTest, EVAL, HOUSEHOLD, LINE, PATIENCE, PROGRAMS,
                         PROGRESS_KEYS, SOURCE, TRAIN, parse_json, read)


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
            "episodes_completed": 23, "reason": "episodes",
            "final_metrics": {key: last[key]
                              for key in ["avg_reward", "avg_duration", "stability"]}})

    def test_early_ends(self):
        self.write_household()
        result = self.train("house.yaml", "--episodes", "100", "--save-interval", "10",
                            "--target", "-1e6", "--min-episodes", "25")
        self.assert_done(result)
        self.assertIn("target reached after episode 30 of 100\n", result.stdout)
        result = self.train("house.yaml", "--episodes", "4000", "--save-interval", "20",
                            "--patience", "4", "--eval-episodes", "50",
                            "--min-improvement", "3.5", "--json")
        self.assert_done(result)
        last = parse_json(result.stdout.splitlines()[-1])
        self.assertEqual(last["reason"], "converged")
        self.assertLess(last["episodes_completed"], 4000)
        for option, value, message in [
                ("--target", "much", "--target: 'much' is not a number"),
                ("--target", "inf", "--target: 'inf' is not a number"),
                ("--min-improvement", "-1", "--min-improvement: '-1' is not a number of at "
                                            "least 0")]:
            self.assert_fails(self.train("house.yaml", option, value), 2,
                              "hrl-train: " + message)
        self.assert_fails(self.train("house.yaml", "--patience", "3", "--eval-episodes", "4"),
                          2, "hrl-train: eval_episodes: found 4, patience needs at least 5 to "
                             "tell an improvement from noise")

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

    def test_nothing_changes_the_direction_of_writing(self):
        bidi = [*range(0x202a, 0x202f), *range(0x2066, 0x206a), 0x200e, 0x200f, 0x61c]
        os.mkdir(self.path("scenarios"))
        for point in bidi:
            text = HOUSEHOLD.format(months=24, more="")
            with open(self.path("scenarios", "evil.yaml"), "w", encoding="utf-8") as file:
                file.write(text.replace("A household of the tests",
                                        '"evil \\u%04x txt.exe"' % point))
            with open(self.path("bad.yaml"), "w", encoding="utf-8") as file:
                file.write(text.replace("inflation:", '"infl\\u%04xation":' % point))
            listed = self.train("--list", env={"HRL_SCENARIO_PATH": ""})
            self.assertRegex(listed.stdout, r"evil \?{2,3} txt\.exe")
            refused = self.train("./bad.yaml")
            self.assertEqual(refused.returncode, 2)
            argument = self.train("x" + chr(point) + "y")
            self.assertNotEqual(argument.returncode, 0)
            for shown in (listed.stdout, refused.stderr, argument.stderr):
                self.assertNotIn(chr(point), shown)

    def test_remarks_on_a_scenario(self):
        self.write_household("house.yaml", more="  investment_return_std: 0.1\n"
                             "  investment_return_type: fixed\n")
        remark = ("note: line 13: environment.investment_return_std: 0.1 has no effect while "
                  "environment.investment_return_type is fixed; set it to stochastic, or remove the line\n")
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
            ([], "SCENARIO is missing; 'hrl-train --list' shows known scenarios, 'hrl-train --help' the options"),
            (["--"], "SCENARIO is missing; 'hrl-train --list' shows known scenarios, 'hrl-train --help' the options"),
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
        self.assertRegex(result.stderr, r"\Ahrl-train: file: .*; choose another "
                         r"folder with --output\n\Z")
        self.assertEqual((result.stdout, result.returncode), ("", 1))
        self.assertEqual(read(self.path("file")), "precious")

    def test_output_cannot_be_written(self):
        if os.geteuid() == 0:
            place = "/proc/hrl"  # where root too may make nothing
        else:
            place = self.path("closed")
            os.mkdir(place, 0o555)
        result = self.train("bologna_coppia", "--episodes", "5", "--output", place)
        self.assertRegex(result.stderr, r"\Ahrl-train: .*; choose another folder with --output\n\Z")
        self.assertEqual((result.stdout, result.returncode), ("", 1))

    def test_files_that_may_not_grow(self):
        def limit():
            resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))
        self.write_household()
        result = self.train("house.yaml", "--episodes", "5", preexec_fn=limit)
        self.assertRegex(result.stderr.splitlines()[-1], r"^hrl-train: .*File too large; "
                         r"there is no checkpoint to resume from$")
        self.assertEqual(result.returncode, 1)

    def test_last_checkpoint_cannot_be_written(self):
        self.write_household()
        os.makedirs(self.path("models", "checkpoints", "house"))
        self.write("models/checkpoints/house/checkpoint_episode_5", "in the way")
        result = self.train("house.yaml", "--episodes", "5", "--quiet")
        self.assert_fails(result, 1, "hrl-train: the trained agents are saved in models, but "
                          "the last checkpoint is not; free space there and continue with --resume auto")
        self.assertTrue(os.path.exists(self.path("models", "house_low_agent.pt")))

    def test_output_in_use(self):
        self.write_household(months=2400, more="training: {epochs_low: 200, hidden_low: 512}")
        first = self.start(TRAIN, "house.yaml", "--json")
        self.read_until(first.stdout, "training_started")
        result = self.train("house.yaml", "--episodes", "5")
        self.assertRegex(result.stderr, r"\Ahrl-train: .*; choose another folder with --output\n\Z")
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
        self.assertRegex(message, r"\Ahrl-train: stopped and saved; "
                         r"resume with: hrl-train house\.yaml "
                         r"--episodes 1000000 --json --resume (\S+)\n\Z")
        self.assertTrue(os.path.isdir(self.path(message.split()[-1])))
        self.assertTrue(os.path.exists(self.path("models", "house_low_agent.pt")))

    def run_without_reader(self, *arguments):
        """A run whose standard output nobody reads from the start."""
        reader, writer = os.pipe()
        os.close(reader)
        try:
            return self.run_program(*arguments, stdout=writer)
        finally:
            os.close(writer)

    def test_a_reader_that_has_seen_enough(self):
        """`... | head` is no failure, whatever is printed; a run that ends early says so."""
        self.write_household()
        self.assert_done(self.train("house.yaml", "--episodes", "5", "--quiet"))
        for arguments in ([TRAIN, "--list"], [TRAIN, "--help"], [TRAIN, "--version"],
                          [EVAL, "--help"], [EVAL, "--version"],
                          [EVAL, "house", "--inspect"],
                          [EVAL, "house", "--episodes", "5"],
                          [EVAL, "house", "--episodes", "5", "--json"],
                          [EVAL, "house", "--episodes", "5", "--csv"],
                          [EVAL, "house", "--episodes", "500", "--trajectory", "-"],
                          [TRAIN, "house.yaml", "--episodes", "5", "--quiet"]):
            with self.subTest(arguments=arguments):
                result = self.run_without_reader(*arguments)
                self.assertEqual((result.stderr, result.returncode), ("", 0))
        for form in ([], ["--json"]):
            with self.subTest(form=form):
                result = self.run_without_reader(TRAIN, "house.yaml", "--episodes",
                                                 "1000000", *form)
                self.assertRegex(result.stderr, r"\Ahrl-train: stopped and saved; [^\n]+\n\Z")
                self.assertEqual(result.returncode, 1)
        # what is damaged stays so
        with open(self.path("models", "house_low_agent.pt"), "r+b") as file:
            file.truncate(100)
        result = self.run_without_reader(EVAL, "house", "--inspect")
        self.assertEqual((result.stderr, result.returncode), ("", 1))

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


if __name__ == "__main__":
    cli_harness.main()
