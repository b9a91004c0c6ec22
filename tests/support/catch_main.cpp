// Catch2 2.x keeps its main() in the header: compiled once, here.
#define CATCH_CONFIG_MAIN
#include <catch2/catch.hpp>
