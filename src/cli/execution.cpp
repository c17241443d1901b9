// Execution for real.  See execution.hpp.
#include "cli/execution.hpp"

#include <algorithm>
#include <cctype>
#include <fmt/format.h>
#include <regex>

namespace accord::cli {

namespace {

bool has_contract_error(const findings& found, const text_piece& statement) {
  return std::any_of(found.all.begin(), found.all.end(), [&](const finding& f) { return belongs(f, statement) && f.is_contract_error(); });
}

// BEGIN, COMMIT and their like, which no savepoint may be put around.
bool controls_transaction(const std::string& statement) {
  static const std::vector<std::string> words{"begin", "start", "commit", "end", "rollback", "abort", "prepare", "savepoint", "release"};
  std::string bare = scan_sql(statement).bare, word;
  auto first = bare.find_first_not_of(' ');
  for (std::size_t i = first; i < bare.size() && std::isalpha(static_cast<unsigned char>(bare[i])); i++)
    word += static_cast<char>(std::tolower(static_cast<unsigned char>(bare[i])));
  return std::find(words.begin(), words.end(), word) != words.end();
}

// A savepoint around one statement where a transaction block of the script's own is open; an error in it leaves the block usable.
class attempt {
 public:
  explicit attempt(database& db) : db_(db) {
    try {
      db_.execute("SAVEPOINT \"accord check\"");
      in_block_ = true;
    } catch (const sql_failure& e) {
      if (e.sqlstate != "25P01") throw;  // no transaction block is open
    }
  }
  void succeeded() {
    if (in_block_) db_.execute("RELEASE SAVEPOINT \"accord check\"");
  }
  void failed() {
    if (in_block_) db_.execute("ROLLBACK TO SAVEPOINT \"accord check\"");
  }

 private:
  database& db_;
  bool in_block_ = false;
};

void run(database& db, const std::string& statement) {
  if (controls_transaction(statement)) {
    db.execute(statement);
    return;
  }
  attempt a(db);
  try {
    db.execute(statement);
  } catch (const sql_failure&) {
    a.failed();
    throw;
  }
  a.succeeded();
}

std::string first_line(const std::string& text) {
  auto line = text.substr(0, text.find('\n'));
  return line.starts_with("ERROR:  ") ? line.substr(8) : line;
}

std::string part_of(const std::string& error, const std::regex& form) {
  std::smatch m;
  return std::regex_search(error, m, form) ? m[1].str() : "";
}

// The guard names the rules and the consumers in the error's DETAIL, and what to do instead in its HINT.
void add_refusal(findings& found, const script& s, const text_piece& statement, const std::string& error) {
  static const std::regex rule("\\(rule ([a-z0-9-]+)\\)"), consumers("Consumers affected: ([^\n]*)\\."), stage("HINT:  Stage it: ([^\n]*)");
  std::vector<std::string> rules;
  for (std::sregex_iterator m(error.begin(), error.end(), rule), end; m != end; ++m)
    rules.push_back((*m)[1]);
  if (rules.empty()) rules.emplace_back(tool_rule::refused);
  for (const auto& id : rules) {
    auto& f = found.add(s, statement.line, statement.text, "error", id, first_line(error));
    if (auto names = part_of(error, consumers); !names.empty()) found.set_detail(f, "consumers", "{" + names + "}");
    if (auto sql = part_of(error, stage); !sql.empty()) found.set_detail(f, "safe_sql", sql);
  }
}

}  // namespace

void execute_for_real(database& db, const script& s, const std::vector<text_piece>& statements, findings& found) {
  for (const auto& statement : statements) {
    auto fails = [&](const sql_failure& e) { found.add(s, statement.line, statement.text, "unknown", tool_rule::failed, e.what()); };
    try {
      run(db, statement.text);
    } catch (const sql_failure& e) {
      if (e.sqlstate != "AC001") {
        fails(e);
        return;
      }
      if (!has_contract_error(found, statement)) add_refusal(found, s, statement, e.what());
      try {
        db.execute("SET accord.guard = off");
        run(db, statement.text);
        db.execute("RESET accord.guard");
      } catch (const sql_failure& again) {
        fails(again);
        return;
      }
    }
    std::erase_if(found.all, [&](const finding& f) { return belongs(f, statement) && f.severity == "unknown"; });
    if (std::none_of(found.all.begin(), found.all.end(), [&](const finding& f) { return belongs(f, statement); }))
      found.add(s, statement.line, statement.text, "ok", "", "");
  }
}

}  // namespace accord::cli
