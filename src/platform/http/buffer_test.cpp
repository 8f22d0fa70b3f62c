// Growing, moving and shrinking of the read buffer.
#include "platform/http/buffer.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace wildnout::http {
namespace {

void put(ReadBuffer& buffer, std::string_view bytes, std::size_t wanted) {
  while (!bytes.empty()) {
    const std::span<char> room = buffer.room(wanted);
    const std::size_t take = std::min(room.size(), bytes.size());
    std::copy_n(bytes.begin(), take, room.begin());
    buffer.commit(take);
    bytes.remove_prefix(take);
  }
}

std::string_view in(const ReadBuffer& buffer) { return {buffer.data(), buffer.size()}; }

TEST(ReadBuffer, KeepsBytesThroughGrowthAndMoves) {
  ReadBuffer buffer;
  std::string expected;
  for (int i = 0; i < 20'000; ++i) {
    const std::string piece = std::to_string(i);
    put(buffer, piece, buffer.size() + piece.size());
    expected += piece;
    if (i % 3 == 0) {
      buffer.consume(1);
      expected.erase(0, 1);
    }
  }
  EXPECT_EQ(in(buffer), expected);
}

TEST(ReadBuffer, GrowsByStepsAndNotByteByByte) {
  ReadBuffer buffer;
  put(buffer, std::string(ReadBuffer::resident_bytes, 'x'), 1);
  EXPECT_EQ(buffer.room(buffer.size() + 1).size(),
            ReadBuffer::growth_step_bytes - ReadBuffer::resident_bytes);
}

TEST(ReadBuffer, TakesNoMemoryForAClaimAlone) {
  ReadBuffer buffer;
  EXPECT_LE(buffer.room(1'000'000).size(), ReadBuffer::growth_step_bytes);
}

TEST(ReadBuffer, GivesGrownMemoryBack) {
  ReadBuffer buffer;
  put(buffer, std::string(50'000, 'x'), 50'010);
  put(buffer, "0123456789", 50'010);
  buffer.consume(50'000);
  buffer.shrink();
  EXPECT_EQ(in(buffer), "0123456789");
  EXPECT_EQ(buffer.room(1).size(), ReadBuffer::resident_bytes - 10);
}

TEST(ReadBuffer, TakesBytesOutOfTheMiddle) {
  ReadBuffer buffer;
  put(buffer, "head chunk rest", 20);
  buffer.consume(5);
  buffer.erase(2, 4);
  EXPECT_EQ(in(buffer), "chrest");
}

}  // namespace
}  // namespace wildnout::http
