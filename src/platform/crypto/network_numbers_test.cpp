// Which addresses are one network, and that its number says nothing without the key.
#include "platform/crypto/network_numbers.hpp"

#include <gtest/gtest.h>

namespace wildnout::crypto {
namespace {

std::int64_t number_of(const char* address, const char* key = "a key") {
  return NetworkNumbers{key}.of(boost::asio::ip::make_address(address));
}

TEST(NetworkNumbers, AreOfTheWholeAddressOrItsFirst64Bits) {
  EXPECT_EQ(number_of("192.0.2.1"), number_of("192.0.2.1"));
  EXPECT_EQ(number_of("192.0.2.1"), number_of("::ffff:192.0.2.1"));
  EXPECT_NE(number_of("192.0.2.1"), number_of("192.0.2.2"));
  EXPECT_EQ(number_of("2001:db8:1:2::1"), number_of("2001:db8:1:2:ffff::9"));
  EXPECT_NE(number_of("2001:db8:1:2::1"), number_of("2001:db8:1:3::1"));
}

TEST(NetworkNumbers, DifferWithTheKey) {
  EXPECT_NE(number_of("192.0.2.1"), number_of("192.0.2.1", "another key"));
}

}  // namespace
}  // namespace wildnout::crypto
