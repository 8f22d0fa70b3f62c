// An answer as the bytes that go over the wire.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "platform/http/compression.hpp"
#include "platform/http/negotiation.hpp"
#include "platform/http/response.hpp"

namespace wildnout::http {

// What the connection knows about an answer and the handler does not.
struct Envelope {
  std::string_view common_lines;  // Date and what else all answers carry
  std::string_view request_id;
  std::string_view traceparent;  // empty: none
  std::string_view accept_encoding;
  bool has_no_body = false;  // an answer to HEAD: lengths as for GET, no bytes
  bool is_http11 = true;
  bool keeps_alive = true;
};

// Appends the whole answer to `out`; but a body from 16 KiB on stays where it is and is returned,
// to be written behind `out` (it lives as long as `response`).
[[nodiscard]] std::string_view write_answer(Response& response, const Envelope& envelope,
                                            Compressor& compressor, std::string& out);

// "Not Found" for 404; "Unknown" for what RFC 9110 does not have.
[[nodiscard]] std::string_view reason_of(std::uint16_t status);

}  // namespace wildnout::http
