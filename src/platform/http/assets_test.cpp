// Embedded files as answers.
#include "platform/http/assets.hpp"

#include <gtest/gtest.h>

#include <map>

#include "embedded/embedded_for_test.hpp"

namespace wildnout::http {
namespace {

struct FakeRequest : Request {
  std::map<std::string, std::string, std::less<>> fields;

  [[nodiscard]] std::optional<std::string_view> header(std::string_view name) const override {
    const auto found = fields.find(name);
    return found == fields.end() ? std::nullopt : std::optional<std::string_view>{found->second};
  }
};

constexpr EmbeddedFile files[] = {{"/docs/index.html", "<p>docs</p>", "\"e1\""},
                                  {"/docs/a.js", "a()", "\"e2\""}};

TEST(Assets, AnswersWithTypeEtagAndBytes) {
  Assets assets;
  assets.add(files);
  const auto response = assets.answer("/docs/a.js", FakeRequest{});
  ASSERT_TRUE(response);
  EXPECT_EQ(response->status, 200);
  EXPECT_EQ(response->content_type, "text/javascript; charset=utf-8");
  EXPECT_EQ(std::get<std::shared_ptr<const SharedBody>>(response->body)->identity, "a()");
  EXPECT_NE(response->headers.find("ETag: \"e2\"\r\n"), std::string::npos);
  EXPECT_NE(response->headers.find("Cache-Control: no-cache\r\n"), std::string::npos);
}

TEST(Assets, AnswersAFolderWithItsIndex) {
  Assets assets;
  assets.add(files);
  for (const char* path : {"/docs", "/docs/", "/docs/index.html"}) {
    const auto response = assets.answer(path, FakeRequest{});
    ASSERT_TRUE(response) << path;
    EXPECT_EQ(response->content_type, "text/html; charset=utf-8");
  }
  for (const char* path : {"", "/", "/doc", "/docs/b.js", "/docs/../docs/a.js"}) {
    EXPECT_FALSE(assets.answer(path, FakeRequest{})) << path;
  }
}

TEST(Assets, AnswersAKnownVersionWith304) {
  Assets assets;
  assets.add(files);
  FakeRequest request;
  request.fields["If-None-Match"] = "W/\"e2\"";
  const auto response = assets.answer("/docs/a.js", request);
  ASSERT_TRUE(response);
  EXPECT_EQ(response->status, 304);
  EXPECT_NE(response->headers.find("ETag: \"e2\"\r\n"), std::string::npos);
}

TEST(Assets, HoldTheBytesThatTheBuildPutIn) {
  const auto embedded = test::embedded_for_test();
  ASSERT_EQ(embedded.size(), 2U);
  EXPECT_EQ(embedded[0].path, "/embedded/assets.hpp");
  EXPECT_EQ(embedded[1].path, "/embedded/request.hpp");
  EXPECT_TRUE(embedded[1].bytes.starts_with("// A request as handlers see it"));
  EXPECT_TRUE(embedded[1].bytes.ends_with("}  // namespace wildnout::http\n"));
  EXPECT_EQ(embedded[1].etag.size(), 34U);
  EXPECT_NE(embedded[0].etag, embedded[1].etag);
}

}  // namespace
}  // namespace wildnout::http
