"""Both directions against PyTorch: test_archive_torch.py ARCHIVE_TOOL

What the library writes must load with torch.load(weights_only=True) into a network and
an optimizer; what torch.save writes must read the same here. Exit code 77: skipped.
"""

import collections
import json
import os
import pickle
import subprocess
import sys
import tempfile
import unittest

try:
    import torch
except ImportError as reason:
    print(f"skipped: PyTorch cannot be imported ({reason})")
    sys.exit(77)

TOOL = sys.argv[1]


def element(i):
    return (i % 17 - 8) / 16


def filled(*shape, dtype=torch.float32):
    count = 1
    for size in shape:
        count *= size
    return torch.tensor([element(i) for i in range(count)], dtype=dtype).reshape(shape)


def network():
    return torch.nn.Sequential(torch.nn.Linear(3, 2), torch.nn.Tanh(), torch.nn.Linear(2, 1))


def as_json(value):
    """The form in which the tool prints a value."""
    if isinstance(value, torch.Tensor):
        return {"dtype": str(value.dtype).split(".")[1], "shape": list(value.shape),
                "data": value.detach().reshape(-1).tolist()}
    if isinstance(value, dict):
        return {str(key): as_json(item) for key, item in value.items()}
    if isinstance(value, tuple):
        return {"tuple": [as_json(item) for item in value]}
    if isinstance(value, list):
        return [as_json(item) for item in value]
    return value


class ArchiveTest(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.path = os.path.join(self.folder.name, "sample.pt")

    def load_sample(self, **options):
        subprocess.run([TOOL, "write", self.path], check=True)
        return torch.load(self.path, **options)

    def weights_only_takes_numbers(self):
        """PyTorch 1.13.0 refuses every float outside a tensor, also in its own files."""
        torch.save({"lr": 0.5}, self.path)
        try:
            torch.load(self.path, weights_only=True)
        except pickle.UnpicklingError:
            return False
        return True

    def read(self, value):
        torch.save(value, self.path)
        done = subprocess.run([TOOL, "read", self.path], check=True, capture_output=True)
        return json.loads(done.stdout)

    def test_torch_loads_what_is_written(self):
        self.check_sample(self.load_sample())

    def test_torch_loads_what_is_written_as_weights_only(self):
        if not self.weights_only_takes_numbers():
            self.skipTest("this PyTorch's weights_only refuses numbers")
        self.check_sample(self.load_sample(weights_only=True))

    def test_torch_loads_a_network_as_weights_only(self):
        subprocess.run([TOOL, "network", self.path], check=True)
        self.check_network(torch.load(self.path, weights_only=True))

    def check_network(self, state):
        self.assertIsInstance(state, collections.OrderedDict)
        model = network()
        model.load_state_dict({key.replace("network.", ""): value
                               for key, value in state.items()}, strict=True)
        for parameter in model.parameters():
            self.assertTrue(torch.equal(parameter, filled(*parameter.shape)))
        return model

    def check_sample(self, sample):
        model = self.check_network(sample["policy_network_state_dict"])
        optimizer = torch.optim.Adam(model.parameters())
        optimizer.load_state_dict(sample["optimizer_state_dict"])
        self.assertEqual(optimizer.param_groups[0]["lr"], 0.0003)
        self.assertEqual(optimizer.param_groups[0]["betas"], (0.9, 0.999))
        for parameter in model.parameters():
            slot = optimizer.state[parameter]
            self.assertEqual(slot["step"].item(), 12)
            self.assertTrue(torch.equal(slot["exp_avg"], filled(*parameter.shape)))
        model(torch.ones(1, 3)).sum().backward()
        optimizer.step()

        config = sample["config"]
        self.assertEqual(config["integers"], [
            0, 255, 256, 65535, 65536, 2**31 - 1, -(2**31), -1, -129, 2**31, -(2**31) - 1,
            2**39, -(2**39), 2**63 - 1, -(2**63)])
        self.assertEqual(config["gamma"], 0.99)
        self.assertEqual(config["tiny"], -5e-324)
        self.assertEqual(config["name"], "Famiglia \u00e8 \u20ac")
        self.assertEqual(config[""], "")
        self.assertIs(config["yes"], True)
        self.assertIsNone(config["nothing"])
        self.assertEqual(config["empty_tuple"], ())
        self.assertEqual(config["empty_list"], [])
        self.assertEqual(config["empty_dict"], {})
        self.assertEqual(config[-7], "minus seven")
        self.assertTrue(torch.equal(sample["counts"], torch.arange(5) - 4))
        self.assertTrue(torch.equal(sample["sums"], filled(2, 2, 3, dtype=torch.float64)))
        self.assertEqual(sample["empty"].shape, (0, 3))

    def test_what_torch_writes_is_read(self):
        model = network()
        optimizer = torch.optim.Adam(model.parameters(), lr=0.001)
        model(torch.ones(4, 3)).sum().backward()
        optimizer.step()
        base = torch.arange(24, dtype=torch.float64)
        value = {
            "policy_network_state_dict": model.state_dict(),
            "optimizer_state_dict": optimizer.state_dict(),
            "config": {"integers": [0, -1, 2**31, -(2**63)], "text": "\u20ac", "number": 1e-300},
            "scalar": torch.tensor(7),
            "transposed": base.reshape(4, 6).t(),
            "permuted": base.reshape(2, 3, 4).permute(1, 2, 0),
            "part": base[5::4],
            "long_list": list(range(2500)),
        }
        self.assertEqual(self.read(value), as_json(value))

    def test_what_is_written_survives_torch(self):
        sample = self.load_sample()
        self.assertEqual(self.read(sample), as_json(sample))

    def test_code_is_refused(self):
        torch.save({"model": network()}, self.path)
        done = subprocess.run([TOOL, "read", self.path], capture_output=True, text=True)
        self.assertEqual(done.returncode, 1)
        self.assertIn("global 'torch.nn.modules.container.Sequential' is not allowed in a "
                      "model file", done.stderr)

    def test_the_older_format_is_refused(self):
        torch.save({"a": 1}, self.path, _use_new_zipfile_serialization=False)
        done = subprocess.run([TOOL, "read", self.path], capture_output=True, text=True)
        self.assertEqual(done.returncode, 1)
        self.assertIn("not a PyTorch archive", done.stderr)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
