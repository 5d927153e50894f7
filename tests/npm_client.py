"""The socket.io-client of npm for test_serve_node.py: found, or installed in bounded time."""
import os
import shutil
import signal
import subprocess

PACKAGE = "socket.io-client"
# Seconds without contact after which the registry is given up, and for a whole installation.
CONTACT = 10
INSTALLATION = 120


class Unavailable(Exception):
    """Why there is no client, and what to do."""


def run_bounded(arguments, seconds):
    """What a command printed on standard error; None where it went well. Ends it, and all
    that it started, after `seconds`: what it started may hold its pipes."""
    process = subprocess.Popen(arguments, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                               stdin=subprocess.DEVNULL, start_new_session=True)
    try:
        _, errors = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        return f"no end after {seconds} s"
    if process.returncode == 0:
        return None
    return " ".join(errors.decode(errors="replace").split()[:40]) or "no reason was given"


def install(folder, contact, installation):
    """Puts the client into folder/node_modules, in one step."""
    advice = (f"to run this test, set npm's `registry` to one that answers, or put {PACKAGE} "
              f"into {folder}/node_modules")
    limits = ["--fetch-retries=0", f"--fetch-timeout={int(contact * 1000)}"]
    reason = run_bounded(["npm", "view", *limits, PACKAGE + "@4", "version"], contact)
    if reason is not None:
        raise Unavailable(f"npm's registry cannot be reached ({reason}); {advice}")
    aside = os.path.join(folder, "partial")
    shutil.rmtree(aside, ignore_errors=True)
    os.makedirs(aside)
    reason = run_bounded(["npm", "install", *limits, "--no-save", "--no-audit", "--no-fund",
                          "--prefix", aside, PACKAGE + "@4"], installation)
    if reason is None and not os.path.isdir(os.path.join(aside, "node_modules", PACKAGE)):
        reason = "npm left no client"
    if reason is None:
        modules = os.path.join(folder, "node_modules")
        shutil.rmtree(modules, ignore_errors=True)
        os.rename(os.path.join(aside, "node_modules"), modules)
    shutil.rmtree(aside, ignore_errors=True)
    if reason is not None:
        raise Unavailable(f"{PACKAGE} cannot be installed ({reason}); {advice}")


def find_client(folder, contact=CONTACT, installation=INSTALLATION):
    """The folder of modules with the client in it; raises Unavailable."""
    if not folder or not shutil.which("node"):
        raise Unavailable("node is not installed")
    modules = os.path.join(folder, "node_modules")
    if not os.path.isdir(os.path.join(modules, PACKAGE)):
        if not shutil.which("npm"):
            raise Unavailable("npm is not installed")
        install(folder, contact, installation)
    return modules
