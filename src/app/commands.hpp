// The subcommands of the binary.
#pragma once

namespace wildnout::app {

// Runs the subcommand that the arguments name; returns the exit status: 0 done, 1 failed, 2 the
// arguments or the configuration are wrong.
[[nodiscard]] int run_command(int argc, char** argv);

}  // namespace wildnout::app
