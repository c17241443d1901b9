// source.  See source.hpp.
#include "server/ddl/source.hpp"

#include "pg/scope.hpp"

#include "pg/pg.h"

namespace accord::ddl {

namespace {

struct raw_tokens {
  int count = 0, room = 0;
  int* bounds = nullptr;  // begin and end in turn
};

bool is_word(std::string_view text, const char* keyword) {
  return pg_strncasecmp(text.data(), keyword, text.size()) == 0 && keyword[text.size()] == '\0';
}

}  // namespace

source::source(std::string_view text) : text_(text) {
  if (text_.empty()) return;
  memory_scope scope("accord scanner");
  const char* start = text_.c_str();
  auto raw = pg([&] {
    raw_tokens t;
    core_yy_extra_type extra;
    core_yyscan_t scanner = scanner_init(start, &extra, &ScanKeywords, ScanKeywordTokens);
    extra.escape_string_warning = false;  // the parser has given it already
    for (;;) {
      core_YYSTYPE value;
      YYLTYPE location;
      if (core_yylex(&value, &location, scanner) == 0) break;
      if (t.count + 2 > t.room) {
        t.room = t.room ? t.room * 2 : 256;
        Size size = sizeof(int) * static_cast<Size>(t.room);
        t.bounds = static_cast<int*>(t.bounds ? repalloc(t.bounds, size) : palloc(size));
      }
      t.bounds[t.count++] = location;
      // The scanner ends the token it is at with a NUL.
      t.bounds[t.count++] = location + static_cast<int>(strlen(extra.scanbuf + location));
    }
    scanner_finish(scanner);
    return t;
  });
  for (int i = 0; i < raw.count; i += 2)
    tokens_.push_back({raw.bounds[i], raw.bounds[i + 1]});
}

std::size_t source::first_at(int from) const {
  std::size_t i = 0;
  while (i < tokens_.size() && tokens_[i].begin < from)
    i++;
  return i;
}

std::size_t source::end_of_subcommand(std::size_t i) const {
  int depth = 0;
  for (; i < tokens_.size(); i++) {
    auto w = word(tokens_[i]);
    if (w == "(" || w == "[") depth++;
    if (w == ")" || w == "]") {
      if (depth == 0) break;
      depth--;
    }
    if (depth == 0 && (w == "," || w == ";")) break;
  }
  return i;
}

std::string source::cut(std::size_t first, std::size_t past) const {
  if (first >= past || past > tokens_.size()) return {};
  auto begin = static_cast<std::size_t>(tokens_[first].begin), end = static_cast<std::size_t>(tokens_[past - 1].end);
  return text_.substr(begin, end - begin);
}

std::pair<int, int> source::extent() const {
  std::size_t first = 0, past = tokens_.size();
  while (first < past && word(tokens_[first]) == ";")
    first++;
  while (past > first && word(tokens_[past - 1]) == ";")
    past--;
  if (first == past) return {0, 0};
  return {tokens_[first].begin, tokens_[past - 1].end};
}

std::string source::using_expression(int from) const {
  std::size_t last = end_of_subcommand(first_at(from));
  for (std::size_t i = first_at(from); i < last; i++)
    if (is_word(word(tokens_[i]), "using")) return cut(i + 1, last);
  return {};
}

std::string source::parenthesised(int from) const {
  std::size_t open = first_at(from);
  while (open < tokens_.size() && word(tokens_[open]) != "(")
    open++;
  int depth = 0;
  for (std::size_t i = open; i < tokens_.size(); i++) {
    auto w = word(tokens_[i]);
    if (w == "(") depth++;
    if (w == ")" && --depth == 0) return cut(open + 1, i);
  }
  return {};
}

std::string source::generation_expression(int from) const {
  for (std::size_t i = first_at(from); i-- > 0;)
    if (is_word(word(tokens_[i]), "expression")) return parenthesised(tokens_[i].end);
  return {};
}

std::pair<std::string, std::string> source::behind_name(int from) const {
  std::size_t first = first_at(from) + 1;
  while (first < tokens_.size() && word(tokens_[first]) == ".")
    first += 2;
  const std::size_t past = end_of_subcommand(first);
  std::size_t where = first;
  while (where < past && !is_word(word(tokens_[where]), "where"))
    where++;
  return {cut(first, where), cut(where + 1, past)};
}

std::string source::to_end_of_subcommand(int from) const {
  std::size_t first = first_at(from);
  return cut(first, end_of_subcommand(first));
}

}  // namespace accord::ddl
