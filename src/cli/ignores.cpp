// Ignore comments.  See ignores.hpp.
#include "cli/ignores.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <regex>

namespace accord::cli {

namespace {

struct ignore_comment {
  int line = 0;
  std::string text;
  std::vector<std::string> rules;
  std::string reason, until;
  std::string problem;  // why it cannot be read
};

std::string trimmed(const std::string& text) {
  auto first = text.find_first_not_of(" \t\r\n"), last = text.find_last_not_of(" \t\r\n");
  return first == std::string::npos ? "" : text.substr(first, last - first + 1);
}

std::vector<std::string> split_rules(const std::string& text) {
  std::vector<std::string> rules;
  std::size_t begin = 0;
  while (begin <= text.size()) {
    auto end = std::min(text.find(',', begin), text.size());
    rules.push_back(trimmed(text.substr(begin, end - begin)));
    begin = end + 1;
  }
  return rules;
}

bool parse(const text_piece& comment, ignore_comment& to) {
  static const std::regex marked("\\s*accord:\\s*([A-Za-z_-]+)([\\s\\S]*)");
  static const std::regex form("\\s+([A-Za-z0-9-]+(?:\\s*,\\s*[A-Za-z0-9-]+)*)((?:\\s+[a-z]+=(?:\"[^\"]*\"|[^\\s\"]+))*)\\s*");
  static const std::regex option("([a-z]+)=(?:\"([^\"]*)\"|([^\\s\"]+))");
  std::smatch m;
  if (!std::regex_match(comment.text, m, marked)) return false;
  to.line = comment.line;
  to.text = trimmed(comment.text);
  std::string word = m[1], rest = m[2];
  if (word != "ignore") {
    to.problem = fmt::format("\"{}\" is not something a comment can ask for", word);
    return true;
  }
  if (!std::regex_match(rest, m, form)) {
    to.problem = "it does not name a rule";
    return true;
  }
  to.rules = split_rules(m[1]);
  std::string options = m[2];
  for (std::sregex_iterator o(options.begin(), options.end(), option), end; o != end; ++o) {
    std::string name = (*o)[1], value = (*o)[2].matched ? (*o)[2] : (*o)[3];
    if (name == "reason")
      to.reason = trimmed(value);
    else if (name == "until")
      to.until = value;
    else
      to.problem = fmt::format("there is no option \"{}\"", name);
  }
  if (to.problem.empty() && to.reason.empty()) to.problem = "it gives no reason";
  if (to.problem.empty() && to.until.empty()) to.problem = "it does not say until when";
  if (to.problem.empty() && !is_date(to.until)) to.problem = fmt::format("\"{}\" is not a date", to.until);
  return true;
}

// The statement that a comment belongs to; null after the last one.
const text_piece* statement_of(int line, const std::vector<text_piece>& statements) {
  const text_piece* around = nullptr;
  for (const auto& s : statements) {
    int last = s.line + static_cast<int>(std::count(s.text.begin(), s.text.end(), '\n'));
    if (s.line <= line && line <= last) around = &s;
    if (s.line > line) return around ? around : &s;
  }
  return around;
}

}  // namespace

void apply_ignores(findings& found, const script& s, const std::vector<text_piece>& comments, const std::vector<text_piece>& statements) {
  for (const auto& comment : comments) {
    ignore_comment ignore;
    if (!parse(comment, ignore)) continue;
    auto say = [&](const char* rule, const std::string& what) {
      found.add(s, ignore.line, ignore.text, "warning", rule, fmt::format("\"{}\": {}", ignore.text, what));
    };
    if (!ignore.problem.empty()) {
      say(tool_rule::ignore_malformed, ignore.problem);
      continue;
    }
    const auto* statement = statement_of(ignore.line, statements);
    bool expired = ignore.until < today();
    for (const auto& rule : ignore.rules) {
      bool used = false;
      for (auto& f : found.all) {
        if (!statement || !belongs(f, *statement) || f.rule != rule || !may_be_suppressed(f)) continue;
        used = true;
        if (!expired && !f.suppressed) f.suppressed = suppression{"comment", ignore.reason, ignore.until};
      }
      if (!used)
        say(tool_rule::ignore_unused, fmt::format("the statement does not hit rule {}", rule));
      else if (expired)
        say(tool_rule::ignore_expired, fmt::format("it expired on {}, so rule {} is reported again", ignore.until, rule));
    }
  }
}

}  // namespace accord::cli
