// Who may call which route: the table that access_test.cpp holds the house against.
#pragma once

#include <array>
#include <string_view>

namespace wildnout::app::test {

enum class Who {
  anyone,       // credentials are not looked at
  open,         // also the anonymous; a suspended account is turned away
  user,         // whoever is signed in
  owner,        // whose thing it is, and administrators
  owner_alone,  // whose thing it is
  moderator,    // and administrators
  admin,
};

struct Row {
  std::string_view route;
  Who who;
  std::string_view body = {};  // one that gets past the reading of it
};

inline constexpr std::string_view made_up = "0198c0de-0000-7000-8000-000000000001";

// A route that is not here fails the test: decide who may call it, and write it down.
inline constexpr std::array table{
    Row{"GET /health", Who::anyone},
    Row{"GET /health/live", Who::anyone},
    Row{"GET /health/ready", Who::anyone},
    Row{"GET /metrics", Who::anyone},
    Row{"GET /api/openapi.json", Who::anyone},
    Row{"GET /dev/jwks.json", Who::anyone},
    Row{"POST /dev/token", Who::anyone, "{}"},
    Row{"POST /dev/broadcast", Who::anyone, R"({"count":1})"},
    Row{"POST /webhooks/clerk", Who::anyone, "{}"},

    Row{"GET /auth/session", Who::user},
    Row{"GET /auth/csrf", Who::user},
    Row{"GET /auth/sessions", Who::user},
    Row{"DELETE /auth/sessions/{sid}", Who::user},
    Row{"POST /auth/logout", Who::user},
    Row{"POST /auth/ws-ticket", Who::user},

    Row{"GET /users", Who::open},
    Row{"GET /users/me", Who::user},
    Row{"PATCH /users/me", Who::user, R"({"bio":"x"})"},
    Row{"DELETE /users/me", Who::user},
    Row{"POST /users/me/restore", Who::user},
    Row{"GET /users/me/preferences", Who::user},
    Row{"PUT /users/me/preferences", Who::user, "{}"},
    Row{"POST /users/me/exports", Who::user},
    Row{"GET /users/me/exports/{id}", Who::user},
    Row{"GET /exports/{id}/archive", Who::anyone},
    Row{"GET /users/{id}", Who::open},
    Row{"GET /users/{id}/followers", Who::open},
    Row{"GET /users/{id}/following", Who::open},
    Row{"PUT /users/{id}/follow", Who::user},
    Row{"DELETE /users/{id}/follow", Who::user},
    Row{"PUT /users/{id}/block", Who::user},
    Row{"DELETE /users/{id}/block", Who::user},
    Row{"PUT /users/{id}/mute", Who::user},
    Row{"DELETE /users/{id}/mute", Who::user},
    Row{"GET /admin/users/{id}", Who::admin},
    Row{"POST /admin/users/search", Who::admin, R"({"email":"ada@example.org"})"},
    Row{"PUT /admin/users/{id}/roles", Who::admin, R"({"roles":["creator"]})"},
    Row{"POST /admin/users/{id}/suspend", Who::admin, R"({"reason":"a test"})"},
    Row{"POST /admin/users/{id}/unsuspend", Who::admin},

    Row{"GET /battles", Who::open},
    Row{"POST /battles", Who::user, "{}"},
    Row{"GET /battles/{id}", Who::open},
    Row{"PATCH /battles/{id}", Who::owner, R"({"title":"Another title"})"},
    Row{"DELETE /battles/{id}", Who::owner},
    Row{"POST /battles/{id}/transition", Who::admin, R"({"to":"active","reason":"a test"})"},
    Row{"GET /battles/{id}/history", Who::open},
    Row{"GET /battles/{id}/tally", Who::open},
    Row{"GET /battles/{id}/results", Who::open},
    Row{"GET /battles/{id}/proof", Who::user},
    Row{"GET /battles/{id}/ballots", Who::open},
    Row{"GET /battles/{id}/ballot", Who::user},
    Row{"GET /battles/{id}/bracket", Who::open},
    Row{"POST /battles/{id}/entries/{entryId}/disqualify", Who::admin, R"({"reason":"a test"})"},
    Row{"GET /battles/{id}/findings", Who::moderator},
    Row{"GET /battles/{id}/proposals", Who::moderator},
    Row{"GET /battles/{id}/proposals/{proposalId}", Who::moderator},
    Row{"POST /battles/{id}/proposals", Who::moderator,
        R"({"voteId":"0198c0de-0000-7000-8000-000000000001","action":"void","reason":"a test"})"},
    Row{"POST /battles/{id}/proposals/{proposalId}/confirm", Who::moderator},
    Row{"POST /battles/{id}/proposals/{proposalId}/decline", Who::moderator},
    Row{"POST /battles/{id}/certify", Who::moderator},
    Row{"GET /battles/{id}/entries", Who::open},
    Row{"POST /battles/{id}/entries", Who::user, R"({"content":{"type":"text","body":"A bar"}})"},
    Row{"POST /battles/{id}/votes", Who::user,
        R"({"entryId":"0198c0de-0000-7000-8000-000000000001"})"},
    Row{"GET /battles/{id}/votes/me", Who::user},
    Row{"DELETE /battles/{id}/votes/{entryId}", Who::user},
    Row{"GET /entries/{id}", Who::open},
    Row{"PATCH /entries/{id}", Who::owner_alone,
        R"({"content":{"type":"text","body":"Another bar"}})"},
    Row{"DELETE /entries/{id}", Who::owner_alone},
    Row{"POST /entries/{id}/submit", Who::owner_alone},

    Row{"GET /admin/audit", Who::admin},
    Row{"GET /admin/audit/verify", Who::admin},
    Row{"GET /admin/anomalies", Who::admin},
    Row{"POST /admin/anomalies/{id}/resolve", Who::admin,
        R"({"resolution":"falseAlarm","note":"a test"})"},
    Row{"GET /admin/reports/compliance", Who::admin},
};

}  // namespace wildnout::app::test
