#!/usr/bin/env python3
"""npm_client.py with programs in npm's place that never end, fail, or do their work: what
cannot be had is given up, with the reason and what to do."""
import os
import tempfile
import unittest

import npm_client

# A child holds the pipes, as npm's do: whoever ends only npm waits for the child.
HANG = "sleep 1000 & wait"
# The last argument but one is the folder.
WORK = ('while [ "$1" != --prefix ]; do shift; done; '
        'mkdir -p "$2/node_modules/socket.io-client" && echo {} '
        '>"$2/node_modules/socket.io-client/package.json"')
HALF = 'while [ "$1" != --prefix ]; do shift; done; mkdir -p "$2/node_modules/half"; '


class Npm(unittest.TestCase):
    def setUp(self):
        self.room = tempfile.TemporaryDirectory()
        self.addCleanup(self.room.cleanup)
        self.folder = os.path.join(self.room.name, "modules")
        path = os.environ["PATH"]
        self.addCleanup(os.environ.__setitem__, "PATH", path)
        os.environ["PATH"] = self.room.name + ":" + path
        self.write("node", "exit 0")

    def write(self, name, script):
        path = os.path.join(self.room.name, name)
        with open(path, "w") as file:
            file.write("#!/bin/sh\n" + script + "\n")
        os.chmod(path, 0o755)

    def npm(self, view, install):
        self.write("npm", f'if [ "$1" = view ]; then {view}\nelse {install}\nfi')

    def find(self, **limits):
        return npm_client.find_client(self.folder, **limits)

    def refused(self, pattern, **limits):
        with self.assertRaisesRegex(npm_client.Unavailable, pattern) as caught:
            self.find(**limits)
        self.assertIn("set npm's `registry`", str(caught.exception))
        self.assertIn(self.folder + "/node_modules", str(caught.exception))
        self.assertFalse(os.path.exists(os.path.join(self.folder, "node_modules")))
        self.assertFalse(os.path.exists(os.path.join(self.folder, "partial")))

    def test_a_registry_that_does_not_answer(self):
        self.npm(HANG, "exit 0")
        self.refused(r"registry cannot be reached \(no end after 0\.5 s\)", contact=0.5)

    def test_an_installation_that_does_not_end(self):
        self.npm("exit 0", HALF + HANG)
        self.refused(r"cannot be installed \(no end after 0\.5 s\)", installation=0.5)

    def test_failures_tell_the_reason(self):
        self.npm("echo code ENOTFOUND >&2; exit 1", "exit 0")
        self.refused(r"registry cannot be reached \(code ENOTFOUND\)")
        self.npm("exit 0", HALF + "echo disk full >&2; exit 1")
        self.refused(r"cannot be installed \(disk full\)")
        self.npm("exit 0", "exit 0")
        self.refused(r"cannot be installed \(npm left no client\)")

    def test_a_client_is_installed_once(self):
        self.npm("exit 0", WORK)
        modules = self.find()
        self.assertTrue(os.path.exists(
            os.path.join(modules, "socket.io-client", "package.json")))
        self.npm("exit 1", "exit 1")
        self.assertEqual(self.find(), modules)

    def test_defaults(self):
        self.assertEqual(npm_client.CONTACT, 10)
        self.npm('case "$*" in *--fetch-retries=0*--fetch-timeout=10000*) exit 0;; esac; exit 1',
                 WORK)
        self.find()


if __name__ == "__main__":
    unittest.main()
