"""Families, the generalist and warm starts from outside.

test_cli_family.py HRL_TRAIN HRL_EVAL LIST_KEYS SOURCE_ROOT; no test waits for a time to pass."""
import json
import os

import cli_harness
from cli_harness import CliTest, SOURCE, parse_json, read

FAMILY = """environment:
  income: {from: 1500, to: 6000, scale: log}
  fixed_expenses: {from: 0.3, to: 0.6, of: income}
  variable_expense_mean: {from: 0.1, to: 0.3, of: income}
  variable_expense_std: 100
  inflation: 0.02
  safety_threshold: {from: 500, to: 4000}
  max_months: {from: 6, to: 130}
  initial_cash: {from: 1000, to: 9000}
  risk_tolerance: {from: 0, to: 1}
"""
SMALL = "training:\n  hidden_low: 8\n  hidden_high: 8\n"
ONE = """environment:
  income: 2000
  fixed_expenses: 900
  variable_expense_mean: 400
  variable_expense_std: 100
  inflation: 0.02
  safety_threshold: 1000
  max_months: 12
  initial_cash: 2000
  risk_tolerance: 0.5
"""


def read_bytes(path):
    with open(path, "rb") as file:
        return file.read()


class Families(CliTest):
    def test_trained_and_evaluated(self):
        self.write("family.yaml", FAMILY + SMALL)
        result = self.train("family.yaml", "--episodes", "40", "--save-interval", "20")
        self.assert_done(result)
        self.assertRegex(result.stdout, r"comparison +households 50 +skill median -?\d")
        result = self.eval("family", "--households", "6", "--episodes", "20")
        self.assert_done(result)
        self.assertRegex(result.stdout, r"^family family: 6 households that training never drew")
        self.assertRegex(result.stdout, r"median -?\d+\.\d{3}   quartiles -?\d")
        found = parse_json(self.eval("family", "--households", "6", "--episodes", "20",
                                     "--json").stdout)
        self.assertEqual(len(found["skills"]), 6)
        self.assertEqual(min(found["skills"]), found["skill"]["worst"])
        lines = self.eval("family", "--households", "6", "--episodes", "20",
                          "--csv").stdout.splitlines()
        self.assertEqual(lines[0], "household,skill")
        self.assertEqual([float(line.split(",")[1]) for line in lines[1:]], found["skills"])
        self.write("month.yaml", FAMILY.replace("{from: 6, to: 130}", "1"))  # all invest it
        result = self.eval("family", "month.yaml", "--households", "2", "--episodes", "1")
        self.assert_done(result)
        self.assertIn("skill not defined: on these episodes", result.stdout)
        self.assertNotIn("nan", result.stdout)
        result = self.eval("family", "--trajectory", "-")
        self.assertEqual(result.returncode, 2)
        self.assertIn("a family", result.stderr)

    def test_begins_from_a_pair(self):
        self.write("family.yaml", FAMILY + SMALL)
        self.write("one.yaml", ONE)
        self.assert_done(self.train("family.yaml", "--episodes", "40", "--quiet"))
        # nothing is installed here, so that runs begin from nothing
        self.assert_done(self.train("one.yaml", "--episodes", "20", "--output", "plain"))
        self.assert_done(self.train("one.yaml", "--episodes", "20", "--output", "none",
                                    "--pretrained", "none"))
        plain = read_bytes(os.path.join(self.folder, "plain", "one_low_agent.pt"))
        self.assertEqual(plain, read_bytes(os.path.join(self.folder, "none", "one_low_agent.pt")))
        self.assert_done(self.train("one.yaml", "--episodes", "20", "--output", "warm",
                                    "--pretrained", "family"))
        warm = read_bytes(os.path.join(self.folder, "warm", "one_low_agent.pt"))
        self.assertNotEqual(plain, warm)
        # as the generalist, by its name, it is the default
        for agent in ("high", "low"):
            os.makedirs(os.path.join(self.folder, "shipped"), exist_ok=True)
            os.rename(os.path.join(self.folder, "models", f"family_{agent}_agent.pt"),
                      os.path.join(self.folder, "shipped", f"generalist_{agent}_agent.pt"))
        self.env["HRL_MODEL_PATH"] = "nowhere::shipped"
        self.assert_done(self.train("one.yaml", "--episodes", "20", "--output", "default"))
        self.assertEqual(
            warm, read_bytes(os.path.join(self.folder, "default", "one_low_agent.pt")))
        # runs go on as they were begun
        for output, pretrained in (("default", True), ("plain", False)):
            result = self.train("one.yaml", "--episodes", "30", "--output", output,
                                "--resume", "auto")
            self.assertEqual(result.returncode, 0, result.stderr)
            self.assertIn("note: resuming from", result.stderr)
            self.assertNotIn("skipped", result.stderr)
            yaml = json.loads(read(os.path.join(
                self.folder, output, "checkpoints", "one", "checkpoint_episode_30",
                "metadata.json")))["training_config"]
            self.assertEqual(yaml["context"], "on" if pretrained else "off")
        # an output folder that is called like the generalist is not taken for it
        os.mkdir(os.path.join(self.folder, "generalist"))
        self.assert_done(self.train("one.yaml", "--episodes", "20", "--output", "beside"))
        self.assertEqual(
            warm, read_bytes(os.path.join(self.folder, "beside", "one_low_agent.pt")))
        self.env["HRL_MODEL_PATH"] = "nowhere"
        self.assert_done(self.train("one.yaml", "--episodes", "20", "--output", "without"))
        self.assertEqual(
            plain, read_bytes(os.path.join(self.folder, "without", "one_low_agent.pt")))
        self.env["HRL_MODEL_PATH"] = "nowhere::shipped"
        # what is the pair's, and is not said of a run that was not started from it
        self.write("wide.yaml", ONE + "training:\n  hidden_low: 16\n")
        note = "training.hidden_low: 16 has no effect; the pair that the run starts from has 8"
        result = self.train("wide.yaml", "--episodes", "20", "--output", "wide")
        self.assertIn(note, result.stderr)
        self.assert_done(self.train("wide.yaml", "--episodes", "20", "--output", "own",
                                    "--pretrained", "none"))
        for output, is_said in (("wide", True), ("own", False)):
            result = self.train("wide.yaml", "--episodes", "30", "--output", output,
                                "--resume", "auto")
            self.assertEqual((result.returncode, note in result.stderr), (0, is_said))
        # outside of what it knows
        self.write("far.yaml", ONE.replace("max_months: 12", "max_months: 200"))
        result = self.train("far.yaml", "--episodes", "20", "--output", "far")
        self.assert_done(result)
        self.assertNotIn("note:", result.stderr)
        result = self.train("far.yaml", "--episodes", "20", "--output", "far2",
                            "--pretrained", "generalist")
        self.assertIn("max_months is 200, above 130", result.stderr)
        self.assertIn("starts from scratch", result.stderr)
        self.assertEqual(read_bytes(os.path.join(self.folder, "far", "far_low_agent.pt")),
                         read_bytes(os.path.join(self.folder, "far2", "far_low_agent.pt")))

    def test_what_cannot_be_begun_from(self):
        self.write("one.yaml", ONE)
        result = self.train("one.yaml", "--episodes", "20", "--pretrained", "nobody")
        self.assertEqual(result.returncode, 1)
        self.assertIn("no model 'nobody'", result.stderr)
        self.assertIn("--pretrained none", result.stderr)
        result = self.eval("one", "--households", "0")
        self.assertEqual(result.returncode, 2)

    def test_the_generalist_that_ships(self):
        """It knows what its card says, on fewer households than that."""
        self.env["HRL_MODEL_PATH"] = os.path.join(SOURCE, "pretrained")
        found = parse_json(self.eval("generalist", "--households", "30", "--episodes", "500",
                                     "--json").stdout)
        self.assertGreater(found["skill"]["median"], 0.94)
        self.assertGreater(found["skill"]["lower_quartile"], 0.85)
        city = os.path.join(SOURCE, "scenarios", "bologna_coppia.yaml")
        result = self.eval("generalist", city, "--episodes", "1000", "--json")
        self.assertGreater(parse_json(result.stdout)["skill"], 0.9)
        self.assertNotIn("outside", result.stderr)
        returns = os.path.join(SOURCE, "scenarios", "bologna_coppia_with_returns.yaml")
        result = self.eval("generalist", returns, "--episodes", "100")
        self.assertIn("outside", result.stderr)


if __name__ == "__main__":
    cli_harness.main()
