// Routes of exports.
#include "identity/exports.hpp"
#include "identity/routes.hpp"
#include "platform/api/answers.hpp"
#include "platform/json/json.hpp"

namespace wildnout::identity {
namespace {

Task<api::Accepted<Export>> ask(Exports& exports, db::Scope scope, audit::Author author,
                                UserId user) {
  co_return api::Accepted<Export>{co_await exports.ask(scope, std::move(author), user)};
}

Task<api::Plain> download(Exports& exports, ExportId id, DownloadLink link, audit::Author author) {
  Exports::Download download = co_await exports.open(id, std::move(link), std::move(author));
  api::Plain plain;
  plain.content_type = "application/zip";
  plain.headers = "Content-Disposition: attachment; filename=\"" + download.file_name +
                  "\"\r\nCache-Control: no-store\r\n";
  plain.source = std::move(download.archive);
  co_return plain;
}

audit::Author author_of_link(const api::Origin& origin) {
  return {std::nullopt, origin.remote.to_string(), std::string{origin.user_agent},
          std::string{origin.request_id}};
}

}  // namespace

void mount_exports(api::Router& router, Exports& exports) {
  router.post("/users/me/exports",
              [&exports](api::Caller caller, db::Scope scope,
                         api::Origin origin) -> Task<api::Accepted<Export>> {
                return ask(exports, scope, audit::author_of(caller, origin),
                           UserId{caller.user_id});
              },
              {.summary = "Have everything that is held about oneself put into an archive",
               .tag = "users",
               .refusals = {&export_under_way, &too_many_exports},
               .tier = api::Tier::write,
               .description = "One at a time, three a day. `export.ready` on the channel user:{id} "
                              "tells when it can be fetched.",
               .is_destructive = true});  // not for who acts in somebody's name
  router.get("/users/me/exports/{id}",
             [&exports](api::Caller caller, api::Path<ExportId> id) -> Task<Export> {
               return exports.find(UserId{caller.user_id}, *id);
             },
             {.summary = "How far an export is, and where to fetch it", .tag = "users"});
  router.get("/exports/{id}/archive",
             [&exports](api::Anyone, api::Path<ExportId> id, api::Query<DownloadLink> link,
                        api::Origin origin) -> Task<api::Plain> {
               return download(exports, *id, std::move(link.value), author_of_link(origin));
             },
             {.summary = "The archive of an export, by its signed link alone",
              .tag = "users",
              .refusals = {&dead_link},
              .description = "A ZIP of JSON files. Who has the link needs no token; it ends after "
                             "24 hours.",
              .content_type = "application/zip"});
}

}  // namespace wildnout::identity
