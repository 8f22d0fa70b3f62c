// Writing the OpenAPI document from the route table.
#include "platform/api/openapi.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <stdexcept>

#include "platform/api/operation.hpp"
#include "platform/json/document.hpp"
#include "platform/json/schemas.hpp"
#include "platform/json/text.hpp"

namespace wildnout::api {
namespace {

using json::append_quoted;
using json::Direction;

// One key a line of `"key":` with the comma before it where one is due.
void append_key(std::string_view key, std::string& out) {
  if (out.back() != '{') out.push_back(',');
  append_quoted(key, out);
  out.push_back(':');
}

void append_member(std::string_view key, std::string_view text, std::string& out) {
  append_key(key, out);
  append_quoted(text, out);
}

class Writer {
 public:
  Writer(const Router& router, const Heading& heading) : router_{router}, heading_{heading} {}

  std::string document() {
    note_schemas();
    out_ = R"({"openapi":"3.1.0","info":{)";
    append_member("title", heading_.title, out_);
    append_member("version", heading_.version, out_);
    append_member("description", heading_.description, out_);
    out_.append(R"(},"servers":[{"url":)");
    append_quoted(heading_.server, out_);
    out_.append(R"(}],"tags":[)");
    append_tags();
    out_.append(R"(],"paths":{)");
    append_paths();
    out_.append("},");
    append_components();
    out_.push_back('}');
    return std::move(out_);
  }

 private:
  void note_schemas() {
    for (const auto& route : router_.routes()) {
      const Signature& signature = route->signature;
      for (const json::Codec* codec : signature.path) schemas_.note(*codec, Direction::in);
      if (signature.query != nullptr) {
        for (const json::Member& member : signature.query->shape->members) {
          schemas_.note(parameter_codec(member), Direction::in);
        }
      }
      if (signature.body != nullptr) schemas_.note(*signature.body, Direction::in);
      if (signature.answer_type != nullptr) schemas_.note(*signature.answer_type, Direction::out);
    }
  }

  // An absent parameter is absent: it has no null.
  static const json::Codec& parameter_codec(const json::Member& member) {
    return member.codec->inner != nullptr ? *member.codec->inner : *member.codec;
  }

  void append_tags() {
    std::set<std::string_view> tags;
    for (const auto& route : router_.routes()) {
      const std::string_view tag = route->about.tag;
      if (tag.empty() || !tags.insert(tag).second) continue;
      if (out_.back() != '[') out_.push_back(',');
      out_.append(R"({"name":)");
      append_quoted(tag, out_);
      out_.push_back('}');
    }
  }

  void append_paths() {
    std::map<std::string, std::vector<const Route*>> paths;
    for (const auto& route : router_.routes()) paths[path_of(*route)].push_back(route.get());
    for (const auto& [path, routes] : paths) {
      append_key(path, out_);
      out_.push_back('{');
      for (const Route* route : routes) append_operation(*route);
      out_.push_back('}');
    }
  }

  void append_operation(const Route& route) {
    std::string verb;
    for (const char c : text_of(route.method)) verb.push_back(static_cast<char>(c - 'A' + 'a'));
    append_key(verb, out_);
    out_.push_back('{');
    const std::string id = operation_id(route);
    if (!operation_ids_.insert(id).second) throw std::logic_error{"two operations are " + id};
    append_member("operationId", id, out_);
    append_member("summary", route.about.summary, out_);
    const std::string description = description_of(route);
    if (!description.empty()) append_member("description", description, out_);
    if (!route.about.tag.empty()) {
      out_.append(R"(,"tags":[)");
      append_quoted(route.about.tag, out_);
      out_.push_back(']');
    }
    append_security(route.signature.access);
    append_parameters(route);
    if (route.signature.body != nullptr) append_body(route);
    out_.append(R"(,"responses":{)");
    append_successes(route);
    append_refusals(route);
    out_.append("}}");
  }

  static std::string description_of(const Route& route) {
    std::string text{route.about.description};
    if (route.signature.access != Access::permitted) return text;
    if (!text.empty()) text.append("\n\n");
    return text.append("Needs the permission `").append(route.signature.permission).append("`.");
  }

  void append_security(Access access) {
    constexpr std::string_view credentials = R"({"bearer":[]},{"session":[]})";
    out_.append(R"(,"security":[)");
    if (access == Access::optional_caller) out_.append("{},");
    if (access != Access::anyone) out_.append(credentials);
    out_.push_back(']');
  }

  void begin_parameter(std::string_view name, std::string_view place, bool is_required) {
    if (out_.back() != '[') out_.push_back(',');
    out_.append(R"({"name":)");
    append_quoted(name, out_);
    append_member("in", place, out_);
    out_.append(is_required ? R"(,"required":true,"schema":)" : R"(,"schema":)");
  }

  void append_header_parameter(std::string_view name, std::string_view schema) {
    begin_parameter(name, "header", false);
    out_.append(schema).push_back('}');
  }

  void append_parameters(const Route& route) {
    const Signature& signature = route.signature;
    out_.append(R"(,"parameters":[)");
    std::size_t at = 0;
    for (const json::Codec* codec : signature.path) {
      const std::size_t open = route.pattern.find('{', at);
      at = route.pattern.find('}', open);
      begin_parameter(route.pattern.substr(open + 1, at - open - 1), "path", true);
      schemas_.append(*codec, Direction::in, out_);
      out_.push_back('}');
    }
    if (signature.query != nullptr) append_query(signature);
    constexpr std::string_view tags = R"({"type":"string"})";
    if (signature.has_conditions && route.method != http::Method::get) {
      append_header_parameter("If-Match", tags);
    }
    if (signature.has_etag && route.method == http::Method::get) {
      append_header_parameter("If-None-Match", tags);
    }
    if (takes_idempotency_key(route)) {
      append_header_parameter("Idempotency-Key", R"({"type":"string","pattern":"^[!-~]{1,255}$"})");
    }
    out_.push_back(']');
  }

