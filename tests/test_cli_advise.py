"""hrl-advise from outside.

test_cli_advise.py HRL_TRAIN HRL_EVAL LIST_KEYS SOURCE_ROOT; no test waits for a time to pass."""
import csv
import io
import json
import os
import re
import statistics

import cli_harness
from cli_harness import ADVISE, CliTest, SOURCE, parse_json

LIFE = """model: lifecycle
environment: {income: 2000, fixed_expenses: 700, variable_expense_mean: 200,
  variable_expense_std: 50, inflation: 0.02, max_months: 36, initial_cash: 3000,
  job_loss_probability: 0.02, job_finding_probability: 0.2, unemployment_replacement: 0.4,
  investment_return_type: stochastic, investment_return_mean: 0.004,
  investment_return_std: 0.04, consumption_floor: 200}
utility: {risk_aversion: 3}
training: {hidden_low: 8, hidden_high: 8, parallel_episodes: 8}
"""


LIFE_INCOME = 2000


class Advice(CliTest):
    def setUp(self):
        super().setUp()
        self.env["HRL_MODEL_PATH"] = os.path.join(SOURCE, "pretrained")

    def advise(self, *arguments, **options):
        return self.run_program(ADVISE, *arguments, **options)

    def ask(self, *arguments):
        result = self.advise(*arguments, "--json")
        self.assert_done(result)
        return parse_json(result.stdout)

    def test_in_words(self):
        result = self.advise("bologna_coppia", "--month", "13", "--cash", "4000",
                             "--portfolio", "2500")
        self.assert_done(result)
        self.assertEqual(result.stderr, "")
        self.assertRegex(result.stdout,
                         r"^bologna_coppia  month 13 of 120  cash 4,000  portfolio 2,500\n")
        self.assertRegex(result.stdout, r"\nThis month, of an income of 3,200 euro\n")
        self.assertRegex(result.stdout, r"\n  spend +[\d,]+ ")
        self.assertRegex(result.stdout, r"\n +15 +[\d,]+ +[\d,]+ +[\d,]+")
        self.assertRegex(result.stdout, r"Against the best simple rule \(invest \d+ % of income")
        self.assertRegex(result.stdout, r"  better by [\d.]+ of return \(95 % confidence")
        self.assertNotIn("financial advice", result.stdout)

    def test_a_household_without_noise(self):
        self.write("still.yaml", "model: lifecycle\nenvironment: {income: 2000, "
                   "fixed_expenses: 1000, max_months: 24, initial_cash: 1000}\n")
        result = self.advise("./still.yaml", "--futures", "100", "--json")
        comparison = parse_json(result.stdout)["comparison"]
        self.assertLess(comparison["lead"], -1.0)
        self.assertEqual(comparison["lead_stderr"], 0)
        text = self.advise("./still.yaml", "--futures", "100").stdout
        self.assertRegex(text, r"\n  WORSE by ([\d.]+) euro a month \(95 % confidence: \1 to \1\):")
        self.assertNotIn("nan", text)

    def test_the_error_of_the_lead_is_how_much_it_varies(self):
        """Also where pair and rule lie far apart, so that a euro is worth another return."""
        found = [self.advise("retirement", "--month", "5", "--cash", "100", "--portfolio", "2e6",
                             "--futures", "150", "--seed", str(seed), "--json")
                 for seed in range(6)]
        compared = [parse_json(one.stdout)["comparison"] for one in found]
        self.assertGreater(min(one["lead"] for one in compared), 2000)
        told = statistics.mean(one["lead_stderr"] for one in compared)
        seen = statistics.stdev(one["lead"] for one in compared)
        self.assertLess(seen / 3, told)
        self.assertLess(told, 3 * seen)

    def test_large_differences_are_whole_euro(self):
        self.write("rich.yaml", LIFE.replace("income: 2000", "income: 900000"))
        text = self.advise("./rich.yaml", "--futures", "100").stdout
        self.assertRegex(text, r"(better|WORSE) by \d{1,3}(,\d{3})+ euro a month \(95 % confidence: "
                               r"\d{1,3}(,\d{3})+ to \d{1,3}(,\d{3})+\)")
        self.write("vast.yaml", "environment: {income: 1e9, fixed_expenses: 1e8, "
                   "variable_expense_mean: 1e8, variable_expense_std: 1e7, inflation: 0, "
                   "safety_threshold: 1e9, max_months: 600, initial_cash: 1e9, "
                   "risk_tolerance: 0.5, investment_return_mean: 0.5}\n")
        text = self.advise("./vast.yaml", "--futures", "100").stdout
        self.assertRegex(text.splitlines()[-1], r" -?\+?[\d.]+e\+\d+ of return \(95 % confidence: ")

    def test_the_reserve_tells_its_prices(self):
        text = self.advise("retirement", "--month", "350", "--cash", "1000", "--futures",
                           "100").stdout
        self.assertRegex(text, r"keep [\d,]+ euro in reserve \(at the prices of the start\)\n")

    def test_as_json(self):
        found = self.ask("milano_junior", "--cash", "5000", "--futures", "200")
        month = found["this_month"]
        self.assertAlmostEqual(month["consume"] + month["save"] + month["invest"],
                               month["amount"], places=6)
        self.assertEqual(found["situation"],
                         {"month": 1, "cash": 5000, "portfolio": 0, "unemployed": False})
        self.assertEqual(found["model"], "generalist")
        self.assertEqual(found["expected"]["income"], month["amount"])
        self.assertIsNone(found["outside"])
        months = found["futures"]["months"]
        self.assertEqual([entry["month"] for entry in months],
                         list(range(1, int(found["expected"]["months_remaining"]) + 1)))
        for entry in months:
            for figure in ["cash", "portfolio", "wealth", "consumption"]:
                if entry["share_left"] > 0:
                    self.assertEqual(entry[figure], sorted(entry[figure]))
        comparison = found["comparison"]
        self.assertAlmostEqual(comparison["lead"], comparison["policy"]["strategic_return"] -
                               comparison["best_rule"]["strategic_return"], places=9)
        self.assertGreater(comparison["lead_stderr"], 0)
        rule = comparison["rule_this_month"]
        share = int(re.fullmatch(r"invest (\d+) % of income every month", comparison["rule"])[1])
        self.assertAlmostEqual(rule["invest"], share / 100 * month["amount"], places=6)
        self.assertAlmostEqual(sum(rule.values()), month["amount"], places=6)
        self.assertAlmostEqual(rule["consume"], found["expected"]["fixed_expenses"] +
                               found["expected"]["variable_expense"], places=6)

    def check_rule(self, found, rule):
        """What it would do is what its words say: see hrl_rule."""
        words = found["comparison"]["rule"]
        save = re.search(r"save (\d+) %", words)
        save = int(save[1]) / 100 if save else 0
        target = re.search(r"up to (\d+) months", words)
        share = re.search(r"hold (\d+) % of", words)
        expected = found["expected"]
        net = max(expected["income"] - expected["fixed_expenses"] - expected["variable_expense"], 0)
        before = max(found["this_month"]["amount"] - net, 0)
        spent = (1 - save) * net
        if target:
            spent += max(before - int(target[1]) * LIFE_INCOME, 0) / 12
        spent = max(spent, min(found["this_month"]["amount"], 0.25 * LIFE_INCOME))
        self.assertAlmostEqual(rule["consume"], spent, places=6)
        if not share:
            self.assertEqual(rule["invest"], 0)

    def test_futures_are_those_of_an_evaluation(self):
        """Without a situation of its own it plays what hrl-eval plays, but for the first
        month, whose expenses before it are as expected."""
        found = self.ask("milano_junior", "--futures", "2000")
        result = self.run_program(cli_harness.EVAL, "generalist", "milano_junior",
                                  "--episodes", "2000", "--percentiles", "-")
        self.assert_done(result)
        rows = [row for row in csv.DictReader(io.StringIO(result.stdout))
                if row["row"] == "policy"]
        for entry, row in zip(found["futures"]["months"], rows, strict=True):
            self.assertAlmostEqual(entry["wealth"][2] / float(row["wealth_50"]), 1, delta=0.02)

    def test_threads_change_nothing(self):
        answers = [self.ask("bologna_coppia", "--threads", threads) for threads in "13"]
        self.assertEqual(answers[0], answers[1])

    def test_what_if(self):
        found = self.ask("bologna_coppia", "--what-if", "income=2700", "--what-if",
                         "environment.fixed_expenses=1500,cash=20000,portfolio=7,month=4")
        poor, other = found["what_if"]
        self.assertEqual(poor["label"], "income=2700")
        self.assertEqual(poor["this_month"]["amount"], 2700)
        self.assertLess(poor["futures"]["months"][-1]["wealth"][2],
                        found["futures"]["months"][-1]["wealth"][2])
        self.assertEqual(other["situation"],
                         {"month": 4, "cash": 20000, "portfolio": 7, "unemployed": False})
        alone = self.ask("bologna_coppia")
        self.assertEqual(alone["what_if"], [])
        del found["what_if"], alone["what_if"]
        self.assertEqual(found, alone)
        result = self.advise("bologna_coppia", "--what-if", "income=2700")
        self.assert_done(result)
        self.assertRegex(result.stdout, r"\nWhat if\n  1: income=2700\n")
        self.assertRegex(result.stdout, r"\n  spend this month +[\d,]+ +[\d,]+\n")

    def test_lifecycle(self):
        self.write("life.yaml", LIFE)
        self.assert_done(self.train("life.yaml", "--episodes", "40"))
        found = self.ask("life", "life.yaml", "--cash", "4000", "--portfolio", "900")
        expected = found["expected"]
        month = found["this_month"]
        self.assertAlmostEqual(month["amount"], 4900 + expected["income"] -
                               expected["fixed_expenses"] - expected["variable_expense"],
                               places=6)
        self.assertEqual(found["comparison"]["unit"], "euro a month")
        values = [found["comparison"][who]["certainty_equivalent"]
                  for who in ["policy", "best_rule"]]
        self.assertAlmostEqual(found["comparison"]["lead"], values[0] - values[1], places=9)
        rule = found["comparison"]["rule_this_month"]
        self.assertAlmostEqual(sum(rule.values()), month["amount"], places=6)
        self.check_rule(found, rule)
        found = self.ask("first_portfolio", "--cash", "9000", "--portfolio", "800")
        rule = found["comparison"]["rule_this_month"]
        self.assertIn("hold 100 % of savings in the portfolio", found["comparison"]["rule"])
        self.assertEqual(rule["save"], 0)
        self.assertAlmostEqual(sum(rule.values()), found["this_month"]["amount"], places=6)
        jobless = self.ask("life", "life.yaml", "--cash", "4000", "--unemployed")
        self.assertAlmostEqual(jobless["expected"]["income"], 0.4 * expected["income"], places=6)
        result = self.advise("life", "life.yaml", "--portfolio", "900")
        self.assertRegex(result.stdout, r"\n  invest +[\d,]+   in the portfolio: (buy|sell) [\d,]+")
        self.assertRegex(result.stdout, r"certainty equivalent \d+ euro a month, the rule \d+")

    def test_a_household_outside_is_told(self):
        self.write_household(months=480)
        result = self.advise("house.yaml", "--futures", "100")
        self.assertEqual(result.returncode, 0)
        self.assertIn("note: the household lies outside what the pair was trained on: max_months",
                      result.stderr)
        result = self.advise("house.yaml", "--futures", "100", "--json")
        self.assertIn("max_months", parse_json(result.stdout)["outside"])

    def refused(self, code, message, *arguments):
        result = self.advise(*arguments)
        self.assertEqual((result.returncode, result.stdout), (code, ""))
        self.assertIn(message, result.stderr)
        self.assertEqual(result.stderr.count("\n"), 1)

    def test_refused(self):
        self.refused(2, "SCENARIO is missing")
        self.refused(2, "scenario 'nobody_here' not found", "nobody_here")
        self.refused(1, "nowhere", "nowhere", "bologna_coppia")
        for wrong in ["nan", "inf", "0x10", "1e999", "many", "1,000", "-"]:
            with self.subTest(cash=wrong):
                self.refused(2, f"--cash: '{wrong}' is not a finite number of euro",
                             "bologna_coppia", f"--cash={wrong}")
        self.refused(2, "cash: found -3, expected euro from 0", "bologna_coppia", "--cash=-3")
        self.refused(2, "--portfolio: 'x'", "bologna_coppia", "--portfolio", "x")
        self.refused(2, "portfolio: found -1", "bologna_coppia", "--portfolio=-1")
        self.refused(2, "--month: '0'", "bologna_coppia", "--month", "0")
        self.refused(2, "month: found 121, expected 1 to 120", "bologna_coppia", "--month", "121",
                     "--cash", "1")
        self.refused(2, "cash is missing", "bologna_coppia", "--month", "2")
        self.refused(2, "unemployed: the model 'budget' has no jobs", "bologna_coppia",
                     "--unemployed")
        self.refused(2, "did you mean 'environment.income'?", "bologna_coppia", "--what-if",
                     "incom=2")
        self.refused(2, "'income': expected KEY=VALUE", "bologna_coppia", "--what-if", "income")
        self.refused(2, "expected KEY=VALUE", "bologna_coppia", "--what-if", "=3")
        self.refused(2, "income: 'x' is not a finite number", "bologna_coppia", "--what-if",
                     "income=x")
        self.refused(2, "environment.income: found -1", "bologna_coppia", "--what-if", "income=-1")
        self.refused(2, "month: found 1.5", "bologna_coppia", "--what-if", "month=1.5")
        for key in ("initial_cash", "environment.initial_cash"):
            self.refused(2, key + ": no longer applies where the present cash is given",
                         "bologna_coppia", "--cash", "9000", "--what-if", key + "=1")
        self.refused(2, "there are more than 6", "bologna_coppia",
                     *["--what-if=income=2000"] * 7)
        self.refused(2, "there are more than 64 options", "bologna_coppia", *["--cash=1"] * 65)
        self.refused(2, "--futures: '99'", "bologna_coppia", "--futures", "99")
        self.write("family.yaml", "environment: {income: {from: 1000, to: 2000}, "
                   "fixed_expenses: 500, variable_expense_mean: 300, variable_expense_std: 50, "
                   "inflation: 0.02, safety_threshold: 500, max_months: 24, initial_cash: 500, "
                   "risk_tolerance: 0.5}\n")
        self.refused(2, "is a family of households", "family.yaml")
        self.write("life.yaml", LIFE)
        model = os.path.join(SOURCE, "pretrained", "generalist")
        self.refused(1, "trained on the model 'budget'", model, "life.yaml")

    def test_what_lies_outside_is_told_of_each(self):
        result = self.advise("bologna_coppia", "--futures", "100", "--what-if", "income=3100",
                             "--what-if", "income=20000")
        self.assertEqual(result.returncode, 0)
        self.assertRegex(result.stderr, r"^hrl-advise: note: with income=20000 the household lies "
                                        r"outside what the pair was trained on: income is 20000, "
                                        r"above 15000; [^\n]+\n$")

    def test_a_full_disk(self):
        for more in ([], ["--json"]):  # the second is larger than what is kept back
            with self.subTest(more=more), open("/dev/full", "w") as full:
                result = self.advise("bologna_coppia", *more, stdout=full)
                self.assertEqual(result.returncode, 1)
                self.assertIn("No space left", result.stderr)


if __name__ == "__main__":
    cli_harness.main()
