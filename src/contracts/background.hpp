// The background work of this node, as modules see it.
#pragma once

namespace wildnout {

// Any thread. Calls are hints: what is forgotten is found by polling.
class Background {
 public:
  virtual ~Background() = default;

  // An event or a job was committed: look now.
  virtual void wake() = 0;
};

}  // namespace wildnout
