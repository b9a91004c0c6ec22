"""tools/table2: every row is planned and reaches what it is to reach; a row that does not is named with what binds, and the exit code is 1."""
import json
import os
import unittest

import designs

TABLE2 = os.path.join(designs.ROOT, "tools", "table2")


class Table2(unittest.TestCase):
    def test_every_row_reaches_its_target(self):
        done = designs.run(TABLE2, "--json")
        rows = json.loads(done.stdout)
        self.assertEqual(len(rows), 7)
        for row in rows:
            self.assertGreaterEqual(row["fps"], row["target_fps"], row["network"])
            self.assertLessEqual(row["ddr_gbytes_per_s"], 10, row["network"])
            print(f"  {row['network']}: {row['fps']:.1f} frames/s, {row['lut']} LUT")
        self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_what_falls_short_is_said(self):
        done = designs.run(TABLE2, "--lut-share", "0.4")
        said = [line for line in done.stdout.splitlines() if " to reach; no plan is faster than " in line]
        self.assertEqual(done.returncode, 1)
        self.assertTrue(said)
        for line in said:
            self.assertRegex(line, r"^[a-z0-9-]+: \d+\.\d frames/s planned, \d+ to reach; no plan is faster than \d+\.\d, [a-z0-9]+ binds$")


if __name__ == "__main__":
    unittest.main()