  void append_query(const Signature& signature) {
    const json::Document defaults{signature.query_defaults};
    for (const json::Member& member : signature.query->shape->members) {
      begin_parameter(member.name, "query", member.codec->is_demanded);
      std::string schema;
      schemas_.append(parameter_codec(member), Direction::in, schema);
      const json::Value preset = defaults.root().find(member.name);
      const bool has_preset = member.codec->inner == nullptr && !member.codec->is_demanded;
      if (has_preset && preset && !preset.is_null()) {
        schema.pop_back();
        schema.append(R"(,"default":)");
        preset.append_to(schema);
        schema.push_back('}');
      }
      out_.append(schema).push_back('}');
    }
  }

  void append_body(const Route& route) {
    std::string schema;
    schemas_.append(*route.signature.body, Direction::in, schema);
    out_.append(R"(,"requestBody":{"required":true,"content":{"application/json":{"schema":)")
        .append(schema)
        .push_back('}');
    if (route.method == http::Method::patch) {
      out_.append(R"(,"application/merge-patch+json":{"schema":)").append(schema).push_back('}');
    }
    out_.append("}}");
  }

  void append_successes(const Route& route) {
    const Signature& signature = route.signature;
    for (const std::uint16_t status : signature.statuses) {
      append_key(std::to_string(status), out_);
      out_.append(R"({"description":)");
      append_quoted(status == 204 ? "Done" : status == 201 ? "Created" : "The answer", out_);
      if (signature.has_location || signature.has_etag) {
        constexpr std::string_view text = R"({"schema":{"type":"string"}})";
        out_.append(R"(,"headers":{)");
        if (signature.has_location) out_.append(R"("Location":)").append(text);
        if (signature.has_location && signature.has_etag) out_.push_back(',');
        if (signature.has_etag) out_.append(R"("ETag":)").append(text);
        out_.push_back('}');
      }
      append_content(route);
      out_.push_back('}');
    }
    if (signature.has_etag && route.method == http::Method::get) {
      out_.append(R"(,"304":{"description":"The client has this version"})");
    }
  }

  void append_content(const Route& route) {
    const Signature& signature = route.signature;
    switch (signature.answer) {
      case Form::none:
        return;
      case Form::plain:
        if (route.about.content_type.empty()) return;
        out_.append(R"(,"content":{)");
        append_key(route.about.content_type, out_);
        out_.append("{}}");
        return;
      case Form::value:
        out_.append(R"(,"content":{"application/json":{"schema":)");
        schemas_.append(*signature.answer_type, Direction::out, out_);
        out_.append("}");
        if (!route.about.content_type.empty()) {
          append_key(route.about.content_type, out_);
          out_.append("{}");
        }
        out_.append("}");
        return;
      case Form::lines:  // the schema of a line
        out_.append(R"(,"content":{"application/x-ndjson":{"schema":)");
        schemas_.append(*signature.answer_type, Direction::out, out_);
        out_.append("}}");
        return;
      case Form::page:
        out_.append(R"(,"content":{"application/json":{"schema":{"type":"object","properties":{)"
                    R"("items":{"type":"array","items":)");
        schemas_.append(*signature.answer_type, Direction::out, out_);
        out_.append(R"(},"nextCursor":{"type":["string","null"]}},)"
                    R"("required":["items","nextCursor"]}}})");
        return;
    }
  }

  void append_refusals(const Route& route) {
    const auto& successes = route.signature.statuses;
    for (const auto& [status, codes] : refusals_of(route)) {
      // A status that is declared as an answer has that answer's schema.
      if (std::find(successes.begin(), successes.end(), status) != successes.end()) continue;
      std::string description;
      for (const std::string_view code : codes) {
        if (!description.empty()) description.append(", ");
        description.append("`").append(code).append("`");
      }
      append_key(std::to_string(status), out_);
      out_.append(R"({"description":)");
      append_quoted(description, out_);
      out_.append(R"(,"content":{"application/json":{"schema":)"
                  R"({"$ref":"#/components/schemas/Error"}}}})");
    }
  }

  void append_components() {
    constexpr std::string_view error =
        R"("Error":{"type":"object","properties":{"error":{"type":"object","properties":{)"
        R"("code":{"type":"string"},"message":{"type":"string"},"details":true,)"
        R"("requestId":{"type":"string"}},"required":["code","message","requestId"]}},)"
        R"("required":["error"]})";
    std::string definitions;
    schemas_.append_definitions(definitions);
    out_.append(R"("components":{"schemas":{)").append(error);
    if (definitions != "{}") out_.append(",").append(definitions, 1, definitions.size() - 2);
    out_.append(R"(},"securitySchemes":{)"
                R"("bearer":{"type":"http","scheme":"bearer","bearerFormat":"JWT"},)"
                R"("session":{"type":"apiKey","in":"cookie","name":"__session","description":)"
                R"("Methods that change something also need X-CSRF-Token."}}})");
  }

  const Router& router_;
  const Heading& heading_;
  json::Schemas schemas_{"#/components/schemas/"};
  std::set<std::string> operation_ids_;
  std::string out_;
};

}  // namespace

std::string openapi(const Router& router, const Heading& heading) {
  return Writer{router, heading}.document();
}

}  // namespace wildnout::api
