"""The session of docs/python.md, run: test_python_docs.py SOURCE_ROOT. Exits with 77 (skipped)
where numpy is missing."""

import doctest
import os
import pathlib
import sys
import tempfile

try:
    import numpy  # pylint: disable=unused-import
except ImportError:
    print("skipped: this Python has no numpy (Debian: python3-numpy)")
    sys.exit(77)

SOURCE = pathlib.Path(sys.argv[1]).resolve()
sys.path.insert(0, str(SOURCE / "python"))
os.environ["HRL_SCENARIO_PATH"] = str(SOURCE / "scenarios")
os.environ["HRL_MODEL_PATH"] = str(SOURCE / "pretrained")
with tempfile.TemporaryDirectory() as folder:
    os.chdir(folder)
    failed, tried = doctest.testfile(str(SOURCE / "docs/python.md"), module_relative=False)
    os.chdir("/")
print(f"{tried} examples, {failed} failed")
sys.exit(failed > 0 or tried < 30)
