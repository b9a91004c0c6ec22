// Changes single values of a JSON text and leaves every other byte: how a network file is written again with
// other bits, or with another name for its tensors.
#pragma once
#include <map>
#include <optional>
#include <string>

namespace elb {

// `text`, JSON without mistakes, with the values at these pointers ("/layers/3/weight") replaced by other
// JSON texts. Nothing where a pointer leads nowhere; keys that are written with escapes are not found.
std::optional<std::string> replace_json_values(const std::string& text,
                                               const std::map<std::string, std::string>& values);

}  // namespace elb
