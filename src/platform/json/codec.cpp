// The compiled core: reads and writes any described struct by its table of members.
#include "platform/json/codec.hpp"

#include <bitset>

namespace wildnout::json {
namespace {

std::string summary_of(const std::vector<Fault>& faults) {
  std::string text = "invalid JSON data:";
  for (const Fault& fault : faults)
    text.append(" ").append(fault.path).append(": ").append(fault.message);
  return text;
}

// RFC 6901 section 3.
void append_segment(std::string_view name, std::string& out) {
  out.push_back('/');
  for (const char c : name) {
    if (c == '~') {
      out.append("~0");
    } else if (c == '/') {
      out.append("~1");
    } else {
      out.push_back(c);
    }
  }
}

}  // namespace

Invalid::Invalid(std::vector<Fault> faults)
    : std::runtime_error{summary_of(faults)}, faults_{std::move(faults)} {}

std::string Reader::path() const {
  std::string path;
  for (std::size_t i = 0; i < std::min(depth_, max_depth); ++i) {
    const Step::Segment& segment = segments_[i];
    if (segment.name.data() != nullptr) {
      append_segment(segment.name, path);
    } else {
      path.append("/").append(std::to_string(segment.index));
    }
  }
  return path;
}

void Reader::fault(std::string_view message) {
  ++count_;
  if (faults_.size() < max_faults) faults_.push_back({path(), std::string{message}});
}

const Member* Shape::find(std::string_view name) const {
  for (const Member& member : members) {
    if (member.name == name) return &member;
  }
  return nullptr;
}

void read_struct(Value value, void* out, const Shape& shape, Reader& reader) {
  if (value.kind() != Kind::object) return reader.fault("must be an object");
  std::bitset<max_struct_members> seen;
  for (const Value element : value) {
    const std::string_view name = element.key();
    const Reader::Step step{reader, name};
    const Member* member = shape.find(name);
    if (member == nullptr) {
      reader.fault("is not a known field");
      continue;
    }
    seen.set(static_cast<std::size_t>(member - shape.members.data()));
    member->codec->read(element, member->in(out), reader);
  }
  for (std::size_t i = 0; i < shape.members.size(); ++i) {
    const Member& member = shape.members[i];
    if (seen[i] || member.codec->may_be_absent) continue;
    const Reader::Step step{reader, member.name};
    reader.fault("is required");
  }
}

void write_struct(const void* value, std::string& out, const Shape& shape) {
  // Members are only read here; `in` serves both ways.
  void* object = const_cast<void*>(value);
  out.push_back('{');
  std::size_t skip = 1;  // the comma before the first member
  for (const Member& member : shape.members) {
    const void* place = member.in(object);
    const Codec& codec = *member.codec;
    if (codec.is_left_out != nullptr && codec.is_left_out(place)) continue;
    out.append(member.prefix.data() + skip, member.prefix.size() - skip);
    skip = 0;
    codec.write(place, out);
  }
  out.push_back('}');
}

void read_value(Value value, void* out, const Codec& codec) {
  Reader reader;
  codec.read(value, out, reader);
  if (reader.fault_count() > 0) throw Invalid{reader.take_faults()};
}

void read_text(std::string_view text, void* out, const Codec& codec) {
  const Document document{text};
  read_value(document.root(), out, codec);
}

}  // namespace wildnout::json
