"""hrl-eval from outside, and the manuals of all programs.

test_cli_eval.py HRL_TRAIN HRL_EVAL LIST_KEYS SOURCE_ROOT; no test waits for a time to pass."""
import csv
import io
import os
import re
import resource
import shlex
import shutil
import subprocess
import tempfile

import cli_harness
from cli_harness import (CliTest, EVAL, FIGURES, HOUSEHOLD, LIST_KEYS, PATIENCE,
                         PROGRAMS, ROWS, SOURCE, TRAIN, parse_json, read, words)


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
        self.assertIn("the household lies outside what the agents were trained on: ",
                      table.stderr)
        self.assertEqual(table.stdout.splitlines()[-1], "skill not defined: the optimum is not computed for stochastic portfolio returns")
        self.assertNotIn("\noptimum ", table.stdout)

    def test_no_skill_where_a_rule_beats_the_optimum(self):
        arguments = ["house", "torino_single", "--episodes", "1", "--seed", "2"]
        report = parse_json(self.eval(*arguments, "--json").stdout)
        self.assertGreater(report["constant"]["strategic_return"],
                           report["optimum"]["strategic_return"])
        self.assertIsNone(report["skill"])
        self.assertEqual(self.eval(*arguments).stdout.splitlines()[-1],
                         "skill not defined: on these episodes the optimum is no better than "
                         "the best constant share")
        life = ["generalist", "emergency_fund", "--episodes", "1", "--seed", "1"]
        self.env["HRL_MODEL_PATH"] = os.path.join(cli_harness.SOURCE, "pretrained")
        self.assertEqual(self.eval(*life).stdout.splitlines()[-1],
                         "skill not defined: on these episodes the optimum is no better than "
                         "the best rule")

    def test_another_household(self):
        with open(self.path("rich.yaml"), "w", encoding="utf-8") as file:
            file.write(HOUSEHOLD.format(months=24, more="").replace("income: 1600",
                                                                    "income: 2000"))
        result = self.eval("house", "./rich.yaml", "--episodes", "5", "--json")
        difference = ("what expenses leave is 0.3 of income, trained on 0.125; fixed_expenses is "
                      "0.5 of income, trained on 0.625")
        self.assertEqual(parse_json(result.stdout)["differences"][:len(difference)], difference)
        self.assertRegex(result.stderr, "^hrl-eval: note: the household lies outside what the "
                         f"agents were trained on: {difference}.*; they may do worse than a simple "
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

    def test_percentiles(self):
        result = self.eval("house", "--episodes", "101", "--percentiles", "fan.csv")
        self.assert_done(result)
        self.assertTrue(result.stdout.startswith("model house "))
        text = read(self.path("fan.csv"))
        rows = list(csv.DictReader(io.StringIO(text)))
        figures = ["cash", "portfolio", "wealth", "consumption", "share"]
        levels = [5, 25, 50, 75, 95]
        self.assertEqual(list(rows[0]), ["row", "month", "episodes"] + [
            f"{figure}_{level}" for figure in figures for level in levels])
        months = max(int(row["month"]) for row in rows)
        self.assertEqual([(row["row"], int(row["month"])) for row in rows],
                         [(who, month) for who in ["policy", "best_rule", "optimum"]
                          for month in range(1, months + 1)])
        # of 101 episodes, a percentile is the value at its place: those of the trajectories
        self.assert_done(self.eval("house", "--episodes", "101", "--trajectory", "months.csv"))
        played = list(csv.DictReader(io.StringIO(read(self.path("months.csv")))))
        for row in rows[:months]:
            month = [line for line in played if line["month"] == row["month"]]
            self.assertEqual(int(row["episodes"]), len(month))
            ended = {}
            for line in played:
                if int(line["month"]) <= int(row["month"]):
                    ended[line["episode"]] = line
            cash = sorted(float(line["cash"]) for line in ended.values())
            share = sorted(float(line["invest"]) for line in month)
            for level in levels:
                self.assertAlmostEqual(float(row[f"cash_{level}"]), cash[level], places=4)
                if len(share) == 101:
                    self.assertAlmostEqual(float(row[f"share_{level}"]), share[level])
        dash = self.eval("house", "--episodes", "101", "--percentiles", "-", "--threads", "3")
        self.assert_done(dash)
        self.assertEqual(dash.stdout, text)

    def test_percentiles_cannot_be_written(self):
        self.assert_fails(self.eval("house", "--episodes", "5", "--percentiles", "no/file"), 1,
                          "hrl-eval: --percentiles: cannot write no/file: No such file or "
                          "directory")
        self.assert_fails(self.eval("house", "--episodes", "5", "--percentiles", "/dev/full"), 1,
                          "hrl-eval: --percentiles: cannot write /dev/full: No space left on "
                          "device")

    def test_bad_input(self):
        with open(self.path("models", "house_low_agent.pt"), "r+b") as file:
            file.truncate(1000)
        cases = [
            ([], 2, "^MODEL is missing; see 'hrl-eval --help'$"),
            (["a", "b", "c"], 2,
             r"^unexpected argument 'c'; usage: hrl-eval MODEL \[SCENARIO\] \[OPTION\]\.\.\.$"),
            (["a", "--episodes", "1000001"], 2,
             "^--episodes: '1000001' is not a whole number from 1 to 1000000$"),
            (["a", "--csv", "--json"], 2,
             "^--json and --csv exclude each other; omit one$"),
            (["a", "--json", "--trajectory", "-"], 2,
             "^--trajectory - prints instead of the table; omit --json and --csv, or name a file$"),
            (["a", "--csv", "--percentiles", "-"], 2,
             "^--percentiles - prints instead of the table; omit --json and --csv, or name a file$"),
            (["a", "--trajectory", "-", "--percentiles", "-"], 2,
             "^--trajectory - and --percentiles - both print; name a file for one$"),
            (["a", "--inspect", "--percentiles", "b"], 2, "^--inspect does not play; omit "),
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
        self.assertEqual(complete("--fo", program="sweep"), ["--format"])
        self.assertEqual(complete("--format", "c", program="sweep"), ["csv"])
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
    cli_harness.main()
