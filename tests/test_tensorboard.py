"""Event files for TensorBoard, read back by Python's protobuf: test_tensorboard.py HRL_TRAIN
SOURCE_ROOT. Exits with 77 (skipped) where protobuf is missing.

The messages are described here by the numbers and types of the public definitions
(tensorflow/core: Event, Summary, SessionLog, TensorProto), not by the library's own file."""

import os
import pathlib
import re
import signal
import struct
import subprocess
import sys
import tempfile
import unittest

try:
    from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
except ImportError:
    print("skipped: this Python has no protobuf (Debian: python3-protobuf)")
    sys.exit(77)

TRAIN, SOURCE = os.path.abspath(sys.argv[1]), pathlib.Path(sys.argv[2])
ENVIRONMENT = dict(os.environ, HRL_SCENARIO_PATH=str(SOURCE / "scenarios"))
DOUBLE, FLOAT, INT64, INT32, STRING, MESSAGE, BYTES = 1, 2, 3, 5, 9, 11, 12
MESSAGES = {
    "PluginData": [("plugin_name", 1, STRING), ("content", 2, BYTES)],
    "SummaryMetadata": [("plugin_data", 1, "PluginData")],
    "Dim": [("size", 1, INT64), ("name", 2, STRING)],
    "TensorShapeProto": [("dim", 2, "*Dim")],
    "TensorProto": [("dtype", 1, INT32), ("tensor_shape", 2, "TensorShapeProto"),
                    ("string_val", 8, "*bytes")],
    "Value": [("tag", 1, STRING), ("simple_value", 2, FLOAT), ("tensor", 8, "TensorProto"),
              ("metadata", 9, "SummaryMetadata")],
    "Summary": [("value", 1, "*Value")],
    "SessionLog": [("status", 1, INT32)],
    "Event": [("wall_time", 1, DOUBLE), ("step", 2, INT64), ("file_version", 3, STRING),
              ("summary", 5, "Summary"), ("session_log", 7, "SessionLog")],
}


def make_event_class():
    """The class of Event, from the table above."""
    file = descriptor_pb2.FileDescriptorProto(name="event", package="t", syntax="proto3")
    for name, members in MESSAGES.items():
        message = file.message_type.add(name=name)
        for member, number, kind in members:
            field = message.field.add(name=member, number=number, label=1)
            if isinstance(kind, str):
                field.label = 3 if kind.startswith("*") else 1
                field.type = BYTES if kind == "*bytes" else MESSAGE
                if field.type == MESSAGE:
                    field.type_name = ".t." + kind.lstrip("*")
            else:
                field.type = kind
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    found = pool.FindMessageTypeByName("t.Event")
    return message_factory.MessageFactory(pool).GetPrototype(found)


EVENT = make_event_class()
TABLE = []
for number in range(256):
    for _ in range(8):
        number = number >> 1 ^ (0x82F63B78 if number & 1 else 0)
    TABLE.append(number)


