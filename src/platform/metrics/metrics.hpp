// Counters, gauges and histograms of the process, in the Prometheus data model.
#pragma once

#include <atomic>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace wildnout::metrics {

using Labels = std::vector<std::pair<std::string, std::string>>;

// Ask for a metric once and keep the reference (it lives as long as the process): asking takes a
// lock, using one is a few nanoseconds. The same name and labels give the same object.
class Counter {
 public:
  void add(double amount = 1) { value_.fetch_add(amount, std::memory_order_relaxed); }
  [[nodiscard]] double value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<double> value_{0};
};

class Gauge {
 public:
  void set(double value) { value_.store(value, std::memory_order_relaxed); }
  void add(double amount) { value_.fetch_add(amount, std::memory_order_relaxed); }
  [[nodiscard]] double value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<double> value_{0};
};

class Histogram {
 public:
  explicit Histogram(std::vector<double> bounds);
  void observe(double value);
  [[nodiscard]] const std::vector<double>& bounds() const { return bounds_; }
  // Counts per bucket, the last one beyond every bound; not cumulative.
  [[nodiscard]] std::vector<std::uint64_t> counts() const;
  [[nodiscard]] double sum() const { return sum_.load(std::memory_order_relaxed); }

 private:
  std::vector<double> bounds_;
  std::unique_ptr<std::atomic<std::uint64_t>[]> counts_;
  std::atomic<double> sum_{0};
};

// Names as Prometheus advises: wildnout_<what>_<unit>, counters end in _total, times in seconds.
[[nodiscard]] Counter& counter(std::string_view name, std::string_view help, Labels labels = {});
[[nodiscard]] Gauge& gauge(std::string_view name, std::string_view help, Labels labels = {});
// Bounds from 100 us to 10 s, for durations in seconds.
[[nodiscard]] Histogram& histogram(std::string_view name, std::string_view help,
                                   Labels labels = {});

// The text exposition format 0.0.4 of everything.
[[nodiscard]] std::string exposition();

}  // namespace wildnout::metrics
