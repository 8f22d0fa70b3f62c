// How unlikely a count is: upper bounds on tails of distributions, as log10.
#pragma once

#include <cstddef>

namespace wildnout::battles::fair_play {

// Upper bounds by Chernoff (W. Hoeffding, "Probability inequalities for sums of bounded random
// variables", JASA 58, 1963, theorem 1; M. Mitzenmacher and E. Upfal, "Probability and Computing",
// theorem 5.4): never below the true probability, so a threshold errs on the voters' side.

// log10 P(at least `hits` of `trials` with chance `p` each); 0 where that is no surprise.
[[nodiscard]] double log_chance_binomial(std::size_t hits, std::size_t trials, double p);

// log10 P(at least `hits` where `expected` come on average).
[[nodiscard]] double log_chance_poisson(std::size_t hits, double expected);

}  // namespace wildnout::battles::fair_play
