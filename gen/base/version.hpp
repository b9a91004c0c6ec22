// The version of everything that is built here: meson.build's.
#pragma once
namespace elb {
const char* version();  // "0.1.0"
}
