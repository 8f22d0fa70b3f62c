// The only door of the identity module: builds its parts, mounts its routes.
#pragma once

#include "identity/administration.hpp"
#include "identity/authenticator.hpp"
#include "identity/erasure.hpp"
#include "identity/exports.hpp"
#include "identity/kept_records.hpp"
#include "identity/node.hpp"
#include "identity/people_service.hpp"
#include "identity/personal_records.hpp"
#include "identity/service.hpp"
#include "identity/session_book.hpp"
#include "identity/webhooks.hpp"
#include "platform/api/cursor.hpp"
#include "platform/api/router.hpp"

namespace wildnout::identity {

// What other modules say and hold about people; outlives the module.
struct Neighbours {
  Neighbours(ProfileFacts& their_facts, RecordKeepers their_records = {})  // NOLINT
      : facts{their_facts}, records{std::move(their_records)} {}

  ProfileFacts& facts;
  RecordKeepers records;
};

// One a shard, made and destroyed on it.
class Module {
 public:
  Module(Node& node, unsigned shard, db::Database& database, Neighbours neighbours,
         const audit::Trail& trail)
      : node_{node},
        book_{node.shards(),         shard, node.books(), database, node.standing(),
              node.settings().vault, trail},
        service_{database, node.settings(), node.dev_issuer(), neighbours.facts, trail},
        people_{database, book_},
        administration_{node.settings(), book_, trail},
        records_{node.settings(), trail},
        own_records_{service_, node.settings().vault},
        keepers_{with_own(std::move(neighbours.records))},
        erasures_{book_, administration_, trail, keepers_},
        exports_{database, node.settings(), trail},
        webhooks_{database, node.settings(), service_, book_, erasures_, trail},
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
  [[nodiscard]] Exports& exports() { return exports_; }
  // Every module's, this one's first.
  [[nodiscard]] const RecordKeepers& keepers() const { return keepers_; }

 private:
  [[nodiscard]] RecordKeepers with_own(RecordKeepers records) {
    records.insert(records.begin(), &own_records_);
    return records;
  }

  Node& node_;
  SessionBook book_;
  Service service_;
  PeopleService people_;
  Administration administration_;
  PersonalRecords records_;
  IdentityRecords own_records_;
  RecordKeepers keepers_;
  Erasures erasures_;
  Exports exports_;
  Webhooks webhooks_;
  Authenticator authenticator_;
};

}  // namespace wildnout::identity
