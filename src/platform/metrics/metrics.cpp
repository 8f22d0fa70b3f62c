// The registry of metrics; prometheus-cpp writes the exposition.
#include "platform/metrics/metrics.hpp"

#include <prometheus/client_metric.h>
#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <map>
#include <mutex>

namespace wildnout::metrics {
namespace {

// prometheus-cpp's own counters and histograms take a lock a change; ours are atomics, gathered
// into its families when somebody asks.
template <class Metric>
struct Family {
  std::string help;
  std::map<Labels, std::unique_ptr<Metric>> metrics;
};

struct Registry {
  std::mutex lock;
  std::map<std::string, Family<Counter>, std::less<>> counters;
  std::map<std::string, Family<Gauge>, std::less<>> gauges;
  std::map<std::string, Family<Histogram>, std::less<>> histograms;
};

Registry& registry() {
  static Registry instance;
  return instance;
}

std::vector<double> duration_bounds() {
  return {0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025,
          0.05,   0.1,     0.25,   0.5,   1.0,    2.5,   5.0,  10.0};
}

template <class Metric, class Families, class Make>
Metric& find_or_make(Families& families, std::string_view name, std::string_view help,
                     Labels labels, Make make) {
  const std::lock_guard guard{registry().lock};
  auto& family = families[std::string{name}];
  if (family.help.empty()) family.help = help;
  std::sort(labels.begin(), labels.end());
  auto& metric = family.metrics[std::move(labels)];
  if (!metric) metric = make();
  return *metric;
}

void add_labels(prometheus::ClientMetric& metric, const Labels& labels) {
  for (const auto& [name, value] : labels) metric.label.push_back({name, value});
}

void fill(prometheus::ClientMetric& out, const Counter& metric) {
  out.counter.value = metric.value();
}
void fill(prometheus::ClientMetric& out, const Gauge& metric) { out.gauge.value = metric.value(); }
void fill(prometheus::ClientMetric& out, const Histogram& metric) {
  const auto counts = metric.counts();
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < metric.bounds().size(); ++i) {
    sum += counts[i];
    prometheus::ClientMetric::Bucket bucket;
    bucket.cumulative_count = sum;
    bucket.upper_bound = metric.bounds()[i];
    out.histogram.bucket.push_back(bucket);
  }
  out.histogram.sample_count = sum + counts.back();
  out.histogram.sample_sum = metric.sum();
}

template <class Families>
void gather(std::vector<prometheus::MetricFamily>& out, const Families& families,
            prometheus::MetricType type) {
  for (const auto& [name, family] : families) {
    prometheus::MetricFamily gathered;
    gathered.name = name;
    gathered.help = family.help;
    gathered.type = type;
    for (const auto& [labels, metric] : family.metrics) {
      prometheus::ClientMetric one;
      add_labels(one, labels);
      fill(one, *metric);
      gathered.metric.push_back(std::move(one));
    }
    out.push_back(std::move(gathered));
  }
}

}  // namespace

Histogram::Histogram(std::vector<double> bounds)
    : bounds_{std::move(bounds)},
      counts_{std::make_unique<std::atomic<std::uint64_t>[]>(bounds_.size() + 1)} {}

void Histogram::observe(double value) {
  const auto at = std::lower_bound(bounds_.begin(), bounds_.end(), value) - bounds_.begin();
  counts_[static_cast<std::size_t>(at)].fetch_add(1, std::memory_order_relaxed);
  sum_.fetch_add(value, std::memory_order_relaxed);
}

std::vector<std::uint64_t> Histogram::counts() const {
  std::vector<std::uint64_t> out(bounds_.size() + 1);
  for (std::size_t i = 0; i < out.size(); ++i) {
    out[i] = counts_[i].load(std::memory_order_relaxed);
  }
  return out;
}

Counter& counter(std::string_view name, std::string_view help, Labels labels) {
  return find_or_make<Counter>(registry().counters, name, help, std::move(labels),
                               [] { return std::make_unique<Counter>(); });
}

Gauge& gauge(std::string_view name, std::string_view help, Labels labels) {
  return find_or_make<Gauge>(registry().gauges, name, help, std::move(labels),
                             [] { return std::make_unique<Gauge>(); });
}

Histogram& histogram(std::string_view name, std::string_view help, Labels labels) {
  return find_or_make<Histogram>(registry().histograms, name, help, std::move(labels),
                                 [] { return std::make_unique<Histogram>(duration_bounds()); });
}

std::string exposition() {
  std::vector<prometheus::MetricFamily> families;
  {
    const std::lock_guard guard{registry().lock};
    gather(families, registry().counters, prometheus::MetricType::Counter);
    gather(families, registry().gauges, prometheus::MetricType::Gauge);
    gather(families, registry().histograms, prometheus::MetricType::Histogram);
  }
  return prometheus::TextSerializer{}.Serialize(families);
}

}  // namespace wildnout::metrics
