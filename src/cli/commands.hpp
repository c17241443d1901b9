// The commands of the tool: each adds itself to the command line, and its run sets the exit status.
#pragma once

namespace CLI {
class App;
}

namespace accord::cli {

// What every command ends with.
enum exit_status { compatible = 0, incompatible = 1, could_not_tell = 2 };

// Each registers its subcommand; when it was chosen and run, `status` holds the outcome.
void add_check(CLI::App&, int& status);
void add_status(CLI::App&, int& status);
void add_diff(CLI::App&, int& status);
void add_plan(CLI::App&, int& status);

}  // namespace accord::cli
