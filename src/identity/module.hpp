// The only door of the identity module: builds its parts, mounts its routes.
#pragma once

#include "identity/administration.hpp"
#include "identity/authenticator.hpp"
#include "identity/erasure.hpp"
#include "identity/node.hpp"
#include "identity/people_service.hpp"
#include "identity/personal_records.hpp"
#include "identity/service.hpp"
#include "identity/session_book.hpp"
#include "identity/webhooks.hpp"
#include "platform/api/cursor.hpp"
#include "platform/api/router.hpp"

namespace wildnout::identity {

// One a shard, made and destroyed on it.
class Module {
 public:
  Module(Node& node, unsigned shard, db::Database& database, ProfileFacts& facts,
         const audit::Trail& trail)
      : node_{node},
        book_{node.shards(),         shard, node.books(), database, node.standing(),
              node.settings().vault, trail},
        service_{database, node.settings(), node.dev_issuer(), facts, trail},
        people_{database, book_},
        administration_{node.settings(), book_, trail},
        records_{node.settings(), trail},
        erasures_{book_, administration_},
        webhooks_{database, node.settings(), service_, book_, trail},
        authenticator_{node.trust(), shard, service_, book_} {}

  // `cursors` outlives the router.
  void mount(api::Router& router, const api::Cursors& cursors);

  // The work of every shard, until `stop`.
  [[nodiscard]] Task<> run() { return book_.run(); }
  void stop() { book_.stop(); }

  // Has who signs in told to this, from now on. It outlives the module.
  void set_sign_ins(SignIns& sign_ins) { authenticator_.set_sign_ins(sign_ins); }

  [[nodiscard]] api::Authenticator& authenticator() { return authenticator_; }
  [[nodiscard]] Sessions& sessions() { return authenticator_; }
  [[nodiscard]] Service& service() { return service_; }
  [[nodiscard]] Webhooks& webhooks() { return webhooks_; }
  [[nodiscard]] Erasures& erasures() { return erasures_; }
  [[nodiscard]] SessionBook& book() { return book_; }

 private:
  Node& node_;
  SessionBook book_;
  Service service_;
  PeopleService people_;
  Administration administration_;
  PersonalRecords records_;
  Erasures erasures_;
  Webhooks webhooks_;
  Authenticator authenticator_;
};

}  // namespace wildnout::identity
