"""Weights from memory: whole designs behind a memory that is slow, refuses or fails, and behind the bench's in Icarus."""
import json
import os
import re
import unittest

import designs
import mutants

NET = {
    "format": "elbgen.network/1", "name": "fetching", "weights": {"synthetic": 9},
    "input": {"shape": [7, 6, 3], "activation": {"kind": "unsigned", "bits": 8}},
    "layers": [
        {"name": "conv1", "op": "conv", "out_channels": 6, "kernel": 3, "padding": 1, "weight": "int8", "activation": {"kind": "unsigned", "bits": 3}},
        {"name": "conv2", "op": "conv", "out_channels": 8, "kernel": 3, "padding": 1, "groups": 2, "weight": "ternary", "activation": {"kind": "unsigned", "bits": 2}},
        {"name": "conv3", "op": "conv", "out_channels": 5, "kernel": 2, "stride": 2, "weight": "int4", "activation": {"kind": "signed", "bits": 3}},
        {"name": "fc1", "op": "fc", "out_channels": 11, "weight": "binary", "activation": {"kind": "unsigned", "bits": 4}},
        {"name": "fc2", "op": "fc", "out_channels": 7, "weight": "ternary"},
    ],
}
FACTORS = {"conv1": (3, 2, 1), "conv2": (2, 3, 2), "conv3": (2, 4, 1), "fc1": (3, 7, 1), "fc2": (2, 4, 1)}
# Where weights live: kept behind reset only, and with conv and fc under sweeps.
KEPT = {"conv1": {"weights": "ram_block"}, "conv2": {"weights": "ram_distributed"}, "fc1": {"weights": "ram_block"}}
SWEPT = {"conv1": {"weights": "ram_block"}, "conv2": {"weights": "stream", "band_rows": 3}, "conv3": {"weights": "stream"},
         "fc1": {"weights": "stream", "b": 3}, "fc2": {"weights": "stream", "b": 1, "weight_slots": 3}}
PORTS = {
    "narrow": {"protocol": "axi3", "data_bits": 32, "burst_beats": 8, "outstanding": 2, "latency_cycles": 12, "bandwidth": {"beats": 3, "cycles": 4}},
    "wide": {"protocol": "axi4", "data_bits": 128, "burst_beats": 16, "outstanding": 8, "latency_cycles": 30},
}
IMAGES = 7


def fetching(residence, port, *options):
    folder = designs.folder()
    net, plan = (os.path.join(folder, f"fetching-{residence}-{port}.{kind}.json") for kind in ("net", "plan"))
    stages = [dict(zip(("layer", "p", "s", "m"), (layer, *factors)), **{"kept": KEPT, "swept": SWEPT}[residence].get(layer, {}))
              for layer, factors in FACTORS.items()]
    for path, content in ((net, NET), (plan, {"format": "elbgen.plan/1", "clock_mhz": 200, "memory": PORTS[port], "stages": stages})):
        with open(path, "w", encoding="utf-8") as f:
            json.dump(content, f)
    return designs.design(net, "--plan", plan, *options)[0]


def cases():
    return [(residence, port) for residence in ("kept", "swept") for port in PORTS]


