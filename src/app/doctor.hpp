// `wildnout doctor`: looks at the whole deployment from where it is run.
#pragma once

#include <map>
#include <string>

namespace wildnout::app {

// Prints a line a check, and the fix below each that fails. 0: all well; 1: something is not.
// Changes nothing. Throws ConfigurationError.
[[nodiscard]] int examine(const std::map<std::string, std::string>& flags);

}  // namespace wildnout::app
