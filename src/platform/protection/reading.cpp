// Telling of values that cannot be opened.
#include "platform/protection/reading.hpp"

#include "platform/log/log.hpp"
#include "platform/metrics/metrics.hpp"

namespace wildnout::protection {

void report_unopenable(std::string_view table, std::string_view column, std::string_view why) {
  static metrics::Counter& unopened =
      metrics::counter("wildnout_sealed_values_unopened_total",
                       "Protected values that could not be opened when they were read");
  unopened.add();
  log::error("a protected value cannot be opened",
             {{"table", table}, {"column", column}, {"why", why}});
}

}  // namespace wildnout::protection
