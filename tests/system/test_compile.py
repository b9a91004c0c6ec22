"""What the build itself checks: misuse of the hardware language does not compile, shipped networks obey the schema."""
import os
import re
import subprocess
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def meson_test(*arguments):
    command = ["meson", "test", "-C", os.path.join(ROOT, "build"), "--no-rebuild", *arguments]
    return subprocess.run(command, capture_output=True, text=True)


class Compile(unittest.TestCase):
    def run_all(self, prefix, at_least):
        names = [n for n in meson_test("--list").stdout.split() if n.startswith(prefix)]
        self.assertGreaterEqual(len(names), at_least)
        done = meson_test("--print-errorlogs", *names)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        if re.search(r"Skipped: +[1-9]", done.stdout):
            self.skipTest("python3-jsonschema is not installed")
        self.assertRegex(done.stdout, rf"Ok: +{len(names)}\b")

    def test_misuse_of_the_hardware_language_does_not_compile(self):
        self.run_all("compile_fail_", 5)

    def test_shipped_networks_obey_the_schema_and_broken_ones_do_not(self):
        self.run_all("network_schema", 1)


if __name__ == "__main__":
    unittest.main()
