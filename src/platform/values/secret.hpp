// A value that must not reach a log, an answer or a terminal.
#pragma once

#include <ostream>
#include <utility>

namespace wildnout {

// Cannot be printed; whoever needs the value says so with reveal().
template <class T>
class Secret {
 public:
  Secret() = default;
  explicit Secret(T value) : value_{std::move(value)} {}

  [[nodiscard]] const T& reveal() const { return value_; }

  friend std::ostream& operator<<(std::ostream&, const Secret&) = delete;

 private:
  T value_{};
};

}  // namespace wildnout
