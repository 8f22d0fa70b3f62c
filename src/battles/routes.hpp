// The HTTP surface of battles.
#pragma once

#include "battles/ballot_service.hpp"
#include "battles/entry_service.hpp"
#include "battles/reading.hpp"
#include "battles/service.hpp"
#include "battles/vote_service.hpp"
#include "platform/api/cursor.hpp"
#include "platform/api/router.hpp"

namespace wildnout::battles {

void mount_battles(api::Router& router, BattleService& service, Reading& reading,
                   const api::Cursors& cursors);
void mount_entries(api::Router& router, EntryService& service, Reading& reading,
                   const api::Cursors& cursors);
void mount_votes(api::Router& router, VoteService& service, Reading& reading,
                 const api::Cursors& cursors);
void mount_ballots(api::Router& router, BallotService& service);

}  // namespace wildnout::battles
