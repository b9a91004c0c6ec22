// Texts of rtl_templates/wrap with @KEYS@ filled in. A key without a value, and a value without its key, is a
// bug of ours.
#pragma once
#include <map>
#include <string>

namespace elb::top {

std::string fill(const std::string& text, const std::map<std::string, std::string>& values);
// rtl_templates/wrap/<name>
std::string fill_template(const std::string& name, const std::map<std::string, std::string>& values);

}  // namespace elb::top
