"""Runs the commands that a page of the documentation shows, and gives what they print.

A block begins with a line "$ COMMAND"; what follows up to the next such line is its output. A
command that ends in "&" is a service: it runs on a port of its own until the session ends, and
http://localhost:8000 stands for its address.
"""

import os
import re
import shutil
import signal
import subprocess

BLOCK = re.compile(r"(?<=^```\n)\$ .*?(?=^```$)", re.DOTALL | re.MULTILINE)
SAVED = re.compile(r"^```(?:yaml|cmake|cpp)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
WHOLE, HEAD, TAIL = 24, 3, 7  # lines of an output, shown of a longer one
ADDRESS = "http://localhost:8000"


def split_block(block):
    """Pairs of a command and the lines of output that are shown below it."""
    pairs = []
    for line in block.splitlines():
        if line.startswith("$ "):
            pairs.append((line[2:], []))
        else:
            pairs[-1][1].append(line)
    return pairs


def shorten(lines):
    if len(lines) <= WHOLE:
        return lines
    return lines[:HEAD] + ["..."] + lines[-TAIL:]


def form(line):
    """A line with numbers masked, and the padding that depends on them."""
    return re.sub(r" *-?\d[\d.,]*| +-(?= |$)", " N", re.sub(r" +", " ", line))


class Session:
    """The commands of one page, run one after the other in one folder."""

    def __init__(self, folder, programs, environment):
        self.folder = folder
        self.programs = programs
        self.environment = environment
        self.address = ADDRESS
        self.services = []

    def translate(self, command):
        """The command as it is run here. `make train` is what it comes down to."""
        command = command.replace("make train", "hrl-train bologna_coppia --episodes 1000")
        command = command.replace("build/cli/", f"{self.programs}/")
        return command.replace(ADDRESS, self.address)

    def can_run(self, command):
        """Whether the programs are there that a minimal machine may lack."""
        return all(shutil.which(name) for name in ("curl", "cmake")
                   if re.search(rf"(?:^|[|;&] ){name} ", command))

    def run(self, command):
        """The lines that a command prints."""
        if command.endswith(" &"):
            return self.serve(command)
        command = self.translate(command)
        done = subprocess.run(command, shell=True, cwd=self.folder, env=self.environment,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              stdin=subprocess.DEVNULL, timeout=300, check=False)
        if done.returncode not in (0, 2):  # a mistake that is shown on purpose is 2
            raise AssertionError(f"{command}: exit {done.returncode}\n{done.stdout}")
        return done.stdout.splitlines()

    def serve(self, command):
        command = self.translate(command[:-2]) + " --port 0"
        with open(os.path.join(self.folder, "log"), "w", encoding="utf-8") as log:
            service = subprocess.Popen("exec " + command, shell=True, cwd=self.folder,
                                       env=self.environment, stdout=subprocess.PIPE,
                                       stderr=log, stdin=subprocess.DEVNULL, text=True)
        self.services.append(service)
        line = service.stdout.readline()
        found = re.search(r"http://127\.0\.0\.1:\d+", line)
        if not found:
            raise AssertionError(f"{command}: no address: {line}")
        self.address = found[0]
        return []

    def close(self):
        for service in self.services:
            service.send_signal(signal.SIGTERM)
            service.stdout.close()
            service.wait(timeout=60)

    def renew(self, block):
        """A block with fresh output."""
        lines = []
        for command, _ in split_block(block):
            lines += [f"$ {command}", *shorten(self.run(command))]
        return "\n".join(lines) + "\n"
