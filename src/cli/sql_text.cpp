// SQL text.  See sql_text.hpp.
#include "cli/sql_text.hpp"

#include <algorithm>
#include <cctype>

namespace accord::cli {

namespace {

bool is_name(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '$' || (static_cast<unsigned char>(c) & 0x80);
}

class scanner {
 public:
  explicit scanner(std::string_view sql) : sql_(sql) { result_.text = sql; }

  scanned_sql run() {
    while (at_ < sql_.size())
      step();
    while (!result_.bare.empty() && result_.bare.back() == ' ')
      result_.bare.pop_back();
    return std::move(result_);
  }

 private:
  bool looks_at(std::string_view what) const { return sql_.substr(at_, what.size()) == what; }

  // Moves on to `end`, keeping count of the lines; what was passed.
  std::string_view pass(std::size_t end) {
    end = std::min(end, sql_.size());
    auto passed = sql_.substr(at_, end - at_);
    line_ += static_cast<int>(std::count(passed.begin(), passed.end(), '\n'));
    at_ = end;
    return passed;
  }

  std::size_t end_of_line() const { return std::min(sql_.find('\n', at_), sql_.size()); }

  void keep(std::string_view text) {
    result_.bare += text;
    statement_ += text;
  }

  void blank() {
    if (!result_.bare.empty() && result_.bare.back() != ' ') result_.bare += ' ';
    if (!statement_.empty() && statement_.back() != ' ') statement_ += ' ';
  }

  void step() {
    char c = sql_[at_];
    if (looks_at("--")) {
      int line = line_;
      result_.comments.push_back({line, std::string(pass(end_of_line()).substr(2))});
      blank();
    } else if (looks_at("/*")) {
      block_comment();
    } else if (c == '\'') {
      bool escapes = at_ > 0 && (sql_[at_ - 1] == 'E' || sql_[at_ - 1] == 'e') && (at_ < 2 || !is_name(sql_[at_ - 2]));
      keep(pass(end_of_quotes('\'', escapes)));
    } else if (c == '"') {
      keep(pass(end_of_quotes('"', false)));
    } else if (c == '$' && (at_ == 0 || !is_name(sql_[at_ - 1]))) {
      dollar_quotes();
    } else if (c == '\\') {
      meta_command();
    } else if (std::isspace(static_cast<unsigned char>(c))) {
      pass(at_ + 1);
      blank();
    } else {
      keep(pass(at_ + 1));
      if (c == ';') end_statement();
    }
  }

  void block_comment() {
    int line = line_, depth = 0;
    std::size_t end = at_;
    do {
      if (sql_.substr(end, 2) == "/*") {
        depth++;
        end += 2;
      } else if (sql_.substr(end, 2) == "*/") {
        depth--;
        end += 2;
      } else {
        end++;
      }
    } while (depth > 0 && end < sql_.size());
    std::string text(pass(end).substr(2));
    if (text.ends_with("*/")) text.resize(text.size() - 2);
    result_.comments.push_back({line, std::move(text)});
    blank();
  }

  std::size_t end_of_quotes(char quote, bool escapes) const {
    std::size_t end = at_ + 1;
    while (end < sql_.size()) {
      if (escapes && sql_[end] == '\\') {
        end += 2;
      } else if (sql_[end] != quote) {
        end++;
      } else if (end + 1 < sql_.size() && sql_[end + 1] == quote) {
        end += 2;
      } else {
        return end + 1;
      }
    }
    return sql_.size();
  }

  void dollar_quotes() {
    std::size_t end = at_ + 1;
    while (end < sql_.size() && is_name(sql_[end]) && sql_[end] != '$')
      end++;
    bool is_tag = end < sql_.size() && sql_[end] == '$' && !std::isdigit(static_cast<unsigned char>(sql_[at_ + 1]));
    if (!is_tag) {
      keep(pass(at_ + 1));
      return;
    }
    auto tag = sql_.substr(at_, end + 1 - at_);
    auto close = sql_.find(tag, end + 1);
    keep(pass(close == std::string_view::npos ? sql_.size() : close + tag.size()));
  }

  void meta_command() {
    std::size_t begin = at_;
    int line = line_;
    std::string command(pass(end_of_line()));
    while (!command.empty() && std::isspace(static_cast<unsigned char>(command.back())))
      command.pop_back();
    // Newer pg_dump wraps what it writes in these; they mean something to psql only.
    if (command.starts_with("\\restrict ") || command.starts_with("\\unrestrict "))
      std::fill(result_.text.begin() + static_cast<std::ptrdiff_t>(begin), result_.text.begin() + static_cast<std::ptrdiff_t>(at_), ' ');
    else
      result_.psql_only.push_back({line, std::move(command)});
  }

  // The rows after COPY … FROM stdin are no SQL.
  void end_statement() {
    std::string lower = std::move(statement_);
    statement_.clear();
    std::transform(lower.begin(), lower.end(), lower.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    if (!lower.starts_with("copy ") || lower.find(" from stdin") == std::string::npos) return;
    result_.psql_only.push_back({line_, "COPY … FROM stdin"});
    auto close = sql_.find("\n\\.", at_);
    pass(close == std::string_view::npos ? sql_.size() : close + 3);
  }

  std::string_view sql_;
  std::size_t at_ = 0;
  int line_ = 1;
  std::string statement_;  // bare, since the last semicolon
  scanned_sql result_;
};

}  // namespace

scanned_sql scan_sql(std::string_view sql) {
  return scanner(sql).run();
}

}  // namespace accord::cli
