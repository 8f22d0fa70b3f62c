// Preferences: their defaults, and what a wish makes of them. Pure functions.
#pragma once

#include <string>
#include <string_view>

#include "identity/people_model.hpp"

namespace wildnout::identity {

// With every member set.
[[nodiscard]] Preferences default_preferences();

// Of what is kept as JSON, with the defaults for what is not in it. Throws json::Invalid.
[[nodiscard]] Preferences preferences_of(const std::string& json);

// `kept` with what `wished` names put over it.
[[nodiscard]] Preferences put_over(Preferences kept, const Preferences& wished);

}  // namespace wildnout::identity
