// Filling a throw-away cluster.  See loading.hpp.
#include "cli/loading.hpp"

#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <regex>

#include "cli/migrations.hpp"
#include "cli/process.hpp"
#include "cli/sql_text.hpp"

namespace accord::cli {

namespace {

namespace fs = std::filesystem;

std::string quoted(const std::string& name) {
  std::string text = "\"";
  for (char c : name)
    text += c == '"' ? std::string("\"\"") : std::string(1, c);
  return text + "\"";
}

std::string program(const load_target& to, const char* name) {
  std::string path = to.bindir + "/" + name;
  std::error_code ignored;
  if (!fs::exists(path, ignored))
    throw connection_failure(fmt::format("there is no {} in \"{}\", which loading a dump needs", name, to.bindir));
  return path;
}

// An archive of pg_dump -Fc, -Ft or -Fd.
bool is_archive(const std::string& name) {
  std::error_code ignored;
  if (fs::is_directory(name, ignored)) return fs::exists(fs::path(name) / "toc.dat", ignored);
  if (!fs::is_regular_file(name, ignored)) return false;  // reading from a pipe would take it away
  std::ifstream in(name, std::ios::binary);
  std::string head(262, '\0');
  in.read(head.data(), static_cast<std::streamsize>(head.size()));
  return head.starts_with("PGDMP") || (head.starts_with("toc.dat") && head.substr(257) == "ustar");
}

std::string as_sql(const load_target& to, const std::string& name) {
  scratch_folder folder;
  std::string sql = folder.path() + "/archive.sql", log = folder.path() + "/log";
  if (run_program({program(to, "pg_restore"), "-f", sql, name}, log) != 0)
    throw file_failure(fmt::format("could not read the dump \"{}\": {}", name, text_of_file(log)));
  return text_of_file(sql);
}

// Throws sql_failure.
void run_with_psql(const load_target& to, const std::string& text) {
  scratch_folder folder;
  std::string sql = folder.path() + "/load.sql", log = folder.path() + "/log";
  write_file(sql, text);
  int status = run_program({program(to, "psql"), "-X", "-q", "-v", "ON_ERROR_STOP=1", "-v", "VERBOSITY=verbose", "--single-transaction",
                            "-f", sql, "-d", to.connection_string},
                           log);
  if (status == 0) return;
  std::string said = text_of_file(log);
  static const std::regex error("ERROR:  ([0-9A-Z]{5}): [\\s\\S]*");
  std::smatch m;
  if (std::regex_search(said, m, error)) throw sql_failure(m[1], m[0]);
  throw sql_failure("XX000", said);
}

bool make_missing_role(database& db, const sql_failure& e) {
  static const std::regex missing("role \"(.+)\" does not exist");
  std::smatch m;
  std::string text = e.what();
  if (e.sqlstate != "42704" || !std::regex_search(text, m, missing)) return false;
  db.execute("CREATE ROLE " + quoted(m[1]));
  return true;
}

}  // namespace

void load(const load_target& to, const source_file& file) {
  auto scanned = scan_sql(file.text);
  while (true) {
    try {
      if (scanned.psql_only.empty())
        to.db.execute(scanned.text);
      else
        run_with_psql(to, file.text);
      return;
    } catch (const sql_failure& e) {
      if (!make_missing_role(to.db, e)) throw sql_failure(e.sqlstate, fmt::format("{}: {}", file.name, e.what()));
    }
  }
}

void load(const load_target& to, const std::string& name) {
  if (is_archive(name)) {
    load(to, source_file{name, as_sql(to, name)});
    return;
  }
  for (const auto& file : read_migrations({name}, std::nullopt).pending)
    load(to, file);
}

}  // namespace accord::cli
