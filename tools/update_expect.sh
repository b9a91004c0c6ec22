#!/bin/sh
# Renews the golden texts of tests/expect from what the build prints now. Review the diff like code.
cd "$(dirname "$0")/.." && ninja -C build tests/unit/hdl/unit_hdl && ELB_UPDATE_EXPECT=1 build/tests/unit/hdl/unit_hdl "*look as expected*,*looks as expected*,a top level*"
