// Parses the subcommand, nothing else.
#include "app/commands.hpp"

int main(int argc, char** argv) { return wildnout::app::run_command(argc, argv); }
