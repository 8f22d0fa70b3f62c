// Log lines by spdlog: JSON objects, or readable text, to standard error.
#include "platform/log/log.hpp"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <array>
#include <atomic>
#include <chrono>
#include <memory>

namespace wildnout::log {
namespace {

std::atomic<Level> threshold{Level::info};
std::atomic<Format> format{Format::text};

spdlog::logger& logger() {
  // One for the process, shared by all threads; the sink takes a lock a line.
  static const std::shared_ptr<spdlog::logger> instance = [] {
    auto made =
        std::make_shared<spdlog::logger>("", std::make_shared<spdlog::sinks::stderr_sink_mt>());
    made->set_pattern("%v");
    made->set_level(spdlog::level::trace);
    return made;
  }();
  return *instance;
}

constexpr std::array<std::string_view, 4> level_names{"debug", "info", "warn", "error"};

void append_escaped(std::string& out, std::string_view text) {
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
    } else {
      out += c;
    }
  }
}

void append_value(std::string& out, const Field& field, bool quoted) {
  if (const auto* text = std::get_if<std::string_view>(&field.value)) {
    if (quoted) out += '"';
    append_escaped(out, *text);
    if (quoted) out += '"';
  } else if (const auto* number = std::get_if<std::int64_t>(&field.value)) {
    out += std::to_string(*number);
  } else if (const auto* real = std::get_if<double>(&field.value)) {
    out += fmt::format("{}", *real);
  } else {
    out += std::get<bool>(field.value) ? "true" : "false";
  }
}

std::string time_now() {
  using namespace std::chrono;
  const auto now = system_clock::now();
  const auto ms = duration_cast<milliseconds>(now.time_since_epoch()).count() % 1000;
  const std::time_t seconds = system_clock::to_time_t(now);
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  std::array<char, 32> text{};
  const std::size_t length = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S", &utc);
  return fmt::format("{}.{:03}Z", std::string_view{text.data(), length}, ms);
}

std::string as_json(Level level, std::string_view message, Fields fields) {
  std::string line = fmt::format(R"({{"time":"{}","level":"{}","message":")", time_now(),
                                 level_names[static_cast<std::size_t>(level)]);
  append_escaped(line, message);
  line += '"';
  for (const Field& field : fields) {
    line.append(",\"").append(field.name).append("\":");
    append_value(line, field, true);
  }
  line += '}';
  return line;
}

std::string as_text(Level level, std::string_view message, Fields fields) {
  std::string line = fmt::format("{} {:<5} ", time_now().substr(11, 12),
                                 level_names[static_cast<std::size_t>(level)]);
  append_escaped(line, message);
  for (const Field& field : fields) {
    line.append("  ").append(field.name).append("=");
    append_value(line, field, false);
  }
  return line;
}

}  // namespace

void configure(Level level, Format chosen) {
  threshold = level;
  format = chosen;
}

bool is_on(Level level) { return level >= threshold.load(std::memory_order_relaxed); }

void write(Level level, std::string_view message, Fields fields) {
  if (!is_on(level)) return;
  const bool json = format.load(std::memory_order_relaxed) == Format::json;
  logger().log(spdlog::level::info, "{}",
               json ? as_json(level, message, fields) : as_text(level, message, fields));
  if (level == Level::error) logger().flush();
}

}  // namespace wildnout::log
