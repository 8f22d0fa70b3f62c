// Merkle trees and inclusion proofs as in RFC 6962 section 2.1, over hashes of leaves.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "platform/crypto/digest.hpp"

namespace wildnout::crypto {

// The hash of a leaf: SHA-256(0x00 ‖ input).
[[nodiscard]] Sha256 leaf_hash(std::string_view input);

// Builds a tree leaf by leaf and keeps one hash a level, whatever its size.
class MerkleTree {
 public:
  void add(const Sha256& leaf);
  [[nodiscard]] std::uint64_t size() const { return size_; }
  // Of no leaf it is SHA-256 of nothing.
  [[nodiscard]] Sha256 root() const;

 private:
  // Roots of perfect trees, the largest first: one for each bit of the size.
  std::vector<Sha256> perfect_;
  std::uint64_t size_ = 0;
};

[[nodiscard]] Sha256 merkle_root(std::span<const Sha256> leaves);

// The path of the leaf at `index`, which must exist, from the bottom up (RFC 6962 section 2.1.1).
[[nodiscard]] std::vector<Sha256> merkle_path(std::span<const Sha256> leaves, std::uint64_t index);

// The root that this leaf leads to by its path (RFC 9162 section 2.1.3.2). Nothing when the path
// does not fit a tree of that size.
[[nodiscard]] std::optional<Sha256> root_by_path(const Sha256& leaf, std::uint64_t index,
                                                 std::uint64_t size, std::span<const Sha256> path);

}  // namespace wildnout::crypto
