// The route that Clerk's webhooks come in by.
#include "identity/routes.hpp"
#include "platform/api/answers.hpp"
#include "platform/json/json.hpp"

namespace wildnout::identity {
namespace {

// Svix's own names, or all of the standard's.
crypto::SignedMessage message_of(const api::Raw& raw) {
  const bool is_svix = !raw.header("svix-id").empty();
  return {raw.header(is_svix ? "svix-id" : "webhook-id"),
          raw.header(is_svix ? "svix-timestamp" : "webhook-timestamp"),
          raw.header(is_svix ? "svix-signature" : "webhook-signature"), raw.body};
}

audit::Author sender_of(const api::Origin& origin) {
  return {std::nullopt, origin.remote.to_string(), std::string{origin.user_agent},
          std::string{origin.request_id}};
}

Task<WebhookTaken> receive(Webhooks& webhooks, crypto::SignedMessage message,
                           audit::Author sender) {
  (void)co_await webhooks.receive(message, std::move(sender));
  co_return WebhookTaken{true};
}

}  // namespace

void mount_webhooks(api::Router& router, Webhooks& webhooks) {
  router.post("/webhooks/clerk",
              [&webhooks](api::Anyone, api::Raw raw, api::Origin origin) -> Task<WebhookTaken> {
                return receive(webhooks, message_of(raw), sender_of(origin));
              },
              {.summary = "Clerk's webhooks, signed as Standard Webhooks says",
               .tag = "auth",
               .refusals = {&invalid_webhook, &api::payload_too_large},
               .tier = api::Tier::unlimited,
               .description = "Repeats of one id do nothing again; types of no use here are "
                              "accepted and ignored."});
}

}  // namespace wildnout::identity
