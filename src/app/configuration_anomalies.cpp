// The settings of the watch: a line a detector.
#include <array>

#include "app/configuration_settings.hpp"
#include "platform/values/spelling.hpp"

namespace wildnout::app {
namespace {

using audit::watch::Detector;
using audit::watch::DetectorMode;

constexpr std::int64_t most_facts = 1'000'000;
constexpr std::string_view fix = "write it like off, observe, or alert 50/10m";

// "off", "observe", "alert"; with a rate behind it, "alert 50/10m", in place of the default's.
void read_detector(Detector& detector, std::string_view text) {
  const std::size_t blank = std::min(text.find(' '), text.size());
  const auto mode = parse_spelled<DetectorMode>(text.substr(0, blank));
  if (!mode) throw BadValue{"off, observe or alert"};
  detector.mode = *mode;
  text.remove_prefix(std::min(blank + 1, text.size()));
  if (text.empty()) return;
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) throw BadValue{"so many in such a time, like 50/10m"};
  detector.rate.limit = number_in(text.substr(0, slash), 1, most_facts);
  const auto window = duration_of(text.substr(slash + 1));
  if (window < std::chrono::minutes{1} || window > audit::watch::longest_window) {
    throw BadValue{"a time from 1m to 6h behind the slash"};
  }
  detector.rate.window = std::chrono::floor<std::chrono::seconds>(window);
}

using Text = const std::string&;

constexpr std::array all_anomaly_settings{
    Setting{"WILDNOUT_ANOMALY_FAILED_SIGN_INS", "refused credentials from one network",
            "alert 50/10m", "alert 50/10m", Kind::open, fix,
            [](Configuration& c, Text v) { read_detector(c.anomalies.failed_sign_ins, v); }},
    Setting{"WILDNOUT_ANOMALY_SPREAD_SIGN_INS", "from all networks that have no case of their own",
            "alert 2000/10m", "alert 2000/10m", Kind::open, fix,
            [](Configuration& c, Text v) { read_detector(c.anomalies.spread_sign_ins, v); }},
    Setting{"WILDNOUT_ANOMALY_MANY_NETWORKS", "networks that one account is used from",
            "alert 8/1h", "alert 8/1h", Kind::open, fix,
            [](Configuration& c, Text v) { read_detector(c.anomalies.many_networks, v); }},
    Setting{"WILDNOUT_ANOMALY_STAFF_RATE", "actions of one moderator or admin", "alert 60/10m",
            "alert 60/10m", Kind::open, fix,
            [](Configuration& c, Text v) { read_detector(c.anomalies.staff_rate, v); }},
    Setting{"WILDNOUT_ANOMALY_MASS_EXPORT", "exports that one person asks for", "alert 5/1h",
            "alert 5/1h", Kind::open, fix,
            [](Configuration& c, Text v) { read_detector(c.anomalies.mass_export, v); }},
    Setting{"WILDNOUT_ANOMALY_MASS_READING", "others' personal data read by one member of staff",
            "alert 100/1h", "alert 100/1h", Kind::open, fix,
            [](Configuration& c, Text v) { read_detector(c.anomalies.mass_reading, v); }},
    Setting{"WILDNOUT_ANOMALY_PERMISSION_PROBING",
            "refusals of one caller who asks for what they may not", "alert 10/10m", "alert 10/10m",
            Kind::open, fix,
            [](Configuration& c, Text v) { read_detector(c.anomalies.permission_probing, v); }},
};

}  // namespace

std::span<const Setting> anomaly_settings() { return all_anomaly_settings; }

}  // namespace wildnout::app
