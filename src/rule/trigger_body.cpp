// trigger_body.  See trigger_body.hpp.
#include "rule/trigger_body.hpp"

#include <algorithm>

namespace accord::rule {

namespace {

// Lower case, one space between words, comments gone, each string a "'': statement by statement.
std::vector<std::string> statements_of(std::string_view body) {
  std::vector<std::string> result(1);
  auto space = [&] {
    if (!result.back().empty() && result.back().back() != ' ') result.back() += ' ';
  };
  for (std::size_t i = 0; i < body.size(); i++) {
    const char c = body[i];
    const char next = i + 1 < body.size() ? body[i + 1] : '\0';
    if (c == '-' && next == '-') {
      i = std::min(body.find('\n', i), body.size());
      space();
    } else if (c == '/' && next == '*') {
      const std::size_t end = body.find("*/", i + 2);
      i = end == std::string_view::npos ? body.size() : end + 1;
      space();
    } else if (c == '\'') {
      do {
        i = body.find('\'', i + 1);
        if (i == std::string_view::npos) return {};
      } while (i + 1 < body.size() && body[i + 1] == '\'' && i++);
      result.back() += "''";
    } else if (c == '$' || c == '"' || c == '\\') {
      return {};  // quoted names and dollar quotes are not understood
    } else if (c == ';') {
      result.emplace_back();
    } else if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
      space();
    } else {
      result.back() += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
  }
  for (auto& statement : result)
    while (statement.ends_with(' '))
      statement.pop_back();
  return result;
}

bool take(std::string& statement, std::string_view words) {
  if (!statement.starts_with(words)) return false;
  statement.erase(0, words.size());
  while (statement.starts_with(' '))
    statement.erase(0, 1);
  return true;
}

bool is_word(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; });
}

struct reader {
  const trigger_use& use;
  std::vector<std::string> effects = {};
  bool known = true;
  bool filled = false, conditional = false;  // the new row; what it does

  void effect(std::string word) {
    if (std::find(effects.begin(), effects.end(), word) == effects.end()) effects.push_back(std::move(word));
  }
  void returns(const std::string& what) {
    if (!use.before || !use.each_row) return;  // nobody looks at it
    if (what == "coalesce(new, old)" || what == "coalesce(new,old)") return;
    if (what == "null") return effect("swallows");
    if (what == "new") return use.on_delete && (!filled || conditional) ? effect("swallows") : void();  // of DELETE there is no new row
    if (what == "old" && !use.on_other) return;
    known = false;
  }
  void read(std::string statement) {
    for (bool again = true; again;) {
      again = take(statement, "begin ") || take(statement, "else ") || (statement == "begin" && take(statement, "begin"));
      if (statement.starts_with("if tg_op = '' then ")) {
        again = take(statement, "if tg_op = '' then ");
        conditional = true;
      }
    }
    if (statement.empty() || statement == "end" || statement == "end if") return;
    if (take(statement, "return ")) return returns(statement);
    if (take(statement, "raise ")) {
      for (const char* level : {"notice ", "info ", "log ", "debug ", "warning "})
        if (statement.starts_with(level)) return;
      return effect("raises");
    }
    if (statement.starts_with("perform pg_notify(")) return;
    if (statement.starts_with("insert into ") && use.definer) return;
    if (take(statement, "new.")) {
      const std::size_t end = statement.find_first_of(" :=");
      const std::string column = statement.substr(0, end);
      const bool stored = use.before && use.each_row;
      if (end != std::string::npos && is_word(column)) {
        filled = true;
        return stored && use.on_other ? effect("fills " + column) : void();  // and of DELETE nothing is stored
      }
    }
    known = false;
  }
};

}  // namespace

std::vector<std::string> effects_of_body(std::string_view body, const trigger_use& use) {
  const auto statements = statements_of(body);
  if (statements.empty()) return {};
  reader r{use};
  for (const auto& statement : statements)
    r.read(statement);
  if (!r.known) return {};
  if (r.effects.empty()) return {"none"};
  return r.effects;
}

}  // namespace accord::rule