class Memory(unittest.TestCase):
    def sound(self, directory, *options):
        code, report = designs.simulate(directory, "--input", designs.random_images(IMAGES, 7, 6, 3), *options)
        self.assertEqual((code, report["mismatches"], report["failures"]), (0, 0, []), options)
        self.assertEqual(report["boundaries_compared"], 6)
        return report

    def test_paths_of_control_are_short(self):
        directory = fetching("swept", "wide", "--technology", "xc7")
        said = json.loads(designs.must(os.path.join(designs.ROOT, "tools", "synth"), directory, "--json", "--quiet",
                                       "--work", os.path.join(designs.ROOT, "build", "synth")))
        self.assertEqual([s["stage"] for s in said["stages"]], ["input", *FACTORS, "memory_port"])
        for stage in said["stages"]:
            path = stage["paths"]["control"]
            self.assertLessEqual(path["levels"], 4, (stage["stage"], path))

    def test_predicted_and_simulated_times(self):
        for case in cases():
            with self.subTest(case):
                report = self.sound(fetching(*case))
                print(f"  {case}: {report['simulated']}, {report['memory']['beats']} beats, {report['memory']['gbytes_per_s']:.3f} GB/s")
                self.assertEqual(report["simulated"]["latency_cycles"], report["predicted"]["latency_cycles"])

    def test_random_latency_and_refusals(self):
        for case in cases():
            directory = fetching(*case)
            for options in (["--dram-random", f"{designs.SEED}:200:30"], ["--dram-random", "2:0:0", "--seed", "5"],
                            ["--dram-random", "3:200:30", "--stall", "4:50", "--seed", "6"], ["--dram", "100:1/3", "--seed", "7"]):
                with self.subTest(case, options=options):
                    self.sound(directory, *options)

    def test_a_read_error_stops_cleanly(self):
        for case in cases():
            directory = fetching(*case)
            beats = self.sound(directory)["memory"]["beats"]
            for beat, more in ((0, []), (beats // 3, []), (beats // 2, ["--dram-random", "1:200:30"]), (beats - 1, [])):
                with self.subTest(case, beat=beat):
                    code, report = designs.simulate(directory, "--input", designs.random_images(IMAGES, 7, 6, 3), "--dram-error", str(beat), *more)
                    self.assertEqual((code, report["mismatches"], len(report["failures"])), (1, 0, 1), report["failures"])
                    self.assertRegex(report["failures"][0], r"^read error at address 0x[0-9a-f]+, cycle \d+: err_rresp rose and the design "
                                     rf"stopped, no wrong beat left it, after \d of {IMAGES} images$")
                    print(f"  {case}: {report['failures'][0]}")

    def test_an_image_of_the_wrong_size_is_refused(self):
        directory = designs.copy_of(fetching("kept", "narrow"))
        image = os.path.join(directory, "dram.bin")
        size = os.path.getsize(image)
        for wrong, says in ((size - 1, f"has {size - 1} bytes, the image of this design has {size}"), (None, "there is no such file")):
            if wrong is None:
                os.remove(image)
            else:
                os.truncate(image, wrong)
            done = designs.run(designs.ELBSIM, directory, "--work", designs.MODELS, "--input", designs.random_images(1, 7, 6, 3))
            self.assertEqual((done.returncode, done.stdout), (2, ""))
            self.assertRegex(done.stderr, rf"^{re.escape(image)}: error \[sim-manifest\]: {says}[^\n]*\n$")

    def test_wrong_options_are_refused(self):
        directory, images = fetching("kept", "narrow"), designs.random_images(1, 7, 6, 3)
        for options, says in ((["--dram", "3:2/1"], "--dram: error"), (["--dram", "x"], "--dram: error"),
                              (["--dram-random", "1:2"], "--dram-random: error"), (["--dram-random", "1:2:100"], "--dram-random: error"),
                              (["--dram", "3", "--dram-random", "1:2:3"], "--dram-random: error"), (["--dram-error", "-1"], "--dram-error"),
                              (["--dram", "3", "--engine", "integer"], "--dram: error")):
            done = designs.run(designs.ELBSIM, directory, "--input", images, *options)
            self.assertEqual((done.returncode, done.stdout, done.stderr.count("\n")), (2, "", 1), options)
            self.assertIn(says, done.stderr)
            self.assertIn("[cli-usage]", done.stderr)

    def test_a_flipped_bit_of_the_image_is_seen(self):
        directory = designs.copy_of(fetching("kept", "narrow"))
        image = os.path.join(directory, "dram.bin")
        with open(os.path.join(directory, "manifest.json"), encoding="utf-8") as f:
            conv1 = json.load(f)["dram"]["map"][0]
        with open(image, "r+b") as f:
            f.seek(conv1["offset"])
            byte = f.read(1)[0]
            f.seek(conv1["offset"])
            f.write(bytes([byte ^ 0x80]))
        code, report = designs.simulate(directory, "--input", designs.random_images(IMAGES, 7, 6, 3))
        self.assertEqual((code, report["first_mismatch"]["layer"]), (1, conv1["stage"]))

    def test_yosys_finds_nothing(self):
        for case in cases():
            directory = fetching(*case)
            with open(os.path.join(directory, "filelist.f"), encoding="utf-8") as f:
                sources = " ".join(f.read().split())
            done = designs.run("yosys", "-q", "-p", f"read_verilog {sources}; hierarchy -check -top elb_fetching; proc; flatten; check -assert", cwd=directory)
            self.assertEqual((done.returncode, done.stdout + done.stderr), (0, ""), case)

    def test_the_bench_in_icarus(self):
        for case in cases():
            with self.subTest(case):
                directory = designs.copy_of(fetching(*case))
                for command in (["iverilog", "-g2005", "-Wall", "-o", os.devnull, "-f", "filelist.f", "tb/elb_tb.v"],
                                ["verilator", "--lint-only", "--timing", "-Wall", "--top-module", "elb_tb", "-f", "filelist.f", "tb/elb_tb.v"]):
                    done = designs.run(*command, cwd=directory)
                    self.assertEqual((done.returncode, done.stdout + done.stderr), (0, ""))
                self.assertEqual(mutants.bench(directory), "PASS\n")
                os.truncate(os.path.join(directory, "dram.bin"), 40)
                self.assertRegex(mutants.bench(directory), r"^FAIL: dram.bin: 40 bytes were read, \d+ are needed\n")


if __name__ == "__main__":
    unittest.main()
