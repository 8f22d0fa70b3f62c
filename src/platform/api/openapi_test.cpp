// The document names every route, and everything that it refers to is there.
#include "platform/api/openapi.hpp"

#include <gtest/gtest.h>

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>
#include <boost/json/parse.hpp>
#include <set>

#include "support/run.hpp"

namespace wildnout::api {

namespace plants {
struct Kind {
  std::string name;
};
BOOST_DESCRIBE_STRUCT(Kind, (), (name))
}  // namespace plants

namespace animals {
BOOST_DEFINE_ENUM_CLASS(Diet, plants_only, anything)
struct Kind {
  std::string name;
  Diet diet;
  std::optional<plants::Kind> food;
};
BOOST_DESCRIBE_STRUCT(Kind, (), (name, diet, food))
}  // namespace animals

namespace {

struct Filter {
  std::optional<animals::Diet> diet;
  Required<std::string> zoo;
  Limit limit;
  std::optional<std::string> cursor;
};
BOOST_DESCRIBE_STRUCT(Filter, (), (diet, zoo, limit, cursor))

constexpr Refusal extinct{410, "extinct", "There are none any more"};

class Nobody final : public Authenticator {
 public:
  Task<std::optional<Caller>> authenticate(const http::Request&) override {
    co_return std::nullopt;
  }
};

class OpenapiTest : public ::testing::Test {
 protected:
  OpenapiTest() {
    using animals::Kind;
    router_.get("/kinds", [](Anyone, Query<Filter>) -> Task<Page<Kind>> { co_return Page<Kind>{}; },
                {.summary = "All kinds", .tag = "kinds", .tier = Tier::unlimited});
    router_.post("/kinds",
                 [](Permitted<"kind:make">, Body<Kind>) -> Task<Created<Kind>> {
                   co_return Created<Kind>{};
                 },
                 {.summary = "Make a kind", .tag = "kinds", .refusals = {&extinct}});
    router_.get("/kinds/{kindId}/parts/{part}",
                [](std::optional<Caller>, Path<Uuid>, Path<std::string>) -> Task<Ready<Kind>> {
                  co_return Ready<Kind>{};
                });
    router_.patch("/kinds/{kindId}",
                  [](Caller, Path<Uuid>, Body<Kind>, Conditions) -> Task<Tagged<Kind>> {
                    co_return Tagged<Kind>{};
                  });
    router_.root_get("/health", [](Anyone) -> Task<Answer<Kind, 200, 503>> {
      co_return Answer<Kind, 200, 503>{};
    });
    router_.root_get("/metrics", [](Anyone) -> Task<Plain> { co_return Plain{}; },
                     {.content_type = "text/plain"});
    document_ = boost::json::parse(text());
  }

  std::string text() const {
    return openapi(router_, {.title = "Zoo", .version = "1", .description = "", .server = "/"});
  }

  const boost::json::value& at(const std::string& pointer) const {
    return document_.at_pointer(pointer);
  }

  static void collect(const boost::json::value& value, std::set<std::string>& references) {
    if (const auto* object = value.if_object()) {
      for (const auto& [name, member] : *object) {
        if (name == "$ref") {
          references.emplace(member.as_string().c_str());
        } else {
          collect(member, references);
        }
      }
    } else if (const auto* array = value.if_array()) {
      for (const auto& element : *array) collect(element, references);
    }
  }

