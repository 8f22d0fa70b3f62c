// wildnout.toml by toml++.
#include "app/configuration_file.hpp"

#include <toml++/toml.h>

#include <fstream>
#include <sstream>

namespace wildnout::app {
namespace {

using Found = std::map<std::string, FileSetting, std::less<>>;

// Nothing for what has no place in a setting: times, floats, tables inside lists.
std::optional<std::string> text_of(const toml::node& node) {
  if (const auto* text = node.as_string()) return text->get();
  if (const auto* number = node.as_integer()) return std::to_string(number->get());
  if (const auto* truth = node.as_boolean()) return truth->get() ? "on" : "off";
  const auto* list = node.as_array();
  if (list == nullptr) return std::nullopt;
  std::string joined;
  for (const toml::node& item : *list) {
    const auto text = item.is_array() ? std::nullopt : text_of(item);
    if (!text) return std::nullopt;
    joined += (joined.empty() ? "" : ",") + *text;
  }
  return joined;
}

void flatten(const toml::table& table, const std::string& prefix, const std::string& file,
             Found& found, std::vector<ConfigurationFault>& faults) {
  for (const auto& [key, node] : table) {
    const std::string name = prefix + std::string{key.str()};
    if (const auto* inner = node.as_table()) {
      flatten(*inner, name + '_', file, found, faults);
      continue;
    }
    const std::string origin = file + ':' + std::to_string(node.source().begin.line);
    if (auto text = text_of(node)) {
      found[name] = {std::move(*text), origin};
    } else {
      faults.push_back({name, origin, "must be a text, a whole number, true or false, or a list",
                        "write the value as a text in quotes"});
    }
  }
}

}  // namespace

Found read_configuration_file(const std::filesystem::path& path,
                              std::vector<ConfigurationFault>& faults) {
  Found found;
  const std::string file = path.filename().string();
  std::ifstream stream{path};
  std::ostringstream text;
  text << stream.rdbuf();
  if (!stream) {
    faults.push_back({"config", path.string(), "cannot be read", "name a file that can be read"});
    return found;
  }
  try {
    flatten(toml::parse(text.str()), "", file, found, faults);
  } catch (const toml::parse_error& error) {
    const std::string line = std::to_string(error.source().begin.line);
    faults.push_back(
        {"config", file + ':' + line, std::string{error.description()}, "correct the file's TOML"});
  }
  return found;
}

}  // namespace wildnout::app
