// Counting failed credentials, shared with other nodes or not.
#include "platform/api/limits.hpp"

namespace wildnout::api {

Task<std::optional<std::uint32_t>> count_bad_credentials(Limiter& limiter,
                                                         boost::asio::ip::address remote) {
  if (limiter.is_shared()) co_return co_await limiter.note_bad_credentials_shared(remote);
  co_return limiter.note_bad_credentials(remote);
}

}  // namespace wildnout::api