  testing::Loop loop_;
  Nobody nobody_;
  db::Database database_{loop_.executor(), {.url = "host=/nowhere"}};
  Router router_{nobody_, database_};
  boost::json::value document_;
};

TEST_F(OpenapiTest, NamesEveryRouteWithItsSummaryAndAnswers) {
  EXPECT_EQ(at("/openapi").as_string(), "3.1.0");
  const auto& paths = at("/paths").as_object();
  std::size_t operations = 0;
  for (const auto& [path, methods] : paths) operations += methods.as_object().size();
  EXPECT_EQ(operations, router_.routes().size());
  EXPECT_EQ(at("/paths/~1api~1v1~1kinds/get/operationId").as_string(), "getKinds");
  EXPECT_EQ(at("/paths/~1api~1v1~1kinds~1{kindId}~1parts~1{part}/get/operationId").as_string(),
            "getKindsByKindIdPartsByPart");
  EXPECT_EQ(at("/paths/~1health/get/operationId").as_string(), "getHealth");
  EXPECT_EQ(at("/tags").as_array().size(), 1U);
}

TEST_F(OpenapiTest, RefersToNothingThatIsNotThere) {
  std::set<std::string> references;
  collect(document_, references);
  EXPECT_GE(references.size(), 5U);
  for (const std::string& reference : references) {
    ASSERT_EQ(reference[0], '#');
    EXPECT_NO_THROW((void)at(reference.substr(1))) << reference;
  }
}

TEST_F(OpenapiTest, TellsTypesOfOneNameApartAndTakenFromGiven) {
  const auto& schemas = at("/components/schemas").as_object();
  for (const char* name :
       {"AnimalsKind", "AnimalsKindInput", "PlantsKind", "PlantsKindInput", "Diet", "Error"}) {
    EXPECT_TRUE(schemas.contains(name)) << name;
  }
  EXPECT_EQ(schemas.at("AnimalsKindInput").at("additionalProperties").as_bool(), false);
  EXPECT_EQ(schemas.at("AnimalsKindInput").at("required").as_array().size(), 2U);
  EXPECT_EQ(schemas.at("AnimalsKind").at("required").as_array().size(), 3U);
}

TEST_F(OpenapiTest, DescribesParameters) {
  const auto& parameters = at("/paths/~1api~1v1~1kinds/get/parameters").as_array();
  ASSERT_EQ(parameters.size(), 4U);
  EXPECT_EQ(parameters[0].at("schema").at("$ref").as_string(), "#/components/schemas/Diet");
  EXPECT_TRUE(parameters[1].at("required").as_bool());
  EXPECT_EQ(parameters[2].at("schema").at("default").as_int64(), 20);
  EXPECT_EQ(parameters[2].at("schema").at("maximum").as_int64(), 100);
  EXPECT_FALSE(parameters[3].as_object().contains("required"));
  const auto& segments =
      at("/paths/~1api~1v1~1kinds~1{kindId}~1parts~1{part}/get/parameters").as_array();
  EXPECT_EQ(segments[0].at("name").as_string(), "kindId");
  EXPECT_EQ(segments[0].at("schema").at("format").as_string(), "uuid");
  EXPECT_EQ(segments[1].at("name").as_string(), "part");
  EXPECT_EQ(segments[2].at("name").as_string(), "If-None-Match");
}

TEST_F(OpenapiTest, TellsWhoMayCallAndWhatIsRefused) {
  const auto& make = at("/paths/~1api~1v1~1kinds/post").as_object();
  EXPECT_EQ(make.at("security").as_array().size(), 2U);
  EXPECT_NE(std::string_view{make.at("description").as_string()}.find("`kind:make`"),
            std::string_view::npos);
  for (const char* status :
       {"201", "400", "401", "403", "409", "410", "413", "415", "429", "500", "503"}) {
    EXPECT_TRUE(make.at("responses").as_object().contains(status)) << status;
  }
  EXPECT_EQ(make.at("responses").at("410").at("description").as_string(), "`extinct`");
  EXPECT_TRUE(make.at("responses").at("201").at("headers").as_object().contains("Location"));
  const auto& list = at("/paths/~1api~1v1~1kinds/get").as_object();
  EXPECT_TRUE(list.at("security").as_array().empty());
  EXPECT_FALSE(list.at("responses").as_object().contains("401"));
  EXPECT_FALSE(list.at("responses").as_object().contains("429"));
  EXPECT_EQ(list.at("responses").at("400").at("description").as_string(),
            "`invalid_cursor`, `validation_error`");
  const auto& patch = at("/paths/~1api~1v1~1kinds~1{kindId}/patch").as_object();
  EXPECT_TRUE(patch.at("responses").as_object().contains("412"));
  EXPECT_TRUE(
      patch.at("requestBody").at("content").as_object().contains("application/merge-patch+json"));
}

TEST_F(OpenapiTest, GivesAStatusOfAnAnswerThatAnswersSchema) {
  const auto& health = at("/paths/~1health/get/responses").as_object();
  for (const char* status : {"200", "503"}) {
    EXPECT_EQ(health.at(status).at("content").at("application/json").at("schema").at("$ref"),
              "#/components/schemas/AnimalsKind");
  }
  EXPECT_TRUE(at("/paths/~1metrics/get/responses/200/content").as_object().contains("text/plain"));
}

TEST_F(OpenapiTest, IsTheSameEachTime) { EXPECT_EQ(text(), text()); }

}  // namespace
}  // namespace wildnout::api
