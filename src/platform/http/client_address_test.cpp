// Whose request it is, for every kind of chain that proxies, and forgers, may send.
#include "platform/http/client_address.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace wildnout::http {
namespace {

std::vector<Network> networks(const std::vector<std::string>& texts) {
  std::vector<Network> made;
  for (const std::string& text : texts) made.push_back(*Network::parse(text));
  return made;
}

// `lines` in the order in which they were sent.
std::string client(const std::string& peer, const std::vector<std::string>& trusted,
                   const std::vector<std::string>& lines) {
  const auto proxies = networks(trusted);
  ClientWalk walk{boost::asio::ip::make_address(peer), proxies};
  for (auto line = lines.rbegin(); line != lines.rend() && !walk.is_over(); ++line) {
    walk.read(*line);
  }
  return walk.client().to_string();
}

TEST(ClientAddress, IsThePeerWhenNoProxyIsTrusted) {
  EXPECT_EQ(client("192.0.2.9", {}, {"198.51.100.1"}), "192.0.2.9");
  EXPECT_EQ(client("192.0.2.9", {"10.0.0.0/8"}, {"198.51.100.1"}), "192.0.2.9");
}

TEST(ClientAddress, IsWhomTheTrustedProxyWasCalledBy) {
  EXPECT_EQ(client("10.0.0.1", {"10.0.0.0/8"}, {"198.51.100.1"}), "198.51.100.1");
  EXPECT_EQ(client("10.0.0.1", {"10.0.0.0/8"}, {}), "10.0.0.1");
}

TEST(ClientAddress, IsNeverWhatTheClientItselfWrote) {
  EXPECT_EQ(client("10.0.0.1", {"10.0.0.0/8"}, {"203.0.113.7, 198.51.100.1"}), "198.51.100.1");
  EXPECT_EQ(client("10.0.0.1", {"10.0.0.0/8"}, {"10.0.0.5, 198.51.100.1"}), "198.51.100.1");
  EXPECT_EQ(client("10.0.0.1", {"10.0.0.0/8"}, {"127.0.0.1,10.0.0.2 , 198.51.100.1"}),
            "198.51.100.1");
}

TEST(ClientAddress, IsFoundBehindSeveralTrustedProxies) {
  const std::vector<std::string> trusted{"10.0.0.0/8", "2001:db8:ffff::/48"};
  EXPECT_EQ(client("10.0.0.1", trusted, {"6.6.6.6, 198.51.100.1, 2001:db8:ffff::2, 10.9.9.9"}),
            "198.51.100.1");
  EXPECT_EQ(client("2001:db8:ffff::2", trusted, {"2001:db8::1, 10.9.9.9"}), "2001:db8::1");
}

TEST(ClientAddress, IsTheFarthestHopWhenAllAreTrusted) {
  EXPECT_EQ(client("10.0.0.1", {"10.0.0.0/8"}, {"10.3.3.3, 10.2.2.2"}), "10.3.3.3");
}

TEST(ClientAddress, ReadsSeveralLinesAsOneList) {
  EXPECT_EQ(client("10.0.0.1", {"10.0.0.0/8"}, {"203.0.113.7", "198.51.100.1"}), "198.51.100.1");
  EXPECT_EQ(client("10.0.0.1", {"10.0.0.0/8"}, {"203.0.113.7", "198.51.100.1, 10.2.2.2"}),
            "198.51.100.1");
  EXPECT_EQ(client("10.0.0.1", {"10.0.0.0/8"}, {"203.0.113.7", "10.2.2.2"}), "203.0.113.7");
}

TEST(ClientAddress, KnowsAnIPv4AddressInIPv6Clothes) {
  EXPECT_EQ(client("::ffff:10.0.0.1", {"10.0.0.0/8"}, {"::ffff:198.51.100.1"}), "198.51.100.1");
  EXPECT_EQ(client("10.0.0.1", {"::ffff:10.0.0.0/104"}, {"198.51.100.1"}), "198.51.100.1");
  EXPECT_EQ(client("::ffff:192.0.2.9", {}, {}), "192.0.2.9");
}

TEST(ClientAddress, TakesPortsAndBrackets) {
  EXPECT_EQ(client("10.0.0.1", {"10.0.0.0/8"}, {"198.51.100.1:4711"}), "198.51.100.1");
  EXPECT_EQ(client("10.0.0.1", {"10.0.0.0/8"}, {"[2001:db8::1]:443"}), "2001:db8::1");
  EXPECT_EQ(client("10.0.0.1", {"10.0.0.0/8"}, {"[2001:db8::1]"}), "2001:db8::1");
}

TEST(ClientAddress, StopsAtWhatIsNoAddress) {
  for (const std::string junk :
       {"unknown", "_hidden", "198.51.100.1:", "198.51.100.1:port", "[2001:db8::1", "[::1]x",
        "fe80::1%eth0", "1.2.3", "\"1.2.3.4\"", "999.1.1.1", "01.2.3.4.5"}) {
    EXPECT_EQ(client("10.0.0.1", {"10.0.0.0/8"}, {"203.0.113.7, " + junk}), "10.0.0.1") << junk;
    EXPECT_EQ(client("10.0.0.1", {"10.0.0.0/8"}, {"203.0.113.7, " + junk + ", 10.7.7.7"}),
              "10.7.7.7")
        << junk;
  }
}

TEST(ClientAddress, PassesOverEmptyElements) {
  EXPECT_EQ(client("10.0.0.1", {"10.0.0.0/8"}, {" , 198.51.100.1, ,"}), "198.51.100.1");
  EXPECT_EQ(client("10.0.0.1", {"10.0.0.0/8"}, {"", ""}), "10.0.0.1");
}

}  // namespace
}  // namespace wildnout::http
