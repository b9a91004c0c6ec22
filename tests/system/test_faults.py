"""The check can fail: bits of memories and operators of the Verilog, one at a time, are seen and named by elbsim."""
import json
import os
import random
import shutil
import unittest

import designs
import mutants

FRAMES = 300
# Small, so that ten models build in a minute, and with every engine: windows with and without padding, groups, pools, sums.
SMALL = {
    "format": "elbgen.network/1", "name": "small", "weights": {"synthetic": 5},
    "input": {"shape": [6, 6, 2], "activation": {"kind": "unsigned", "bits": 8}},
    "layers": [
        {"name": "conv1", "op": "conv", "out_channels": 4, "kernel": 3, "padding": 1, "weight": "int4", "activation": {"kind": "unsigned", "bits": 2}},
        {"name": "conv2", "op": "conv", "out_channels": 4, "kernel": 3, "padding": 1, "groups": 2, "weight": "ternary", "activation": {"kind": "unsigned", "bits": 2}},
        {"name": "add1", "op": "add", "inputs": ["conv1", "conv2"], "activation": {"kind": "unsigned", "bits": 2}},
        {"name": "pool1", "op": "max_pool", "kernel": 3, "stride": 2},
        {"name": "fc1", "op": "fc", "out_channels": 5, "weight": "binary"},
    ],
}
SMALL_PLAN = {"input": (2, 1), "conv1": (2, 2, 1), "conv2": (1, 2, 2), "add1": (4, 1), "pool1": (3, 1), "fc1": (2, 3, 1)}


def small():
    net = os.path.join(designs.folder(), "small.json")
    with open(net, "w", encoding="utf-8") as f:
        json.dump(SMALL, f)
    return designs.design(net, "--plan", designs.plan_file(os.path.join(designs.folder(), "small.plan.json"), SMALL_PLAN))[0]


class Faults(unittest.TestCase):
    def check_memories(self, sound, images, choose):
        self.assertEqual(designs.simulate(sound, "--input", images)[0], 0)
        broken = designs.copy_of(sound)
        memories = designs.mem_files(sound)
        self.assertEqual(sorted(m["file"] for m in memories), sorted("mem/" + f for f in os.listdir(os.path.join(sound, "mem"))))
        rng = random.Random(2)
        for memory in memories:
            with self.subTest(memory["file"]):
                path = os.path.join(broken, memory["file"])
                tried = choose(rng, sound, memory)
                for word, bit in tried:
                    designs.flip_bit(path, word, bit)
                    code, report = designs.simulate(broken, "--input", images)
                    shutil.copyfile(os.path.join(sound, memory["file"]), path)
                    if code:
                        break
                first = report["first_mismatch"]
                self.assertEqual(code, 1, f"no flip of {tried} was seen")
                self.assertGreater(report["mismatches"], 0)
                self.assertEqual(first["layer"], memory["layer"])
                self.assertNotEqual(first["expected"], first["got"])
                print(f"  {memory['file']} word {word} bit {bit}: image {first['image']} {first['layer']} "
                      f"({first['y']},{first['x']},{first['c']}), {report['mismatches']} values wrong")
        self.assertEqual(designs.simulate(broken, "--input", images)[0], 0)

    def test_one_bit_of_each_memory_of_all_kinds(self):
        sound, _ = designs.all_kinds("ones")
        images = designs.random_images(12, 12, 12, 3)
        dump = self.dumped(sound, images)

        def choose(rng, directory, memory):
            if not memory["file"].endswith("_w.mem"):
                return [designs.decisive_point(rng, directory, memory, dump)]
            if memory["layer"].startswith("fc"):
                return [designs.decisive_fc_bit(rng, directory, memory, dump)]
            return [designs.used_bit(rng, directory, memory)]

        self.check_memories(sound, images, choose)

    def test_one_bit_of_each_memory_of_a_trained_network(self):
        sound, images = designs.fmnist()[0], designs.fmnist_images(20)
        dump = self.dumped(sound, images)

        def choose(rng, directory, memory):
            if not memory["file"].endswith("_w.mem"):
                return [designs.decisive_point(rng, directory, memory, dump)]
            bits = [designs.used_bit(rng, directory, memory)]
            if memory["layer"].startswith("fc"):
                # A weight of a trained fc may decide nothing on so few images: others, one at a time.
                bits += [(rng.randrange(memory["depth"]), rng.randrange(memory["width"])) for _ in range(15)]
            return bits

        self.check_memories(sound, images, choose)

    def dumped(self, directory, images):
        dump = os.path.join(os.path.dirname(directory), "dump")
        self.assertEqual(designs.simulate(directory, "--engine", "integer", "--input", images, "--dump", dump)[0], 0)
        return dump

    def seen(self, directory, images, work):
        """What elbsim says of a changed design; None where it notices nothing, with and without stalls."""
        for options in ([], ["--stall", "3:50:50"], ["--stall", "5:10:90", "--seed", "9"]):
            code, report = designs.simulate(directory, "--input", images, *options, work=work)
            if code == 1:
                first = report["first_mismatch"]
                if first:
                    self.assertLessEqual({"image", "layer", "y", "x", "c", "expected", "got"}, set(first))
                    return f"image {first['image']} {first['layer']} ({first['y']},{first['x']},{first['c']})"
                self.assertTrue(report["failures"])
                return report["failures"][0]
        return None

    def check_operators(self, sound, images, seed, count):
        self.assertIsNone(self.seen(sound, images, designs.MODELS))
        work = os.path.join(designs.folder(), "mutants")  # their models are of no use to anyone later
        os.makedirs(work, exist_ok=True)
        for name in os.listdir(designs.MODELS):
            if name.startswith("runtime-") and not os.path.exists(os.path.join(work, name)):
                os.symlink(os.path.join(designs.MODELS, name), os.path.join(work, name))
        seen, unproven = 0, []
        for mutation in mutants.choose(random.Random(seed), sound, count):
            changed = designs.copy_of(sound)
            what = f"{mutation[1]}: {mutants.apply(changed, mutation)}"
            answer = self.seen(changed, images, work)
            if answer is not None:
                seen += 1
            elif mutants.proven_equal(sound, changed, mutation[0]):
                answer = "survives: yosys proves the module equal"
            elif mutants.is_unread(sound, mutation):
                answer = "survives: an unknown value in its place reaches no output (Icarus)"
            else:
                answer = "survives, unproven"
                unproven.append(what)
            print(f"  {what}\n      {answer}", flush=True)
            shutil.rmtree(os.path.dirname(changed))
        print(f"  seed {seed}: {seen} of {count} operator changes were seen")
        self.assertEqual(unproven, [])
        self.assertGreaterEqual(seen, count * 7 // 10)

    def test_ten_operators(self):
        for seed in (designs.SEED, 3) if designs.LONG else (designs.SEED,):
            with self.subTest(seed=seed):
                self.check_operators(small(), designs.random_images(FRAMES, 6, 6, 2), seed, 10)


if __name__ == "__main__":
    unittest.main()
