// `wildnout verify-results`: checks a battle's result from public data alone.
#pragma once

#include <string>
#include <vector>

namespace wildnout::app {

struct VerifyOptions {
  std::string url;  // …/api/v1/battles/{id}; empty: from files
  std::string results_file;
  std::string ballots_file;
  std::string battle_file;                 // empty: ties are not checked
  std::vector<std::string> entries_files;  // pages of the list
  std::string proof_file;
};

// Prints what holds and what does not. 0: all that was checked holds. 1: something does not.
// 2: it could not be checked.
[[nodiscard]] int verify_results(const VerifyOptions& options);

}  // namespace wildnout::app
