// Taking path, query, body and conditions out of a request; the type-erased halves of binding.hpp.
#include "platform/api/parameters.hpp"

#include <bitset>

#include "platform/api/binding.hpp"
#include "platform/api/request_text.hpp"

namespace wildnout::api {
namespace {

constexpr std::size_t max_query_parameters = 64;

class QueryReader {
 public:
  QueryReader(const json::Shape& shape, void* out) : shape_{shape}, out_{out} {}

  void take(std::string_view pair) {
    const std::size_t equals = std::min(pair.find('='), pair.size());
    std::string name;
    std::string text;
    const bool is_encoded_well =
        percent_decode(pair.substr(0, equals), true, name) &&
        percent_decode(pair.substr(std::min(equals + 1, pair.size())), true, text);
    if (!is_encoded_well || !is_clean_text(name) || !is_clean_text(text)) {
      return fault(is_clean_text(name) ? name : "", "must be percent-encoded UTF-8 text");
    }
    const json::Member* member = shape_.find(name);
    if (member == nullptr) return fault(name, "is not a known parameter");
    const auto index = static_cast<std::size_t>(member - shape_.members.data());
    if (seen_[index]) return fault(name, "may be given once only");
    seen_.set(index);
    const std::string wrong = member->codec->parse(text, member->in(out_));
    if (!wrong.empty()) fault(name, wrong);
  }

  void finish() {
    for (std::size_t i = 0; i < shape_.members.size(); ++i) {
      const json::Member& member = shape_.members[i];
      if (!seen_[i] && member.codec->is_demanded) fault(member.name, "is required");
    }
    if (!faults_.empty()) refuse_invalid(faults_);
  }

  void fault(std::string_view name, std::string_view message) {
    faults_.push_back({std::string{name}, std::string{message}});
  }

 private:
  const json::Shape& shape_;
  void* out_;
  std::bitset<json::max_struct_members> seen_;
  std::vector<Fault> faults_;
};

[[noreturn]] void refuse_malformed(const char* reason) {
  std::string details{R"({"reason":)"};
  json::append_quoted(reason, details);
  details.push_back('}');
  throw Refused{malformed_json, std::move(details)};
}

}  // namespace

void take_path(Call& call, const json::Codec& codec, void* out) {
  const std::string_view text = call.path[call.next_path++];
  // What is no id is the id of nothing.
  require(is_clean_text(text) && codec.parse(text, out).empty(), not_found);
}

void take_query(Call& call, const json::Shape& shape, void* out) {
  QueryReader reader{shape, out};
  std::string_view rest = call.request.query;
  for (std::size_t count = 0; !rest.empty(); ++count) {
    if (count == max_query_parameters) {
      reader.fault("", "at most 64 parameters");
      break;
    }
    const std::size_t end = std::min(rest.find('&'), rest.size());
    if (end > 0) reader.take(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  reader.finish();
}

void take_body(Call& call, const json::Codec& codec, void* out) {
  const http::Request& request = call.request;
  const std::string_view type = request.header("Content-Type").value_or(std::string_view{});
  const bool is_patch = request.method == http::Method::patch;
  require(is_media_type(type, "application/json") ||
              (is_patch && is_media_type(type, "application/merge-patch+json")),
          unsupported_media_type);
  try {
    json::read_text(request.body, out, codec);
  } catch (const json::Malformed& malformed) {
    refuse_malformed(malformed.what());
  } catch (const json::Invalid& invalid) {
    std::vector<Fault> faults;
    for (const json::Fault& fault : invalid.faults()) faults.push_back({fault.path, fault.message});
    refuse_invalid(faults);
  }
}

Conditions take_conditions(const Call& call) {
  const http::Request& request = call.request;
  return {request.header("If-Match").value_or(std::string_view{}),
          request.header("If-None-Match").value_or(std::string_view{})};
}

Origin take_origin(const Call& call) {
  const http::Request& request = call.request;
  return {request.remote, request.header("User-Agent").value_or(std::string_view{}),
          request.request_id};
}

Raw take_raw(const Call& call) { return {call.request.body, &call.request}; }

std::string_view Raw::header(std::string_view name) const {
  return request->header(name).value_or(std::string_view{});
}

void answer_with_location(const Call& call, std::string_view location, http::Response& response) {
  // As the client spoke to us: the version that it named, or none.
  const bool is_versioned = call.request.path.starts_with("/api/v1/");
  std::string place{call.route.is_root ? "" : is_versioned ? "/api/v1" : "/api"};
  response.add_header("Location", place.append(location));
}

bool answer_with_etag(const Call& call, std::string_view etag, http::Response& response) {
  if (etag.empty()) return false;
  response.headers.reserve(etag.size() + 16);
  response.headers.append("ETag: \"").append(etag).append("\"\r\n");
  const http::Method method = call.request.method;
  if (method != http::Method::get && method != http::Method::head) return false;
  const auto held = call.request.header("If-None-Match");
  if (!held || !lists_tag(*held, etag, true)) return false;
  response.status = 304;
  response.content_type = {};
  return true;
}

void Conditions::require_match(std::string_view etag) const {
  if (!if_match_.empty()) require(lists_tag(if_match_, etag, false), precondition_failed);
}

bool Conditions::has(std::string_view etag) const {
  return !if_none_match_.empty() && lists_tag(if_none_match_, etag, true);
}

std::string list_name(std::string_view route, const void* query, const json::Shape& shape) {
  std::string name{route};
  void* object = const_cast<void*>(query);  // only read, see write_struct
  for (const json::Member& member : shape.members) {
    if (member.name == limit_member || member.name == cursor_member) continue;
    name.append(member.prefix);
    member.codec->write(member.in(object), name);
  }
  return name;
}

}  // namespace wildnout::api
