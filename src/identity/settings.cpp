// From settings to sources of keys.
#include "identity/settings.hpp"

#include <fstream>
#include <iterator>
#include <stdexcept>

namespace wildnout::identity {
namespace {

Task<std::string> read_url(http::Client& client, std::string url) {
  http::ClientRequest request;
  request.url = url;
  request.headers = {{"Accept", "application/json"}};
  request.answer_bytes = crypto::max_jwks_bytes;
  // The configuration has seen to it that plain http is only what it may be.
  request.allows_plain_http = url.starts_with("http://");
  const http::ClientResponse response = co_await client.fetch(std::move(request));
  if (response.status != 200) {
    throw std::runtime_error{url + " answered " + std::to_string(response.status)};
  }
  co_return response.body;
}

Task<std::string> read_file(std::filesystem::path path) {
  std::ifstream file{path};
  if (!file) throw std::runtime_error{path.string() + " cannot be read"};
  co_return std::string{std::istreambuf_iterator<char>{file}, {}};
}

KeyStore::Source clerk_source(const Settings& settings) {
  if (!settings.pem.empty()) {
    crypto::KeySet keys;
    keys.keys.push_back({"", crypto::PublicKey::from_pem(settings.pem)});
    return {settings.clerk, std::move(keys)};
  }
  if (!settings.jwks_file.empty()) {
    return {settings.clerk,
            KeyStore::Read{[path = settings.jwks_file](http::Client&) { return read_file(path); }}};
  }
  return {settings.clerk, KeyStore::Read{[url = settings.jwks_url](http::Client& client) {
            return read_url(client, url);
          }}};
}

}  // namespace

std::vector<KeyStore::Source> key_sources(const Settings& settings, const DevIssuer* dev_issuer) {
  std::vector<KeyStore::Source> sources;
  if (!settings.clerk.issuer.empty()) sources.push_back(clerk_source(settings));
  if (dev_issuer != nullptr) sources.push_back({DevIssuer::policy(), dev_issuer->keys()});
  return sources;
}

}  // namespace wildnout::identity
