// Exceptions to answers, and the error body.
#include "platform/api/faults.hpp"

#include <string>

#include "platform/db/session.hpp"
#include "platform/json/document.hpp"
#include "platform/json/text.hpp"
#include "platform/log/log.hpp"

namespace wildnout::api {
namespace {

// SQLSTATE classes: 08 connection lost, 53 out of resources, 57P shut down or starting up.
bool is_database_away(const db::Error& error) {
  const std::string_view state = error.sqlstate();
  return state.starts_with("08") || state.starts_with("53") || state.starts_with("57P");
}

std::int64_t retry_seconds(const std::string& details) {
  if (details.empty()) return unavailable_retry_seconds;
  const json::Document document{details};
  if (document.root().kind() != json::Kind::object) return unavailable_retry_seconds;
  const json::Value seconds = document.root().find("retryAfter");
  return seconds && seconds.kind() == json::Kind::integer ? seconds.integer()
                                                          : unavailable_retry_seconds;
}

}  // namespace

void refuse_invalid(const std::vector<Fault>& faults) {
  std::string details{"["};
  for (const Fault& fault : faults) {
    if (details.size() > 1) details.push_back(',');
    details.append(R"({"path":)");
    json::append_quoted(fault.path, details);
    details.append(R"(,"message":)");
    json::append_quoted(fault.message, details);
    details.push_back('}');
  }
  details.push_back(']');
  throw Refused{validation_error, std::move(details)};
}

http::Response answer_refusal(const Refused& refused, std::string_view request_id) {
  const Refusal& refusal = refused.refusal();
  http::Response response;
  response.status = refusal.status;
  std::string& body = std::get<std::string>(response.body);
  body.append(R"({"error":{"code":)");
  json::append_quoted(refusal.code, body);
  body.append(R"(,"message":)");
  json::append_quoted(refusal.message, body);
  if (!refused.details().empty()) body.append(R"(,"details":)").append(refused.details());
  body.append(R"(,"requestId":)");
  json::append_quoted(request_id, body);
  body.append("}}");
  if (refusal.status == 401) response.add_header("WWW-Authenticate", "Bearer");
  if (refusal.status == 429 || refusal.status == 503) {
    response.add_header("Retry-After", std::to_string(retry_seconds(refused.details())));
  }
  return response;
}

http::Response answer_fault(std::exception_ptr fault, std::string_view route,
                            std::string_view request_id) {
  const auto note = [&](log::Level level, std::string_view message, std::string_view what,
                        std::string_view sqlstate = {}) {
    log::write(
        level, message,
        {{"requestId", request_id}, {"route", route}, {"what", what}, {"sqlstate", sqlstate}});
  };
  try {
    std::rethrow_exception(fault);
  } catch (const Refused& refused) {
    return answer_refusal(refused, request_id);
  } catch (const db::Unavailable& away) {
    note(log::Level::warn, "database unavailable", away.what());
    return answer_refusal(Refused{unavailable}, request_id);
  } catch (const db::Error& error) {
    if (is_database_away(error)) {
      note(log::Level::warn, "database unavailable", error.what(), error.sqlstate());
      return answer_refusal(Refused{unavailable}, request_id);
    }
    note(log::Level::error, "database fault", error.what(), error.sqlstate());
  } catch (const std::exception& error) {
    note(log::Level::error, "fault", error.what());
  } catch (...) {
    note(log::Level::error, "fault", "not a std::exception");
  }
  return answer_refusal(Refused{internal_error}, request_id);
}

}  // namespace wildnout::api
