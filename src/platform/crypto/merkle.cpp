// Hashing leaves and nodes, and walking between the two ends of a tree.
#include "platform/crypto/merkle.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <string>

namespace wildnout::crypto {
namespace {

Sha256 node_hash(const Sha256& left, const Sha256& right) {
  std::array<std::uint8_t, 1 + 2 * sizeof(Sha256)> input{0x01};
  std::memcpy(input.data() + 1, left.data(), left.size());
  std::memcpy(input.data() + 1 + left.size(), right.data(), right.size());
  return sha256(ByteView{input});
}

// The largest power of two below `count`, which is at least 2.
std::size_t split_point(std::size_t count) { return std::bit_floor(count - 1); }

}  // namespace

Sha256 leaf_hash(std::string_view input) { return sha256(std::string{'\0'}.append(input)); }

void MerkleTree::add(const Sha256& leaf) {
  // Each trailing one bit of the size is a perfect tree that this leaf completes to a larger one.
  Sha256 hash = leaf;
  for (std::uint64_t size = size_; (size & 1) != 0; size >>= 1) {
    hash = node_hash(perfect_.back(), hash);
    perfect_.pop_back();
  }
  perfect_.push_back(hash);
  ++size_;
}

Sha256 MerkleTree::root() const {
  if (perfect_.empty()) return sha256(std::string_view{});
  Sha256 hash = perfect_.back();
  for (auto left = perfect_.rbegin() + 1; left != perfect_.rend(); ++left) {
    hash = node_hash(*left, hash);
  }
  return hash;
}

Sha256 merkle_root(std::span<const Sha256> leaves) {
  MerkleTree tree;
  for (const Sha256& leaf : leaves) tree.add(leaf);
  return tree.root();
}

std::vector<Sha256> merkle_path(std::span<const Sha256> leaves, std::uint64_t index) {
  std::vector<Sha256> path;
  while (leaves.size() > 1) {
    const std::size_t split = split_point(leaves.size());
    if (index < split) {
      path.push_back(merkle_root(leaves.subspan(split)));
      leaves = leaves.first(split);
    } else {
      path.push_back(merkle_root(leaves.first(split)));
      leaves = leaves.subspan(split);
      index -= split;
    }
  }
  std::reverse(path.begin(), path.end());
  return path;
}

std::optional<Sha256> root_by_path(const Sha256& leaf, std::uint64_t index, std::uint64_t size,
                                   std::span<const Sha256> path) {
  if (index >= size) return std::nullopt;
  std::uint64_t position = index;
  std::uint64_t last = size - 1;
  Sha256 hash = leaf;
  for (const Sha256& sibling : path) {
    if (last == 0) return std::nullopt;
    if ((position & 1) != 0 || position == last) {
      hash = node_hash(sibling, hash);
      // A last node with no right sibling rises until it has a left one.
      while ((position & 1) == 0 && position != 0) {
        position >>= 1;
        last >>= 1;
      }
    } else {
      hash = node_hash(hash, sibling);
    }
    position >>= 1;
    last >>= 1;
  }
  if (last != 0) return std::nullopt;
  return hash;
}

}  // namespace wildnout::crypto
