// Beast's request parser, writing places into our own list instead of a container of fields.
#include "platform/http/parser.hpp"

#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>

namespace wildnout::http {
namespace {

namespace beast = boost::beast;
using BeastError = beast::http::error;
using beast::error_code;

Method method_of(beast::http::verb verb) {
  using Verb = beast::http::verb;
  // Not a switch: Beast knows thirty more, which are all the same to us.
  if (verb == Verb::get) return Method::get;
  if (verb == Verb::post) return Method::post;
  if (verb == Verb::head) return Method::head;
  if (verb == Verb::put) return Method::put;
  if (verb == Verb::patch) return Method::patch;
  if (verb == Verb::delete_) return Method::del;
  if (verb == Verb::options) return Method::options;
  return Method::other;
}

std::string_view view_of(beast::string_view text) { return {text.data(), text.size()}; }

// method SP target SP HTTP-version, of whichever version; all else is a malformed line.
bool ends_in_version(std::string_view line) {
  const std::size_t space = line.find(' ', line.find(' ') + 1);
  if (space == std::string_view::npos) return false;
  const std::string_view version = line.substr(space + 1);
  const auto digit = [&](std::size_t at) { return version[at] >= '0' && version[at] <= '9'; };
  return version.size() == 8 && version.starts_with("HTTP/") && digit(5) && version[6] == '.' &&
         digit(7);
}

// Whether the line that begins here can still become a chunk's size. Beast looks at what is behind
// a size of zero only when the whole trailer is there.
bool may_be_chunk_size(std::string_view line) {
  if (line.starts_with("\r\n")) line.remove_prefix(2);
  const std::size_t behind = line.find_first_not_of("0123456789abcdefABCDEF");
  return behind == std::string_view::npos || line[behind] == ';' || line[behind] == '\r' ||
         line[behind] == ' ' || line[behind] == '\t';
}

const Fault& fault_of(error_code error, std::string_view bytes) {
  if (error == BeastError::header_limit) return head_too_large;
  if (error == BeastError::bad_version) {
    return ends_in_version(bytes.substr(0, bytes.find('\r'))) ? unknown_version
                                                              : malformed_request_line;
  }
  if (error == BeastError::bad_method) return malformed_request_line;
  if (error == BeastError::bad_target) return malformed_target;
  if (error == BeastError::bad_content_length || error == BeastError::bad_transfer_encoding ||
      error == BeastError::multiple_content_length) {
    return bad_framing;
  }
  return malformed_field;
}

}  // namespace

struct RequestParser::Grammar {
  class Sink : public beast::http::basic_parser<true> {
   public:
    explicit Sink(RequestParser& owner) : owner_{owner} {
      eager(true);
      body_limit(boost::none);  // counted in on_chunk_header_impl, and by who reads the body
      header_limit(static_cast<std::uint32_t>(owner.bounds_.head_bytes));
    }

    std::string* chunks = nullptr;

   private:
    void on_request_impl(beast::http::verb verb, beast::string_view /*method*/,
                         beast::string_view target, int version, error_code& error) override {
      owner_.method_ = method_of(verb);
      owner_.is_connect_ = verb == beast::http::verb::connect;
      owner_.is_http11_ = version >= 11;
      owner_.target_ = span_of(view_of(target));
      if (target.size() > owner_.bounds_.target_bytes) refuse(target_too_long, error);
    }

    void on_response_impl(int, beast::string_view, int, error_code&) override {}

    void on_field_impl(beast::http::field field, beast::string_view name, beast::string_view value,
                       error_code& error) override {
      if (chunks != nullptr) return;  // a trailer: nobody asks for one, and none may change a head
      if (owner_.fields_.size() >= owner_.bounds_.fields) return refuse(head_too_large, error);
      if (is_folded(view_of(name), view_of(value))) return refuse(malformed_field, error);
      const Span at = value.empty() ? Span{} : span_of(view_of(value));
      owner_.fields_.push_back({span_of(view_of(name)), at});
      note(field, view_of(value));
    }

    void on_header_impl(error_code&) override {}
    void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) override {}
    std::size_t on_body_impl(beast::string_view body, error_code&) override { return body.size(); }

    void on_chunk_header_impl(std::uint64_t size, beast::string_view extensions,
                              error_code& error) override {
      extension_bytes_ += extensions.size();
      if (extension_bytes_ > owner_.bounds_.head_bytes) return refuse(malformed_chunks, error);
      if (size > owner_.bounds_.body_bytes - chunks->size()) refuse(body_too_large, error);
    }

    std::size_t on_chunk_body_impl(std::uint64_t, beast::string_view body, error_code&) override {
      chunks->append(body.data(), body.size());
      return body.size();
    }

    void on_finish_impl(error_code&) override {}

    Span span_of(std::string_view text) const {
      return {static_cast<std::uint32_t>(text.data() - owner_.base_),
              static_cast<std::uint32_t>(text.size())};
    }

