// Points in time as the contract knows them: UTC, milliseconds, RFC 3339.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace wildnout {

using Timestamp = std::chrono::sys_time<std::chrono::milliseconds>;

// "2026-11-22T10:00:00.000Z".
[[nodiscard]] std::string text_of(Timestamp time);
void append_text_of(Timestamp time, std::string& out);

// Reads RFC 3339 with any offset and any number of decimals (cut to milliseconds); years 1970-9999.
[[nodiscard]] std::optional<Timestamp> parse_timestamp(std::string_view text);

// The machine's clock. Deadlines do not hang on it: they are checked by database time.
[[nodiscard]] Timestamp system_now();

}  // namespace wildnout
