// How results are printed: an aligned table for people, JSON for programs.
#pragma once

#include <cstdio>
#include <string>

#include "cli/database.hpp"

namespace CLI {
class App;
}

namespace accord::cli {

enum class format { table, json };

std::string as_table(const table&);  // psql-like; empty columns are left out
std::string as_json(const table&);   // an array of objects, one a row, keys as the columns
void print(const table&, format, std::FILE* to = stdout);
void add_format_option(CLI::App&, format&);  // --format table|json

}  // namespace accord::cli
