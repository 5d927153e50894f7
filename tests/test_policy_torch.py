"""Trained pairs and PyTorch, both directions: test_policy_torch.py HRL_TRAIN POLICY_TOOL ROOT

A pair that hrl-train wrote must load into torch.nn.Sequential and answer as here; one that
PyTorch changed and saved must load here and answer as there. Exit code 77: skipped.
"""

import os
import subprocess
import sys
import tempfile
import unittest

try:
    import torch
except ImportError as reason:
    print(f"skipped: PyTorch cannot be imported ({reason})")
    sys.exit(77)

TRAIN, TOOL, ROOT = sys.argv[1:4]
AGENTS = {"high": "strategist", "low": "executor"}


def network(state):
    """The Sequential that a state dict of `network.N.weight` belongs to."""
    layers = []
    numbers = sorted({int(key.split(".")[1]) for key in state})
    for number in numbers:
        weight = state[f"network.{number}.weight"]
        layers += [torch.nn.Linear(weight.shape[1], weight.shape[0]), torch.nn.Tanh()]
    model = torch.nn.Sequential(*layers[:-1])
    model.load_state_dict({key.replace("network.", ""): value for key, value in state.items()},
                          strict=True)
    return model


class PolicyTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.folder.cleanup)
        environment = dict(os.environ, HRL_SCENARIO_PATH=os.path.join(ROOT, "scenarios"))
        subprocess.run([TRAIN, "bologna_coppia", "--episodes", "16", "--quiet",
                        "--output", cls.folder.name], check=True, env=environment,
                       stdout=subprocess.DEVNULL)

    def path(self, half):
        return os.path.join(self.folder.name, f"bologna_coppia_{half}_agent.pt")

    def ask(self, path, agent, observations):
        lines = "\n".join(" ".join(repr(x) for x in row) for row in observations.tolist())
        done = subprocess.run([TOOL, path, agent], input=lines, capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        return torch.tensor([[float(y) for y in line.split()]
                             for line in done.stdout.splitlines()])

    def compare(self, path, agent, model):
        """To 1e-6 of outputs of size 1."""
        torch.manual_seed(1)
        observations = 2 * torch.rand(200, model[0].in_features) - 1
        expected = model(observations).detach()
        found = self.ask(path, agent, observations)
        self.assertEqual(found.shape, expected.shape)
        difference = (found - expected).abs() / (1 + expected.abs())
        self.assertLess(difference.max().item(), 1e-6)
        return found

    def test_torch_answers_as_the_library(self):
        for half, agent in AGENTS.items():
            with self.subTest(agent):
                saved = torch.load(self.path(half))
                self.assertEqual(saved["config"]["agent"], agent)
                model = network(saved["policy_network_state_dict"])
                self.compare(self.path(half), agent, model)
                value = network(saved["value_network_state_dict"])
                self.assertEqual(value[-1].out_features, 1)

    def test_torch_loads_it_as_weights_only(self):
        for half in AGENTS:
            torch.load(self.path(half), weights_only=True)

    def test_the_library_answers_as_what_torch_trained(self):
        for half, agent in AGENTS.items():
            with self.subTest(agent):
                saved = torch.load(self.path(half))
                model = network(saved["policy_network_state_dict"])
                before = self.compare(self.path(half), agent, model)
                optimizer = torch.optim.Adam(model.parameters(), lr=0.05)
                for _ in range(5):
                    optimizer.zero_grad()
                    model(torch.ones(4, model[0].in_features)).square().sum().backward()
                    optimizer.step()
                state = model.state_dict()
                saved["policy_network_state_dict"] = type(state)(
                    (f"network.{key}", value) for key, value in state.items())
                path = os.path.join(self.folder.name, f"torch_{half}_agent.pt")
                torch.save(saved, path)
                after = self.compare(path, agent, model)
                self.assertGreater((after - before).abs().max().item(), 1e-3)

    def test_optimizer_state_goes_on_in_torch(self):
        for half in AGENTS:
            saved = torch.load(self.path(half))
            policy = network(saved["policy_network_state_dict"])
            value = network(saved["value_network_state_dict"])
            log_std = torch.nn.Parameter(saved["log_std"].clone())
            optimizer = torch.optim.Adam([*policy.parameters(), *value.parameters(), log_std])
            optimizer.load_state_dict(saved["optimizer_state_dict"])
            ones = torch.ones(2, policy[0].in_features)
            (policy(ones).sum() + value(ones).sum() + log_std.sum()).backward()
            optimizer.step()
            self.assertTrue(all(torch.isfinite(p).all() for p in policy.parameters()))


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
