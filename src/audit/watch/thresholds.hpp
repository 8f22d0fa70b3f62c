// What is a lot: the numbers that the detectors compare with, and what each finding leads to.
#pragma once

#include <boost/describe/enum.hpp>
#include <chrono>
#include <cstdint>

namespace wildnout::audit::watch {

using std::chrono::seconds;

// off: not looked for. observe: a case. alert: a case, a warning in the log and a metric.
enum class DetectorMode : std::uint8_t { off, observe, alert };
BOOST_DESCRIBE_ENUM(DetectorMode, off, observe, alert)

// So many facts within any such time.
struct Rate {
  std::int64_t limit = 0;
  seconds window{};
};

struct Detector {
  DetectorMode mode = DetectorMode::alert;
  Rate rate;
};

// docs/audit.md says what each is for.
struct Detectors {
  using minutes = std::chrono::minutes;
  using hours = std::chrono::hours;

  Detector failed_sign_ins{DetectorMode::alert, {50, minutes{10}}};     // of one network
  Detector spread_sign_ins{DetectorMode::alert, {2'000, minutes{10}}};  // of all others together
  Detector many_networks{DetectorMode::alert, {8, hours{1}}};           // of one account
  Detector staff_rate{DetectorMode::alert, {60, minutes{10}}};  // actions of one member of staff
  Detector mass_export{DetectorMode::alert, {5, hours{1}}};     // exports of one person
  Detector mass_reading{DetectorMode::alert, {100, hours{1}}};  // reads of others' personal data
  Detector permission_probing{DetectorMode::alert, {10, minutes{10}}};  // denials of one caller
};

// Somebody who opens one page again and again that they may not see is no prober.
inline constexpr std::int64_t least_routes_probed = 3;
// The longest window that can be set: how far back facts are read.
inline constexpr std::chrono::hours longest_window{6};

}  // namespace wildnout::audit::watch
