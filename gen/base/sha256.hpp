// SHA-256 (FIPS 180-4) of a byte string, as 64 hex digits.
#pragma once
#include <string>
namespace elb {
std::string sha256_hex(const std::string& bytes);
}
