// Which coding a client gets, and what the codings hold.
#include "platform/http/negotiation.hpp"

#include <brotli/decode.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include <string>

#include "platform/http/compression.hpp"

namespace wildnout::http {
namespace {

TEST(ChooseCoding, FollowsTheWeights) {
  const struct {
    const char* accept;
    Coding coding;
    bool is_identity_refused;
  } cases[] = {
      {"", Coding::identity, false},
      {"gzip", Coding::gzip, false},
      {"br", Coding::brotli, false},
      {"gzip, deflate, br, zstd", Coding::brotli, false},
      {"GZIP", Coding::gzip, false},
      {"x-gzip", Coding::gzip, false},
      {"deflate", Coding::identity, false},
      {"identity", Coding::identity, false},
      {"gzip;q=0", Coding::identity, false},
      {"gzip;q=0.000", Coding::identity, false},
      {"br;q=0.5, gzip;q=0.8", Coding::gzip, false},
      {"br ; q=0.9 , gzip ; q=0.8", Coding::brotli, false},
      {"gzip;q=0.001", Coding::gzip, false},
      {"gzip;q=0.5, identity", Coding::identity, false},
      {"gzip;q=0.5, identity;q=0.5", Coding::gzip, false},
      {"*", Coding::brotli, false},
      {"*;q=0.1, br;q=0", Coding::gzip, false},
      {"*;q=0", Coding::identity, true},
      {"gzip, *;q=0", Coding::gzip, true},
      {"identity;q=0", Coding::identity, true},
      {"identity;q=0, gzip;q=0.1", Coding::gzip, true},
      {"*;q=0, identity;q=0.1", Coding::identity, false},
      {"gzip;q=2", Coding::identity, false},
      {"gzip;q=1.001", Coding::identity, false},
      {"gzip;q=0.1234", Coding::identity, false},
      {"gzip;q=", Coding::identity, false},
      {"gzip;q=x, br;q=0.2", Coding::brotli, false},
      {"gzip;level=9", Coding::identity, false},
      {"gzipped", Coding::identity, false},
      {",,gzip,,", Coding::gzip, false},
  };
  for (const auto& one : cases) {
    const CodingChoice choice = choose_coding(one.accept);
    EXPECT_EQ(choice.coding, one.coding) << one.accept;
    EXPECT_EQ(choice.is_identity_refused, one.is_identity_refused) << one.accept;
  }
}

TEST(IsCompressible, KnowsTextFromBytes) {
  for (const char* type : {"application/json", "text/html; charset=utf-8", "text/javascript",
                           "image/svg+xml", "application/merge-patch+json", "text/css"}) {
    EXPECT_TRUE(is_compressible(type)) << type;
  }
  for (const char* type :
       {"image/png", "application/octet-stream", "video/mp4", "font/woff2", ""}) {
    EXPECT_FALSE(is_compressible(type)) << type;
  }
}

TEST(MatchesEtag, ComparesWeakly) {
  EXPECT_TRUE(matches_etag("\"a\"", "\"a\""));
  EXPECT_TRUE(matches_etag("\"b\", W/\"a\"", "\"a\""));
  EXPECT_TRUE(matches_etag("\"a\"", "W/\"a\""));
  EXPECT_TRUE(matches_etag("*", "\"a\""));
  EXPECT_FALSE(matches_etag("\"ab\"", "\"a\""));
  EXPECT_FALSE(matches_etag("a", "\"a\""));
  EXPECT_FALSE(matches_etag("", "\"a\""));
}

std::string gunzip(const std::string& bytes, std::size_t size) {
  std::string out(size, '\0');
  z_stream stream{};
  inflateInit2(&stream, 15 + 16);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(inflate(&stream, Z_FINISH), Z_STREAM_END);
  inflateEnd(&stream);
  return out;
}

std::string text_of(std::size_t size) {
  std::string text;
  while (text.size() < size) text += "{\"id\":" + std::to_string(text.size() * 7919) + "},";
  return text.substr(0, size);
}

TEST(Compressor, MakesWhatDecodersRead) {
  Compressor compressor{on_its_way};
  for (const std::size_t size : {0UL, 1UL, 1'500UL, 200'000UL}) {
    const std::string text = text_of(size);
    EXPECT_EQ(gunzip(compressor.gzip(text), size), text);
    const std::string coded = compressor.brotli(text);
    std::string out(size + 1, '\0');
    std::size_t out_size = out.size();
    ASSERT_EQ(
        BrotliDecoderDecompress(coded.size(), reinterpret_cast<const std::uint8_t*>(coded.data()),
                                &out_size, reinterpret_cast<std::uint8_t*>(out.data())),
        BROTLI_DECODER_RESULT_SUCCESS);
    EXPECT_EQ(out.substr(0, out_size), text);
  }
}

TEST(MakeSharedBody, KeepsOnlyFormsThatAreWorthIt) {
  const auto text = make_shared_body(text_of(5'000), true);
  EXPECT_LT(text->gzip.size(), 5'000U);
  EXPECT_LT(text->brotli.size(), 5'000U);
  EXPECT_FALSE(text->gzip.empty());
  EXPECT_FALSE(text->brotli.empty());
  EXPECT_TRUE(make_shared_body(text_of(5'000), false)->gzip.empty());
  EXPECT_TRUE(make_shared_body(text_of(1'024), true)->brotli.empty());
}

}  // namespace
}  // namespace wildnout::http
