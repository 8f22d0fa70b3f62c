// Clerk's Backend API (clerk.com/docs/reference/backend-api), as far as the reconciler asks it.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "identity/clerk_events.hpp"
#include "identity/settings.hpp"
#include "platform/http/client.hpp"

namespace wildnout::identity {

// Clerk wants to be left alone for a while (429), or cannot answer now.
class ClerkBusy : public std::runtime_error {
 public:
  explicit ClerkBusy(std::chrono::seconds pause)
      : std::runtime_error{"Clerk's API is to be asked later"}, pause_{pause} {}
  [[nodiscard]] std::chrono::seconds pause() const { return pause_; }

 private:
  std::chrono::seconds pause_;
};

// All throw ClerkBusy; std::runtime_error for an answer that is none; http::ClientError.
class ClerkApi {
 public:
  static constexpr std::size_t most_ids = 100;       // asked for at once
  static constexpr std::int64_t users_a_page = 200;  // of 500 that Clerk would give
  static constexpr std::chrono::seconds shortest_pause{1};
  static constexpr std::chrono::seconds longest_pause{600};

  ClerkApi(http::Client& client, const Settings& settings)
      : client_{client}, url_{settings.clerk_api_url}, secret_{settings.clerk_secret_key} {}

  [[nodiscard]] bool is_configured() const { return !secret_.reveal().empty(); }

  // Those of them that Clerk has.
  [[nodiscard]] Task<std::vector<ClerkUser>> users(std::vector<std::string> ids);
  struct Page {
    std::vector<ClerkUser> users;
    bool is_last;
  };
  // In the order in which they were made.
  [[nodiscard]] Task<Page> page(std::int64_t offset);
  // Nothing: Clerk says that there is no such user.
  [[nodiscard]] Task<std::optional<ClerkUser>> user(std::string id);

 private:
  [[nodiscard]] Task<http::ClientResponse> get(std::string path);

  http::Client& client_;
  std::string url_;
  Secret<std::string> secret_;
};

}  // namespace wildnout::identity
