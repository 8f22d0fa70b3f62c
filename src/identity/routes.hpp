// The HTTP surface of the identity module. Between module.cpp and the files of routes only.
#pragma once

#include "identity/administration.hpp"
#include "identity/csrf.hpp"
#include "identity/erasure.hpp"
#include "identity/exports.hpp"
#include "identity/people_service.hpp"
#include "identity/personal_records.hpp"
#include "identity/service.hpp"
#include "identity/session_book.hpp"
#include "identity/webhooks.hpp"
#include "platform/api/cursor.hpp"
#include "platform/api/router.hpp"

namespace wildnout::identity {

void mount_sessions(api::Router& router, Service& service, SessionBook& book,
                    const CsrfTokens& csrf, const api::Cursors& cursors);
void mount_webhooks(api::Router& router, Webhooks& webhooks);
void mount_users(api::Router& router, Service& service);
void mount_people(api::Router& router, PeopleService& people, Service& service,
                  const api::Cursors& cursors);
void mount_administration(api::Router& router, Administration& administration);
void mount_personal_records(api::Router& router, PersonalRecords& records);
void mount_erasure(api::Router& router, Erasures& erasures, Service& service);
void mount_exports(api::Router& router, Exports& exports);
void mount_dev_issuer(api::Router& router, Service& service);

}  // namespace wildnout::identity
