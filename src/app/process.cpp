// Building what all shards share, from the configuration.
#include "app/process.hpp"

#include "app/keys.hpp"
#include "embedded/arena.hpp"
#include "embedded/docs.hpp"
#include "embedded/front.hpp"
#include "embedded/swagger.hpp"

namespace wildnout::app {
namespace {

constexpr unsigned cpu_pool_queue = 256;

ws::Limits socket_limits(const Configuration& configuration) {
  ws::Limits limits;
  limits.sockets_per_address = configuration.sockets_per_address;
  limits.sockets_per_user = configuration.sockets_per_user;
  return limits;
}

identity::Settings identity_settings(const Configuration& configuration, const Keys& keys,
                                     const crypto::Vault& vault) {
  identity::Settings settings{vault};
  settings.clerk = identity::IssuerPolicy{};
  settings.clerk.issuer = configuration.clerk.issuer;
  settings.clerk.authorized_parties = configuration.clerk.authorized_parties;
  settings.jwks_url = configuration.clerk.jwks_url;
  settings.jwks_file = configuration.clerk.jwks_file;
  settings.pem = configuration.clerk.pem;
  settings.csrf_key = keys.csrf;
  for (const std::string& secret : configuration.clerk.webhook_secrets.reveal()) {
    settings.webhook_secrets.push_back(*crypto::WebhookSecret::parse(secret));
  }
  settings.clerk_instance_id = configuration.clerk.instance_id;
  settings.clerk_api_url = configuration.clerk.api_url;
  settings.clerk_secret_key = configuration.clerk.secret_key;
  settings.admin_user_ids = configuration.admin_user_ids;
  settings.public_url = configuration.public_url;
  settings.keys = open_keys(configuration);
  settings.is_dev_issuer_public = configuration.dev_issuer == DevIssuer::everywhere;
  return settings;
}

std::optional<identity::DevIssuer> open_dev_issuer(const Configuration& configuration) {
  if (configuration.dev_issuer == DevIssuer::off) return std::nullopt;
  return identity::DevIssuer::open(configuration.data);
}

}  // namespace

void BackgroundWaker::wake() {
  shards_.post(0, [this] {
    if (target_) target_();
  });
}

Process::Process(Configuration chosen, Keys chosen_keys)
    : configuration{std::move(chosen)},
      keys{std::move(chosen_keys)},
      shards{configuration.threads},
      cpu_pool{configuration.threads, cpu_pool_queue},
      hub{shards, socket_limits(configuration)},
      background{shards},
      trail{open_keys(configuration)},
      vault{open_keys(configuration)},
      identity{shards, 0, identity_settings(configuration, keys, vault),
               open_dev_issuer(configuration),
               [this](UserId user, std::string session) {
                 hub.close_session(user.value, std::move(session));
               }},
      battles{shards,
              hub,
              cpu_pool,
              background,
              battles::VoterNetworks{keys.networks},
              configuration.detectors,
              trail},
      cursors{keys.cursors},
      cors{configuration.cors_origins} {
  if (configuration.is_limiting) limiter.emplace(configuration.rate_limits);
  state.are_sessions_current = [this] { return identity.standing().is_current(); };
  assets.add(embedded::front());
  assets.add(embedded::arena());
  assets.add(embedded::docs());
  assets.add(embedded::swagger());
}

db::Settings database_settings(const Configuration& configuration) {
  db::Settings settings;
  settings.url = configuration.database_url.reveal();
  settings.transaction_pooler = configuration.has_transaction_pooler;
  settings.role = configuration.database_role;
  return settings;
}

}  // namespace wildnout::app
