// An archive written in pieces reads back as it was.
#include "platform/zip/archive.hpp"

#include <archive.h>
#include <archive_entry.h>
#include <gtest/gtest.h>

#include <map>
#include <stdexcept>

namespace wildnout::zip {
namespace {

std::map<std::string, std::string> read_back(const std::string& bytes) {
  std::map<std::string, std::string> files;
  ::archive* reader = archive_read_new();
  archive_read_support_format_zip(reader);
  EXPECT_EQ(archive_read_open_memory(reader, bytes.data(), bytes.size()), ARCHIVE_OK);
  archive_entry* entry = nullptr;
  while (archive_read_next_header(reader, &entry) == ARCHIVE_OK) {
    std::string& content = files[archive_entry_pathname(entry)];
    std::string piece(4096, '\0');
    la_ssize_t size = 0;
    while ((size = archive_read_data(reader, piece.data(), piece.size())) > 0) {
      content.append(piece, 0, static_cast<std::size_t>(size));
    }
    EXPECT_EQ(size, 0) << archive_error_string(reader);
  }
  archive_read_free(reader);
  return files;
}

TEST(Archive, ReadsBackAsItWasWrittenHoweverItWasTaken) {
  Archive archive;
  std::string bytes;
  std::map<std::string, std::string> files{{"a/one.json", "[]"}, {"b/two.json", ""}};
  for (int line = 0; line < 50'000; ++line) files["b/two.json"] += std::to_string(line * 7919);
  for (const auto& [name, content] : files) {
    archive.begin_file(name);
    for (std::size_t at = 0; at < content.size(); at += 1000) {
      archive.add(std::string_view{content}.substr(at, 1000));
      bytes += archive.take();
    }
  }
  archive.finish();
  bytes += archive.take();
  EXPECT_EQ(archive.waiting(), 0U);
  EXPECT_LT(bytes.size(), files["b/two.json"].size()) << "it is deflated";
  EXPECT_EQ(read_back(bytes), files);
}

TEST(Archive, TakesNothingBeforeAFileWasBegun) {
  Archive archive;
  EXPECT_THROW(archive.add("lost"), std::runtime_error);
}

}  // namespace
}  // namespace wildnout::zip
