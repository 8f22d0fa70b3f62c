// Routes of sessions: who is calling, where else they are signed in, and ending that.
#include "identity/routes.hpp"
#include "platform/api/answers.hpp"
#include "platform/json/json.hpp"

namespace wildnout::identity {

struct ListSessions {
  std::optional<std::string> cursor;
  api::Limit limit;
};
BOOST_DESCRIBE_STRUCT(ListSessions, (), (cursor, limit))

namespace {

Task<Session> show_session(api::Caller caller) { co_return Service::session(caller); }

Task<api::Page<ListedSession>> list(SessionBook& book, const api::Cursors& cursors,
                                    api::Caller caller, api::Query<ListSessions> query) {
  const std::string name = query.list();
  std::optional<SessionAt> after;
  if (query->cursor) after = cursors.open<SessionAt>(*query->cursor, name);
  const std::int32_t limit = query->limit;
  auto rows = co_await book.list(UserId{caller.user_id}, std::move(after), limit + 1);
  api::Page<ListedSession> page;
  for (SessionRow& row : rows) {
    if (page.items.size() == static_cast<std::size_t>(limit)) {
      const ListedSession& last = page.items.back();
      page.next_cursor = cursors.seal(SessionAt{last.created_at, last.id}, name);
      break;
    }
    const bool is_current = row.id == caller.session_id;
    page.items.push_back({std::move(row.id), row.created_at, row.last_active_at,
                          std::move(row.ip_address), std::move(row.user_agent), is_current});
  }
  co_return page;
}

Task<api::NoContent> revoke(SessionBook& book, db::Scope scope, api::Caller caller,
                            audit::Author author, std::string id) {
  co_await book.revoke(scope, std::move(author), UserId{caller.user_id}, std::move(id));
  co_return api::NoContent{};
}

Task<api::NoContent> log_out(SessionBook& book, db::Scope scope, api::Caller caller,
                             audit::Author author) {
  co_await book.log_out(scope, std::move(author), UserId{caller.user_id}, caller.session_id,
                        caller.expires_at);
  co_return api::NoContent{};
}

void mount_book(api::Router& router, SessionBook& book, const api::Cursors& cursors) {
  router.get(
      "/auth/sessions",
      [&book, &cursors](api::Caller caller,
                        api::Query<ListSessions> query) -> Task<api::Page<ListedSession>> {
        return list(book, cursors, std::move(caller), std::move(query));
      },
      {.summary = "The caller's sessions that have not ended, the newest first", .tag = "auth"});
  router.del("/auth/sessions/{sid}",
             [&book](api::Caller caller, api::Origin origin, db::Scope scope,
                     api::Path<std::string> id) -> Task<api::NoContent> {
               return revoke(book, scope, caller, audit::author_of(caller, origin), *id);
             },
             {.summary = "End one of the caller's sessions: its tokens are refused at once",
              .tag = "auth",
              .tier = api::Tier::write});
  router.post(
      "/auth/logout",
      [&book](api::Caller caller, api::Origin origin, db::Scope scope) -> Task<api::NoContent> {
        return log_out(book, scope, caller, audit::author_of(caller, origin));
      },
      {.summary = "End this session: its tokens are refused at once, on every node",
       .tag = "auth",
       .tier = api::Tier::write});
}

}  // namespace

void mount_sessions(api::Router& router, Service& service, SessionBook& book,
                    const CsrfTokens& csrf, const api::Cursors& cursors) {
  router.get("/auth/session",
             [](api::Caller caller) -> Task<Session> { return show_session(std::move(caller)); },
             {.summary = "Who is calling, and what they may do", .tag = "auth"});
  router.get("/auth/csrf",
             [&csrf](api::Caller caller) -> Task<CsrfToken> {
               co_return CsrfToken{csrf.token_of(caller.session_id)};
             },
             {.summary = "What a caller by cookie sends as X-CSRF-Token",
              .tag = "auth",
              .description = "Bound to the session, and good for as long as it lives."});
  router.post("/auth/ws-ticket",
              [&service](api::Caller caller, db::Scope scope) -> Task<Ticket> {
                return service.make_ticket(scope, std::move(caller));
              },
              {.summary = "A ticket that opens one WebSocket within 30 seconds",
               .tag = "auth",
               .tier = api::Tier::write});
  mount_book(router, book, cursors);
}

}  // namespace wildnout::identity
