"""elbgen writes the same bytes whichever compiler built it: nothing leans on an order that C++ leaves open."""
import filecmp
import os
import shutil
import unittest

import designs

CLANG = os.path.join(designs.ROOT, "build", "clang")
NETWORKS = [("all-kinds",), ("all-kinds", "--max-cycles", "3000", "--minimise"), ("fmnist-4-8218", "--max-cycles", "8000"),
            ("fmnist-2-8118", "--device", "zc706"), ("alexnet-2-8218", "--max-cycles", "400000")]


def files_of(folder):
    return sorted(os.path.relpath(os.path.join(d, f), folder) for d, _, files in os.walk(folder) for f in files)


@unittest.skipUnless(designs.LONG, "builds elbgen again, with --all only")
class Compilers(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        if not shutil.which("clang++"):
            raise unittest.SkipTest("clang is not installed")
        if not os.path.exists(os.path.join(CLANG, "build.ninja")):
            designs.must("env", "CXX=clang++", "meson", "setup", CLANG, designs.ROOT, "-Doptimization=1", "-Dwerror=false", cwd=designs.ROOT)
        designs.must("ninja", "-C", CLANG, "gen/cli/elbgen")

    def test_both_compilers_write_the_same_bytes(self):
        for network, *options in NETWORKS:
            with self.subTest(network=network, options=options):
                ours, _ = designs.design(network, *options)
                theirs = os.path.join(designs.folder(), "clang")
                designs.must(os.path.join(CLANG, "gen", "cli", "elbgen"), network, "-o", theirs, *options)
                self.assertEqual(files_of(theirs), files_of(ours))
                self.assertEqual(filecmp.cmpfiles(ours, theirs, files_of(ours), shallow=False)[1:], ([], []))
                shutil.rmtree(theirs)
        print(f"  {len(NETWORKS)} designs")


if __name__ == "__main__":
    unittest.main()
