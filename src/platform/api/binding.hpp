// From a handler's parameter and result types to an Endpoint and its Signature.
#pragma once

#include <concepts>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "platform/api/answers.hpp"
#include "platform/api/parameters.hpp"
#include "platform/api/route.hpp"
#include "platform/db/database.hpp"
#include "platform/json/json.hpp"

namespace wildnout::api {

// Type-erased halves of the parameters below; throw Refused.
void take_path(Call& call, const json::Codec& codec, void* out);
void take_query(Call& call, const json::Shape& shape, void* out);
void take_body(Call& call, const json::Codec& codec, void* out);
[[nodiscard]] Conditions take_conditions(const Call& call);
[[nodiscard]] Origin take_origin(const Call& call);
[[nodiscard]] Raw take_raw(const Call& call);

// Type-erased halves of the results.
void answer_with_location(const Call& call, std::string_view location, http::Response& response);
// Adds ETag; true when the answer is 304 and wants no body.
[[nodiscard]] bool answer_with_etag(const Call& call, std::string_view etag,
                                    http::Response& response);

// How a parameter is taken from a request, and what it says of the route.
template <class T>
struct Argument;

template <>
struct Argument<Anyone> {
  static constexpr bool is_access = true;
  static Anyone take(Call&) { return {}; }
  static void declare(Signature& signature) { signature.access = Access::anyone; }
};

template <>
struct Argument<Caller> {
  static constexpr bool is_access = true;
  static Caller take(Call& call) { return *call.caller; }
  static void declare(Signature& signature) { signature.access = Access::caller; }
};

template <>
struct Argument<std::optional<Caller>> {
  static constexpr bool is_access = true;
  static std::optional<Caller> take(Call& call) { return call.caller; }
  static void declare(Signature& signature) { signature.access = Access::optional_caller; }
};

template <Literal Permission>
struct Argument<Permitted<Permission>> {
  static constexpr bool is_access = true;
  static Permitted<Permission> take(Call& call) { return {*call.caller}; }
  static void declare(Signature& signature) {
    signature.access = Access::permitted;
    signature.permission = Permitted<Permission>::permission;
  }
};

template <>
struct Argument<db::Scope> {
  static db::Scope take(Call& call) {
    return call.ambient != nullptr ? db::Scope{call.database, *call.ambient}
                                   : db::Scope{call.database};
  }
  static void declare(Signature&) {}
};

template <class T>
struct Argument<Path<T>> {
  static Path<T> take(Call& call) {
    Path<T> path;
    take_path(call, json::codec_of<T>, &path.value);
    return path;
  }
  static void declare(Signature& signature) { signature.path.push_back(&json::codec_of<T>); }
};

template <class T>
struct Argument<Query<T>> {
  static Query<T> take(Call& call) {
    Query<T> query{.value = {}, .route = call.route.name};
    take_query(call, json::shape_of<T>, &query.value);
    return query;
  }
  static void declare(Signature& signature) {
    signature.query = &json::codec_of<T>;
    signature.query_defaults = json::text_of(T{});
  }
};

template <class T>
struct Argument<Body<T>> {
  static Body<T> take(Call& call) {
    static_assert(json::is_readable<T>, "a type in the body cannot be read");
    Body<T> body;
    take_body(call, json::codec_of<T>, &body.value);
    return body;
  }
  static void declare(Signature& signature) { signature.body = &json::codec_of<T>; }
};

template <>
struct Argument<Conditions> {
  static Conditions take(Call& call) { return take_conditions(call); }
  static void declare(Signature& signature) { signature.has_conditions = true; }
};

template <>
struct Argument<Origin> {
  static Origin take(Call& call) { return take_origin(call); }
  static void declare(Signature&) {}
};

template <>
struct Argument<Raw> {
  static Raw take(Call& call) { return take_raw(call); }
  static void declare(Signature&) {}
};

// How a result is answered. The general case: 200 with its JSON.
template <class T>
struct Result {
  static http::Response answer(const Call&, T& value) {
    http::Response response;
    json::write(std::get<std::string>(response.body), value);
    return response;
  }
  static void declare(Signature& signature) {
    static_assert(json::is_writable<T>, "a type in the answer cannot be written");
    signature.answer = Form::value;
    signature.answer_type = &json::codec_of<T>;
    signature.statuses = {200};
  }
};

template <class T>
struct Result<Created<T>> {
  static http::Response answer(const Call& call, Created<T>& created) {
    http::Response response = Result<T>::answer(call, created.value);
    response.status = 201;
    answer_with_location(call, created.location, response);
    return response;
  }
  static void declare(Signature& signature) {
    Result<T>::declare(signature);
    signature.statuses = {201};
    signature.has_location = true;
  }
};

template <class T>
struct Result<Accepted<T>> {
  static http::Response answer(const Call& call, Accepted<T>& accepted) {
    http::Response response = Result<T>::answer(call, accepted.value);
    response.status = 202;
    return response;
  }
  static void declare(Signature& signature) {
    Result<T>::declare(signature);
    signature.statuses = {202};
  }
};

template <class T, std::uint16_t... Statuses>
struct Result<Answer<T, Statuses...>> {
  static http::Response answer(const Call& call, Answer<T, Statuses...>& result) {
    http::Response response = Result<T>::answer(call, result.value);
    response.status = result.status;
    return response;
  }
  static void declare(Signature& signature) {
    static_assert(sizeof...(Statuses) > 0, "name the statuses that are answered");
    Result<T>::declare(signature);
    signature.statuses = {Statuses...};
  }
};

template <>
struct Result<NoContent> {
  static http::Response answer(const Call&, NoContent&) {
    http::Response response;
    response.status = 204;
    response.content_type = {};
    return response;
  }
  static void declare(Signature& signature) {
    signature.answer = Form::none;
    signature.statuses = {204};
  }
};

template <class T>
struct Result<Page<T>> {
  static http::Response answer(const Call&, Page<T>& page) {
    http::Response response;
    std::string& body = std::get<std::string>(response.body);
    body.append(R"({"items":)");
    json::write(body, page.items);
    body.append(R"(,"nextCursor":)");
    json::write(body, page.next_cursor);
    body.push_back('}');
    return response;
  }
  static void declare(Signature& signature) {
    signature.answer = Form::page;
    signature.answer_type = &json::codec_of<T>;
    signature.statuses = {200};
  }
};

template <class T>
struct Result<Tagged<T>> {
  static http::Response answer(const Call& call, Tagged<T>& tagged) {
    http::Response response;
    if (answer_with_etag(call, tagged.etag, response)) return response;
    json::write(std::get<std::string>(response.body), tagged.value);
    return response;
  }
  static void declare(Signature& signature) {
    Result<T>::declare(signature);
    signature.has_etag = true;
  }
};

template <class T>
struct Result<Ready<T>> {
  static http::Response answer(const Call& call, Ready<T>& ready) {
    http::Response response;
    if (answer_with_etag(call, ready.etag, response)) return response;
    response.body = std::move(ready.body);
    return response;
  }
  static void declare(Signature& signature) {
    Result<T>::declare(signature);
    signature.has_etag = true;
  }
};

// A page whose bytes are ready.
template <class T>
struct Result<Ready<Page<T>>> {
  static http::Response answer(const Call& call, Ready<Page<T>>& ready) {
    http::Response response;
    if (answer_with_etag(call, ready.etag, response)) return response;
    response.body = std::move(ready.body);
    return response;
  }
  static void declare(Signature& signature) {
    Result<Page<T>>::declare(signature);
    signature.has_etag = true;
  }
};

template <class T>
struct Result<Lines<T>> {
  static http::Response answer(const Call& call, Lines<T>& lines) {
    http::Response response;
    if (answer_with_etag(call, lines.etag, response)) return response;
    response.content_type = "application/x-ndjson";
    response.source = std::move(lines.source);
    return response;
  }
  static void declare(Signature& signature) {
    Result<T>::declare(signature);
    signature.answer = Form::lines;
    signature.has_etag = true;
  }
};

template <>
struct Result<Plain> {
  static http::Response answer(const Call&, Plain& plain) {
    return {.status = plain.status,
            .content_type = plain.content_type,
            .headers = std::move(plain.headers),
            .body = std::move(plain.body),
            .source = std::move(plain.source)};
  }
  static void declare(Signature& signature) {
    signature.answer = Form::plain;
    signature.statuses = {200};
  }
};

template <class T>
struct Result<OrPlain<T>> {
  static http::Response answer(const Call& call, OrPlain<T>& either) {
    if (auto* plain = std::get_if<Plain>(&either.value)) {
      return Result<Plain>::answer(call, *plain);
    }
    return Result<T>::answer(call, std::get<T>(either.value));
  }
  static void declare(Signature& signature) { Result<T>::declare(signature); }
};

namespace detail {

template <class T>
concept DeclaresAccess = requires { Argument<T>::is_access; };

template <class Callable>
struct HandlerTypes;

template <class Class, class Answered, class... Parameters>
struct HandlerTypes<Task<Answered> (Class::*)(Parameters...) const> {
  static_assert((0 + ... + (DeclaresAccess<Parameters> ? 1 : 0)) == 1,
                "a handler declares who may call by exactly one of api::Caller, "
                "std::optional<api::Caller>, api::Permitted<\"x:y\"> and api::Anyone");

  static Signature signature() {
    Signature signature;
    (Argument<Parameters>::declare(signature), ...);
    Result<Answered>::declare(signature);
    return signature;
  }

  template <class Handler>
  static Task<http::Response> run(const Handler& handler, Call& call) {
    // Braces: parameters are taken from left to right, which {segments} depend on.
    std::tuple<Parameters...> arguments{Argument<Parameters>::take(call)...};
    call.has_reached_service = true;
    Answered answered = co_await std::apply(handler, std::move(arguments));
    co_return Result<Answered>::answer(call, answered);
  }
};

template <class Handler>
using TypesOf = HandlerTypes<decltype(&Handler::operator())>;

template <class Handler>
class HandlerEndpoint final : public Endpoint {
 public:
  explicit HandlerEndpoint(Handler handler) : handler_{std::move(handler)} {}
  Task<http::Response> run(Call& call) const override {
    return TypesOf<Handler>::run(handler_, call);
  }

 private:
  Handler handler_;  // lives as long as the router: its coroutines may refer to its captures
};

}  // namespace detail
}  // namespace wildnout::api
