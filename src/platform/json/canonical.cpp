// Sorting members and leaving out what says nothing.
#include "platform/json/canonical.hpp"

#include <algorithm>
#include <vector>

#include "platform/json/text.hpp"

namespace wildnout::json {

void append_canonical(Value value, std::string& out) {
  if (value.kind() == Kind::array) {
    out.push_back('[');
    bool is_first = true;
    for (const Value element : value) {
      if (!is_first) out.push_back(',');
      is_first = false;
      append_canonical(element, out);
    }
    out.push_back(']');
  } else if (value.kind() == Kind::object) {
    std::vector<Value> members;
    for (const Value member : value) {
      if (!member.is_null()) members.push_back(member);
    }
    std::sort(members.begin(), members.end(),
              [](const Value& a, const Value& b) { return a.key() < b.key(); });
    out.push_back('{');
    for (const Value& member : members) {
      if (&member != &members.front()) out.push_back(',');
      append_quoted(member.key(), out);
      out.push_back(':');
      append_canonical(member, out);
    }
    out.push_back('}');
  } else {
    value.append_to(out);
  }
}

std::string canonical(std::string_view text) {
  const Document document{text};
  std::string out;
  append_canonical(document.root(), out);
  return out;
}

}  // namespace wildnout::json
