#!/usr/bin/python3
"""Renews the charts of the documentation: renew.py PROGRAM_FOLDER, such as build/cli

Each chart is one of the report of a household that was trained for 2,000 episodes from nothing:

    hrl-train HOUSEHOLD.yaml --episodes 2000 --pretrained none
    hrl-eval HOUSEHOLD --report report.svg

(page-now.png and page-advice.png are screenshots of the page of hrl-serve.)
"""

import os
import pathlib
import re
import subprocess
import sys
import tempfile

PICTURES = pathlib.Path(__file__).resolve().parent
SCENARIOS = PICTURES.parent.parent / "scenarios"
CHARTS = (  # file, household, what is changed in it, title of the chart in its report
    ("wealth.svg", "first_portfolio", {}, "Wealth, euro"),
    ("emergency.svg", "emergency_fund", {}, "Wealth, euro"),
    ("retirement.svg", "retirement", {"risk_aversion: 4": "risk_aversion: 8"},
     "Held in the portfolio"),
)
HEIGHT = 320  # of a chart in a report


def cut(report, title):
    """The chart of that title, as a picture of its own."""
    style = re.search(r"<style>.*?</style>", report, re.DOTALL)[0]
    chart = re.search(rf"<g [^>]*>\n<title>{re.escape(title)}</title>.*?</g>", report, re.DOTALL)[0]
    chart = re.sub(r"^<g [^>]*>", '<g transform="translate(20 20)">', chart)
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 760 {HEIGHT}" width="760" '
            f'height="{HEIGHT}">\n{style}\n'
            f'<rect width="760" height="{HEIGHT}" fill="var(--paper)"/>\n{chart}\n</svg>\n')


def make_report(programs, household, changes, folder):
    scenario = (SCENARIOS / f"{household}.yaml").read_text(encoding="utf-8")
    for old, new in changes.items():
        assert scenario.count(old) == 1, f"{household}: {old}"
        scenario = scenario.replace(old, new)
    (folder / f"{household}.yaml").write_text(scenario, encoding="utf-8")
    environment = dict(os.environ, HRL_SCENARIO_PATH=str(folder))
    for command in (["hrl-train", f"{household}.yaml", "--episodes", "2000", "--pretrained",
                     "none", "--quiet"],
                    ["hrl-eval", household, "--report", "report.svg"]):
        subprocess.run([programs / command[0], *command[1:]], cwd=folder, check=True,
                       env=environment, stdout=subprocess.DEVNULL)
    return (folder / "report.svg").read_text(encoding="utf-8")


def main(programs):
    for name, household, changes, title in CHARTS:
        with tempfile.TemporaryDirectory() as folder:
            report = make_report(programs, household, changes, pathlib.Path(folder))
        (PICTURES / name).write_text(cut(report, title), encoding="utf-8")


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]).resolve())
