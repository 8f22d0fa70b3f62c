// Credentials are found in each of the three places, in the order of preference.
#include "realtime/gate.hpp"

#include <gtest/gtest.h>

namespace wildnout::realtime {

TEST(Credentials, come_from_the_ticket_first) {
  const auto found = credentials_of("/ws?token=a.b.c&ticket=t1", "wildnout.v1, bearer.d.e.f");
  EXPECT_EQ(found.ticket, "t1");
  EXPECT_EQ(found.token, "");
}

TEST(Credentials, come_from_the_sub_protocol_before_the_address) {
  EXPECT_EQ(credentials_of("/ws?token=a.b.c", "wildnout.v1,bearer.d.e.f").token, "d.e.f");
  EXPECT_EQ(credentials_of("/ws?token=a.b.c", "wildnout.v1").token, "a.b.c");
}

TEST(Credentials, are_missing_where_none_were_sent) {
  const auto found = credentials_of("/ws?other=1&tokens=x", "");
  EXPECT_TRUE(found.ticket.empty());
  EXPECT_TRUE(found.token.empty());
}

}  // namespace wildnout::realtime