def masked_crc(data):
    """CRC-32C, masked as TFRecord stores it."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc = TABLE[(crc ^ byte) & 255] ^ crc >> 8
    crc ^= 0xFFFFFFFF
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


def read_events(data):
    """Whole records of a file, each checked; and the bytes of one that is cut off."""
    found = []
    while len(data) >= 16:
        length, = struct.unpack("<Q", data[:8])
        assert struct.unpack("<I", data[8:12])[0] == masked_crc(data[:8])
        if len(data) < 16 + length:
            break
        content = data[12:12 + length]
        assert struct.unpack("<I", data[12 + length:16 + length])[0] == masked_crc(content)
        event = EVENT.FromString(content)
        assert not event.UnknownFields()
        found.append(event)
        data = data[16 + length:]
    return found, data


def curves(events):
    """{tag: [(step, value)]}"""
    found = {}
    for event in events:
        for value in event.summary.value:
            if not value.HasField("metadata"):
                found.setdefault(value.tag, []).append((event.step, value.simple_value))
    return found


class Board(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def train(self, *options, status=0):
        done = subprocess.run([TRAIN, *options], cwd=self.folder, env=ENVIRONMENT,
                              capture_output=True, text=True, timeout=120, check=False)
        self.assertEqual(done.returncode, status, done.stderr)
        return done

    def files(self):
        return sorted(self.folder.glob("board/*/events.out.tfevents.*"))

    def test_checksum(self):
        """The check value of CRC-32C, of the test itself."""
        masked = masked_crc(b"123456789")
        self.assertEqual(masked, ((0xE3069283 >> 15 | 0xE3069283 << 17) + 0xA282EAD8)
                         & 0xFFFFFFFF)

    def test_a_run(self):
        lines = self.train("torino_single", "--episodes", "100", "--save-interval", "40",
                           "--eval-episodes", "5", "--tensorboard", "board", "--json",
                           "--progress-every", "1").stdout
        file, = self.files()
        # runs that begin in the same second have folders of their own
        self.assertRegex(file.parent.name, r"^torino_single_\d{8}T\d{6}\.\d{6}$")
        events, rest = read_events(file.read_bytes())
        self.assertEqual(rest, b"")
        self.assertEqual(events[0].file_version, "brain.Event:2")
        self.assertTrue(all(1.5e9 < event.wall_time < 1e11 for event in events))
        text = events[1].summary.value[0]
        self.assertEqual(text.tag, "configuration/text_summary")
        self.assertEqual((text.metadata.plugin_data.plugin_name, text.tensor.dtype,
                          [dim.size for dim in text.tensor.tensor_shape.dim]),
                         ("text", 7, [1]))
        content = text.tensor.string_val[0].decode()
        self.assertIn("| seed | 0 |", content)
        self.assertIn("income:", content)
        found = curves(events)
        self.assertEqual([step for step, _ in found["progress/avg_reward"]],
                         list(range(1, 101)))
        rewards = re.findall(r'"training_progress", .*?"avg_reward": ([-\d.e]+)', lines)
        self.assertEqual(len(rewards), 100, lines[:300])
        for (_, value), told in zip(found["progress/avg_reward"], rewards):
            self.assertAlmostEqual(value / float(told), 1, 5)
        self.assertEqual([step for step, _ in found["evaluation/strategic_return"]],
                         [40, 80, 100])
        self.assertNotIn("evaluation/certainty_equivalent", found)  # NaN in this model
        for agent in ("strategist", "executor"):
            for name in ("loss", "policy_loss", "value_loss", "entropy", "divergence",
                         "clip_fraction"):
                curve = found[f"{agent}/{name}"]
                self.assertEqual([step for step, _ in curve], list(range(8, 97, 8)))
                self.assertGreater(len({value for _, value in curve}), 1, name)
        self.assertTrue(all(0 <= value <= 1 for _, value in found["executor/clip_fraction"]))

    def test_points_are_limited(self):
        self.train("torino_single", "--episodes", "8000", "--save-interval", "8000",
                   "--tensorboard", "board")
        found = curves(read_events(self.files()[0].read_bytes())[0])
        self.assertEqual(len(found["progress/avg_reward"]), 2000)

    def test_lifecycle(self):
        self.train("emergency_fund", "--episodes", "8", "--tensorboard", "board")
        found = curves(read_events(self.files()[0].read_bytes())[0])
        self.assertGreater(found["evaluation/certainty_equivalent"][0][1], 100)

    def test_killed_and_resumed(self):
        """A file whose process was killed can be read; a second part drops later steps."""
        command = [TRAIN, "torino_single", "--save-interval", "64", "--tensorboard", "board",
                   "--output", "models"]
        with subprocess.Popen(command + ["--episodes", "1000000", "--quiet"],
                              cwd=self.folder, env=ENVIRONMENT) as first:
            while not list(self.folder.glob("models/checkpoints/*/checkpoint_episode_640")):
                self.assertIsNone(first.poll())
            first.send_signal(signal.SIGKILL)
        events, _ = read_events(self.files()[0].read_bytes())
        self.assertGreater(len(events), 3)
        self.assertFalse([event for event in events if event.HasField("session_log")])
        done = self.train(*command[1:], "--episodes", "1000000000", "--quiet", "--resume",
                          "models/checkpoints/torino_single/checkpoint_episode_640",
                          "--target", "-1e9", "--min-episodes", "641")
        self.assertEqual(done.stderr, "")
        first_file, second_file = self.files()
        self.assertEqual(first_file.parent, second_file.parent)
        events, rest = read_events(second_file.read_bytes())
        self.assertEqual(rest, b"")
        self.assertEqual((events[1].session_log.status, events[1].step), (1, 641))
        self.assertTrue(all(event.step > 640 for event in events[3:]))

    def test_cut_anywhere(self):
        self.train("torino_single", "--episodes", "8", "--tensorboard", "board")
        data = self.files()[0].read_bytes()
        whole, _ = read_events(data)
        for cut in range(0, len(data), 7):
            events, _ = read_events(data[:cut])
            self.assertEqual(events, whole[:len(events)])

    def test_a_folder_that_cannot_be(self):
        """A remark, and the run goes on."""
        (self.folder / "board").write_text("in the way", encoding="utf-8")
        done = self.train("torino_single", "--episodes", "8", "--tensorboard", "board")
        self.assertIn("no more event files are written for TensorBoard: ", done.stderr)
        self.assertTrue((self.folder / "models/torino_single_low_agent.pt").exists())
        done = self.train("torino_single", "--episodes", "8", "--tensorboard", "", status=2)
        self.assertIn("--tensorboard: its DIR is empty", done.stderr)

    def test_bits_are_the_same(self):
        for name, options in (("a", ()), ("b", ("--tensorboard", "board"))):
            self.train("torino_single", "--episodes", "40", "--output", name, *options)
        models = [(self.folder / name / "torino_single_low_agent.pt").read_bytes()
                  for name in "ab"]
        self.assertEqual(models[0], models[1])


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
