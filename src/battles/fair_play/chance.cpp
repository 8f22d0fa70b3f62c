// The bounds in their closed forms.
#include "battles/fair_play/chance.hpp"

#include <cmath>
#include <limits>

namespace wildnout::battles::fair_play {

double log_chance_binomial(std::size_t hits, std::size_t trials, double p) {
  if (hits == 0 || hits > trials || p >= 1) return 0;
  if (p <= 0) return -std::numeric_limits<double>::infinity();
  const auto n = static_cast<double>(trials);
  const double share = static_cast<double>(hits) / n;
  if (share <= p) return 0;
  double divergence = share * std::log10(share / p);
  if (hits < trials) divergence += (1 - share) * std::log10((1 - share) / (1 - p));
  return -n * divergence;
}

double log_chance_poisson(std::size_t hits, double expected) {
  const auto k = static_cast<double>(hits);
  if (k <= expected) return 0;
  if (expected <= 0) return -std::numeric_limits<double>::infinity();
  return -(k * std::log10(k / expected) - (k - expected) * std::log10(std::exp(1.0)));
}

}  // namespace wildnout::battles::fair_play
