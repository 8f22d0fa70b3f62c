// Reading wildnout.toml as flat settings. Between configuration*.cpp only.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "app/configuration.hpp"

namespace wildnout::app {

struct FileSetting {
  std::string value;
  std::string origin;  // "wildnout.toml:3"
};

// Names of nested tables are joined: [clerk] issuer is clerk_issuer. Lists are joined by commas.
// What cannot be read is added to `faults`.
[[nodiscard]] std::map<std::string, FileSetting, std::less<>> read_configuration_file(
    const std::filesystem::path& path, std::vector<ConfigurationFault>& faults);

}  // namespace wildnout::app
