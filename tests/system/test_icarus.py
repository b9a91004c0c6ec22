"""The bench that lies beside every design, in Icarus, as README.md of the design says."""
import random
import re
import unittest
import os

import designs
import mutants


class Bench(unittest.TestCase):
    def check(self, directory, layer):
        directory = designs.copy_of(directory)
        self.assertEqual(mutants.bench(directory), "PASS\n")
        memory = next(m for m in designs.mem_files(directory) if m["layer"] == layer and m["file"].endswith("_w.mem"))
        word, bit = self.used_bit(directory, memory)
        designs.flip_bit(os.path.join(directory, memory["file"]), word, bit)
        answer = mutants.bench(directory)
        self.assertTrue(re.fullmatch(r"FAIL: frame [01] beat \d+: got [0-9a-fx]+ last [01], expected [0-9a-f]+ last [01]\n", answer), answer)
        print(f"  PASS; with bit {bit} of word {word} of {memory['file']} flipped: {answer.strip()}")

    def used_bit(self, directory, memory):
        return designs.used_bit(random.Random(4), directory, memory)

    def test_all_kinds_in_icarus(self):
        self.check(designs.all_kinds("wide")[0], "conv1")

    def test_fmnist_4_8218_in_icarus(self):
        self.check(designs.fmnist()[0], "conv1")


if __name__ == "__main__":
    unittest.main()
