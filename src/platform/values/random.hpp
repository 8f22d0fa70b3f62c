// Random bytes from the system's generator.
#pragma once

#include <cstdint>
#include <span>

namespace wildnout {

// Fills `out` from a per-thread buffer of getrandom(2) bytes. Fit for tokens and ids. Throws
// std::system_error when the system has none.
void random_bytes(std::span<std::uint8_t> out);

}  // namespace wildnout
