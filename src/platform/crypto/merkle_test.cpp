// Trees and proofs against published vectors, the definition itself, and tampering.
#include "platform/crypto/merkle.hpp"

#include <gtest/gtest.h>

namespace wildnout::crypto {
namespace {

// The reference test of RFC 6962 implementations (google/certificate-transparency, merkletree
// tests): eight leaf inputs, the roots of the trees over the first of them, and paths.
const std::vector<std::string> inputs{"",
                                      "00",
                                      "10",
                                      "2021",
                                      "3031",
                                      "40414243",
                                      "5051525354555657",
                                      "606162636465666768696a6b6c6d6e6f"};
const std::vector<std::string> roots{
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"};

std::vector<Sha256> leaves(std::size_t count) {
  std::vector<Sha256> made;
  for (std::size_t i = 0; i < count; ++i) {
    made.push_back(leaf_hash(i < inputs.size() ? *parse_hex(inputs[i]) : std::to_string(i)));
  }
  return made;
}

std::vector<std::string> hex_of(const std::vector<Sha256>& path) {
  std::vector<std::string> texts;
  for (const Sha256& hash : path) texts.push_back(hex(ByteView{hash}));
  return texts;
}

TEST(MerkleTree, agrees_with_the_certificate_transparency_vectors) {
  MerkleTree tree;
  const auto all = leaves(inputs.size());
  EXPECT_EQ(hex(ByteView{tree.root()}), roots[0]);
  for (std::size_t count = 1; count <= all.size(); ++count) {
    tree.add(all[count - 1]);
    EXPECT_EQ(hex(ByteView{tree.root()}), roots[count]) << count;
    EXPECT_EQ(hex(ByteView{merkle_root(std::span{all}.first(count))}), roots[count]) << count;
  }
}

TEST(MerklePath, agrees_with_the_certificate_transparency_vectors) {
  EXPECT_TRUE(merkle_path(leaves(1), 0).empty());
  EXPECT_EQ(hex_of(merkle_path(leaves(8), 0)),
            (std::vector<std::string>{
                "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
                "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"}));
  EXPECT_EQ(hex_of(merkle_path(leaves(8), 5)),
            (std::vector<std::string>{
                "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
                "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
                "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"}));
  EXPECT_EQ(hex_of(merkle_path(leaves(3), 2)),
            (std::vector<std::string>{
                "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"}));
  EXPECT_EQ(hex_of(merkle_path(leaves(5), 1)),
            (std::vector<std::string>{
                "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
                "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"}));
}

TEST(MerklePath, leads_from_every_leaf_of_every_size_to_the_root_and_from_no_other_place) {
  for (std::size_t size = 1; size <= 70; ++size) {
    const auto all = leaves(size);
    const Sha256 root = merkle_root(all);
    for (std::size_t index = 0; index < size; ++index) {
      const auto path = merkle_path(all, index);
      EXPECT_EQ(root_by_path(all[index], index, size, path), root) << size << " " << index;
      EXPECT_NE(root_by_path(all[index], (index + 1) % size, size, path),
                size == 1 ? Sha256{} : root);
      EXPECT_NE(root_by_path(leaf_hash("another"), index, size, path), root);
      for (std::size_t step = 0; step < path.size(); ++step) {
        auto forged = path;
        forged[step][7] ^= 1;
        EXPECT_NE(root_by_path(all[index], index, size, forged), root);
      }
      auto longer = path;
      longer.push_back(root);
      EXPECT_FALSE(root_by_path(all[index], index, size, longer).has_value());
      if (!path.empty()) {
        EXPECT_FALSE(root_by_path(all[index], index, size, std::span{path}.first(path.size() - 1)));
      }
    }
    EXPECT_FALSE(root_by_path(all[0], size, size, {}).has_value());
  }
}

TEST(Sha256Stream, hashes_what_is_added_piece_by_piece) {
  Sha256Stream stream;
  stream.add("wild");
  stream.add("");
  stream.add("nout");
  EXPECT_EQ(stream.finish(), sha256("wildnout"));
}

}  // namespace
}  // namespace wildnout::crypto
