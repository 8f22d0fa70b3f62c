// Starts and joins the shard threads.
#include "platform/async/shards.hpp"

#include <pthread.h>

#include <string>

namespace wildnout::async {

Shards::Shards(unsigned count) {
  for (unsigned index = 0; index < count; ++index) shards_.emplace_back(index);
}

Shards::~Shards() { stop(); }

void Shards::start() {
  for (Shard& shard : shards_) {
    shard.thread_ = std::thread{[&shard] {
      pthread_setname_np(pthread_self(), ("shard-" + std::to_string(shard.index_)).c_str());
      shard.context_.run();
    }};
  }
}

void Shards::stop() {
  for (Shard& shard : shards_) {
    shard.work_.reset();
    shard.context_.stop();
  }
  for (Shard& shard : shards_) {
    if (shard.thread_.joinable()) shard.thread_.join();
  }
}

}  // namespace wildnout::async