    void refuse(const Fault& fault, error_code& error) {
      owner_.fault_ = &fault;
      error = BeastError::bad_field;
    }

    // Beast joins the lines of an obs-fold (RFC 9112 section 5.2) in a buffer of its own; what a
    // proxy in front made of them may differ, so they are refused. Beast has seen one byte behind
    // the line's end when it reports the field.
    bool is_folded(std::string_view name, std::string_view value) const {
      const char* at = name.data() + name.size() + 1;
      while (*at == ' ' || *at == '\t') ++at;
      if (!value.empty() && value.data() != at) return true;
      at += value.size();
      while (*at == ' ' || *at == '\t') ++at;
      return at[0] != '\r' || at[2] == ' ' || at[2] == '\t';
    }

    void note(beast::http::field field, std::string_view value) {
      if (field == beast::http::field::host) {
        ++owner_.hosts_;
        owner_.has_bad_host_ |= !is_host(value);
      } else if (field == beast::http::field::transfer_encoding) {
        owner_.has_strange_coding_ |= !same_word(value, "chunked");
      } else if (field == beast::http::field::expect) {
        owner_.expects_continue_ |= same_word(value, "100-continue");
      }
    }

    RequestParser& owner_;
    std::size_t extension_bytes_ = 0;
  };

  std::optional<Sink> sink;
};

RequestParser::RequestParser(Bounds bounds)
    : bounds_{bounds}, grammar_{std::make_unique<Grammar>()} {
  fields_.reserve(bounds.fields);
  reset();
}

RequestParser::~RequestParser() = default;

void RequestParser::reset() {
  grammar_->sink.emplace(*this);
  fields_.clear();
  parsed_ = 0;
  fault_ = nullptr;
  expects_continue_ = has_strange_coding_ = has_bad_host_ = is_connect_ = false;
  hosts_ = 0;
}

RequestParser::Verdict RequestParser::parse_head(const char* base, std::size_t size) {
  base_ = base;
  // Not eager: stops behind the head, so that the body is left where it is.
  grammar_->sink->eager(false);
  error_code error;
  while (!grammar_->sink->is_header_done()) {
    parsed_ += grammar_->sink->put({base + parsed_, size - parsed_}, error);
    if (error) break;
  }
  if (error && error != BeastError::need_more) {
    if (error == BeastError::header_limit && parsed_ == 0) return fail(target_too_long);
    return fail(fault_ != nullptr ? *fault_ : fault_of(error, {base, size}));
  }
  if (parsed_ > bounds_.head_bytes) return fail(head_too_large);
  if (error) {
    if (size < bounds_.head_bytes) return Verdict::more;
    return fail(parsed_ == 0 ? target_too_long : head_too_large);
  }
  if (const Fault* fault = judge_head()) return fail(*fault);
  return Verdict::complete;
}

RequestParser::Verdict RequestParser::parse_chunks(std::string_view bytes, std::size_t& taken,
                                                   std::string& body) {
  taken = 0;
  grammar_->sink->chunks = &body;
  grammar_->sink->eager(true);
  error_code error;
  taken = grammar_->sink->put({bytes.data(), bytes.size()}, error);
  if (error && error != BeastError::need_more) {
    return fail(fault_ != nullptr ? *fault_ : malformed_chunks);
  }
  if (grammar_->sink->is_done()) return Verdict::complete;
  const std::string_view rest = bytes.substr(taken);
  // What is longer without end is no chunk header, and no trailer that we wait for.
  if (rest.size() >= bounds_.head_bytes || !may_be_chunk_size(rest)) return fail(malformed_chunks);
  return Verdict::more;
}

std::optional<std::string_view> RequestParser::header(const char* base,
                                                      std::string_view name) const {
  for (const Field& field : fields_) {
    if (field.name.size == name.size() && same_word(field.name.in(base), name)) {
      return field.value.in(base);
    }
  }
  return std::nullopt;
}

std::optional<std::uint64_t> RequestParser::content_length() const {
  const auto length = grammar_->sink->content_length();
  if (!length) return std::nullopt;
  return *length;
}

bool RequestParser::is_chunked() const { return grammar_->sink->chunked(); }

bool RequestParser::keeps_alive() const { return grammar_->sink->keep_alive(); }

bool RequestParser::asks_for_upgrade() const { return grammar_->sink->upgrade(); }

RequestParser::Verdict RequestParser::fail(const Fault& fault) {
  fault_ = &fault;
  return Verdict::fault;
}

const Fault* RequestParser::judge_head() const {
  if (has_strange_coding_) return &bad_framing;
  if (is_chunked() && !is_http11_) return &bad_framing;
  if (is_connect_) return &connect_refused;
  if (hosts_ > 1 || has_bad_host_ || (hosts_ == 0 && is_http11_)) return &bad_host;
  return nullptr;
}

}  // namespace wildnout::http
