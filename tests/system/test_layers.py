"""The rooms include only what docs/architecture.md allows, and the check sees a violation."""
import os
import subprocess
import sys
import tempfile
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
CHECK = os.path.join(ROOT, "tools", "check_layers.py")


class Layers(unittest.TestCase):
    def test_no_room_includes_what_it_may_not(self):
        done = subprocess.run([sys.executable, CHECK], capture_output=True, text=True)
        self.assertEqual(done.stdout, "")
        self.assertEqual(done.returncode, 0)

    def test_a_violation_is_named_with_its_line(self):
        with tempfile.TemporaryDirectory() as root:
            os.makedirs(os.path.join(root, "sim", "harness"))
            with open(os.path.join(root, "sim", "harness", "x.cpp"), "w", encoding="utf-8") as source:
                source.write('#include "nn/network.hpp"\n#include "arch/plan.hpp"\n')
            done = subprocess.run([sys.executable, CHECK, root], capture_output=True, text=True)
            self.assertEqual(done.returncode, 1)
            self.assertEqual(done.stdout, "sim/harness/x.cpp:2: room 'sim' may not include 'arch/plan.hpp'\n")


if __name__ == "__main__":
    unittest.main()
